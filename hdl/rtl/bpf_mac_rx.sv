// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Receiving half of a gigabit MAC: GMII to bytes of frames without preamble and FCS.
///
/// A frame is bad if its checksum is wrong, the PHY reported an error in it, or it is shorter than 64 or longer than MAX_FRAME + 4 bytes,
/// FCS included; that is known at its last byte (`bad_o`). Frames of less than 5 bytes have no byte, only `bad_frame_o`. What does not begin with
/// preamble (any number of 0x55, none too) and 0xD5 is no frame. Full duplex: no carrier extension, no collisions.
/// Latency: 7 clocks from a byte at the input to `data_o` (the FCS has to be held back).
module bpf_mac_rx #(
  parameter int unsigned MAX_FRAME = 1536      // bytes without FCS
) (
  input  logic       clk_i,                    // 125 MHz, from the PHY
  input  logic       rst_i,                    // synchronous, active high
  input  logic [7:0] gmii_rxd_i,
  input  logic       gmii_rx_dv_i,
  input  logic       gmii_rx_er_i,
  output logic       valid_o,                  // a byte; there is no way to refuse it
  output logic [7:0] data_o,
  output logic       last_o,
  output logic       bad_o,                    // with last_o
  output logic       good_frame_o,             // pulses, for counters
  output logic       bad_frame_o
);
  localparam logic [31:0] RESIDUE = 32'hDEBB20E3;
  localparam int unsigned LEAST = 64;
  localparam int unsigned MOST = MAX_FRAME + 4;
  localparam int unsigned COUNT_W = $clog2(MOST + 2);
  localparam logic [1:0] WAIT = 2'd0, PREAMBLE = 2'd1, FRAME = 2'd2, SKIP = 2'd3;

  if (MAX_FRAME < 60) begin : g_check_1
    $fatal(1, "bpf_mac_rx: MAX_FRAME must be at least 60");
  end

  logic [7:0]         rxd_q;
  logic               dv_q, er_q;
  logic [1:0]         state_q;
  logic [39:0]        held_q;                  // the newest five bytes, the oldest on top
  logic [2:0]         held_count_q;
  logic [COUNT_W-1:0] count_q;                 // bytes so far
  logic               enough_q, wrong_q, take, ends, full, bad;
  logic [31:0]        crc_q, crc_next;

  assign take = state_q == FRAME && dv_q;
  assign ends = state_q == FRAME && !dv_q;
  assign full = held_count_q == 3'd5;
  assign bad  = wrong_q || !enough_q || crc_q != RESIDUE;

  bpf_crc32 u_crc (.crc_i(crc_q), .data_i(rxd_q), .crc_o(crc_next));

  always_ff @(posedge clk_i) begin
    rxd_q <= gmii_rxd_i;
    er_q  <= gmii_rx_er_i;
    dv_q  <= gmii_rx_dv_i && !rst_i;
  end

  always_ff @(posedge clk_i) begin
    case (state_q)
      WAIT, PREAMBLE:
        if (!dv_q) state_q <= WAIT;
        else if (er_q) state_q <= SKIP;
        else if (rxd_q == 8'hD5) state_q <= FRAME;
        else state_q <= (rxd_q == 8'h55) ? PREAMBLE : SKIP;
      default: if (!dv_q) state_q <= WAIT;
    endcase
    if (rst_i) state_q <= SKIP;                // a frame that is under way is none
  end

  always_ff @(posedge clk_i) begin
    if (take) held_q <= {held_q[31:0], rxd_q};
    if (state_q != FRAME) begin
      crc_q        <= '1;
      count_q      <= '0;
      held_count_q <= '0;
      enough_q     <= 1'b0;
      wrong_q      <= 1'b0;
    end else if (take) begin
      crc_q <= crc_next;
      if (count_q != COUNT_W'(MOST)) count_q <= count_q + 1'b1;
      if (!full) held_count_q <= held_count_q + 1'b1;
      if (count_q == COUNT_W'(LEAST - 1)) enough_q <= 1'b1;
      if (er_q || count_q == COUNT_W'(MOST)) wrong_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    data_o       <= held_q[39:32];
    last_o       <= ends;
    bad_o        <= bad;
    valid_o      <= (take || ends) && full && !rst_i;
    good_frame_o <= ends && full && !bad && !rst_i;
    bad_frame_o  <= ends && !(full && !bad) && !rst_i;
  end
endmodule

`default_nettype wire
