// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Takes single pulses into another clock domain, at most one in three clocks of the slower one. Latency: 3 clocks of the target.
module bpf_pulse_sync (
  input  logic src_clk_i,
  input  logic src_rst_i,                      // synchronous, active high
  input  logic pulse_i,
  input  logic dst_clk_i,
  output logic pulse_o                         // may pulse once when the source is reset
);
  logic toggle_q, toggle, seen_q;

  always_ff @(posedge src_clk_i) begin
    if (src_rst_i) toggle_q <= 1'b0;
    else if (pulse_i) toggle_q <= !toggle_q;
  end

  bpf_sync u_sync (.clk_i(dst_clk_i), .d_i(toggle_q), .q_o(toggle));

  always_ff @(posedge dst_clk_i) begin
    seen_q  <= toggle;
    pulse_o <= toggle ^ seen_q;
  end
endmodule

`default_nettype wire
