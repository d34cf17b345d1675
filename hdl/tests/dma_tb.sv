// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// dma_bench on the narrowest and the widest bus, and on one between with few places on the chip.
module dma_tb;
  logic clk, rst;
  logic [2:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS dma");
    $finish;
  end

  dma_bench #(.BUS_W(64)) u_64 (.clk, .rst, .done(done[0]));
  dma_bench #(.BUS_W(128), .QUEUES(2), .SLOTS(16), .RATES(0)) u_128 (.clk, .rst, .done(done[2]));
  dma_bench #(.BUS_W(512), .QUEUES(4)) u_512 (.clk, .rst, .done(done[1]));
endmodule

`default_nettype wire
