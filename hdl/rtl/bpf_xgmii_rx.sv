// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Receiving half of a 10-gigabit MAC: XGMII (IEEE 802.3, clause 46) of 64 bits to words of frames without preamble and FCS.
///
/// A frame begins with /S/ in lane 0 or 4. It is bad if its checksum is wrong, if it ends with anything but /T/ (an /E/, a new /S/, an idle), or if it is shorter than 64 or longer
/// than MAX_FRAME + 4 bytes, FCS included; that is known at its last word (`bad_o`). Frames of less than 5 bytes have no word, only `bad_frame_o`. What has not 0xD5 at the end of
/// the preamble is no frame. There is no way to refuse a word: `bpf_rx_gate` or `bpf_frame_fifo` stand behind. What reports faults of the link (sequence ordered sets) is ignored.
/// Latency: 4 clocks from a word at the input to `valid_o`. Resources: about 400 flip-flops.
module bpf_xgmii_rx #(
  parameter int unsigned MAX_FRAME = 1536      // bytes without FCS
) (
  input  logic        clk_i,                   // 156.25 MHz
  input  logic        rst_i,                   // synchronous, active high
  input  logic [63:0] xgmii_rxd_i,             // lane 0 first
  input  logic [7:0]  xgmii_rxc_i,
  output logic        valid_o,
  output logic [63:0] data_o,
  output logic [7:0]  keep_o,                  // all ones but in the last word
  output logic        last_o,
  output logic        bad_o,                   // with last_o
  output logic        good_frame_o,            // pulses, for counters
  output logic        bad_frame_o
);
  localparam logic [31:0] RESIDUE = 32'hDEBB20E3;
  localparam logic [7:0]  START = 8'hFB, TERMINATE = 8'hFD, SFD = 8'hD5;
  localparam int unsigned LEAST = 64;
  localparam int unsigned MOST = MAX_FRAME + 4;
  localparam int unsigned COUNT_W = $clog2(MOST + 16);

  if (MAX_FRAME < 60) begin : g_check_1
    $fatal(1, "bpf_xgmii_rx: MAX_FRAME must be at least 60");
  end

  // ---- words from the byte on with which the frame began: lane 0 or 4 ----
  logic [63:0] raw_q, word_q, aligned;
  logic [7:0]  rawc_q, wordc_q, alignedc;
  logic        half_q, half, at_0, at_4, begins, begin_q, going_q;

  assign at_0     = rawc_q[0] && raw_q[7:0] == START;
  assign at_4     = rawc_q[4] && raw_q[39:32] == START;
  assign half     = going_q ? half_q : at_4 && !at_0;
  assign aligned  = half ? {xgmii_rxd_i[31:0], raw_q[63:32]} : raw_q;
  assign alignedc = half ? {xgmii_rxc_i[3:0], rawc_q[7:4]} : rawc_q;
  assign begins   = !going_q && (at_0 || at_4) && alignedc == 8'h01 && aligned[63:56] == SFD;

  always_ff @(posedge clk_i) begin
    raw_q   <= xgmii_rxd_i;
    rawc_q  <= xgmii_rxc_i;
    word_q  <= aligned;
    wordc_q <= alignedc;
    half_q  <= half;
    begin_q <= begins && !rst_i;
    // A frame goes on to the first word with a control character.
    going_q <= !rst_i && (begins || (going_q && alignedc == '0));
    if (rst_i) rawc_q <= '0;
  end

  // ---- a word of the frame: how many bytes, and how it ends ----
  logic       frame_q, ends, terminated;
  logic [3:0] bytes;

  always_comb begin
    bytes = 4'd8;
    for (int unsigned i = 8; i > 0; i--) if (wordc_q[i-1]) bytes = 4'(i - 1);
    terminated = 1'b0;
    for (int unsigned i = 0; i < 8; i++) if (bytes == 4'(i)) terminated = word_q[8*i +: 8] == TERMINATE;
  end
  assign ends = frame_q && bytes != 4'd8;

  logic [31:0]        crc_q, crc_next;
  logic [COUNT_W-1:0] count_q, count;

  bpf_crc32_word u_crc (.crc_i(crc_q), .data_i(word_q), .bytes_i(bytes), .crc_o(crc_next));
  assign count = (count_q > COUNT_W'(MOST)) ? count_q : count_q + COUNT_W'(bytes);

  // ---- the FCS is held back: the word before says last if this one has no more than that ----
  logic [63:0] held_q;
  logic        held_valid_q, end_q, end_bad_q;
  logic [3:0]  end_bytes_q;
  logic [63:0] end_word_q;
  logic        bad;
  assign bad = !terminated || crc_next != RESIDUE || count < COUNT_W'(LEAST) || count > COUNT_W'(MOST);

  always_ff @(posedge clk_i) begin
    frame_q <= !rst_i && (begin_q || (frame_q && !ends));
    if (!frame_q) begin
      crc_q        <= '1;
      count_q      <= '0;
      held_valid_q <= 1'b0;
    end else begin
      crc_q   <= crc_next;
      count_q <= count;
      held_q  <= word_q;
      if (bytes == 4'd8) held_valid_q <= 1'b1;
    end
    // The last word by itself comes a clock behind the one before it.
    end_q       <= ends && bytes > 4'd4 && !rst_i;
    end_word_q  <= word_q;
    end_bytes_q <= bytes - 4'd4;
    end_bad_q   <= bad;
    valid_o     <= 1'b0;
    data_o      <= end_q ? end_word_q : held_q;
    keep_o      <= '1;
    last_o      <= 1'b0;
    bad_o       <= end_q ? end_bad_q : bad;
    if (end_q) begin
      valid_o <= 1'b1;
      keep_o  <= ~(8'hFF << end_bytes_q);
      last_o  <= 1'b1;
    end else if (frame_q && held_valid_q) begin
      valid_o <= 1'b1;
      if (ends && bytes <= 4'd4) begin
        keep_o <= 8'hFF >> (4'd4 - bytes);
        last_o <= 1'b1;
      end
    end
    good_frame_o <= ends && !bad && !rst_i;
    bad_frame_o  <= ends && bad && !rst_i;
    if (rst_i) valid_o <= 1'b0;
  end
endmodule

`default_nettype wire
