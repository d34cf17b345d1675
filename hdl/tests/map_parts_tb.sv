// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_parts with three arrays at different stages of a pipeline that does not wait: what tokens and the host read and write is what
/// one after the other, in the order in which they pass the first part's stage, would.
module map_parts_bench #(
  parameter int unsigned ENTRIES = 5,
  parameter int unsigned FIRST = 4,   // stages of the parts
  parameter int unsigned SECOND = 2,
  parameter int unsigned THIRD = 9
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned IW = $clog2(ENTRIES);
  localparam int unsigned STAGES = 12;
  localparam int unsigned W0 = 32, W1 = 64, W2 = 16;
  localparam int unsigned VALUE_W = W0 + W1 + W2;
  localparam int unsigned DELAY0 = FIRST - SECOND, DELAY2 = THIRD - SECOND;

  // What a token does to an entry: adds its number to all parts.
  typedef struct packed {
    logic          valid, writes;
    logic [IW-1:0] idx;
    logic [15:0]   number;
    logic [VALUE_W-1:0] old;          // what it must read
  } token_t;

  token_t             pipe [STAGES];
  logic [VALUE_W-1:0] model [ENTRIES];
  logic [VALUE_W-1:0] expected, rdata, part_rdata, wdata;
  logic               req, we, ack, stall;
  logic [IW-1:0]      hidx;
  logic [2:0]         part_req, part_ack, unused_stall;
  logic [W0-1:0]      rd0;
  logic [W1-1:0]      rd1;
  logic [W2-1:0]      rd2;
  int unsigned        n, reads, writes, stalls, waited;

  function automatic logic [VALUE_W-1:0] added(logic [VALUE_W-1:0] v, logic [15:0] number);
    added = {v[VALUE_W-1 -: W2] + number, v[W0 +: W1] + 64'(number), v[W0-1:0] + 32'(number)};
  endfunction

  bpf_map_parts #(.PARTS(3), .VALUE_W(VALUE_W), .DEPTH(DELAY2 + 1), .DELAYS({16'(DELAY2), 16'd0, 16'(DELAY0)}),
                  .ENDS({32'(VALUE_W), 32'(W0 + W1), 32'(W0)})) u_dut (
    .clk_i(clk), .rst_i(rst), .gap_i(!pipe[SECOND].valid), .host_req_i(req), .host_ack_o(ack), .host_rdata_o(rdata),
    .host_stall_o(stall), .part_req_o(part_req), .part_ack_i(part_ack), .part_rdata_i(part_rdata));

  bpf_map_array #(.ENTRIES(ENTRIES), .VALUE_W(W0)) u_first (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(pipe[FIRST-2].idx), .rd_data_o(rd0), .wr_en_i(pipe[FIRST].valid && pipe[FIRST].writes), .wr_be_i('1),
    .wr_idx_i(pipe[FIRST].idx), .wr_data_i(rd0 + 32'(pipe[FIRST].number)), .host_req_i(part_req[0]), .host_we_i(we),
    .host_idx_i(hidx), .host_wdata_i(wdata[W0-1:0]), .host_ack_o(part_ack[0]), .host_rdata_o(part_rdata[W0-1:0]),
    .host_block_i(1'b0), .host_stall_o(unused_stall[0]));
  bpf_map_array #(.ENTRIES(ENTRIES), .VALUE_W(W1)) u_second (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(pipe[SECOND-2].idx), .rd_data_o(rd1), .wr_en_i(pipe[SECOND].valid && pipe[SECOND].writes), .wr_be_i('1),
    .wr_idx_i(pipe[SECOND].idx), .wr_data_i(rd1 + 64'(pipe[SECOND].number)), .host_req_i(part_req[1]), .host_we_i(we),
    .host_idx_i(hidx), .host_wdata_i(wdata[W0 +: W1]), .host_ack_o(part_ack[1]), .host_rdata_o(part_rdata[W0 +: W1]),
    .host_block_i(1'b0), .host_stall_o(unused_stall[1]));
  bpf_map_array #(.ENTRIES(ENTRIES), .VALUE_W(W2)) u_third (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(pipe[THIRD-2].idx), .rd_data_o(rd2), .wr_en_i(pipe[THIRD].valid && pipe[THIRD].writes), .wr_be_i('1),
    .wr_idx_i(pipe[THIRD].idx), .wr_data_i(rd2 + pipe[THIRD].number), .host_req_i(part_req[2]), .host_we_i(we),
    .host_idx_i(hidx), .host_wdata_i(wdata[W0+W1 +: W2]), .host_ack_o(part_ack[2]), .host_rdata_o(part_rdata[W0+W1 +: W2]),
    .host_block_i(1'b0), .host_stall_o(unused_stall[2]));

  initial begin
    {n, reads, writes, stalls, waited} = '0;
    foreach (model[i]) model[i] = '0;
    foreach (pipe[i]) pipe[i] = '0;
  end

  // The access of the host begins where the second part, which comes first, sees it.
  logic busy;

  always @(posedge clk) if (rst) begin
    {req, busy} <= '0;
    foreach (pipe[i]) pipe[i] <= '0;
  end else begin
    automatic token_t next;
    n <= n + 1;
    if (part_req[1] && pipe[SECOND].valid && !busy) $fatal(1, "parts clock %0d: the host is in a token's place", n);
    // The order that counts: this clock's token, or the host, in the stage of the second part.
    next = pipe[SECOND];
    if (pipe[SECOND].valid) begin
      next.old = model[pipe[SECOND].idx];
      if (rd1 != next.old[W0 +: W1]) $fatal(1, "parts clock %0d: part 1 reads %h, not %h", n, rd1, next.old[W0 +: W1]);
      if (pipe[SECOND].writes) model[pipe[SECOND].idx] = added(next.old, pipe[SECOND].number);
    end else if (part_req[1] && !busy) begin
      expected = model[hidx];
      if (we) model[hidx] = wdata;
    end
    busy <= (part_req[1] || busy) && !ack;
    if (pipe[FIRST].valid && rd0 != pipe[FIRST].old[W0-1:0]) $fatal(1, "parts clock %0d: part 0 reads %h, not %h", n, rd0, pipe[FIRST].old[W0-1:0]);
    if (pipe[THIRD].valid && rd2 != pipe[THIRD].old[VALUE_W-1 -: W2]) begin
      $fatal(1, "parts clock %0d: part 2 reads %h, not %h", n, rd2, pipe[THIRD].old[VALUE_W-1 -: W2]);
    end
    if (ack && !we && rdata != expected) $fatal(1, "parts clock %0d: the host reads %h, not %h", n, rdata, expected);
    // Tokens: at full rate half of the time, then only the host's wish makes a gap.
    for (int unsigned i = 1; i < STAGES; i++) pipe[i] <= (i == SECOND + 1) ? next : pipe[i-1];
    pipe[0].valid  <= !(stall && n / 2000 % 2 == 1) && (n / 2000 % 2 == 1 || $urandom % 3 != 0);
    pipe[0].writes <= $urandom % 4 != 0;
    pipe[0].idx    <= IW'($urandom % ((n / 1000 % 2 == 0) ? 2 : ENTRIES));
    pipe[0].number <= 16'($urandom);
    pipe[0].old    <= '0;
    if (stall) stalls <= stalls + 1;
    waited <= req ? waited + 1 : 0;
    if (waited > 300) $fatal(1, "parts: host starved");
    if (ack) begin
      req <= 1'b0;
      if (we) writes <= writes + 1; else reads <= reads + 1;
    end else if (!req && $urandom % 4 == 0) begin
      req   <= 1'b1;
      we    <= 1'($urandom);
      hidx  <= IW'($urandom % ENTRIES);
      wdata <= VALUE_W'({$urandom, $urandom, $urandom, $urandom});
    end
  end

  assign done = n > 60000 && reads > 100 && writes > 100 && stalls > 0;
endmodule

module map_parts_tb;
  logic clk, rst;
  logic [1:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_parts");
    $finish;
  end

  map_parts_bench u_apart (.clk, .rst, .done(done[0]));
  map_parts_bench #(.ENTRIES(300), .FIRST(4), .SECOND(3), .THIRD(4)) u_near (.clk, .rst, .done(done[1]));
endmodule

`default_nettype wire
