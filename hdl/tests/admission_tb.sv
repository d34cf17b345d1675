// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_admission against a count of the beats that are promised: packets come, wait for room or go without it as they like, take it at once
/// where it is there, and the next one comes in the same clock or later; some ask for room in another sink. Beats are given back in any order of events.
module admission_bench #(
  parameter int unsigned WORDS = 16,
  parameter int unsigned NEED_W = 4,
  parameter int unsigned GIVEN_W = 1,
  parameter int unsigned AHEAD = 0
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned MOST = (1 << NEED_W) < WORDS ? 1 << NEED_W : WORDS;
  logic               asks_q, waits_q, single_q, fits, reserve, empty;
  logic [NEED_W-1:0]  need_q, next_need;
  logic [GIVEN_W-1:0] given;
  int unsigned        n, used, took, followed, waited, skipped, most;

  bpf_admission #(.WORDS(WORDS), .NEED_W(NEED_W), .GIVEN_W(GIVEN_W), .AHEAD(AHEAD)) u_dut (
    .clk_i(clk), .rst_i(rst), .next_m1_i(next_need), .waits_i(asks_q && waits_q), .single_i(asks_q && single_q), .need_m1_i(need_q),
    .fits_o(fits), .reserve_i(reserve), .given_i(given), .empty_o(empty));

  // The packet that asks takes its room where it fits.
  assign reserve = asks_q && fits;

  initial {asks_q, waits_q, single_q, need_q, next_need, given, n, used, took, followed, waited, skipped, most} = '0;

  always @(posedge clk) if (!rst) begin
    automatic int unsigned free = WORDS - used;
    automatic int unsigned give = $urandom % (1 << GIVEN_W);
    n <= n + 1;
    if (asks_q && fits != (32'(need_q) < free)) $fatal(1, "fits %0d: %0d beats into %0d", fits, need_q + 1, free);
    if (empty != (used == 0 && !reserve)) $fatal(1, "empty %0d with %0d used", empty, used);
    if (reserve) took <= took + 1;
    if (asks_q && !fits && waits_q) waited <= waited + 1;
    if (asks_q && !fits && !waits_q) skipped <= skipped + 1;
    used = used + (reserve ? 32'(need_q) + 1 : 0) - 32'(given);
    if (used > most) most <= used;
    if (!(asks_q && !fits && waits_q)) begin
      // Who takes more than a beat is followed a clock later at the earliest.
      asks_q   <= !(reserve && !single_q) && $urandom % 8 != 0;
      waits_q  <= $urandom % 4 != 0;
      single_q <= $urandom % 3 != 0;
      need_q   <= next_need;
      if (reserve && single_q) followed <= followed + 1;
    end
    // Long and short ones in turn, so that the memory is full and empty.
    next_need <= NEED_W'(n[8] ? $urandom % 2 : $urandom % MOST);
    if (give > used || $urandom % (n[9] ? 4 : 2) == 0) give = 0;
    given <= GIVEN_W'(give);
  end

  // What is given back must have been promised: `used` counts it with the clock in which it is.
  assign done = n > 20000 && took > 2000 && followed > 1000 && waited > 500 && skipped > 100 && most == WORDS;
endmodule

module admission_tb;
  logic clk, rst;
  logic [5:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS admission");
    $finish;
  end
  initial begin
    #2000000 $fatal(1, "not done: %b", done);
  end

  admission_bench #(.WORDS(16), .NEED_W(4), .AHEAD(0)) u_now (.clk, .rst, .done(done[0]));
  admission_bench #(.WORDS(16), .NEED_W(4), .AHEAD(1)) u_ahead (.clk, .rst, .done(done[1]));
  admission_bench #(.WORDS(256), .NEED_W(10), .AHEAD(1)) u_long (.clk, .rst, .done(done[2]));
  admission_bench #(.WORDS(64), .NEED_W(5), .GIVEN_W(4), .AHEAD(1)) u_many (.clk, .rst, .done(done[3]));
  admission_bench #(.WORDS(64), .NEED_W(5), .GIVEN_W(4), .AHEAD(0)) u_many_now (.clk, .rst, .done(done[4]));
  admission_bench #(.WORDS(17), .NEED_W(13), .AHEAD(1)) u_odd (.clk, .rst, .done(done[5]));
endmodule

`default_nettype wire
