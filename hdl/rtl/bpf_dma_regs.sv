// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite registers of the DMA: what all queues share, the counters, and the way to the queues' own. docs: dma.md.
///
/// Whole words are written; others are ignored. One access is under way at a time, writes first. Latency: 3 clocks.
/// Resources: 64 x COUNTERS + about 250 flip-flops, an adder for each counter.
module bpf_dma_regs #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned RX_QUEUES = 4,        // 1..16
  parameter int unsigned TX_QUEUES = 4,        // 1..16
  parameter int unsigned COUNTERS = 13         // at most 16
) (
  input  logic                 clk_i,
  input  logic                 rst_i,          // synchronous, active high
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
  // to the queues
  output logic                 rx_write_o,
  output logic                 tx_write_o,
  output logic [3:0]           queue_o,
  output logic [3:0]           word_o,
  output logic [31:0]          wdata_o,
  input  logic [31:0]          rx_rdata_i,     // of queue_o and word_o
  input  logic [31:0]          tx_rdata_i,
  output logic [15:0]          delay_o,        // COMPLETION_DELAY
  output logic                 tick_o,         // one clock in 64
  output logic [RX_QUEUES-1:0] rx_irq_clear_o,
  output logic [TX_QUEUES-1:0] tx_irq_clear_o,
  input  logic [RX_QUEUES-1:0] rx_irq_pending_i,
  input  logic [TX_QUEUES-1:0] tx_irq_pending_i,
  output logic [RX_QUEUES-1:0] rx_irq_o,       // pending and enabled
  output logic [TX_QUEUES-1:0] tx_irq_o,
  input  logic [16*COUNTERS-1:0] add_i         // to each counter, in this clock
);
  localparam logic [31:0] MAGIC = 32'h42324844;
  localparam logic [31:0] VERSION = 32'd1;

  // ---- one access at a time: request, access, answer ----
  typedef enum logic [1:0] {IDLE, WRITE, READ, ANSWER} state_t;
  state_t      state_q;
  logic [15:0] addr_q;
  logic        whole_q, is_write_q, take_write, take_read, answered;

  assign take_write       = state_q == IDLE && s_axil_awvalid_i && s_axil_wvalid_i;
  assign take_read        = state_q == IDLE && s_axil_arvalid_i && !take_write;
  assign s_axil_awready_o = take_write;
  assign s_axil_wready_o  = take_write;
  assign s_axil_arready_o = take_read;
  assign s_axil_bresp_o   = 2'b00;
  assign s_axil_rresp_o   = 2'b00;
  assign s_axil_bvalid_o  = state_q == ANSWER && is_write_q;
  assign s_axil_rvalid_o  = state_q == ANSWER && !is_write_q;
  assign answered         = is_write_q ? s_axil_bready_i : s_axil_rready_i;

  always_ff @(posedge clk_i) begin
    if (take_write) addr_q <= s_axil_awaddr_i;
    else if (take_read) addr_q <= s_axil_araddr_i;
    if (state_q == IDLE) begin
      wdata_o    <= s_axil_wdata_i;
      whole_q    <= s_axil_wstrb_i == 4'hF;
      is_write_q <= take_write;
    end
    unique case (state_q)
      IDLE:   if (take_write) state_q <= WRITE; else if (take_read) state_q <= READ;
      ANSWER: if (answered) state_q <= IDLE;
      default: state_q <= ANSWER;
    endcase
    if (rst_i) state_q <= IDLE;
  end

  logic write, shared, rx_page, tx_page;
  assign write      = state_q == WRITE && whole_q;
  assign shared     = addr_q[15:12] == 4'h0;
  assign rx_page    = addr_q[15:10] == 6'h04;
  assign tx_page    = addr_q[15:10] == 6'h08;
  assign rx_write_o = write && rx_page;
  assign tx_write_o = write && tx_page;
  assign queue_o    = addr_q[9:6];
  assign word_o     = addr_q[5:2];

  // ---- what all share ----
  logic [5:0]           tick_q;
  logic [RX_QUEUES-1:0] rx_enable_q, rx_pending;
  logic [TX_QUEUES-1:0] tx_enable_q, tx_pending;

  assign tick_o         = tick_q == '0;
  assign rx_irq_clear_o = (write && shared && addr_q[11:2] == 10'h004) ? wdata_o[RX_QUEUES-1:0] : '0;
  assign tx_irq_clear_o = (write && shared && addr_q[11:2] == 10'h004) ? wdata_o[16 +: TX_QUEUES] : '0;
  assign rx_pending     = rx_irq_pending_i;
  assign tx_pending     = tx_irq_pending_i;

  always_ff @(posedge clk_i) begin
    tick_q   <= tick_q + 6'd1;
    rx_irq_o <= rx_pending & rx_enable_q;
    tx_irq_o <= tx_pending & tx_enable_q;
    if (write && shared && addr_q[11:2] == 10'h003) delay_o <= wdata_o[15:0];
    if (write && shared && addr_q[11:2] == 10'h005) begin
      rx_enable_q <= wdata_o[RX_QUEUES-1:0];
      tx_enable_q <= wdata_o[16 +: TX_QUEUES];
    end
    if (rst_i) begin
      tick_q      <= '0;
      delay_o     <= 16'd256;
      rx_enable_q <= '0;
      tx_enable_q <= '0;
      rx_irq_o    <= '0;
      tx_irq_o    <= '0;
    end
  end

  // ---- counters: flat, for yosys ----
  logic [64*COUNTERS-1:0] counters_q;
  logic [31:0]            high_q, value;
  logic [3:0]             number;
  logic                   is_counter;

  for (genvar i = 0; i < COUNTERS; i++) begin : g_counter
    always_ff @(posedge clk_i) begin
      if (rst_i) counters_q[64*i +: 64] <= '0;
      else counters_q[64*i +: 64] <= counters_q[64*i +: 64] + 64'(add_i[16*i +: 16]);
    end
  end

  assign is_counter = shared && (addr_q[11:6] == 6'd1 || addr_q[11:6] == 6'd2);
  assign number     = {addr_q[7], addr_q[5:3]};

  logic [31:0] low, high;
  always_comb begin
    low  = '0;
    high = '0;
    for (int unsigned i = 0; i < COUNTERS; i++) begin
      if (number == 4'(i)) {high, low} = counters_q[64*i +: 64];
    end
  end

  always_comb begin
    value = '0;
    if (rx_page) value = rx_rdata_i;
    else if (tx_page) value = tx_rdata_i;
    else if (is_counter) value = addr_q[2] ? high_q : low;
    else if (shared && addr_q[11:5] == '0) begin
      unique case (addr_q[4:2])
        3'd0: value = MAGIC;
        3'd1: value = VERSION;
        3'd2: value = {16'(BUS_W), 8'(TX_QUEUES), 8'(RX_QUEUES)};
        3'd3: value = {16'd0, delay_o};
        3'd4: value = {16'(tx_pending), 16'(rx_pending)};
        3'd5: value = {16'(tx_enable_q), 16'(rx_enable_q)};
        default: value = '0;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == READ) s_axil_rdata_o <= value;
    if (state_q == READ && is_counter && !addr_q[2]) high_q <= high;
  end

  logic unused_bits;
  assign unused_bits = ^{addr_q[1:0]};
endmodule

`default_nettype wire
