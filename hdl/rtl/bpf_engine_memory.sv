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

  logic [63:0] even_mem [0:ROWS-1];
  logic [63:0] odd_mem [0:ROWS-1];

  // Of the 16 bytes from the word of addr_i on.
  logic [127:0]  wide_data;
  logic [15:0]   wide_be;
  logic          odd;                          // the first word is in the odd bank
  logic [RW-1:0] odd_row, even_row;
  assign wide_data = {64'd0, wdata_i} << {addr_i[2:0], 3'd0};
  assign wide_be   = {8'd0, be_i} << addr_i[2:0];
  assign odd       = addr_i[3];
  assign odd_row   = addr_i[AW-1:4];
  assign even_row  = addr_i[AW-1:4] + RW'(odd);

  logic [63:0] even_q, odd_q;
  logic [3:0]  low_q;

  always_ff @(posedge clk_i) begin
    if (req_i) begin
      for (int unsigned i = 0; i < 8; i++) begin
        if (we_i && (odd ? wide_be[8 + i] : wide_be[i])) even_mem[even_row][8*i +: 8] <= odd ? wide_data[64 + 8*i +: 8] : wide_data[8*i +: 8];
      end
      even_q <= even_mem[even_row];
    end
  end

  always_ff @(posedge clk_i) begin
    if (req_i) begin
      for (int unsigned i = 0; i < 8; i++) begin
        if (we_i && (odd ? wide_be[i] : wide_be[8 + i])) odd_mem[odd_row][8*i +: 8] <= odd ? wide_data[8*i +: 8] : wide_data[64 + 8*i +: 8];
      end
      odd_q <= odd_mem[odd_row];
    end
  end

  always_ff @(posedge clk_i) if (req_i) low_q <= addr_i[3:0];

  logic [127:0] both;
  assign both    = low_q[3] ? {even_q, odd_q} : {odd_q, even_q};
  assign rdata_o = 64'(both >> {low_q[2:0], 3'd0});
endmodule

`default_nettype wire
