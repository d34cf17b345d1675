// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_dma_write: random runs of all kinds to random addresses, a memory that stalls and answers late or with errors: every byte of the memory and every report;
/// then without stalls: a beat in each clock.
module dma_write_bench #(
  parameter int unsigned BUS_W = 64
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned B = BUS_W / 8;
  localparam int unsigned SIZE = 1 << 18;

  typedef struct {
    int unsigned kind, bytes, frame, seed;     // frame: bytes of the stream's frame
    int unsigned bad_at;                       // byte of it from which on beats are bad; 0: none
    logic [63:0] addr;
  } run_t;

  logic             run_valid, run_ready, done_valid, done_error, done_bad, frame_valid, frame_ready, frame_last, frame_bad;
  logic [1:0]       word_valid, word_ready, bresp;
  logic [7:0]       done_tag, awlen, run_tag;
  logic [BUS_W-1:0] frame_data, wdata;
  logic [2*BUS_W-1:0] word_data;
  logic [B-1:0]     wstrb;
  logic [63:0]      awaddr;
  logic             awvalid, awready, wlast, wvalid, wready, bvalid, bready;
  int unsigned      latency, stalls, source_stalls;
  logic             unused_ar, unused_rlast, unused_rvalid;
  logic [1:0]       unused_rresp;
  logic [BUS_W-1:0] unused_rdata;
  run_t             runs [$], frames [$], pending [$], words [2][$];
  run_t             next;
  int unsigned      given, told, offset, w_at [2];
  logic [7:0]       model [0:SIZE-1];

  bpf_dma_write #(.BUS_W(BUS_W), .TAG_W(8), .OUTSTANDING(64)) u_dut (
    .clk_i(clk), .rst_i(rst), .run_valid_i(run_valid), .run_ready_o(run_ready), .run_kind_i(2'(next.kind)), .run_addr_i(next.addr), .run_bytes_i(16'(next.bytes)),
    .run_tag_i(run_tag), .done_valid_o(done_valid), .done_tag_o(done_tag), .done_error_o(done_error), .done_bad_o(done_bad),
    .frame_valid_i(frame_valid), .frame_ready_o(frame_ready), .frame_data_i(frame_data), .frame_last_i(frame_last), .frame_bad_i(frame_bad),
    .word_valid_i(word_valid), .word_ready_o(word_ready), .word_data_i(word_data),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready),
    .m_axi_wdata_o(wdata), .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast), .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready),
    .m_axi_bresp_i(bresp), .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready));
  axi_memory #(.BUS_W(BUS_W), .SIZE(SIZE)) u_memory (
    .clk, .rst, .latency, .stalls, .blocks(1'b0), .awaddr, .awlen, .awvalid, .awready, .wdata, .wstrb, .wlast, .wvalid, .wready, .bresp, .bvalid, .bready,
    .araddr(64'd0), .arlen(8'd0), .arvalid(1'b0), .arready(unused_ar), .rdata(unused_rdata), .rresp(unused_rresp), .rlast(unused_rlast), .rvalid(unused_rvalid), .rready(1'b0));

  function automatic logic [7:0] byte_of(int unsigned seed, int unsigned i);
    byte_of = 8'((seed * 2654435761 + i * 40503 + (i >> 8) * 77) >> 8);
  endfunction

  // ---- offers: runs, the stream's frames, words ----
  assign run_tag = 8'(given);

  always @(posedge clk) begin
    if (rst) begin
      run_valid <= 1'b0;
      given <= 0;
    end else begin
      if (run_valid && run_ready) given <= given + 1;
      if (!run_valid || run_ready) begin
        run_valid <= runs.size() != 0;
        if (runs.size() != 0) next <= runs.pop_front();
      end
    end
  end

  always @(posedge clk) begin
    if (rst) begin
      frame_valid <= 1'b0;
      offset <= 0;
    end else begin
      if (!frame_valid || frame_ready) begin
        frame_valid <= 1'b0;
        if (frames.size() != 0 && (source_stalls == 0 || $urandom % 100 >= source_stalls)) begin
          frame_valid <= 1'b1;
          for (int unsigned i = 0; i < B; i++) frame_data[8*i +: 8] <= byte_of(frames[0].seed, offset + i);
          frame_last <= offset + B >= frames[0].frame;
          frame_bad  <= frames[0].bad_at != 0 && offset >= frames[0].bad_at;
          if (offset + B >= frames[0].frame) begin
            offset <= 0;
            void'(frames.pop_front());
          end else offset <= offset + B;
        end
      end
    end
  end

  for (genvar k = 0; k < 2; k++) begin : g_words
    always @(posedge clk) begin
      if (rst) begin
        word_valid[k] <= 1'b0;
        w_at[k] <= 0;
      end else if (!word_valid[k] || word_ready[k]) begin
        word_valid[k] <= 1'b0;
        if (words[k].size() != 0 && (source_stalls == 0 || $urandom % 100 >= source_stalls)) begin
          automatic int unsigned lead = 32'(words[k][0].addr) % B;
          word_valid[k] <= 1'b1;
          for (int unsigned i = 0; i < B; i++) word_data[BUS_W*k + 8*i +: 8] <= byte_of(words[k][0].seed, w_at[k] + i - lead);
          if (w_at[k] + B >= lead + words[k][0].bytes) begin
            w_at[k] <= 0;
            void'(words[k].pop_front());
          end else w_at[k] <= w_at[k] + B;
        end
      end
    end
  end

  // ---- reports ----
  always @(posedge clk) begin
    if (rst) told <= 0;
    else if (done_valid) begin
      if (pending.size() == 0) $fatal(1, "dma_write: a report too many");
      else begin
        if (done_tag != 8'(told)) $fatal(1, "dma_write: report %0d of run %0d", told, done_tag);
        if (done_error != (pending[0].addr[41:40] != 0 && pending[0].kind != 3)) $fatal(1, "dma_write: error %b of run %0d", done_error, told);
        if (done_bad != (pending[0].kind == 0 && pending[0].bad_at != 0 && pending[0].bad_at < pending[0].bytes)) $fatal(1, "dma_write: bad %b of run %0d", done_bad, told);
        void'(pending.pop_front());
      end
      told <= told + 1;
    end
  end

  task automatic give(int unsigned kind, logic [63:0] addr, int unsigned bytes, int unsigned frame);
    automatic run_t run;
    run.kind  = kind;
    run.bytes = bytes;
    run.frame = frame;
    run.seed  = $urandom;
    run.bad_at = ($urandom % 4 == 0) ? B * (1 + $urandom % 8) : 0;
    run.addr  = addr;
    if (kind != 3 && addr[41:40] == 0) for (int unsigned i = 0; i < bytes; i++) model[(32'(addr) + i) % SIZE] = byte_of(run.seed, i);
    if (kind == 0 || kind == 3) frames.push_back(run);
    if (kind == 1) words[0].push_back(run);
    if (kind == 2) words[1].push_back(run);
    runs.push_back(run);
    pending.push_back(run);
  endtask

  task automatic random_run();
    automatic int unsigned kind = ($urandom % 4 != 0) ? 0 : $urandom % 4;
    automatic int unsigned bytes = ($urandom % 3 == 0) ? 1 + $urandom % 9600 : 1 + $urandom % 300;
    automatic logic [63:0] addr = 64'($urandom);
    if ($urandom % 16 == 0) addr[40] = 1'b1;
    if ($urandom % 16 == 0) addr[41] = 1'b1;
    if (kind == 0) give(0, addr, bytes, ($urandom % 4 == 0) ? bytes + $urandom % 200 : bytes);
    else if (kind == 3) give(3, addr, 0, bytes);
    else give(kind, {addr[63:6], 3'($urandom), 3'd0}, 8 * (1 + $urandom % 8), 0);
  endtask

  task automatic wait_all();
    automatic int unsigned quiet = 0;
    while (pending.size() != 0) begin
      @(negedge clk);
      quiet = quiet + 1;
      if (quiet > 2000000) $fatal(1, "dma_write: %0d runs are missing", pending.size());
    end
  endtask

  initial begin
    done = 1'b0;
    for (int unsigned i = 0; i < SIZE; i++) begin
      model[i] = 8'hA5;
      u_memory.mem[i] = 8'hA5;
    end
    for (int unsigned phase = 0; phase < 4; phase++) begin
      latency = (phase == 1) ? 0 : 40 * phase;
      stalls = (phase == 0) ? 0 : 25 * phase - 20;
      source_stalls = (phase == 2) ? 50 : 0;
      if (phase == 0) @(negedge rst);
      repeat (700) random_run();
      wait_all();
      for (int unsigned i = 0; i < SIZE; i++) if (model[i] != u_memory.mem[i]) $fatal(1, "dma_write: byte %h is %h, not %h", i, u_memory.mem[i], model[i]);
    end
    // Rate: frames of each size at each offset, then mixed; no stalls.
    latency = 20;
    stalls = 0;
    source_stalls = 0;
    for (int unsigned size = 1; size < 1515; size += (size < 70) ? 21 : 481) begin
      automatic int unsigned beats, clocks = 0, start, step = (size % 2 == 0) ? 13 : 1;
      start = u_memory.w_beats;
      for (int unsigned i = 0; i < 128; i++) give(0, {32'd0, 4096 * (i % 32) + i * step}, size, size);
      while (!wvalid) @(negedge clk);
      while (pending.size() != 0) begin
        @(negedge clk);
        clocks = clocks + 1;
      end
      beats = u_memory.w_beats - start;
      // 20 clocks for the last response.
      if (clocks > beats + 60) $fatal(1, "dma_write: %0d clocks for %0d beats, frames of %0d bytes", clocks, beats, size);
    end
    done = 1'b1;
  end
endmodule

module dma_write_tb;
  logic clk, rst;
  logic [3:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS dma_write");
    $finish;
  end

  dma_write_bench #(.BUS_W(64)) u_64 (.clk, .rst, .done(done[0]));
  dma_write_bench #(.BUS_W(128)) u_128 (.clk, .rst, .done(done[1]));
  dma_write_bench #(.BUS_W(256)) u_256 (.clk, .rst, .done(done[2]));
  dma_write_bench #(.BUS_W(512)) u_512 (.clk, .rst, .done(done[3]));
endmodule

`default_nettype wire
