// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of the DMA, on a bus of its own: decoder, what is read, plain registers.
///
/// The module around it answers the bus: `wr_i` with address, data and strobes for one clock; `rd_data_o` belongs to `rd_addr_i`.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_dma_regs (
  input  logic        clk_i,
  input  logic        rst_i,  // synchronous, active high
  input  logic        wr_i,  // a word is written
  input  logic [15:2] wr_addr_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [15:2] rd_addr_i,
  output logic [31:0] rd_data_o,
  input  logic [7:0]  config_rx_queues_i,
  input  logic [7:0]  config_tx_queues_i,
  input  logic [15:0] config_bus_bits_i,
  output logic [15:0] completion_delay_o,
  output logic        irq_pending_we_o,  // the word is written
  output logic [15:0] irq_pending_rx_o,  // what is written
  output logic [15:0] irq_pending_tx_o,  // what is written
  input  logic [31:0] irq_pending_i,
  output logic [15:0] irq_enable_rx_o,
  output logic [15:0] irq_enable_tx_o,
  output logic        counters_rd_o,  // a word of it is read
  input  logic [31:0] counters_i,  // the word that is read
  output logic        counters_8_rd_o,  // a word of it is read
  input  logic [31:0] counters_8_i,  // the word that is read
  output logic        rx_queues_we_o,  // a word of it is written
  input  logic [31:0] rx_queues_i,  // the word that is read
  output logic        tx_queues_we_o,  // a word of it is written
  input  logic [31:0] tx_queues_i  // the word that is read
);
  logic        unused_bus;
  assign unused_bus = ^{wr_i, wr_addr_i, wr_data_i, wr_strb_i, rd_addr_i};

  always_ff @(posedge clk_i) begin
    if (wr_i && wr_addr_i == 14'h3 && wr_strb_i[0]) completion_delay_o[7:0] <= wr_data_i[7:0];
    if (wr_i && wr_addr_i == 14'h3 && wr_strb_i[1]) completion_delay_o[15:8] <= wr_data_i[15:8];
    if (rst_i) begin
      completion_delay_o <= 16'h100;
    end
  end

  assign irq_pending_we_o = wr_i && wr_addr_i == 14'h4;
  assign irq_pending_rx_o = wr_data_i[15:0];
  assign irq_pending_tx_o = wr_data_i[31:16];
  always_ff @(posedge clk_i) begin
    if (wr_i && wr_addr_i == 14'h5 && wr_strb_i[0]) irq_enable_rx_o[7:0] <= wr_data_i[7:0];
    if (wr_i && wr_addr_i == 14'h5 && wr_strb_i[1]) irq_enable_rx_o[15:8] <= wr_data_i[15:8];
    if (wr_i && wr_addr_i == 14'h5 && wr_strb_i[2]) irq_enable_tx_o[7:0] <= wr_data_i[23:16];
    if (wr_i && wr_addr_i == 14'h5 && wr_strb_i[3]) irq_enable_tx_o[15:8] <= wr_data_i[31:24];
    if (rst_i) begin
      irq_enable_rx_o <= 16'h0;
      irq_enable_tx_o <= 16'h0;
    end
  end

  assign counters_rd_o = rd_addr_i[15:6] == 10'h1;
  assign counters_8_rd_o = rd_addr_i[15:6] == 10'h2;
  assign rx_queues_we_o = wr_i && wr_addr_i[15:10] == 6'h4;
  assign tx_queues_we_o = wr_i && wr_addr_i[15:10] == 6'h8;

  always_comb begin
    unique casez (rd_addr_i)
      14'h0: rd_data_o = 32'h42324844;  // 0x00 MAGIC
      14'h1: rd_data_o = 32'h00000001;  // 0x04 VERSION
      14'h2: rd_data_o = {config_bus_bits_i, config_tx_queues_i, config_rx_queues_i};  // 0x08 CONFIG
      14'h3: rd_data_o = {16'd0, completion_delay_o};  // 0x0c COMPLETION_DELAY
      14'h4: rd_data_o = irq_pending_i;  // 0x10 IRQ_PENDING
      14'h5: rd_data_o = {irq_enable_tx_o, irq_enable_rx_o};  // 0x14 IRQ_ENABLE
      14'b0000000001????: rd_data_o = counters_i;  // 0x40 COUNTERS
      14'b0000000010????: rd_data_o = counters_8_i;  // 0x80 COUNTERS_8
      14'b000100????????: rd_data_o = rx_queues_i;  // 0x1000 RX_QUEUES
      14'b001000????????: rd_data_o = tx_queues_i;  // 0x2000 TX_QUEUES
      default: rd_data_o = 32'd0;
    endcase
  end
endmodule

`default_nettype wire
