// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_arrival against a model in wide arithmetic: fractional rates, steps, tokens at random, writes in between.
module arrival_tb;
  logic        clk, rst, token;
  logic [5:0]  we;
  logic [31:0] wdata, random, rate, step;
  logic [63:0] now;

  bpf_arrival #(.TIME_RATE(32'h0319_999A)) u_dut (
    .clk_i(clk), .rst_i(rst), .token_valid_i(token), .time_o(now), .random_o(random),
    .reg_we_i(we), .reg_wdata_i(wdata), .rate_o(rate), .step_o(step));

  always #1 clk = !clk;

  task automatic write(logic [2:0] a, logic [31:0] d);
    we = 6'd1 << a; wdata = d;
    @(negedge clk);
    we = '0;
  endtask

  // The time in 2^-24 ns is a sum; the clock may lag behind it by the carry that is on its way.
  task automatic run(int unsigned clocks, logic [31:0] r, logic [31:0] s);
    automatic logic [95:0] start, sum = '0;
    automatic logic [63:0] whole, state, want;
    write(3'd2, r);
    write(3'd3, s);
    if (rate != r || step != s) $fatal(1, "arrival: rate %h, step %h", rate, step);
    repeat (3) @(negedge clk);
    state = {$urandom, $urandom};
    write(3'd5, state[63:32]);
    write(3'd4, state[31:0]);
    want = {$urandom, $urandom};
    write(3'd1, want[63:32]);
    write(3'd0, want[31:0]);
    start = {8'd0, want, 24'd0};
    repeat (clocks) begin
      token = $urandom % 3 != 0;
      #0;
      if (random != state[63:32]) $fatal(1, "arrival: random %h, not %h", random, state[63:32]);
      whole = 64'((start + sum) >> 24);
      if (now - whole > 1 && whole - now > 1) $fatal(1, "arrival: time %0d, not %0d", now, whole);
      sum = sum + 96'(r) + (token ? 96'(s) << 24 : '0);
      if (token) begin
        state = state ^ (state << 13);
        state = state ^ (state >> 7);
        state = state ^ (state << 17);
      end
      @(negedge clk);
    end
    token = 1'b0;
  endtask

  initial begin
    {clk, token, we, wdata} = '0;
    rst = 1'b1;
    repeat (4) @(negedge clk);
    rst = 1'b0;
    if (now > 4 || rate != 32'h0319_999A || step != 0) $fatal(1, "arrival: after reset");
    repeat (10000) @(negedge clk);
    if (now < 30990 || now > 31010) $fatal(1, "arrival: %0d ns after 10000 clocks of 3.1 ns", now);
    run(20000, 32'h0319_999A, 0);
    run(20000, 0, 32'd100);
    run(20000, 32'hFFFF_FFFF, 32'hFFFF_FFFF);
    run(20000, 32'h0000_0001, 0);
    run(5000, 0, 0);
    write(3'd5, 0);
    write(3'd4, 0);
    token = 1'b1;
    repeat (64) @(negedge clk);
    if (random == 0) $fatal(1, "arrival: the generator stands still");
    $display("PASS arrival");
    $finish;
  end
endmodule

`default_nettype wire
