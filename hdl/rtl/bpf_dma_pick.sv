// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Whose turn it is: the first that asks behind the one that was served last.
/// Latency: none. Resources: clog2(COUNT) flip-flops, two priority encoders.
module bpf_dma_pick #(
  parameter int unsigned COUNT = 4,
  localparam int unsigned INDEX_W = (COUNT > 1) ? $clog2(COUNT) : 1
) (
  input  logic               clk_i,
  input  logic               rst_i,            // synchronous, active high
  input  logic [COUNT-1:0]   asks_i,
  output logic               any_o,
  output logic [INDEX_W-1:0] index_o,
  input  logic               served_i          // index_o is
);
  logic [INDEX_W-1:0] last_q;

  assign any_o = |asks_i;

  always_comb begin
    index_o = '0;
    for (int unsigned i = COUNT; i > 0; i--) if (asks_i[i-1]) index_o = INDEX_W'(i - 1);
    for (int unsigned i = COUNT; i > 0; i--) if (asks_i[i-1] && INDEX_W'(i - 1) > last_q) index_o = INDEX_W'(i - 1);
  end

  always_ff @(posedge clk_i) begin
    if (served_i) last_q <= index_o;
    if (rst_i) last_q <= '0;
  end
endmodule

`default_nettype wire
