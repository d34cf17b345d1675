// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_frame_fifo: random frames between random clocks; bad ones and those without room leave no trace, all others come whole and in order; no word is
/// late once a frame has begun; full memory, reset of both sides.
module frame_fifo_bench #(
  parameter int unsigned DEPTH = 32,
  parameter int unsigned WR_HALF = 3,
  parameter int unsigned RD_HALF = 5,
  parameter int unsigned LEAST = 10000         // words that must have come through
) (
  input  logic go,
  output logic done
);
  logic        wr_clk, rd_clk, wr_rst, rd_rst, wr_valid, wr_last, wr_bad, dropped, rd_valid, rd_ready;
  logic [17:0] wr_data, rd_data;               // {last, bad, 16 bits}
  logic [15:0] queue [$];                      // words of good frames that found room
  logic [15:0] frame [$];
  int unsigned taken, lost, lost_told, left, phase, good;
  logic        pending_good, pending_bad;

  bpf_frame_fifo #(.WIDTH(18), .DEPTH(DEPTH)) u_dut (
    .wr_clk_i(wr_clk), .wr_rst_i(wr_rst), .wr_valid_i(wr_valid), .wr_data_i(wr_data), .wr_last_i(wr_last), .wr_bad_i(wr_bad), .dropped_o(dropped),
    .rd_clk_i(rd_clk), .rd_rst_i(rd_rst), .rd_valid_o(rd_valid), .rd_ready_i(rd_ready), .rd_data_o(rd_data));

  always #WR_HALF wr_clk = !wr_clk;
  always #RD_HALF rd_clk = !rd_clk;

  // The verdict on a good frame is told one clock after its last word: without `dropped` it will come out.
  always @(posedge wr_clk) begin
    if (wr_rst) begin
      wr_valid <= 1'b0;
      left <= 0;
      {pending_good, pending_bad} <= 2'b00;
    end else begin
      if (pending_good && !dropped) foreach (frame[i]) queue.push_back(frame[i]);
      if (pending_good && !dropped) good <= good + 1;
      if (dropped && !pending_good) $fatal(1, "frame_fifo: a bad frame is told as lost");
      if (dropped) lost <= lost + 1;
      if (pending_good || pending_bad) frame.delete();
      pending_good <= wr_valid && wr_last && !wr_bad;
      pending_bad  <= wr_valid && wr_last && wr_bad;
      if (wr_valid) frame.push_back(wr_data[15:0]);
      wr_valid <= 1'b0;
      if (!(pending_good || pending_bad || (wr_valid && wr_last)) && (phase != 0 || $urandom % 3 == 0)) begin
        automatic int unsigned n = (left == 0) ? 1 + $urandom % (($urandom % 8 == 0) ? 2 * DEPTH : DEPTH / 2) : left;
        wr_valid <= 1'b1;
        wr_last  <= n == 1;
        wr_bad   <= n == 1 && $urandom % 4 == 0;
        wr_data  <= {n == 1, 1'b0, 16'($urandom)};
        left     <= n - 1;
      end
    end
  end

  always @(posedge rd_clk) begin
    rd_ready <= (phase == 2) ? $urandom % 40 == 0 : (phase == 1) || $urandom % 2 == 0;
    if (!rd_rst) begin
      if (rd_valid && rd_ready) begin
        if (queue.size() == 0) $fatal(1, "frame_fifo: a word from nowhere: %h", rd_data);
        if (rd_data[15:0] != queue[0]) $fatal(1, "frame_fifo: word %0d is %h, not %h", taken, rd_data[15:0], queue[0]);
        void'(queue.pop_front());
        taken <= taken + 1;
      end
    end
  end

  initial begin
    {wr_clk, rd_clk, done, rd_ready} = '0;
    {taken, lost, good, phase} = '0;
    {wr_rst, rd_rst} = 2'b11;
    wait (go);
    for (int unsigned round = 0; round < 6; round++) begin
      {wr_rst, rd_rst} = 2'b11;
      repeat (10) @(negedge wr_clk);
      repeat (10) @(negedge rd_clk);
      queue.delete();
      frame.delete();
      wr_rst = 1'b0;
      repeat ($urandom % 7) @(negedge rd_clk);
      rd_rst = 1'b0;
      phase = round % 3;
      repeat (20000) @(negedge wr_clk);
    end
    if (taken < LEAST || good < 200 || lost < 20) $fatal(1, "frame_fifo: only %0d words, %0d good, %0d lost", taken, good, lost);
    done = 1'b1;
  end
endmodule

module frame_fifo_tb;
  logic       go;
  logic [3:0] done;

  initial begin
    go = 1'b0;
    #1 go = 1'b1;
    wait (done == '1);
    $display("PASS frame_fifo");
    $finish;
  end

  frame_fifo_bench #(.DEPTH(32)) u_slow_reader (.go, .done(done[0]));
  frame_fifo_bench #(.DEPTH(64), .WR_HALF(5), .RD_HALF(3)) u_fast_reader (.go, .done(done[1]));
  frame_fifo_bench #(.DEPTH(8), .WR_HALF(4), .RD_HALF(4)) u_small (.go, .done(done[2]));
  frame_fifo_bench #(.DEPTH(128), .WR_HALF(2), .RD_HALF(31), .LEAST(2000)) u_far_apart (.go, .done(done[3]));
endmodule

`default_nettype wire
