// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_interlock against a model that remembers when each key last entered and kept others out.
module interlock_bench #(
  parameter int unsigned STAGES = 4,
  parameter int unsigned KEY_W = 2
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  logic             valid, uses, keeps, go, busy, conflict, occupied;
  logic [KEY_W-1:0] key;
  int unsigned      n, waits;
  int unsigned      last [2**KEY_W];

  bpf_interlock #(.STAGES(STAGES), .KEY_W(KEY_W)) u_dut (
    .clk_i(clk), .rst_i(rst), .in_valid_i(valid), .in_uses_i(uses), .in_keeps_i(keeps), .in_key_i(key), .go_o(go), .busy_o(busy));

  initial begin
    n = 1000;
    waits = 0;
    foreach (last[i]) last[i] = 0;
  end

  always @(posedge clk) if (rst) begin
    valid <= 1'b0;
  end else begin
    n <= n + 1;
    conflict = uses && n - last[key] < STAGES;
    occupied = valid && uses && !conflict;
    foreach (last[i]) if (n - last[i] < STAGES) occupied = 1'b1;
    if (valid && go == conflict) $fatal(1, "interlock: go %0d", go);
    if (busy != occupied) $fatal(1, "interlock: busy %0d", busy);
    if (valid && !go) waits <= waits + 1;
    if (valid && go && uses && keeps) last[key] = n;
    if (!valid || go) begin
      valid <= $urandom % 4 != 0;
      uses  <= $urandom % 4 != 0;
      keeps <= $urandom % 3 != 0;
      key   <= KEY_W'($urandom);
    end
  end

  assign done = n > 20000 && (STAGES == 1 ? waits == 0 : waits > 100);
endmodule

module interlock_tb;
  logic clk, rst;
  logic [3:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS interlock");
    $finish;
  end

  interlock_bench #(.STAGES(1), .KEY_W(2)) u_1 (.clk, .rst, .done(done[0]));
  interlock_bench #(.STAGES(2), .KEY_W(1)) u_2 (.clk, .rst, .done(done[1]));
  interlock_bench #(.STAGES(3), .KEY_W(4)) u_3 (.clk, .rst, .done(done[2]));
  interlock_bench #(.STAGES(9), .KEY_W(5)) u_9 (.clk, .rst, .done(done[3]));
endmodule

`default_nettype wire
