// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of `bpf_core`, the same for every program: decoder, what is read, plain registers.
///
/// The module around it answers the bus: `wr_i` with address, data and strobes for one clock; `rd_data_o` belongs to `rd_addr_i`.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_core_regs (
  input  logic         clk_i,
  input  logic         rst_i,  // synchronous, active high
  input  logic         wr_i,  // a word is written
  input  logic [15:2]  wr_addr_i,
  input  logic [31:0]  wr_data_i,
  input  logic [3:0]   wr_strb_i,
  input  logic [15:2]  rd_addr_i,
  output logic [31:0]  rd_data_o,
  input  logic [31:0]  bus_bits_i,
  input  logic [31:0]  map_count_i,
  input  logic [255:0] build_id_i,
  output logic         control_lossless_o,
  output logic         control_counter_clear_o,  // pulse
  input  logic         status_idle_i,
  input  logic         status_clearing_i,
  output logic [1:0]   time_we_o,  // the word is written
  output logic [1:0]   time_rd_o,  // the word is read
  input  logic [63:0]  time_i,
  output logic         time_rate_we_o,  // the word is written
  input  logic [31:0]  time_rate_i,
  output logic         time_step_we_o,  // the word is written
  input  logic [31:0]  time_step_i,
  output logic [1:0]   random_we_o,  // the word is written
  output logic         counters_rd_o,  // a word of it is read
  input  logic [31:0]  counters_i,  // the word that is read
  output logic         map_select_we_o,  // the word is written
  input  logic [31:0]  map_select_i,
  output logic         map_index_we_o,  // the word is written
  input  logic [31:0]  map_index_i,
  output logic         map_command_we_o,  // the word is written
  output logic [7:0]   map_command_command_o,  // what is written
  output logic         map_command_increment_o,  // what is written
  output logic [1:0]   map_command_flags_o,  // what is written
  input  logic         map_status_busy_i,
  input  logic         map_status_error_i,
  input  logic [4:0]   map_status_errno_i,
  input  logic [31:0]  map_entries_i,
  input  logic [31:0]  map_refused_i,
  output logic [3:0]   map_seed_we_o,  // the word is written
  output logic         key_we_o,  // a word of it is written
  input  logic [31:0]  key_i,  // the word that is read
  output logic         data_we_o,  // a word of it is written
  input  logic [31:0]  data_i  // the word that is read
);
  logic        unused_bus;
  assign unused_bus = ^{wr_i, wr_addr_i, wr_data_i, wr_strb_i, rd_addr_i};

  always_ff @(posedge clk_i) begin
    if (wr_i && wr_addr_i == 14'hc && wr_strb_i[0]) control_lossless_o <= wr_data_i[0];
    control_counter_clear_o <= 1'b0;
    if (wr_i && wr_addr_i == 14'hc && wr_strb_i[0]) control_counter_clear_o <= wr_data_i[1];
    if (rst_i) begin
      control_lossless_o <= 1'h0;
      control_counter_clear_o <= 1'h0;
    end
  end

  assign time_we_o = {wr_i && wr_addr_i == 14'h11, wr_i && wr_addr_i == 14'h10};
  assign time_rd_o = {rd_addr_i == 14'h11, rd_addr_i == 14'h10};
  assign time_rate_we_o = wr_i && wr_addr_i == 14'h12;
  assign time_step_we_o = wr_i && wr_addr_i == 14'h13;
  assign random_we_o = {wr_i && wr_addr_i == 14'h15, wr_i && wr_addr_i == 14'h14};
  assign counters_rd_o = rd_addr_i[15:8] == 8'h1;
  assign map_select_we_o = wr_i && wr_addr_i == 14'h100;
  assign map_index_we_o = wr_i && wr_addr_i == 14'h101;
  assign map_command_we_o = wr_i && wr_addr_i == 14'h102;
  assign map_command_command_o = wr_data_i[7:0];
  assign map_command_increment_o = wr_data_i[8];
  assign map_command_flags_o = wr_data_i[17:16];
  assign map_seed_we_o = {wr_i && wr_addr_i == 14'h10b, wr_i && wr_addr_i == 14'h10a, wr_i && wr_addr_i == 14'h109, wr_i && wr_addr_i == 14'h108};
  assign key_we_o = wr_i && wr_addr_i[15:6] == 10'h20;
  assign data_we_o = wr_i && wr_addr_i[15:12] == 4'h1;

  always_comb begin
    unique casez (rd_addr_i)
      14'h0: rd_data_o = 32'h42324831;  // 0x00 MAGIC
      14'h1: rd_data_o = 32'h00000001;  // 0x04 INTERFACE_VERSION
      14'h2: rd_data_o = bus_bits_i;  // 0x08 BUS_BITS
      14'h3: rd_data_o = map_count_i;  // 0x0c MAP_COUNT
      14'h4, 14'h5, 14'h6, 14'h7, 14'h8, 14'h9, 14'ha, 14'hb: rd_data_o = build_id_i[{rd_addr_i[4:2] - 3'd4, 5'd0} +: 32];  // 0x10 BUILD_ID
      14'hc: rd_data_o = {31'd0, control_lossless_o};  // 0x30 CONTROL
      14'hd: rd_data_o = {30'd0, status_clearing_i, status_idle_i};  // 0x34 STATUS
      14'h10, 14'h11: rd_data_o = time_i[{rd_addr_i[2:2], 5'd0} +: 32];  // 0x40 TIME
      14'h12: rd_data_o = time_rate_i;  // 0x48 TIME_RATE
      14'h13: rd_data_o = time_step_i;  // 0x4c TIME_STEP
      14'b00000001??????: rd_data_o = counters_i;  // 0x100 COUNTERS
      14'h100: rd_data_o = map_select_i;  // 0x400 MAP_SELECT
      14'h101: rd_data_o = map_index_i;  // 0x404 MAP_INDEX
      14'h103: rd_data_o = {19'd0, map_status_errno_i, 6'd0, map_status_error_i, map_status_busy_i};  // 0x40c MAP_STATUS
      14'h104: rd_data_o = map_entries_i;  // 0x410 MAP_ENTRIES
      14'h105: rd_data_o = map_refused_i;  // 0x414 MAP_REFUSED
      14'b0000100000????: rd_data_o = key_i;  // 0x800 KEY
      14'b0001??????????: rd_data_o = data_i;  // 0x1000 DATA
      default: rd_data_o = 32'd0;
    endcase
  end
endmodule

`default_nettype wire
