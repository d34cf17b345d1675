// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Moderation of one queue's interrupt: raised when enough events have come since the last one, when the first of them has waited long enough, or at once.
///
/// Events that come while it is pending count for the next. Latency: 2 clocks. Resources: about 40 flip-flops.
module bpf_dma_irq (
  input  logic        clk_i,
  input  logic        rst_i,                   // synchronous, active high: also forgets what has come
  input  logic        tick_i,                  // one clock in 64
  input  logic [15:0] count_i,                 // events; 0 is as 1
  input  logic [15:0] time_i,                  // ticks that an event waits at most; 0: it does not wait
  input  logic [3:0]  events_i,                // in this clock
  input  logic        now_i,                   // raise it whatever has come
  input  logic        clear_i,
  output logic        pending_o
);
  logic [15:0] events_q, ticks_q;
  logic [16:0] sum;
  logic        raise;

  assign sum   = {1'b0, events_q} + 17'(events_i);
  assign raise = !pending_o && events_q != 16'd0 && (events_q >= count_i || ticks_q >= time_i);

  always_ff @(posedge clk_i) begin
    if (raise) events_q <= 16'(events_i);
    else events_q <= sum[16] ? '1 : sum[15:0];
    if (raise || events_q == 16'd0) ticks_q <= '0;
    else if (tick_i && ticks_q != '1) ticks_q <= ticks_q + 16'd1;
    if (raise || now_i) pending_o <= 1'b1;
    else if (clear_i) pending_o <= 1'b0;
    if (rst_i) begin
      events_q  <= '0;
      ticks_q   <= '0;
      pending_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
