// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One level of the search tree of bpf_map_lpm: reads the three borders of a node and steps to one of its four children.
///
/// Child = 4 x node + number of borders that are not above the key. 3 clocks, one lookup per clock:
/// borders out of the RAM, their output register, comparison.
module bpf_lpm_level #(
  parameter int unsigned KEY_W = 32,
  parameter int unsigned LEVEL = 0,            // 4^LEVEL nodes
  parameter int unsigned RANGE_W = 10,         // bits of a range number
  localparam int unsigned NODE_W = 2 * LEVEL,
  localparam int unsigned ADDRESS_W = NODE_W + 1
) (
  input  logic               clk_i,
  input  logic [KEY_W-1:0]   key_i,
  input  logic [RANGE_W-1:0] node_i,           // NODE_W bits count
  input  logic               bank_i,
  output logic [KEY_W-1:0]   key_o,            // 3 clocks later
  output logic [RANGE_W-1:0] node_o,
  output logic               bank_o,
  input  logic               host_we_i,
  input  logic               host_bank_i,
  input  logic [RANGE_W-1:0] host_node_i,
  input  logic [1:0]         host_border_i,
  input  logic [KEY_W-1:0]   host_key_i,
  input  logic               host_used_i
);
  logic [ADDRESS_W-1:0]  address, host_address;
  logic [2:0]            above;                // border b is not used or above the key
  logic [1:0]            child;
  logic [KEY_W-1:0]      key1_q, key2_q, key3_q;
  logic [RANGE_W-1:0]    node1_q, node2_q, node3_q;
  logic                  bank1_q, bank2_q, bank3_q;

  if (LEVEL == 0) begin : g_root
    assign address      = bank_i;
    assign host_address = host_bank_i;
    logic unused_host_node;
    assign unused_host_node = ^host_node_i;
  end else begin : g_below
    assign address      = {bank_i, node_i[NODE_W-1:0]};
    assign host_address = {host_bank_i, host_node_i[NODE_W-1:0]};
    if (RANGE_W > NODE_W) begin : g_unused
      logic unused_host_node;
      assign unused_host_node = ^host_node_i[RANGE_W-1:NODE_W];
    end
  end

  // The borders of a node ascend, and unused ones come last.
  assign child = !above[2] ? 2'd3 : !above[1] ? 2'd2 : !above[0] ? 2'd1 : 2'd0;

  for (genvar b = 0; b < 3; b++) begin : g_border
    logic [KEY_W:0] mem [0:2**ADDRESS_W-1];    // {used, key}
    logic [KEY_W:0] ram_q, out_q;

`ifndef SYNTHESIS
    initial begin
      for (int unsigned i = 0; i < 2 ** ADDRESS_W; i++) mem[i] = '0;
    end
`endif

    always_ff @(posedge clk_i) begin
      if (host_we_i && host_border_i == 2'(b)) mem[host_address] <= {host_used_i, host_key_i};
      ram_q <= mem[address];
      out_q <= ram_q;
    end

    assign above[b] = !out_q[KEY_W] || key2_q < out_q[KEY_W-1:0];
  end

  always_ff @(posedge clk_i) begin
    {key1_q, node1_q, bank1_q} <= {key_i, node_i, bank_i};
    {key2_q, node2_q, bank2_q} <= {key1_q, node1_q, bank1_q};
    {key3_q, node3_q, bank3_q} <= {key2_q, RANGE_W'({node2_q, child}), bank2_q};
  end

  assign key_o  = key3_q;
  assign node_o = node3_q;
  assign bank_o = bank3_q;
endmodule

`default_nettype wire
