// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Ethernet's checksum after the first 0 to 8 bytes of a word: as eight bpf_crc32 in a row, which a synthesis tool makes trees of. Combinational.
module bpf_crc32_word (
  input  logic [31:0] crc_i,
  input  logic [63:0] data_i,                  // byte 0 first
  input  logic [3:0]  bytes_i,                 // 0 to 8
  output logic [31:0] crc_o
);
  localparam logic [31:0] POLYNOMIAL = 32'hEDB88320;
  logic [31:0] crc;

  always_comb begin
    crc   = crc_i;
    crc_o = crc_i;
    for (int unsigned i = 0; i < 8; i++) begin
      crc = crc ^ {24'd0, data_i[8*i +: 8]};
      for (int unsigned k = 0; k < 8; k++) crc = {1'b0, crc[31:1]} ^ ({32{crc[0]}} & POLYNOMIAL);
      if (bytes_i == 4'(i + 1)) crc_o = crc;
    end
  end
endmodule

`default_nettype wire
