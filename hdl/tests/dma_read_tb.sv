// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_dma_read: random runs, also without bytes, from a memory that stalls and answers late or with errors: every beat, its place in its run, tags and errors;
/// then without stalls: a beat in each clock.
module dma_read_bench #(
  parameter int unsigned BUS_W = 64
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned B = BUS_W / 8;
  localparam int unsigned SIZE = 1 << 16;

  typedef struct {
    logic [63:0] addr;
    int unsigned bytes;
  } run_t;

  logic             run_valid, run_ready, beat_valid, beat_none, beat_first, beat_last, beat_error;
  logic [7:0]       beat_tag, arlen;
  logic [BUS_W-1:0] beat_data, rdata;
  logic [63:0]      araddr;
  logic             arvalid, arready, rlast, rvalid, rready;
  logic [1:0]       rresp, unused_bresp;
  logic             unused_awready, unused_wready, unused_bvalid;
  int unsigned      latency, stalls, given, told, beat;
  run_t             runs [$], pending [$], next;

  bpf_dma_read #(.BUS_W(BUS_W), .TAG_W(8), .OUTSTANDING(64)) u_dut (
    .clk_i(clk), .rst_i(rst), .run_valid_i(run_valid), .run_ready_o(run_ready), .run_addr_i(next.addr), .run_bytes_i(16'(next.bytes)), .run_tag_i(8'(given)),
    .beat_valid_o(beat_valid), .beat_none_o(beat_none), .beat_data_o(beat_data), .beat_first_o(beat_first), .beat_last_o(beat_last), .beat_error_o(beat_error),
    .beat_tag_o(beat_tag), .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready),
    .m_axi_rdata_i(rdata), .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast), .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready));
  axi_memory #(.BUS_W(BUS_W), .SIZE(SIZE)) u_memory (
    .clk, .rst, .latency, .stalls, .blocks(1'b0), .awaddr(64'd0), .awlen(8'd0), .awvalid(1'b0), .awready(unused_awready), .wdata('0), .wstrb('0), .wlast(1'b0), .wvalid(1'b0),
    .wready(unused_wready), .bresp(unused_bresp), .bvalid(unused_bvalid), .bready(1'b0), .araddr, .arlen, .arvalid, .arready, .rdata, .rresp, .rlast, .rvalid, .rready);

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
    if (rst) {told, beat} <= '0;
    else if (beat_valid) begin
      if (pending.size() == 0) $fatal(1, "dma_read: a beat too many");
      else begin
        automatic run_t run = pending[0];
        automatic int unsigned lead = 32'(run.addr) % B, count = (run.bytes == 0) ? 1 : (lead + run.bytes + B - 1) / B;
        if (beat_tag != 8'(told) || beat_first != (beat == 0) || beat_last != (beat + 1 == count) || beat_none != (run.bytes == 0))
          $fatal(1, "dma_read: beat %0d of %0d of run %0d", beat, count, told);
        if (beat_last && beat_error != (run.addr[41:40] != 0 && run.bytes != 0)) $fatal(1, "dma_read: error %b", beat_error);
        if (run.bytes != 0) for (int unsigned i = 0; i < B; i++) begin
          automatic int unsigned at = 32'(run.addr) / B * B + beat * B + i;
          if (beat_data[8*i +: 8] != u_memory.mem[16'(at)]) $fatal(1, "dma_read: byte at %h", at);
        end
        beat <= beat_last ? 0 : beat + 1;
        if (beat_last) begin
          told <= told + 1;
          void'(pending.pop_front());
        end
      end
    end
  end

  task automatic give(logic [63:0] addr, int unsigned bytes);
    automatic run_t run;
    run.addr  = addr;
    run.bytes = bytes;
    runs.push_back(run);
    pending.push_back(run);
  endtask

  initial begin
    automatic int unsigned quiet, clocks, start, size;
    done = 1'b0;
    for (int unsigned i = 0; i < SIZE; i++) u_memory.mem[i] = 8'($urandom);
    for (int unsigned phase = 0; phase < 4; phase++) begin
      latency = 50 * phase;
      stalls = (phase == 3) ? 60 : 20 * phase;
      if (phase == 0) @(negedge rst);
      repeat (1000) begin
        automatic logic [63:0] addr = 64'($urandom);
        addr[41:40] = ($urandom % 8 == 0) ? 2'($urandom) : 2'd0;
        give(addr, ($urandom % 10 == 0) ? 0 : ($urandom % 3 == 0) ? 1 + $urandom % 9600 : 1 + $urandom % 200);
      end
      quiet = 0;
      while (pending.size() != 0) begin
        @(negedge clk);
        quiet = quiet + 1;
        if (quiet > 3000000) $fatal(1, "dma_read: %0d runs are missing", pending.size());
      end
    end
    latency = 20;
    stalls = 0;
    for (int unsigned k = 0; k < 4; k++) begin
      size = (k == 0) ? 1 : (k == 1) ? B : (k == 2) ? B + 1 : 1514;
      start = u_memory.r_beats;
      clocks = 0;
      for (int unsigned i = 0; i < 200; i++) give({32'd0, 4096 * i + 7 * i}, size);
      while (!rvalid) @(negedge clk);
      while (pending.size() != 0) begin
        @(negedge clk);
        clocks = clocks + 1;
      end
      if (clocks > u_memory.r_beats - start + 4) $fatal(1, "dma_read: %0d clocks for %0d beats", clocks, u_memory.r_beats - start);
    end
    done = 1'b1;
  end
endmodule

module dma_read_tb;
  logic clk, rst;
  logic [2:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS dma_read");
    $finish;
  end

  dma_read_bench #(.BUS_W(64)) u_64 (.clk, .rst, .done(done[0]));
  dma_read_bench #(.BUS_W(128)) u_128 (.clk, .rst, .done(done[1]));
  dma_read_bench #(.BUS_W(512)) u_512 (.clk, .rst, .done(done[2]));
endmodule

`default_nettype wire
