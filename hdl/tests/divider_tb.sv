// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks one width and depth: corner values, zero divisors and random operands, one division per clock.
module divider_check #(
  parameter int unsigned WIDTH = 32,
  parameter int unsigned BITS_PER_STAGE = 2
) (
  input  logic clk,
  output logic done
);
  localparam int unsigned LATENCY = (WIDTH + BITS_PER_STAGE - 1) / BITS_PER_STAGE;

  logic [WIDTH-1:0] dividend, divisor, quotient, remainder;
  logic [2*WIDTH-1:0] want_q [0:LATENCY];
  int unsigned clocks;

  bpf_divider #(.WIDTH(WIDTH), .BITS_PER_STAGE(BITS_PER_STAGE)) u_dut (
    .clk_i(clk), .dividend_i(dividend), .divisor_i(divisor), .quotient_o(quotient), .remainder_o(remainder));

  function automatic logic [WIDTH-1:0] pick(int unsigned kind);
    case (kind % 8)
      0: pick = '0;
      1: pick = WIDTH'(1);
      2: pick = '1;
      3: pick = WIDTH'(1) << (WIDTH - 1);
      default: pick = WIDTH'({$urandom(), $urandom()}) >> ($urandom() % WIDTH);
    endcase
  endfunction

  initial begin
    done = 1'b0;
    for (clocks = 0; clocks < 20000; clocks++) begin
      dividend = pick(clocks);
      divisor = pick(clocks / 8);
      want_q[0] = (divisor == '0) ? {WIDTH'(0), dividend} : {dividend / divisor, dividend % divisor};
      for (int i = LATENCY; i > 0; i--) want_q[i] = want_q[i-1];
      @(negedge clk);
      if (clocks >= LATENCY && {quotient, remainder} !== want_q[LATENCY]) begin
        $display("FAIL divider WIDTH %0d: %h, want %h", WIDTH, {quotient, remainder}, want_q[LATENCY]);
        $fatal(1);
      end
    end
    done = 1'b1;
  end
endmodule

module divider_tb;
  logic clk;
  logic [7:0] done;

  initial clk = 1'b0;
  always #1 clk = !clk;

  divider_check #(.WIDTH(1), .BITS_PER_STAGE(1)) u_1 (.clk, .done(done[0]));
  divider_check #(.WIDTH(7), .BITS_PER_STAGE(2)) u_7 (.clk, .done(done[1]));
  divider_check #(.WIDTH(16), .BITS_PER_STAGE(16)) u_16 (.clk, .done(done[2]));
  divider_check #(.WIDTH(16), .BITS_PER_STAGE(20)) u_16_wide (.clk, .done(done[3]));
  divider_check #(.WIDTH(32), .BITS_PER_STAGE(1)) u_32 (.clk, .done(done[4]));
  divider_check #(.WIDTH(33), .BITS_PER_STAGE(4)) u_33 (.clk, .done(done[5]));
  divider_check #(.WIDTH(64), .BITS_PER_STAGE(2)) u_64 (.clk, .done(done[6]));
  divider_check #(.WIDTH(64), .BITS_PER_STAGE(3)) u_64_odd (.clk, .done(done[7]));

  initial begin
    wait (done == '1);
    $display("PASS divider");
    $finish;
  end
endmodule

`default_nettype wire
