// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// DMA of a NIC: frames between streams and buffers in the host's memory, by descriptor and completion rings. Formats, rules and registers: docs/src/dma.md.
///
/// One AXI4 master of the streams' width; its fixed signals are AxID 0, AxSIZE the bus, AxBURST INCR. Frames of the receive stream must be as long as their tuser says.
/// Received data, completions of both directions share W; transmitted data and descriptors of both directions share R.
/// Resources: see hdl/README.md; block RAM for 128 + 64 bits x SLOTS of each queue, TX_BYTES, about 150 bits x OUTSTANDING.
module bpf_dma #(
  parameter int unsigned BUS_W = 512,          // 64, 128, 256 or 512
  parameter int unsigned RX_QUEUES = 4,        // 1..16
  parameter int unsigned TX_QUEUES = 4,        // 1..16
  parameter int unsigned SLOTS = (BUS_W < 512) ? 2 * BUS_W : 512, // descriptors of each queue on the chip: more than are used in the memory's latency and AHEAD clocks
  parameter int unsigned OUTSTANDING = BUS_W,  // bursts under way in each direction
  parameter int unsigned TX_BYTES = 32768,     // frames that are being read: more than the bus carries in the memory's latency
  parameter int unsigned MAX_FRAME = 9216,     // bytes, of transmitted frames
  parameter int unsigned AHEAD = 384,          // clocks: for as many, reads of transmitted frames are asked for ahead; more than the memory's latency
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic                 clk_i,
  input  logic                 rst_i,          // synchronous, active high
  // received frames, as the core's m_axis_pass
  input  logic [BUS_W-1:0]     s_axis_rx_tdata_i,
  input  logic                 s_axis_rx_tvalid_i,
  output logic                 s_axis_rx_tready_o,
  input  logic                 s_axis_rx_tlast_i,
  input  logic                 s_axis_rx_bad_i,   // this beat is not the frame's: its completion says error
  input  logic [63:0]          s_axis_rx_tuser_i,
  input  logic [1:0]           s_axis_rx_tid_i,   // first beat: 0 PASS, 2 CPU, 3 socket; told to the host
  input  logic [15:0]          s_axis_rx_tdest_i, // first beat: queue
  // transmitted frames
  output logic [BUS_W-1:0]     m_axis_tx_tdata_o,
  output logic [BUSB-1:0]      m_axis_tx_tkeep_o,
  output logic                 m_axis_tx_tvalid_o,
  input  logic                 m_axis_tx_tready_i,
  output logic                 m_axis_tx_tlast_o,
  output logic [47:0]          m_axis_tx_tuser_o, // every beat: 15:0 bytes, 47:16 bits 127:96 of the descriptor
  // host memory
  output logic [63:0]          m_axi_awaddr_o,
  output logic [7:0]           m_axi_awlen_o,
  output logic                 m_axi_awvalid_o,
  input  logic                 m_axi_awready_i,
  output logic [BUS_W-1:0]     m_axi_wdata_o,
  output logic [BUSB-1:0]      m_axi_wstrb_o,
  output logic                 m_axi_wlast_o,
  output logic                 m_axi_wvalid_o,
  input  logic                 m_axi_wready_i,
  input  logic [1:0]           m_axi_bresp_i,
  input  logic                 m_axi_bvalid_i,
  output logic                 m_axi_bready_o,
  output logic [63:0]          m_axi_araddr_o,
  output logic [7:0]           m_axi_arlen_o,
  output logic                 m_axi_arvalid_o,
  input  logic                 m_axi_arready_i,
  input  logic [BUS_W-1:0]     m_axi_rdata_i,
  input  logic [1:0]           m_axi_rresp_i,
  input  logic                 m_axi_rlast_i,
  input  logic                 m_axi_rvalid_i,
  output logic                 m_axi_rready_o,
  // registers
  input  logic [15:0]          s_axil_awaddr_i,
  input  logic                 s_axil_awvalid_i,
  output logic                 s_axil_awready_o,
  input  logic [31:0]          s_axil_wdata_i,
  input  logic [3:0]           s_axil_wstrb_i,
  input  logic                 s_axil_wvalid_i,
  output logic                 s_axil_wready_o,
  output logic [1:0]           s_axil_bresp_o,
  output logic                 s_axil_bvalid_o,
  input  logic                 s_axil_bready_i,
  input  logic [15:0]          s_axil_araddr_i,
  input  logic                 s_axil_arvalid_i,
  output logic                 s_axil_arready_o,
  output logic [31:0]          s_axil_rdata_o,
  output logic [1:0]           s_axil_rresp_o,
  output logic                 s_axil_rvalid_o,
  input  logic                 s_axil_rready_i,
  // interrupts, levels
  output logic [RX_QUEUES-1:0] rx_irq_o,
  output logic [TX_QUEUES-1:0] tx_irq_o
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned RQ = (RX_QUEUES > 1) ? $clog2(RX_QUEUES) : 1;
  localparam int unsigned TQ = (TX_QUEUES > 1) ? $clog2(TX_QUEUES) : 1;
  localparam int unsigned COUNTERS = 13;

  // ---- registers ----
  logic                   rx_reg_write, tx_reg_write, tick;
  logic [3:0]             reg_queue, reg_word;
  logic [31:0]            reg_wdata, rx_reg_rdata, tx_reg_rdata;
  logic [15:0]            delay;
  logic [RX_QUEUES-1:0]   rx_irq_clear, rx_irq_pending;
  logic [TX_QUEUES-1:0]   tx_irq_clear, tx_irq_pending;
  logic [16*COUNTERS-1:0] add_q;

  bpf_dma_csr #(.BUS_W(BUS_W), .RX_QUEUES(RX_QUEUES), .TX_QUEUES(TX_QUEUES), .COUNTERS(COUNTERS)) u_regs (
    .clk_i, .rst_i, .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o,
    .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o,
    .s_axil_rvalid_o, .s_axil_rready_i,
    .rx_write_o(rx_reg_write), .tx_write_o(tx_reg_write), .queue_o(reg_queue), .word_o(reg_word), .wdata_o(reg_wdata), .rx_rdata_i(rx_reg_rdata),
    .tx_rdata_i(tx_reg_rdata), .delay_o(delay), .tick_o(tick), .rx_irq_clear_o(rx_irq_clear), .tx_irq_clear_o(tx_irq_clear),
    .rx_irq_pending_i(rx_irq_pending), .tx_irq_pending_i(tx_irq_pending), .rx_irq_o, .tx_irq_o, .add_i(add_q));

  // ---- responses of writes: of data, of completions; what a frame's completion says goes with it ----
  // Kinds of runs: 0 a received frame, 1 completions of received frames, 2 completions of transmitted ones, 3 a received frame that was dropped.
  localparam int unsigned WTAG_W = 2 + 4 + 64;
  logic              wr_valid, wr_ready, wr_done, wr_error, wr_bad;
  logic [1:0]        wr_kind, done_kind;
  logic [63:0]       wr_addr, done_data;
  logic [15:0]       wr_bytes;
  logic [WTAG_W-1:0] wr_tag, wr_done_tag;
  logic [3:0]        done_queue;
  logic              rx_done, rx_fault;        // bad descriptor, error of the bus, a frame that was cut

  assign {done_kind, done_queue, done_data} = wr_done_tag;
  assign rx_done  = wr_done && done_kind == 2'd0;
  assign rx_fault = done_data[26] || wr_error || wr_bad;

  // ---- receive ----
  logic [RX_QUEUES-1:0] rx_running, rx_ready, rx_posted, rx_wait, rx_drop;
  logic                 rx_take, drop_empty, drop_stopped, rx_run_valid, rx_run_ready, rx_none, rx_counts;
  logic [RQ-1:0]        rx_take_queue, rx_queue, rx_fetch_queue, rx_cpl_queue;
  logic [127:0]         rx_descriptor;
  logic [63:0]          rx_addr, rx_completion, rx_fetch_addr, rx_cpl_addr;
  logic [15:0]          rx_bytes, rx_fetch_bytes, rx_fetch_index, rx_cpl_bytes;
  logic                 frame_valid, frame_ready, frame_last, frame_bad;
  logic [BUS_W-1:0]     frame_data;
  logic                 rx_fetch_valid, rx_fetch_ready, rx_cpl_valid, rx_cpl_ready;
  logic [3:0]           rx_fetch_count, rx_cpl_count;
  logic [1:0]           word_valid, word_ready;
  logic [2*BUS_W-1:0]   words;

  bpf_dma_rx #(.BUS_W(BUS_W), .QUEUES(RX_QUEUES)) u_rx (
    .clk_i, .rst_i, .s_axis_tdata_i(s_axis_rx_tdata_i), .s_axis_tvalid_i(s_axis_rx_tvalid_i), .s_axis_tready_o(s_axis_rx_tready_o),
    .s_axis_tlast_i(s_axis_rx_tlast_i), .s_axis_bad_i(s_axis_rx_bad_i), .s_axis_tuser_i(s_axis_rx_tuser_i), .s_axis_tid_i(s_axis_rx_tid_i), .s_axis_tdest_i(s_axis_rx_tdest_i),
    .running_i(rx_running), .ready_i(rx_ready), .posted_i(rx_posted), .wait_i(rx_wait), .take_o(rx_take), .take_queue_o(rx_take_queue), .drop_o(rx_drop),
    .drop_empty_o(drop_empty), .drop_stopped_o(drop_stopped), .descriptor_i(rx_descriptor),
    .run_valid_o(rx_run_valid), .run_ready_i(rx_run_ready), .run_none_o(rx_none), .run_counts_o(rx_counts), .run_addr_o(rx_addr), .run_bytes_o(rx_bytes),
    .run_queue_o(rx_queue), .run_completion_o(rx_completion),
    .frame_valid_o(frame_valid), .frame_ready_i(frame_ready), .frame_data_o(frame_data), .frame_last_o(frame_last), .frame_bad_o(frame_bad));

  // ---- responses of reads ----
  // Kinds: 0 descriptors of received frames, 1 of transmitted frames, 2 transmitted frames.
  localparam int unsigned DTAG_W = KL + 49 + TQ;
  localparam int unsigned RTAG_W = 2 + DTAG_W;
  logic              rd_valid, rd_ready, beat_valid, beat_none, beat_first, beat_last, beat_error;
  logic [63:0]       rd_addr;
  logic [15:0]       rd_bytes, beat_index;
  logic [RTAG_W-1:0] rd_tag, beat_tag;
  logic [BUS_W-1:0]  beat_data;
  logic [1:0]        beat_kind;
  logic [3:0]        beat_queue, beat_count;
  logic [DTAG_W-1:0] frame_tag;

  assign {beat_kind, frame_tag} = beat_tag;
  assign {beat_queue, beat_count, beat_index} = frame_tag[23:0];

  bpf_dma_rings #(.BUS_W(BUS_W), .QUEUES(RX_QUEUES), .SLOTS(SLOTS)) u_rx_rings (
    .clk_i, .rst_i, .reg_write_i(rx_reg_write), .reg_queue_i(reg_queue), .reg_word_i(reg_word), .reg_wdata_i(reg_wdata), .reg_rdata_o(rx_reg_rdata),
    .delay_i(delay), .tick_i(tick), .irq_clear_i(rx_irq_clear), .irq_pending_o(rx_irq_pending),
    .running_o(rx_running), .ready_o(rx_ready), .posted_o(rx_posted), .wait_o(rx_wait), .take_i(rx_take), .take_queue_i(rx_take_queue), .drop_i(rx_drop),
    .descriptor_o(rx_descriptor), .done_valid_i(rx_done), .done_queue_i(done_queue[RQ-1:0]),
    .done_data_i({done_data[63:27], rx_fault, done_data[25:0]}), .done_bad_i(done_data[26]), .done_cut_i(!wr_error),
    .fetch_valid_o(rx_fetch_valid), .fetch_ready_i(rx_fetch_ready), .fetch_addr_o(rx_fetch_addr), .fetch_bytes_o(rx_fetch_bytes),
    .fetch_queue_o(rx_fetch_queue), .fetch_index_o(rx_fetch_index), .fetch_count_o(rx_fetch_count),
    .beat_valid_i(beat_valid && beat_kind == 2'd0), .beat_data_i(beat_data), .beat_first_i(beat_first), .beat_last_i(beat_last), .beat_error_i(beat_error),
    .beat_queue_i(beat_queue[RQ-1:0]), .beat_index_i(beat_index), .beat_count_i(beat_count),
    .run_valid_o(rx_cpl_valid), .run_ready_i(rx_cpl_ready), .run_addr_o(rx_cpl_addr), .run_bytes_o(rx_cpl_bytes), .run_queue_o(rx_cpl_queue),
    .run_count_o(rx_cpl_count), .word_valid_o(word_valid[0]), .word_ready_i(word_ready[0]), .word_data_o(words[BUS_W-1:0]),
    .written_valid_i(wr_done && done_kind == 2'd1), .written_error_i(wr_error), .written_queue_i(done_queue[RQ-1:0]), .written_count_i(done_data[3:0]));

  // ---- transmit ----
  logic [TX_QUEUES-1:0] tx_ready, unused_running, unused_posted, unused_wait;
  logic                 tx_take, tx_run_valid, tx_run_ready, tx_done, tx_bad, tx_fetch_valid, tx_fetch_ready, tx_cpl_valid, tx_cpl_ready;
  logic [TQ-1:0]        tx_take_queue, tx_done_queue, tx_fetch_queue, tx_cpl_queue;
  logic [127:0]         tx_descriptor;
  logic [63:0]          tx_addr, tx_done_data, tx_fetch_addr, tx_cpl_addr;
  logic [15:0]          tx_bytes, tx_fetch_bytes, tx_fetch_index, tx_cpl_bytes;
  logic [DTAG_W-1:0]    tx_tag;
  logic [3:0]           tx_fetch_count, tx_cpl_count;

  bpf_dma_tx #(.BUS_W(BUS_W), .QUEUES(TX_QUEUES), .BYTES(TX_BYTES), .MAX_FRAME(MAX_FRAME), .AHEAD(AHEAD)) u_tx (
    .clk_i, .rst_i, .ready_i(tx_ready), .take_o(tx_take), .take_queue_o(tx_take_queue), .descriptor_i(tx_descriptor),
    .done_valid_o(tx_done), .done_queue_o(tx_done_queue), .done_data_o(tx_done_data), .done_bad_o(tx_bad),
    .run_valid_o(tx_run_valid), .run_ready_i(tx_run_ready), .run_addr_o(tx_addr), .run_bytes_o(tx_bytes), .run_tag_o(tx_tag),
    .beat_valid_i(beat_valid && beat_kind == 2'd2), .beat_none_i(beat_none), .beat_data_i(beat_data), .beat_last_i(beat_last), .beat_error_i(beat_error),
    .beat_tag_i(frame_tag),
    .m_axis_tdata_o(m_axis_tx_tdata_o), .m_axis_tkeep_o(m_axis_tx_tkeep_o), .m_axis_tvalid_o(m_axis_tx_tvalid_o), .m_axis_tready_i(m_axis_tx_tready_i),
    .m_axis_tlast_o(m_axis_tx_tlast_o), .m_axis_tuser_o(m_axis_tx_tuser_o));

  bpf_dma_rings #(.BUS_W(BUS_W), .QUEUES(TX_QUEUES), .SLOTS(SLOTS)) u_tx_rings (
    .clk_i, .rst_i, .reg_write_i(tx_reg_write), .reg_queue_i(reg_queue), .reg_word_i(reg_word), .reg_wdata_i(reg_wdata), .reg_rdata_o(tx_reg_rdata),
    .delay_i(delay), .tick_i(tick), .irq_clear_i(tx_irq_clear), .irq_pending_o(tx_irq_pending),
    .running_o(unused_running), .ready_o(tx_ready), .posted_o(unused_posted), .wait_o(unused_wait), .take_i(tx_take), .take_queue_i(tx_take_queue), .drop_i('0),
    .descriptor_o(tx_descriptor), .done_valid_i(tx_done), .done_queue_i(tx_done_queue), .done_data_i(tx_done_data), .done_bad_i(tx_bad), .done_cut_i(1'b0),
    .fetch_valid_o(tx_fetch_valid), .fetch_ready_i(tx_fetch_ready), .fetch_addr_o(tx_fetch_addr), .fetch_bytes_o(tx_fetch_bytes),
    .fetch_queue_o(tx_fetch_queue), .fetch_index_o(tx_fetch_index), .fetch_count_o(tx_fetch_count),
    .beat_valid_i(beat_valid && beat_kind == 2'd1), .beat_data_i(beat_data), .beat_first_i(beat_first), .beat_last_i(beat_last), .beat_error_i(beat_error),
    .beat_queue_i(beat_queue[TQ-1:0]), .beat_index_i(beat_index), .beat_count_i(beat_count),
    .run_valid_o(tx_cpl_valid), .run_ready_i(tx_cpl_ready), .run_addr_o(tx_cpl_addr), .run_bytes_o(tx_cpl_bytes), .run_queue_o(tx_cpl_queue),
    .run_count_o(tx_cpl_count), .word_valid_o(word_valid[1]), .word_ready_i(word_ready[1]), .word_data_o(words[2*BUS_W-1:BUS_W]),
    .written_valid_i(wr_done && done_kind == 2'd2), .written_error_i(wr_error), .written_queue_i(done_queue[TQ-1:0]), .written_count_i(done_data[3:0]));

  // ---- writes: completions first, they are few ----
  assign wr_valid     = rx_cpl_valid || tx_cpl_valid || rx_run_valid;
  assign rx_cpl_ready = wr_ready;
  assign tx_cpl_ready = wr_ready && !rx_cpl_valid;
  assign rx_run_ready = wr_ready && !rx_cpl_valid && !tx_cpl_valid;

  always_comb begin
    wr_kind  = rx_none ? 2'd3 : 2'd0;
    wr_addr  = rx_addr;
    wr_bytes = rx_bytes;
    wr_tag   = {rx_counts ? 2'd0 : 2'd3, 4'(rx_queue), rx_completion};
    if (tx_cpl_valid) begin
      wr_kind  = 2'd2;
      wr_addr  = tx_cpl_addr;
      wr_bytes = tx_cpl_bytes;
      wr_tag   = {2'd2, 4'(tx_cpl_queue), 60'd0, tx_cpl_count};
    end
    if (rx_cpl_valid) begin
      wr_kind  = 2'd1;
      wr_addr  = rx_cpl_addr;
      wr_bytes = rx_cpl_bytes;
      wr_tag   = {2'd1, 4'(rx_cpl_queue), 60'd0, rx_cpl_count};
    end
  end

  bpf_dma_write #(.BUS_W(BUS_W), .TAG_W(WTAG_W), .OUTSTANDING(OUTSTANDING)) u_write (
    .clk_i, .rst_i, .run_valid_i(wr_valid), .run_ready_o(wr_ready), .run_kind_i(wr_kind), .run_addr_i(wr_addr), .run_bytes_i(wr_bytes), .run_tag_i(wr_tag),
    .done_valid_o(wr_done), .done_tag_o(wr_done_tag), .done_error_o(wr_error), .done_bad_o(wr_bad),
    .frame_valid_i(frame_valid), .frame_ready_o(frame_ready), .frame_data_i(frame_data), .frame_last_i(frame_last), .frame_bad_i(frame_bad),
    .word_valid_i(word_valid), .word_ready_o(word_ready), .word_data_i(words),
    .m_axi_awaddr_o, .m_axi_awlen_o, .m_axi_awvalid_o, .m_axi_awready_i, .m_axi_wdata_o, .m_axi_wstrb_o, .m_axi_wlast_o, .m_axi_wvalid_o, .m_axi_wready_i,
    .m_axi_bresp_i, .m_axi_bvalid_i, .m_axi_bready_o);

  // ---- reads: descriptors first ----
  assign rd_valid       = rx_fetch_valid || tx_fetch_valid || tx_run_valid;
  assign rx_fetch_ready = rd_ready;
  assign tx_fetch_ready = rd_ready && !rx_fetch_valid;
  assign tx_run_ready   = rd_ready && !rx_fetch_valid && !tx_fetch_valid;

  always_comb begin
    rd_addr  = tx_addr;
    rd_bytes = tx_bytes;
    rd_tag   = {2'd2, tx_tag};
    if (tx_fetch_valid) begin
      rd_addr  = tx_fetch_addr;
      rd_bytes = tx_fetch_bytes;
      rd_tag   = {2'd1, DTAG_W'({4'(tx_fetch_queue), tx_fetch_count, tx_fetch_index})};
    end
    if (rx_fetch_valid) begin
      rd_addr  = rx_fetch_addr;
      rd_bytes = rx_fetch_bytes;
      rd_tag   = {2'd0, DTAG_W'({4'(rx_fetch_queue), rx_fetch_count, rx_fetch_index})};
    end
  end

  bpf_dma_read #(.BUS_W(BUS_W), .TAG_W(RTAG_W), .OUTSTANDING(OUTSTANDING)) u_read (
    .clk_i, .rst_i, .run_valid_i(rd_valid), .run_ready_o(rd_ready), .run_addr_i(rd_addr), .run_bytes_i(rd_bytes), .run_tag_i(rd_tag),
    .beat_valid_o(beat_valid), .beat_none_o(beat_none), .beat_data_o(beat_data), .beat_first_o(beat_first), .beat_last_o(beat_last), .beat_error_o(beat_error),
    .beat_tag_o(beat_tag),
    .m_axi_araddr_o, .m_axi_arlen_o, .m_axi_arvalid_o, .m_axi_arready_i, .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rlast_i, .m_axi_rvalid_i, .m_axi_rready_o);

  // ---- counters ----
  logic tx_fault, fetched, completed;

  assign tx_fault  = tx_done_data[26];
  assign fetched   = beat_valid && beat_last && beat_kind[1] == 1'b0;
  assign completed = wr_done && done_kind[1] != done_kind[0];

  always_ff @(posedge clk_i) begin
    add_q <= '0;
    if (rx_done && !rx_fault) begin
      add_q[16*0 +: 16] <= 16'd1;
      add_q[16*1 +: 16] <= done_data[15:0];
    end
    add_q[16*2 +: 16] <= 16'(drop_empty);
    add_q[16*3 +: 16] <= 16'(drop_stopped);
    add_q[16*4 +: 16] <= 16'(rx_done && !rx_fault && done_data[25]);
    add_q[16*5 +: 16] <= 16'(rx_done && rx_fault);
    if (tx_done && !tx_fault) begin
      add_q[16*6 +: 16] <= 16'd1;
      add_q[16*7 +: 16] <= tx_done_data[15:0];
    end
    add_q[16*8 +: 16] <= 16'(tx_done && tx_fault);
    if (fetched) begin
      add_q[16*9 +: 16]  <= 16'd1;
      add_q[16*10 +: 16] <= 16'(beat_count);
    end
    if (completed) begin
      add_q[16*11 +: 16] <= 16'd1;
      add_q[16*12 +: 16] <= 16'(done_data[3:0]);
    end
    if (rst_i) add_q <= '0;
  end

  logic unused_bits;
  assign unused_bits = ^{unused_running, unused_posted, unused_wait, done_queue, beat_queue};
endmodule

`default_nettype wire
