// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_fifo against a queue: random traffic, full rate at every fill level, latency, fill to the brim.
module fifo_bench #(
  parameter int unsigned WIDTH = 20,
  parameter int unsigned DEPTH = 16,
  parameter int unsigned OUTPUT_REG = 0
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  logic             wr_valid, wr_ready, rd_valid, rd_ready, idle;
  logic [WIDTH-1:0] wr_data, rd_data;
  logic [WIDTH-1:0] model [$];
  int unsigned      written [$];
  int unsigned      n, mode;

  bpf_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH), .OUTPUT_REG(OUTPUT_REG)) u_dut (
    .clk_i(clk), .rst_i(rst), .wr_valid_i(wr_valid), .wr_ready_o(wr_ready), .wr_data_i(wr_data), .rd_valid_o(rd_valid),
    .rd_ready_i(rd_ready), .rd_data_o(rd_data), .idle_o(idle));

  initial {n, mode, done} = '0;

  always @(posedge clk) if (rst) begin
    wr_valid <= 1'b0;
    rd_ready <= 1'b0;
  end else begin
    n <= n + 1;
    mode <= (n / 500) % 5;
    done <= n > 20000;
    wr_data <= WIDTH'($urandom);
    wr_valid <= (mode == 0) ? $urandom % 2 == 0 : (mode == 1) ? $urandom % 4 == 0 : mode != 4;
    rd_ready <= (mode == 0) ? $urandom % 2 == 0 : (mode == 2) ? $urandom % 4 == 0 : 1'b1;
    if (idle != (model.size() == 0)) $fatal(1, "idle");
    if (!wr_ready && model.size() < DEPTH) $fatal(1, "refused with %0d of %0d", model.size(), DEPTH);
    if (!rd_valid && model.size() != 0 && n - written[0] >= 2 + OUTPUT_REG) $fatal(1, "late");
    if (mode == 3 && (n / 500) % 5 == 3 && n % 500 > 20 && !(rd_valid && wr_ready)) $fatal(1, "bubble");
    if (rd_valid && rd_ready) begin
      if (model.size() == 0 || rd_data != model[0]) $fatal(1, "data");
      void'(model.pop_front());
      void'(written.pop_front());
    end else if (rd_valid && (model.size() == 0 || rd_data != model[0])) $fatal(1, "head");
    if (wr_valid && wr_ready) begin
      model.push_back(wr_data);
      written.push_back(n);
    end
  end
endmodule

module fifo_tb;
  logic clk, rst;
  logic [2:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS fifo");
    $finish;
  end

  fifo_bench #(.WIDTH(20), .DEPTH(16), .OUTPUT_REG(0)) u_0 (.clk, .rst, .done(done[0]));
  fifo_bench #(.WIDTH(70), .DEPTH(64), .OUTPUT_REG(1)) u_1 (.clk, .rst, .done(done[1]));
  fifo_bench #(.WIDTH(1), .DEPTH(4), .OUTPUT_REG(0)) u_2 (.clk, .rst, .done(done[2]));
endmodule

`default_nettype wire
