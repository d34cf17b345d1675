// SPDX-License-Identifier: Apache-2.0
// Made by bpf2hdl 0.1.0 from program `xdp_forward`; do not edit. To make it again:
//   bpf2hdl compile PROG -o DIR --prog xdp_forward --target xcup --clock 250 --bus 512 --optimize latency
`default_nettype none

/// The program `xdp_forward` as a pipeline of 2 stages.
///
/// A token enters stage 0 with `token_valid_i` and moves on by one stage each clock; nothing is ever refused. Names:
/// `sK_...` belongs to stage K, `_q` is a register at its input; `pkt_A_B` are packet bytes A to B as received; the
/// number behind an operation is its node.
/// Latency from token to result: 1 clock. Registers: 41 bits.
module bpf_pipeline (
  input  logic        clk_i,
  input  logic        rst_i,             // synchronous, active high: the pipeline is empty
  input  logic        token_valid_i,     // a token is in stage 0
  input  logic [7:0]  token_window_i,    // packet byte i at [8*i +: 8]
  input  logic [15:0] token_ifindex_i,   // xdp_md.ingress_ifindex
  output logic        result_valid_o,    // the token in the last stage is done
  output logic [43:0] result_o,          // see `result` below
  input  logic        host_ports_req_i,  // host access to map ports
  input  logic        host_ports_we_i,
  input  logic [1:0]  host_ports_idx_i,
  input  logic [63:0] host_ports_wdata_i,
  output logic        host_ports_ack_o,
  output logic [63:0] host_ports_rdata_o,
  output logic        host_ports_stall_o
);

  // -- entries that the maps deliver --------------------------------------------------------------------------------
  logic [63:0] s0_ports_entry_1;  // map ports, index in stage 0

  // -- stage 0 ------------------------------------------------------------------------------------------------------
  //     4: r2 = 1

  logic s0_eq_2;

  // prog.c:12  x = f(y, 12);
  assign s0_eq_2 = s0_ports_entry_1[31:0] == 32'h0;  // insn 4

  // -- stage 1 ------------------------------------------------------------------------------------------------------
  //     5: r2 = 1
  //     6: r2 = 1
  logic        s1_valid_q;
  logic [7:0]  s1_pkt_0_q;
  logic [31:0] s1_ports_entry_1_bits31_0_q;
  logic        s1_eq_2_q;

  always_ff @(posedge clk_i) begin
    s1_valid_q                  <= token_valid_i && !rst_i;
    s1_pkt_0_q                  <= token_window_i;
    s1_ports_entry_1_bits31_0_q <= s0_ports_entry_1[31:0];
    s1_eq_2_q                   <= s0_eq_2;
  end

  logic [2:0]  s1_sel_3;
  logic [2:0]  s1_sel_4;
  logic [31:0] s1_sel_5;

  // prog.c:12  x = f(y, 12);
  assign s1_sel_3 = s1_eq_2_q ? 3'h1 : 3'h4;  // insn 5
  // prog.c:13  x = f(y, 13);
  assign s1_sel_4 = s1_pkt_0_q[0] ? s1_sel_3 : 3'h4;  // insn 6
  assign s1_sel_5 = s1_pkt_0_q[0] ? s1_ports_entry_1_bits31_0_q : 32'h0;  // insn 6

  // -- result -------------------------------------------------------------------------------------------------------
  // Only what varies: the core adds the constant bits behind the result queue.
  assign result_valid_o = s1_valid_q;
  assign result_o = {
    s1_pkt_0_q[7:1],  // [43:37] byte 0
    s1_sel_5,         // [36:5] target of the redirect
    ~s1_pkt_0_q[0],   // [4] kind of target
    s1_pkt_0_q[0],    // [3] kind of target
    s1_sel_4          // [2:0] verdict
  };

  // -- map ports ----------------------------------------------------------------------------------------------------
  // devmap, 4 entries of 8 bytes in flip-flops. The pipeline only reads it.

  bpf_map_regs #(.ENTRIES(4), .VALUE_W(64), .READ_PORTS(1), .WRITE_PORTS(0)) u_map_ports (
    .clk_i,
    .rst_i,
    .rd_idx_i     (token_ifindex_i[1:0]),
    .rd_data_o    (s0_ports_entry_1),
    .wr_en_i      (1'b0),
    .wr_be_i      ('0),
    .wr_idx_i     ('0),
    .wr_data_i    ('0),
    .host_req_i   (host_ports_req_i),
    .host_we_i    (host_ports_we_i),
    .host_idx_i   (host_ports_idx_i),
    .host_wdata_i (host_ports_wdata_i),
    .host_ack_o   (host_ports_ack_o),
    .host_rdata_o (host_ports_rdata_o),
    .host_block_i (1'b0),
    .host_stall_o (host_ports_stall_o)
  );

  // -- bits that nothing reads --------------------------------------------------------------------------------------
  logic unused_bits;
  assign unused_bits = ^{token_ifindex_i[15:2], s0_ports_entry_1[63:32]};
endmodule

`default_nettype wire
