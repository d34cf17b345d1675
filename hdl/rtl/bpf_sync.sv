// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Two registers that take single bits, or a gray code, into another clock domain. Latency: 2 clocks.
module bpf_sync #(
  parameter int unsigned WIDTH = 1
) (
  input  logic             clk_i,
  input  logic [WIDTH-1:0] d_i,
  output logic [WIDTH-1:0] q_o
);
  (* keep *)
  logic [WIDTH-1:0] first_q;

  always_ff @(posedge clk_i) begin
    first_q <= d_i;
    q_o     <= first_q;
  end
endmodule

`default_nettype wire
