// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Block RAM of ECP5 for simulation of netlists, in the modes that yosys 0.70 maps to (Lattice FPGA-TN-02204): no output registers, synchronous reset, rising clocks.
/// 1024 rows of 18 bits. A port of 36 bits (DATA_WIDTH 36) writes two rows by port A with data on DIA and DIB, reads two rows by port B with data on DOA and DOB;
/// lanes of 9 bits are written by the enables on the lowest address bits. The halves of a row are read and written by ports of 9 bits, 4, 2 and 1 bits in units of 16 bits a row.
module DP16KD #(
  parameter logic [319:0] INITVAL_00 = '0, INITVAL_01 = '0, INITVAL_02 = '0, INITVAL_03 = '0, INITVAL_04 = '0, INITVAL_05 = '0, INITVAL_06 = '0, INITVAL_07 = '0,
  parameter logic [319:0] INITVAL_08 = '0, INITVAL_09 = '0, INITVAL_0A = '0, INITVAL_0B = '0, INITVAL_0C = '0, INITVAL_0D = '0, INITVAL_0E = '0, INITVAL_0F = '0,
  parameter logic [319:0] INITVAL_10 = '0, INITVAL_11 = '0, INITVAL_12 = '0, INITVAL_13 = '0, INITVAL_14 = '0, INITVAL_15 = '0, INITVAL_16 = '0, INITVAL_17 = '0,
  parameter logic [319:0] INITVAL_18 = '0, INITVAL_19 = '0, INITVAL_1A = '0, INITVAL_1B = '0, INITVAL_1C = '0, INITVAL_1D = '0, INITVAL_1E = '0, INITVAL_1F = '0,
  parameter logic [319:0] INITVAL_20 = '0, INITVAL_21 = '0, INITVAL_22 = '0, INITVAL_23 = '0, INITVAL_24 = '0, INITVAL_25 = '0, INITVAL_26 = '0, INITVAL_27 = '0,
  parameter logic [319:0] INITVAL_28 = '0, INITVAL_29 = '0, INITVAL_2A = '0, INITVAL_2B = '0, INITVAL_2C = '0, INITVAL_2D = '0, INITVAL_2E = '0, INITVAL_2F = '0,
  parameter logic [319:0] INITVAL_30 = '0, INITVAL_31 = '0, INITVAL_32 = '0, INITVAL_33 = '0, INITVAL_34 = '0, INITVAL_35 = '0, INITVAL_36 = '0, INITVAL_37 = '0,
  parameter logic [319:0] INITVAL_38 = '0, INITVAL_39 = '0, INITVAL_3A = '0, INITVAL_3B = '0, INITVAL_3C = '0, INITVAL_3D = '0, INITVAL_3E = '0, INITVAL_3F = '0,
  parameter int DATA_WIDTH_A = 18, parameter int DATA_WIDTH_B = 18,
  parameter REGMODE_A = "NOREG", parameter REGMODE_B = "NOREG", parameter RESETMODE = "SYNC", parameter ASYNC_RESET_RELEASE = "SYNC",
  parameter CSDECODE_A = "0b000", parameter CSDECODE_B = "0b000", parameter CLKAMUX = "CLKA", parameter CLKBMUX = "CLKB",
  parameter WRITEMODE_A = "NORMAL", parameter WRITEMODE_B = "NORMAL", parameter GSR = "AUTO", parameter WID = 0, parameter INIT_DATA = "STATIC"
) (
  input  logic DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0,
  input  logic ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input  logic CEA, OCEA, CLKA, WEA, RSTA, CSA0, CSA1, CSA2,
  output logic DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0,
  input  logic DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
  input  logic ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input  logic CEB, OCEB, CLKB, WEB, RSTB, CSB0, CSB1, CSB2,
  output logic DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0
);
  localparam logic [64*320-1:0] INIT = {INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38, INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30, INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28, INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20, INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18, INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10, INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08, INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00};
  logic [17:0] mem [0:1023];
  logic [35:0] di, rows_a, rows_b, out_a, out_b, q_a, q_b;
  logic [13:0] ada, adb;

  if (CLKAMUX != "CLKA" || CLKBMUX != "CLKB" || REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || RESETMODE != "SYNC" || DATA_WIDTH_A == 36 && DATA_WIDTH_B < 9) begin : g_check
    $fatal(1, "DP16KD: a mode that this model does not know");
  end

  initial for (int i = 0; i < 1024; i++) mem[i] = INIT[(i / 16) * 320 + (i % 16) * 20 +: 18];

  assign di  = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0, DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
  assign ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  assign adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};

  // The bits of a row that a narrow port sees: 9-bit halves, else 16 data bits in two bytes.
  function automatic logic [35:0] pick(int width, logic [35:0] rows, logic [13:0] address);
    logic [15:0] bits;
    bits = {rows[16:9], rows[7:0]};
    case (width)
      36, 18:  pick = rows;
      9:       pick = {27'd0, rows[9 * address[3] +: 9]};
      4:       pick = {32'd0, bits[4 * address[3:2] +: 4]};
      2:       pick = {34'd0, bits[2 * address[3:1] +: 2]};
      default: pick = {35'd0, bits[address[3:0]]};
    endcase
  endfunction

  function automatic logic [17:0] place(int width, logic [17:0] row, logic [17:0] data, logic [13:0] address);
    logic [15:0] bits;
    place = row;
    bits = {row[16:9], row[7:0]};
    case (width)
      36, 18: for (int lane = 0; lane < 2; lane++) if (address[lane]) place[9*lane +: 9] = data[9*lane +: 9];
      9: place[9 * address[3] +: 9] = data[8:0];
      4: bits[4 * address[3:2] +: 4] = data[3:0];
      2: bits[2 * address[3:1] +: 2] = data[1:0];
      default: bits[address[3:0]] = data[0];
    endcase
    if (width < 9) place = {row[17], bits[15:8], row[8], bits[7:0]};
  endfunction

  assign rows_a = {18'd0, mem[ada[13:4]]};
  assign rows_b = (DATA_WIDTH_B == 36) ? {mem[{adb[13:5], 1'b1}], mem[{adb[13:5], 1'b0}]} : {18'd0, mem[adb[13:4]]};
  assign out_a  = pick(DATA_WIDTH_A, rows_a, ada);
  assign out_b  = pick(DATA_WIDTH_B, rows_b, adb);

  always @(posedge CLKA) begin
    if (CEA && WEA) begin
      if (DATA_WIDTH_A == 36) begin
        mem[{ada[13:5], 1'b0}] <= place(36, mem[{ada[13:5], 1'b0}], di[17:0], ada);
        mem[{ada[13:5], 1'b1}] <= place(36, mem[{ada[13:5], 1'b1}], di[35:18], ada >> 2);
      end else mem[ada[13:4]] <= place(DATA_WIDTH_A, mem[ada[13:4]], di[17:0], ada);
    end
    if (RSTA) q_a <= '0;
    else if (CEA && (!WEA || WRITEMODE_A == "READBEFOREWRITE")) q_a <= out_a;
    else if (CEA && WRITEMODE_A == "WRITETHROUGH") q_a <= pick(DATA_WIDTH_A, {18'd0, place(DATA_WIDTH_A, mem[ada[13:4]], di[17:0], ada)}, ada);
  end

  always @(posedge CLKB) begin
    if (CEB && WEB) mem[adb[13:4]] <= place(DATA_WIDTH_B, mem[adb[13:4]], di[35:18], adb);
    if (RSTB) q_b <= '0;
    else if (CEB && (!WEB || WRITEMODE_B == "READBEFOREWRITE")) q_b <= out_b;
    else if (CEB && WRITEMODE_B == "WRITETHROUGH") q_b <= pick(DATA_WIDTH_B, {18'd0, place(DATA_WIDTH_B, mem[adb[13:4]], di[35:18], adb)}, adb);
  end

  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} = (DATA_WIDTH_B == 36) ? q_b[17:0] : q_a[17:0];
  // A narrower reader of two-row words takes its data from the same pads.
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0} = (DATA_WIDTH_B == 36) ? q_b[35:18] : q_b[17:0];

  // Nothing is selected by CS, nothing registered by OCE.
  logic unused;
  assign unused = &{OCEA, OCEB, CSA0, CSA1, CSA2, CSB0, CSB1, CSB2};
endmodule

`default_nettype wire
