// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One byte of Ethernet's checksum (IEEE 802.3, 3.2.9): reflected, so bit 0 of a byte first. Start with all ones; what is sent is the complement,
/// low byte first; a frame with its checksum leaves RESIDUE of `bpf_mac_rx`. Combinational.
module bpf_crc32 (
  input  logic [31:0] crc_i,
  input  logic [7:0]  data_i,
  output logic [31:0] crc_o
);
  localparam logic [31:0] POLYNOMIAL = 32'hEDB88320;

  always_comb begin
    crc_o = crc_i ^ {24'd0, data_i};
    for (int unsigned i = 0; i < 8; i++) crc_o = {1'b0, crc_o[31:1]} ^ ({32{crc_o[0]}} & POLYNOMIAL);
  end
endmodule

`default_nettype wire
