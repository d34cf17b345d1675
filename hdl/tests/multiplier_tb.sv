// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks one width: corner values and random operands, one multiplication per clock.
module multiplier_check #(
  parameter int unsigned WIDTH = 32,
  parameter int unsigned LATENCY = 3
) (
  input  logic clk,
  output logic done
);
  logic [WIDTH-1:0] a, b, product;
  logic [WIDTH-1:0] want_q [0:LATENCY];
  int unsigned clocks;

  bpf_multiplier #(.WIDTH(WIDTH)) u_dut (.clk_i(clk), .a_i(a), .b_i(b), .product_o(product));

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
      a = pick(clocks);
      b = pick(clocks / 8);
      want_q[0] = WIDTH'(64'(a) * 64'(b));
      for (int i = LATENCY; i > 0; i--) want_q[i] = want_q[i-1];
      @(negedge clk);
      if (clocks >= LATENCY && product !== want_q[LATENCY]) begin
        $display("FAIL multiplier WIDTH %0d: %h, want %h", WIDTH, product, want_q[LATENCY]);
        $fatal(1);
      end
    end
    done = 1'b1;
  end
endmodule

module multiplier_tb;
  logic clk;
  logic [7:0] done;

  initial clk = 1'b0;
  always #1 clk = !clk;

  multiplier_check #(.WIDTH(1), .LATENCY(1)) u_1 (.clk, .done(done[0]));
  multiplier_check #(.WIDTH(16), .LATENCY(1)) u_16 (.clk, .done(done[1]));
  multiplier_check #(.WIDTH(17), .LATENCY(3)) u_17 (.clk, .done(done[2]));
  multiplier_check #(.WIDTH(32), .LATENCY(3)) u_32 (.clk, .done(done[3]));
  multiplier_check #(.WIDTH(33), .LATENCY(4)) u_33 (.clk, .done(done[4]));
  multiplier_check #(.WIDTH(48), .LATENCY(4)) u_48 (.clk, .done(done[5]));
  multiplier_check #(.WIDTH(53), .LATENCY(5)) u_53 (.clk, .done(done[6]));
  multiplier_check #(.WIDTH(64), .LATENCY(5)) u_64 (.clk, .done(done[7]));

  initial begin
    wait (done == '1);
    $display("PASS multiplier");
    $finish;
  end
endmodule

`default_nettype wire
