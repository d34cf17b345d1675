// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Answers AXI4-Lite for the registers of the DMA: what all queues share (bpf_dma_regs), the counters, and the way to the queues' own. docs: dma.md.
///
/// Whole words are written; others are ignored. One access is under way at a time, writes first. Latency: 3 clocks.
/// Resources: 64 x COUNTERS + about 250 flip-flops, an adder for each counter.
module bpf_dma_csr #(
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

  // ---- which register: what is shared and plain is in there ----
  logic                 write, counters_rd, counters_8_rd, irq_we;
  logic [15:0]          irq_rx, irq_tx, rx_enable, tx_enable;
  logic [31:0]          value, counter;

  assign write   = state_q == WRITE && whole_q;
  assign queue_o = addr_q[9:6];
  assign word_o  = addr_q[5:2];

  bpf_dma_regs u_regs (
    .clk_i, .rst_i, .wr_i(write), .wr_addr_i(addr_q[15:2]), .wr_data_i(wdata_o), .wr_strb_i(4'hF), .rd_addr_i(addr_q[15:2]), .rd_data_o(value),
    .config_rx_queues_i(8'(RX_QUEUES)), .config_tx_queues_i(8'(TX_QUEUES)), .config_bus_bits_i(16'(BUS_W)), .completion_delay_o(delay_o),
    .irq_pending_we_o(irq_we), .irq_pending_rx_o(irq_rx), .irq_pending_tx_o(irq_tx), .irq_pending_i({16'(tx_irq_pending_i), 16'(rx_irq_pending_i)}),
    .irq_enable_rx_o(rx_enable), .irq_enable_tx_o(tx_enable), .counters_rd_o(counters_rd), .counters_i(counter), .counters_8_rd_o(counters_8_rd),
    .counters_8_i(counter), .rx_queues_we_o(rx_write_o), .rx_queues_i(rx_rdata_i), .tx_queues_we_o(tx_write_o), .tx_queues_i(tx_rdata_i));

  // ---- interrupts, and the time that all share ----
  logic [5:0] tick_q;

  assign tick_o         = tick_q == '0;
  assign rx_irq_clear_o = irq_we ? irq_rx[RX_QUEUES-1:0] : '0;
  assign tx_irq_clear_o = irq_we ? irq_tx[TX_QUEUES-1:0] : '0;

  always_ff @(posedge clk_i) begin
    tick_q   <= tick_q + 6'd1;
    rx_irq_o <= rx_irq_pending_i & rx_enable[RX_QUEUES-1:0];
    tx_irq_o <= tx_irq_pending_i & tx_enable[TX_QUEUES-1:0];
    if (rst_i) begin
      tick_q   <= '0;
      rx_irq_o <= '0;
      tx_irq_o <= '0;
    end
  end

  // ---- counters: flat, for yosys ----
  logic [64*COUNTERS-1:0] counters_q;
  logic [31:0]            high_q, low, high;
  logic [3:0]             number;

  for (genvar i = 0; i < COUNTERS; i++) begin : g_counter
    always_ff @(posedge clk_i) begin
      if (rst_i) counters_q[64*i +: 64] <= '0;
      else counters_q[64*i +: 64] <= counters_q[64*i +: 64] + 64'(add_i[16*i +: 16]);
    end
  end

  // Counters 0 to 7 are from 0x40 on, the others from 0x80.
  assign number  = {addr_q[7], addr_q[5:3]};
  assign counter = addr_q[2] ? high_q : low;

  always_comb begin
    low  = '0;
    high = '0;
    for (int unsigned i = 0; i < COUNTERS; i++) begin
      if (number == 4'(i)) {high, low} = counters_q[64*i +: 64];
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == READ) s_axil_rdata_o <= value;
    if (state_q == READ && (counters_rd || counters_8_rd) && !addr_q[2]) high_q <= high;
  end

  logic unused_bits;
  assign unused_bits = ^{addr_q[1:0], irq_rx, irq_tx, rx_enable, tx_enable};
endmodule

`default_nettype wire
