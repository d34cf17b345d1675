// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks one width: corner values, zero divisors and random operands, a division as soon as one may start, or later.
module divider_serial_check #(
  parameter int unsigned WIDTH = 32,
  parameter int unsigned BITS_PER_CLOCK = 2
) (
  input  logic clk,
  output logic done
);
  localparam int unsigned LATENCY = (WIDTH + BITS_PER_CLOCK - 1) / BITS_PER_CLOCK;

  logic             start;
  logic [WIDTH-1:0] dividend, divisor, quotient, remainder;
  logic [2*WIDTH-1:0] want;

  bpf_divider_serial #(.WIDTH(WIDTH), .BITS_PER_CLOCK(BITS_PER_CLOCK)) u_dut (
    .clk_i(clk), .start_i(start), .dividend_i(dividend), .divisor_i(divisor), .quotient_o(quotient), .remainder_o(remainder));

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
    start = 1'b0;
    for (int unsigned n = 0; n < 4000; n++) begin
      dividend = pick(n);
      divisor = pick(n / 8);
      want = (divisor == '0) ? {WIDTH'(0), dividend} : {dividend / divisor, dividend % divisor};
      start = 1'b1;
      @(negedge clk);
      start = 1'b0;
      dividend = pick($urandom());
      divisor = pick($urandom());
      repeat (LATENCY - 1) @(negedge clk);
      if ({quotient, remainder} !== want) begin
        $display("FAIL divider_serial WIDTH %0d: %h, want %h", WIDTH, {quotient, remainder}, want);
        $fatal(1);
      end
      if (n % 3 == 0) repeat ($urandom() % 4) @(negedge clk);
    end
    done = 1'b1;
  end
endmodule

module divider_serial_tb;
  logic clk;
  logic [6:0] done;

  initial clk = 1'b0;
  always #1 clk = !clk;

  divider_serial_check #(.WIDTH(1), .BITS_PER_CLOCK(1)) u_1 (.clk, .done(done[0]));
  divider_serial_check #(.WIDTH(7), .BITS_PER_CLOCK(2)) u_7 (.clk, .done(done[1]));
  divider_serial_check #(.WIDTH(16), .BITS_PER_CLOCK(16)) u_16 (.clk, .done(done[2]));
  divider_serial_check #(.WIDTH(16), .BITS_PER_CLOCK(20)) u_16_wide (.clk, .done(done[3]));
  divider_serial_check #(.WIDTH(32), .BITS_PER_CLOCK(1)) u_32 (.clk, .done(done[4]));
  divider_serial_check #(.WIDTH(33), .BITS_PER_CLOCK(4)) u_33 (.clk, .done(done[5]));
  divider_serial_check #(.WIDTH(64), .BITS_PER_CLOCK(3)) u_64 (.clk, .done(done[6]));

  initial begin
    wait (done == '1);
    $display("PASS divider_serial");
    $finish;
  end
endmodule

`default_nettype wire
