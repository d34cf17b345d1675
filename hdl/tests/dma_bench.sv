// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_dma with a host in the bench: random frames of both directions over several queues, unaligned buffers, rings that run empty, buffers that are too short,
/// bus errors, queues that are reset under traffic; every byte, completion and counter. Then rates.
module dma_bench #(
  parameter int unsigned BUS_W = 64,
  parameter int unsigned QUEUES = 3,
  parameter int unsigned FRAMES = 2000,        // in each direction of a phase
  parameter int unsigned SLOTS = (BUS_W < 512) ? 2 * BUS_W : 512,
  parameter int unsigned RATES = 1,            // 0: they are not measured
  parameter int unsigned LATENCY = 300         // of the memory, when rates are measured
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned B = BUS_W / 8;
  localparam int unsigned SIZE = 1 << 22;
  localparam int unsigned RING = 32;           // descriptors
  localparam int unsigned BUFFER = 4096;       // place of a buffer, of which it uses some
  localparam int unsigned LONGEST = 2500;

  logic [BUS_W-1:0] rx_data, tx_data, wdata, rdata;
  logic             rx_valid, rx_ready, rx_last, rx_bad, tx_valid, tx_ready, tx_last;
  logic [63:0]      rx_user, awaddr, araddr;
  logic [47:0]      tx_user;
  logic [1:0]       rx_id, bresp, rresp, unused_lbresp, unused_rresp;
  logic [15:0]      rx_dest;
  logic [B-1:0]     tx_keep, wstrb;
  logic [7:0]       awlen, arlen;
  logic             awvalid, awready, wlast, wvalid, wready, bvalid, bready, arvalid, arready, rlast, rvalid, rready;
  logic [15:0]      laddr;
  logic [31:0]      lwdata, lrdata;
  logic             lawvalid, lawready, lwready, lbvalid, larvalid, larready, lrvalid;
  logic [QUEUES-1:0] rx_irq, tx_irq;
  int unsigned      latency, stalls, ends_stall;
  logic             tiny;                      // frames of at most 32 bytes, and long times without a write: completions pile up

  bpf_dma #(.BUS_W(BUS_W), .RX_QUEUES(QUEUES), .TX_QUEUES(QUEUES), .MAX_FRAME(LONGEST), .SLOTS(SLOTS)) u_dut (
    .clk_i(clk), .rst_i(rst),
    .s_axis_rx_tdata_i(rx_data), .s_axis_rx_tvalid_i(rx_valid), .s_axis_rx_tready_o(rx_ready), .s_axis_rx_tlast_i(rx_last), .s_axis_rx_bad_i(rx_bad), .s_axis_rx_tuser_i(rx_user),
    .s_axis_rx_tid_i(rx_id), .s_axis_rx_tdest_i(rx_dest),
    .m_axis_tx_tdata_o(tx_data), .m_axis_tx_tkeep_o(tx_keep), .m_axis_tx_tvalid_o(tx_valid), .m_axis_tx_tready_i(tx_ready), .m_axis_tx_tlast_o(tx_last),
    .m_axis_tx_tuser_o(tx_user),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_wdata_o(wdata), .m_axi_wstrb_o(wstrb),
    .m_axi_wlast_o(wlast), .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready), .m_axi_bresp_i(bresp), .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_rdata_i(rdata), .m_axi_rresp_i(rresp),
    .m_axi_rlast_i(rlast), .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready),
    .s_axil_awaddr_i(laddr), .s_axil_awvalid_i(lawvalid), .s_axil_awready_o(lawready), .s_axil_wdata_i(lwdata), .s_axil_wstrb_i(4'hF), .s_axil_wvalid_i(lawvalid),
    .s_axil_wready_o(lwready), .s_axil_bresp_o(unused_lbresp), .s_axil_bvalid_o(lbvalid), .s_axil_bready_i(1'b1), .s_axil_araddr_i(laddr), .s_axil_arvalid_i(larvalid),
    .s_axil_arready_o(larready), .s_axil_rdata_o(lrdata), .s_axil_rresp_o(unused_rresp), .s_axil_rvalid_o(lrvalid), .s_axil_rready_i(1'b1),
    .rx_irq_o(rx_irq), .tx_irq_o(tx_irq));
  // Received bytes are there when their response comes, completions at once: so one that is given too early is found.
  axi_memory #(.BUS_W(BUS_W), .SIZE(SIZE), .LATE(131072)) u_memory (
    .clk, .rst, .latency, .stalls, .blocks(tiny), .awaddr, .awlen, .awvalid, .awready, .wdata, .wstrb, .wlast, .wvalid, .wready, .bresp, .bvalid, .bready,
    .araddr, .arlen, .arvalid, .arready, .rdata, .rresp, .rlast, .rvalid, .rready);

  typedef struct {
    int unsigned seed, bytes, queue, bad_at;     // from which byte on its beats are bad; 0: none
    logic [24:16] flags;
    logic [1:0]  id;
  } frame_t;

  function automatic logic [7:0] byte_of(int unsigned seed, int unsigned i);
    byte_of = 8'((seed * 2654435761 + i * 40503 + (i >> 8) * 77) >> 8);
  endfunction

  // ---- the stream to the DMA ----
  // Four queues, two bits: Verilator pops from a copy where an index may be out of bounds.
  frame_t      sending [$], expected [4][$];
  int unsigned rx_at, rx_beats, tx_beats, rx_frames_in, tx_frames_out;
  int unsigned flooding;
  int unsigned flood;                          // bytes of the frames that are offered without end; 0: those of `sending`

  always @(posedge clk) begin
    if (rst) begin
      rx_valid <= 1'b0;
      {rx_at, rx_beats, rx_frames_in, flooding} <= '0;
      rx_bad <= 1'b0;
    end else begin
      if (rx_valid && rx_ready) begin
        rx_beats <= rx_beats + 1;
        if (rx_last) rx_frames_in <= rx_frames_in + 1;
      end
      if (!rx_valid || rx_ready) begin
        rx_valid <= 1'b0;
        rx_bad   <= 1'b0;
        flooding <= (rx_at == 0) ? flood : flooding;
        if (((rx_at == 0) ? flood : flooding) != 0) begin
          rx_valid <= 1'b1;
          rx_data  <= {B{8'(rx_at)}};
          rx_last  <= rx_at + B >= ((rx_at == 0) ? flood : flooding);
          rx_user  <= {32'd0, 16'd0, 16'((rx_at == 0) ? flood : flooding)};
          rx_dest  <= '0;
          rx_id    <= '0;
          rx_at    <= (rx_at + B >= ((rx_at == 0) ? flood : flooding)) ? 0 : rx_at + B;
        end else if (sending.size() != 0 && (ends_stall == 0 || $urandom % 100 >= ends_stall)) begin
          automatic frame_t f = sending[0];
          rx_valid <= 1'b1;
          for (int unsigned i = 0; i < B; i++) rx_data[8*i +: 8] <= byte_of(f.seed, rx_at + i);
          rx_last <= rx_at + B >= f.bytes;
          rx_bad  <= f.bad_at != 0 && rx_at >= f.bad_at;
          rx_user <= (rx_at == 0) ? {f.seed, 7'd0, f.flags, 16'(f.bytes)} : {$urandom, $urandom};
          rx_id   <= (rx_at == 0) ? f.id : 2'($urandom);
          rx_dest <= (rx_at == 0) ? 16'(f.queue) : 16'($urandom);
          rx_at <= (rx_at + B >= f.bytes) ? 0 : rx_at + B;
          if (rx_at + B >= f.bytes) void'(sending.pop_front());
        end
      end
    end
  end

  // ---- the stream from the DMA: bits 47:40 of tuser are the queue, the rest names the frame ----
  frame_t      leaving [4][$];
  int unsigned tx_at;
  logic        tx_check;

  always @(posedge clk) begin
    tx_ready <= ends_stall == 0 || $urandom % 100 >= ends_stall;
    if (rst) {tx_at, tx_beats, tx_frames_out} <= '0;
    else if (tx_valid && tx_ready) begin
      tx_beats <= tx_beats + 1;
      if (tx_last) tx_frames_out <= tx_frames_out + 1;
      if (tx_check) begin
        automatic int unsigned q = 32'(tx_user[47:40]);
        if (q >= QUEUES || leaving[2'(q)].size() == 0) $fatal(1, "dma: a frame of queue %0d too many", q);
        else begin
          automatic frame_t f = leaving[2'(q)][0];
          if (tx_user != {8'(q), 24'(f.seed), 16'(f.bytes)}) $fatal(1, "dma: frame of %0d bytes, user %h, not %0d bytes, %h", tx_user[15:0], tx_user[47:16], f.bytes, f.seed);
          for (int unsigned i = 0; i < B; i++) begin
            if (tx_keep[i] != (tx_at + i < f.bytes)) $fatal(1, "dma: tkeep");
            if (tx_keep[i] && tx_data[8*i +: 8] != byte_of(f.seed, tx_at + i)) $fatal(1, "dma: sent byte %0d of %0d", tx_at + i, f.bytes);
          end
          if (tx_last != (tx_at + B >= f.bytes)) $fatal(1, "dma: tlast");
          if (tx_last) f = leaving[2'(q)].pop_front();
        end
        tx_at <= tx_last ? 0 : tx_at + B;
      end
    end
  end

  // ---- registers ----
  task automatic reg_write(int unsigned addr, logic [31:0] data);
    laddr = 16'(addr);
    lwdata = data;
    lawvalid = 1'b1;
    do @(posedge clk); while (!lawready || !lwready);
    @(negedge clk);
    lawvalid = 1'b0;
    while (!lbvalid) @(negedge clk);
    @(negedge clk);
  endtask

  task automatic reg_read(int unsigned addr, output logic [31:0] data);
    laddr = 16'(addr);
    larvalid = 1'b1;
    do @(posedge clk); while (!larready);
    @(negedge clk);
    larvalid = 1'b0;
    while (!lrvalid) @(negedge clk);
    data = lrdata;
    @(negedge clk);
  endtask

  task automatic expect_reg(int unsigned addr, logic [31:0] wanted, string what);
    automatic logic [31:0] data;
    reg_read(addr, data);
    if (data != wanted) $fatal(1, "dma: %s is %0d (%h), not %0d", what, data, data, wanted);
  endtask

  // ---- the host: queue n of 2 x QUEUES, transmit ones behind receive ones ----
  int unsigned produced [2*QUEUES], reaped [2*QUEUES], matched [2*QUEUES], lost [QUEUES], shortened, bytes_in, bytes_out, rx_damaged, rx_faults, tx_faults;
  logic [63:0] at [2*QUEUES][RING];
  int unsigned room [2*QUEUES][RING];
  frame_t      sent [4][$];

  function automatic int unsigned page(int unsigned n);
    page = (n < QUEUES) ? 4096 + 64 * n : 8192 + 64 * (n - QUEUES);
  endfunction

  function automatic int unsigned ring_at(int unsigned n);
    ring_at = 65536 + 1024 * n + 256 * (n % 3);
  endfunction

  function automatic int unsigned completions_at(int unsigned n);
    completions_at = 32768 + 512 * n + 64 * (n % 2);
  endfunction

  function automatic int unsigned buffer_at(int unsigned n, int unsigned i);
    buffer_at = 131072 + BUFFER * (RING * n + i % RING);
  endfunction

  task automatic put(int unsigned addr, int unsigned bytes, logic [127:0] data);
    for (int unsigned i = 0; i < bytes; i++) u_memory.mem[addr + i] = data[8*i +: 8];
  endtask

  function automatic logic [63:0] completion(int unsigned n, int unsigned i);
    for (int unsigned k = 0; k < 8; k++) completion[8*k +: 8] = u_memory.mem[completions_at(n) + 8 * (i % RING) + k];
  endfunction

  task automatic start(int unsigned n, logic waits);
    automatic logic [31:0] status;
    reg_read(page(n) + 4, status);
    if (!status[1]) $fatal(1, "dma: queue %0d is not idle: %h", n, status);
    put(completions_at(n), 16, '0);
    for (int unsigned i = 0; i < RING; i += 2) put(completions_at(n) + 8 * i, 16, '0);
    reg_write(page(n) + 32'h08, ring_at(n));
    reg_write(page(n) + 32'h0C, 0);
    reg_write(page(n) + 32'h10, completions_at(n));
    reg_write(page(n) + 32'h14, 0);
    reg_write(page(n), {20'd0, 4'($clog2(RING)), 6'd0, waits, 1'b1});
    reg_read(page(n) + 4, status);
    if (status != 32'd1) $fatal(1, "dma: status of queue %0d is %h", n, status);
    produced[n] = 0;
    reaped[n] = 0;
  endtask

  task automatic stop(int unsigned n);
    automatic logic [31:0] status = 0;
    reg_write(page(n), 0);
    while (!status[1]) reg_read(page(n) + 4, status);
  endtask

  task automatic post(int unsigned n, int unsigned count);
    automatic int unsigned free = RING - (produced[n] - reaped[n]);
    if (count > free) count = free;
    for (int unsigned k = 0; k < count; k++) begin
      automatic int unsigned i = produced[n] % RING, base = buffer_at(n, produced[n]);
      automatic frame_t f;
      at[n][i] = {32'($urandom % 64), base + 64 + $urandom % (BUFFER - LONGEST - 128)};
      f.seed = {8'd0, 24'($urandom)};
      f.bytes = 1 + (($urandom % 2 == 0) ? $urandom % 100 : $urandom % LONGEST);
      room[n][i] = (n >= QUEUES) ? f.bytes : ($urandom % 4 == 0) ? 1 + $urandom % LONGEST : LONGEST;
      for (int unsigned b = 0; b < BUFFER; b++) u_memory.mem[base + b] = 8'h5A;
      if (n >= QUEUES) begin
        for (int unsigned b = 0; b < f.bytes; b++) u_memory.mem[32'(at[n][i]) + b] = byte_of(f.seed, b);
        leaving[2'(n - QUEUES)].push_back(f);
        sent[2'(n - QUEUES)].push_back(f);
      end
      put(ring_at(n) + 16 * i, 16, {8'(n - QUEUES), 24'(f.seed), 16'($urandom), 16'(room[n][i]), at[n][i]});
      produced[n] = produced[n] + 1;
    end
    reg_write(page(n) + 32'h18, produced[n]);
  endtask

  task automatic check_received(int unsigned n, logic [63:0] c);
    automatic int unsigned i = reaped[n] % RING, bytes, base = buffer_at(n, reaped[n]), from;
    automatic logic damaged;
    automatic frame_t f;
    while (expected[2'(n)].size() != 0 && expected[2'(n)][0].seed != c[63:32]) begin
      lost[n] = lost[n] + 1;
      f = expected[2'(n)].pop_front();
    end
    if (expected[2'(n)].size() == 0) $fatal(1, "dma: completion %h of queue %0d belongs to no frame", c, n);
    else f = expected[2'(n)].pop_front();
    bytes = (f.bytes > room[n][i]) ? room[n][i] : f.bytes;
    damaged = f.bad_at != 0 && f.bad_at < bytes;
    if (damaged) rx_damaged = rx_damaged + 1;
    else begin
      if (bytes != f.bytes) shortened = shortened + 1;
      bytes_in = bytes_in + bytes;
    end
    if (c[30:0] != {2'd0, f.id, damaged, bytes != f.bytes, f.flags, 16'(bytes)}) $fatal(1, "dma: completion %h of a frame of %0d bytes", c, f.bytes);
    from = 32'(at[n][i]) - base;
    for (int unsigned b = 0; b < BUFFER; b++) begin
      automatic logic [7:0] wanted = (b >= from && b < from + bytes) ? byte_of(f.seed, b - from) : 8'h5A;
      if (u_memory.mem[base + b] != wanted) $fatal(1, "dma: queue %0d, byte %0d of %0d at offset %0d is %h, not %h", n, b - from, bytes, from, u_memory.mem[base + b], wanted);
    end
    matched[n] = matched[n] + 1;
  endtask

  task automatic reap(int unsigned n);
    automatic logic [63:0] c = completion(n, reaped[n]);
    while (c[31] == ((reaped[n] / RING) % 2 == 0) && reaped[n] != produced[n]) begin
      if (n < QUEUES) check_received(n, c);
      else begin
        automatic frame_t f = sent[2'(n - QUEUES)].pop_front();
        if (c[63:32] != {8'(n - QUEUES), 24'(f.seed)} || c[30:0] != 31'(f.bytes)) $fatal(1, "dma: completion %h of a sent frame of %0d bytes", c, f.bytes);
        bytes_out = bytes_out + f.bytes;
        matched[n] = matched[n] + 1;
      end
      reaped[n] = reaped[n] + 1;
      c = completion(n, reaped[n]);
    end
  endtask

  task automatic new_frame();
    automatic frame_t f;
    f.seed  = $urandom;
    f.bytes = 1 + (tiny ? $urandom % 32 : ($urandom % 2 == 0) ? $urandom % 100 : $urandom % LONGEST);
    f.queue = $urandom % QUEUES;
    f.flags = 9'($urandom);
    f.id    = 2'($urandom);
    f.bad_at = ($urandom % 8 == 0) ? B * (1 + $urandom % 20) : 0;
    if (f.bad_at >= f.bytes) f.bad_at = 0;
    sending.push_back(f);
    expected[2'(f.queue)].push_back(f);
  endtask

  function automatic int unsigned waiting();
    waiting = sending.size();
    for (int unsigned q = 0; q < QUEUES; q++) waiting = waiting + 32'(sent[2'(q)].size()) + 32'(leaving[2'(q)].size());
  endfunction

  // Traffic: receive queues may run empty (greed is how often in 8 the host posts), with `waits` nothing is lost. The last thing that is done
  // with each queue is to stop it.
  task automatic traffic(int unsigned frames, logic waits, int unsigned greed, logic resets);
    automatic int unsigned given = 0, quiet = 0, turns = 0, closed = 0, starts = 0;
    while (closed < 2 * QUEUES) begin
      automatic logic finishing = quiet > 300, first = starts < 2 * QUEUES, halt;
      automatic int unsigned n = first ? starts : finishing ? closed : $urandom % (2 * QUEUES);
      halt = !first && (finishing || (resets && n < QUEUES && $urandom % 40 == 0));
      if (!first && given < frames && sending.size() < 40) repeat (8) begin
        new_frame();
        given = given + 1;
      end
      if (first || halt) begin
        if (halt) stop(n);
      end else if ($urandom % 8 < greed && (n < QUEUES || given < frames)) post(n, 1 + $urandom % RING);
      else repeat (1 + $urandom % 40) @(negedge clk);
      if (!first) reap(n);
      if (halt) expect_reg(page(n) + 32'h1C, {16'd0, 16'(reaped[n])}, "CONSUMER of an idle queue");
      if (halt && finishing) closed = closed + 1;
      else if (halt || first) start(n, waits);
      if (first) starts = starts + 1;
      quiet = finishing ? quiet : (given >= frames && waiting() == 0) ? quiet + 1 : 0;
      turns = turns + 1;
      if (turns > 400000) $fatal(1, "dma: traffic does not end: %0d to come in, %0d in all", sending.size(), waiting());
    end
    for (int unsigned q = 0; q < QUEUES; q++) begin
      lost[q] = lost[q] + 32'(expected[2'(q)].size());
      expected[2'(q)].delete();
    end
  endtask

  task automatic check_counters();
    automatic int unsigned in = 0, out = 0, gone = 0;
    automatic logic [31:0] empty, off;
    for (int unsigned q = 0; q < QUEUES; q++) begin
      expect_reg(page(q) + 32'h24, matched[q], "FRAMES of a receive queue");
      expect_reg(page(q + QUEUES) + 32'h24, matched[q + QUEUES], "FRAMES of a transmit queue");
      expect_reg(page(q) + 32'h28, lost[q], "DROPPED");
      in = in + matched[q] - ((q == 0) ? rx_faults : 0);
      out = out + matched[q + QUEUES] - ((q == 0) ? tx_faults : 0);
      gone = gone + lost[q];
    end
    expect_reg(32'h40, in - rx_damaged, "received frames");
    expect_reg(32'h44, 0, "received frames, high");
    expect_reg(32'h48, bytes_in, "received bytes");
    reg_read(32'h50, empty);
    reg_read(32'h58, off);
    if (empty + off != gone) $fatal(1, "dma: %0d + %0d dropped, not %0d", empty, off, gone);
    expect_reg(32'h60, shortened, "cut frames");
    expect_reg(32'h68, rx_faults + rx_damaged, "receive errors");
    expect_reg(32'h70, out, "sent frames");
    expect_reg(32'h78, bytes_out, "sent bytes");
    expect_reg(32'h80, tx_faults, "transmit errors");
  endtask

  `include "dma_faults.svh"
  `include "dma_rates.svh"

  initial begin
    done = 1'b0;
    {lawvalid, larvalid} = '0;
    {latency, stalls, ends_stall} = '0;
    tiny = 1'b0;
    tx_check = 1'b1;
    foreach (matched[n]) matched[n] = 0;
    foreach (lost[q]) lost[q] = 0;
    {shortened, bytes_in, bytes_out, flood, rx_damaged, rx_faults, tx_faults} = '0;
    @(negedge rst);
    @(negedge clk);
    expect_reg(0, 32'h42324844, "MAGIC");
    expect_reg(8, {16'(BUS_W), 8'(QUEUES), 8'(QUEUES)}, "CONFIG");
    for (int unsigned phase = 0; phase < 5; phase++) begin
      latency = (phase == 0) ? 30 : (phase == 1) ? 150 : (phase == 4) ? 400 : 3;
      stalls = (phase == 3) ? 95 : (phase == 4) ? 0 : 30 * phase;
      tiny = phase == 4;
      ends_stall = (phase == 1) ? 30 : 0;
      if (phase == 2) faults();
      traffic((phase == 3) ? FRAMES / 10 : FRAMES, phase == 0, (phase == 0 || phase == 4) ? 6 : 2 * phase, phase == 2 || phase == 3);
      if (phase == 0) foreach (lost[q]) if (lost[q] != 0) $fatal(1, "dma: a frame was lost although its queue waits");
    end
    check_counters();
    $display("bus %0d: %0d frames received, %0d damaged, %0d dropped, %0d sent", BUS_W, matched[0] + matched[1], rx_damaged, lost[0] + lost[1], matched[QUEUES] + matched[QUEUES+1]);
    tiny = 1'b0;
    if (RATES != 0) rates();
    done = 1'b1;
  end
endmodule

`default_nettype wire
