// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of one queue of the DMA, from the beginning of its page: decoder, what is read, plain registers.
///
/// The module around it answers the bus: `wr_i` with address, data and strobes for one clock; `rd_data_o` belongs to `rd_addr_i`.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_dma_queue_regs (
  input  logic        clk_i,
  input  logic        rst_i,  // synchronous, active high
  input  logic        wr_i,  // a word is written
  input  logic [5:2]  wr_addr_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [5:2]  rd_addr_i,
  output logic [31:0] rd_data_o,
  output logic        control_we_o,  // the word is written
  output logic        control_enable_o,  // what is written
  output logic        control_wait_o,  // what is written
  output logic [3:0]  control_size_o,  // what is written
  input  logic [31:0] control_i,
  input  logic        status_running_i,
  input  logic        status_idle_i,
  input  logic        status_descriptor_error_i,
  input  logic        status_data_error_i,
  input  logic        status_completion_error_i,
  input  logic        status_bad_descriptor_i,
  input  logic        status_bad_producer_i,
  output logic [1:0]  ring_we_o,  // the word is written
  input  logic [63:0] ring_i,
  output logic [1:0]  completions_we_o,  // the word is written
  input  logic [63:0] completions_i,
  output logic        producer_we_o,  // the word is written
  input  logic [31:0] producer_i,
  input  logic [15:0] consumer_i,
  output logic [15:0] irq_time_o,
  output logic [15:0] irq_count_o,
  input  logic [31:0] frames_i,
  input  logic [31:0] dropped_i
);
  logic        unused_bus;
  assign unused_bus = ^{wr_i, wr_addr_i, wr_data_i, wr_strb_i, rd_addr_i};

  assign control_we_o = wr_i && wr_addr_i == 4'h0;
  assign control_enable_o = wr_data_i[0];
  assign control_wait_o = wr_data_i[1];
  assign control_size_o = wr_data_i[11:8];
  assign ring_we_o = {wr_i && wr_addr_i == 4'h3, wr_i && wr_addr_i == 4'h2};
  assign completions_we_o = {wr_i && wr_addr_i == 4'h5, wr_i && wr_addr_i == 4'h4};
  assign producer_we_o = wr_i && wr_addr_i == 4'h6;
  always_ff @(posedge clk_i) begin
    if (wr_i && wr_addr_i == 4'h8 && wr_strb_i[0]) irq_time_o[7:0] <= wr_data_i[7:0];
    if (wr_i && wr_addr_i == 4'h8 && wr_strb_i[1]) irq_time_o[15:8] <= wr_data_i[15:8];
    if (wr_i && wr_addr_i == 4'h8 && wr_strb_i[2]) irq_count_o[7:0] <= wr_data_i[23:16];
    if (wr_i && wr_addr_i == 4'h8 && wr_strb_i[3]) irq_count_o[15:8] <= wr_data_i[31:24];
    if (rst_i) begin
      irq_time_o <= 16'h0;
      irq_count_o <= 16'h0;
    end
  end


  always_comb begin
    unique casez (rd_addr_i)
      4'h0: rd_data_o = control_i;  // 0x00 CONTROL
      4'h1: rd_data_o = {19'd0, status_bad_producer_i, status_bad_descriptor_i, status_completion_error_i, status_data_error_i, status_descriptor_error_i, 6'd0, status_idle_i, status_running_i};  // 0x04 STATUS
      4'h2, 4'h3: rd_data_o = ring_i[{rd_addr_i[2:2], 5'd0} +: 32];  // 0x08 RING
      4'h4, 4'h5: rd_data_o = completions_i[{rd_addr_i[2:2], 5'd0} +: 32];  // 0x10 COMPLETIONS
      4'h6: rd_data_o = producer_i;  // 0x18 PRODUCER
      4'h7: rd_data_o = {16'd0, consumer_i};  // 0x1c CONSUMER
      4'h8: rd_data_o = {irq_count_o, irq_time_o};  // 0x20 IRQ
      4'h9: rd_data_o = frames_i;  // 0x24 FRAMES
      4'ha: rd_data_o = dropped_i;  // 0x28 DROPPED
      default: rd_data_o = 32'd0;
    endcase
  end
endmodule

`default_nettype wire
