// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of engines, beside those of `bpf_core`: decoder, what is read, plain registers.
///
/// The module around it answers the bus: `wr_i` with address, data and strobes for one clock; `rd_data_o` belongs to `rd_addr_i`.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_engine_regs (
  input  logic        clk_i,
  input  logic        rst_i,  // synchronous, active high
  input  logic        wr_i,  // a word is written
  input  logic [15:2] wr_addr_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [15:2] rd_addr_i,
  output logic [31:0] rd_data_o,
  output logic        engine_control_run_o,
  output logic        engine_address_we_o,  // the word is written
  input  logic [31:0] engine_address_i,
  output logic        engine_data_we_o,  // the word is written
  output logic        engine_fill_we_o,  // the word is written
  input  logic [31:0] engine_memory_i,
  input  logic [31:0] engine_slots_i,
  input  logic [31:0] engine_faults_i,
  input  logic [31:0] engine_fault_slot_i,
  input  logic [31:0] engine_fault_address_i
);
  logic        unused_bus;
  assign unused_bus = ^{wr_i, wr_addr_i, wr_data_i, wr_strb_i, rd_addr_i};

  always_ff @(posedge clk_i) begin
    if (wr_i && wr_addr_i == 14'h140 && wr_strb_i[0]) engine_control_run_o <= wr_data_i[0];
    if (rst_i) begin
      engine_control_run_o <= 1'h0;
    end
  end

  assign engine_address_we_o = wr_i && wr_addr_i == 14'h141;
  assign engine_data_we_o = wr_i && wr_addr_i == 14'h142;
  assign engine_fill_we_o = wr_i && wr_addr_i == 14'h143;

  always_comb begin
    unique casez (rd_addr_i)
      14'h140: rd_data_o = {31'd0, engine_control_run_o};  // 0x500 ENGINE_CONTROL
      14'h141: rd_data_o = engine_address_i;  // 0x504 ENGINE_ADDRESS
      14'h144: rd_data_o = engine_memory_i;  // 0x510 ENGINE_MEMORY
      14'h145: rd_data_o = engine_slots_i;  // 0x514 ENGINE_SLOTS
      14'h146: rd_data_o = engine_faults_i;  // 0x518 ENGINE_FAULTS
      14'h147: rd_data_o = engine_fault_slot_i;  // 0x51c ENGINE_FAULT_SLOT
      14'h148: rd_data_o = engine_fault_address_i;  // 0x520 ENGINE_FAULT_ADDRESS
      default: rd_data_o = 32'd0;
    endcase
  end
endmodule

`default_nettype wire
