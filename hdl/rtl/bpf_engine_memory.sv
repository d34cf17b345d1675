// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The engine's memory: up to 8 bytes at any address in each clock.
///
/// Two banks of 64-bit words, even and odd, so that the two words that 8 bytes can touch are in different ones. Byte 0 of the data is that at `addr_i`.
/// A read's data are there in the next clock. Addresses wrap at BYTES.
/// Resources: 8 x BYTES bits of block RAM with one port.
module bpf_engine_memory #(
  parameter int unsigned BYTES = 65536,        // a power of two, at least 64
  localparam int unsigned AW = $clog2(BYTES)
) (
  input  logic          clk_i,
  input  logic          req_i,
  input  logic          we_i,
  input  logic [AW-1:0] addr_i,
  input  logic [7:0]    be_i,                  // of a write, contiguous from bit 0
  input  logic [63:0]   wdata_i,
  output logic [63:0]   rdata_o
);
  localparam int unsigned ROWS = BYTES / 16;
  localparam int unsigned RW = AW - 4;

  if ((1 << AW) != BYTES || BYTES < 64) begin : g_check
    $fatal(1, "bpf_engine_memory: BYTES must be a power of two, at least 64");
  end

  (* ram_style = "block" *)
  logic [63:0] even_mem [0:ROWS-1];
  (* ram_style = "block" *)
  logic [63:0] odd_mem [0:ROWS-1];

  // Byte i of a word is in lane i: data are turned so, the same for both banks.
  logic [63:0]   turn1, turn2, turned;
  logic [15:0]   lanes;                        // of the word of addr_i, and of the next one
  logic [7:0]    even_be, odd_be;
  logic          odd;                          // the first word is in the odd bank
  logic [RW-1:0] odd_row, even_row;
  assign turn1    = addr_i[0] ? {wdata_i[55:0], wdata_i[63:56]} : wdata_i;
  assign turn2    = addr_i[1] ? {turn1[47:0], turn1[63:48]} : turn1;
  assign turned   = addr_i[2] ? {turn2[31:0], turn2[63:32]} : turn2;
  assign lanes    = {8'd0, be_i} << addr_i[2:0];
  assign odd      = addr_i[3];
  assign odd_row  = addr_i[AW-1:4];
  assign even_row = addr_i[AW-1:4] + RW'(odd);
  assign even_be  = odd ? lanes[15:8] : lanes[7:0];
  assign odd_be   = odd ? lanes[7:0] : lanes[15:8];

  logic [63:0] even_q, odd_q;
  logic [3:0]  low_q;

  always_ff @(posedge clk_i) begin
    if (req_i) begin
      for (int unsigned i = 0; i < 8; i++) if (we_i && even_be[i]) even_mem[even_row][8*i +: 8] <= turned[8*i +: 8];
      if (!we_i) even_q <= even_mem[even_row];
    end
  end

  always_ff @(posedge clk_i) begin
    if (req_i) begin
      for (int unsigned i = 0; i < 8; i++) if (we_i && odd_be[i]) odd_mem[odd_row][8*i +: 8] <= turned[8*i +: 8];
      if (!we_i) odd_q <= odd_mem[odd_row];
    end
  end

  always_ff @(posedge clk_i) if (req_i && !we_i) low_q <= addr_i[3:0];

  // Lanes below the first byte are the next word's.
  logic [63:0] lane, back1, back2;
  always_comb begin
    for (int unsigned i = 0; i < 8; i++) begin
      lane[8*i +: 8] = (low_q[3] ^ (3'(i) < low_q[2:0])) ? odd_q[8*i +: 8] : even_q[8*i +: 8];
    end
  end
  assign back1   = low_q[0] ? {lane[7:0], lane[63:8]} : lane;
  assign back2   = low_q[1] ? {back1[15:0], back1[63:16]} : back1;
  assign rdata_o = low_q[2] ? {back2[31:0], back2[63:32]} : back2;
endmodule

`default_nettype wire
