// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Runs core_bench over the four buses with different windows, edits and depths.
module core_tb;
  logic clk, rst;
  logic [5:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
  end

  core_bench #(.BUS_W(64), .WINDOW_BYTES(54), .EDIT_BYTES(60), .SWEEP(400), .RANDOM_FRAMES(600)) u_64 (.clk, .rst, .done(done[0]));
  core_bench #(.BUS_W(128), .WINDOW_BYTES(100), .TOKEN_MIN_BYTES(130), .EDIT_BYTES(37)) u_128 (.clk, .rst, .done(done[1]));
  core_bench #(.BUS_W(256), .WINDOW_BYTES(14), .FULL_LENGTH(1), .EDIT_BYTES(14)) u_256 (.clk, .rst, .done(done[2]));
  core_bench #(.BUS_W(512), .WINDOW_BYTES(64), .EDIT_BYTES(130)) u_512 (.clk, .rst, .done(done[3]));
  core_bench #(.BUS_W(512), .WINDOW_BYTES(34), .EDIT_BYTES(0), .STAGES(200), .RESULT_DEPTH(512)) u_512_deep (.clk, .rst, .done(done[4]));
  core_bench #(.BUS_W(256), .WINDOW_BYTES(0), .EDIT_BYTES(1), .STAGES(3)) u_256_blind (.clk, .rst, .done(done[5]));

  initial begin
    wait (done == '1);
    $display("PASS core");
    $finish;
  end
endmodule

`default_nettype wire
