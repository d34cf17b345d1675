// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Keeps tokens INTERVAL clocks apart.
///
/// `go_o` says that one may enter; `enter_i` that one does. After one has entered in clock t, the next may in clock t + INTERVAL.
/// Resources: a counter of clog2(INTERVAL) bits.
module bpf_spacing #(
  parameter int unsigned INTERVAL = 2  // clocks, >= 2
) (
  input  logic clk_i,
  input  logic rst_i,                  // synchronous, active high: one may enter
  input  logic enter_i,
  output logic go_o
);
  localparam int unsigned COUNT_W = $clog2(INTERVAL);

  if (INTERVAL < 2) begin : g_check
    $fatal(1, "bpf_spacing: INTERVAL must be at least 2");
  end

  logic [COUNT_W-1:0] left_q;

  assign go_o = left_q == '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) left_q <= '0;
    else if (enter_i) left_q <= COUNT_W'(INTERVAL - 1);
    else if (!go_o) left_q <= left_q - 1'b1;
  end
endmodule

`default_nettype wire
