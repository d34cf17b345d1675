// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Sending half of a 10-gigabit MAC: words of frames to XGMII (IEEE 802.3, clause 46) of 64 bits, with preamble, padding to 60 bytes, FCS and the gap.
///
/// Frames begin in lane 0 or 4. The gap from /T/ on is 12 bytes on average while frames wait: 9 to 15, with the deficit idle count of clause 46.3.1.4, 0 to 3.
/// Once a frame has begun its words must follow in each clock: a FIFO of whole frames stands before it. Should a word be late nevertheless, /E/ is sent for it; so it is for the last
/// word of a frame that is `bad_i`, so that nobody takes it for a frame.
/// Back to back, a frame of n bytes takes (max(n, 60) + 24) / 8 clocks on average. Latency: 1 clock from `valid_i` to the preamble. Resources: about 300 flip-flops.
module bpf_xgmii_tx (
  input  logic        clk_i,                   // 156.25 MHz
  input  logic        rst_i,                   // synchronous, active high
  input  logic        valid_i,
  output logic        ready_o,
  input  logic [63:0] data_i,                  // byte 0 first
  input  logic [7:0]  keep_i,                  // contiguous; all ones but in the last word
  input  logic        last_i,
  input  logic        bad_i,                   // with last_i
  output logic [63:0] xgmii_txd_o,
  output logic [7:0]  xgmii_txc_o,
  output logic        frame_o                  // pulse, for a counter: a good frame
);
  localparam logic [63:0] PREAMBLE = 64'hD5_55_55_55_55_55_55_FB, IDLES = {8{8'h07}}, ERRORS = {8{8'hFE}};
  localparam logic [7:0]  TERMINATE = 8'hFD;
  localparam logic [1:0]  GAP = 2'd0, FRAME = 2'd1, TAIL = 2'd2;

  // ---- words of the frame, padded, with the checksum so far ----
  logic [1:0]  state_q;
  logic        go, next, pads, last_q, taken_last_q, error_q, spoiled_q, late;
  logic [63:0] word_q, data;
  logic [3:0]  bytes_q, bytes, given;
  logic [3:0]  index_q, index;                 // of the word, up to 8
  logic [31:0] crc_q, crc_next;
  logic        last, wait_none;

  assign go    = state_q == GAP && wait_none && valid_i;
  assign next  = go || (state_q == FRAME && !last_q);  // a word goes into word_q
  assign pads  = !go && taken_last_q;                  // it is one of the padding
  assign late  = next && !pads && !valid_i;
  assign ready_o = next && !pads;
  assign index = go ? 4'd0 : index_q;

  // 60 bytes are seven words and a half.
  always_comb begin
    given = 4'd0;
    for (int unsigned i = 0; i < 8; i++) if (keep_i[i]) given = 4'(i + 1);
    data = '0;
    for (int unsigned i = 0; i < 8; i++) if (keep_i[i] && !pads) data[8*i +: 8] = data_i[8*i +: 8];
    bytes = 4'd8;
    last  = 1'b0;
    if (pads || (last_i && !late)) begin
      last = index >= 4'd7;
      if (index == 4'd7 && (pads || given < 4'd4)) bytes = 4'd4;
      else if (index >= 4'd7) bytes = given;
    end
  end

  bpf_crc32_word u_crc (.crc_i(go ? 32'hFFFF_FFFF : crc_q), .data_i(data), .bytes_i(bytes), .crc_o(crc_next));

  always_ff @(posedge clk_i) begin
    if (next) begin
      word_q       <= data;
      bytes_q      <= bytes;
      last_q       <= last;
      taken_last_q <= pads || (last_i && !late);
      error_q      <= late || (!pads && last_i && bad_i);
      spoiled_q    <= (spoiled_q && !go) || late || (!pads && last_i && bad_i);
      index_q      <= (index == 4'd8) ? index : index + 4'd1;
      crc_q        <= crc_next;
    end
  end

  // ---- sixteen lanes: the word, behind its last byte FCS, /T/, idle ----
  logic [127:0] lanes;
  logic [15:0]  lanes_c;
  logic [31:0]  fcs;
  assign fcs = ~crc_q;

  always_comb begin
    lanes   = {IDLES, error_q ? ERRORS : word_q};
    lanes_c = {8'hFF, {8{error_q}}};
    if (last_q) begin
      for (int unsigned i = 1; i < 16; i++) begin
        for (int unsigned k = 0; k < 4; k++) if (i >= k + 1 && 32'(bytes_q) == i - k) begin
          lanes[8*i +: 8] = fcs[8*k +: 8];
          lanes_c[i]      = 1'b0;
        end
        if (i >= 5 && 32'(bytes_q) == i - 4) begin
          lanes[8*i +: 8] = TERMINATE;
          lanes_c[i]      = 1'b1;
        end
        if (i >= 6 && i < 8 && 32'(bytes_q) < i - 4) begin
          lanes[8*i +: 8] = 8'h07;
          lanes_c[i]      = 1'b1;
        end
      end
    end
  end

  // ---- what goes out in this clock, from lane 0 on; where the next frame may begin ----
  logic [63:0] out, tail_q;
  logic [7:0]  outc, tailc_q;
  logic        half_q, half, next_half_q, ends;
  logic [1:0]  wait_q, deficit_q, over, deficit;
  logic [2:0]  lane;                           // of /T/
  logic [5:0]  sum;                            // lanes from that of the word with /T/ to the next /S/

  assign wait_none = wait_q == 2'd0;
  assign ends      = (state_q == FRAME && last_q && bytes_q < 4'd4) || state_q == TAIL;
  assign lane      = bytes_q[2:0] + 3'd4;      // modulo 8: in the word itself, or in the next one
  assign half      = go ? next_half_q : half_q;
  assign over      = lane[1:0];

  always_comb begin
    if (over == 2'd0 || {1'b0, deficit_q} + {1'b0, over} <= 3'd3) begin
      deficit = deficit_q + over;
      sum     = 6'd12 + {3'd0, lane} - {4'd0, over};
    end else begin
      deficit = deficit_q + over;              // less 4, modulo 4
      sum     = 6'd16 + {3'd0, lane} - {4'd0, over};
    end
    if (half_q) sum = sum + 6'd4;
    out  = IDLES;
    outc = '1;
    if (go) begin
      out  = PREAMBLE;
      outc = 8'h01;
    end else if (state_q == FRAME) begin
      out  = lanes[63:0];
      outc = lanes_c[7:0];
    end else if (state_q == TAIL) begin
      out  = tail_q;
      outc = tailc_q;
    end
  end

  always_ff @(posedge clk_i) begin
    frame_o <= state_q == FRAME && last_q && !spoiled_q && !rst_i;
    tail_q  <= lanes[127:64];
    tailc_q <= lanes_c[15:8];
    half_q  <= half;
    case (state_q)
      FRAME: if (last_q) state_q <= (bytes_q < 4'd4) ? GAP : TAIL;
      TAIL: state_q <= GAP;
      default: if (go) state_q <= FRAME;
    endcase
    if (ends) begin
      wait_q      <= 2'(sum[5:3] - 3'd1);
      next_half_q <= sum[2];
      deficit_q   <= deficit;
    end else if (state_q == GAP) begin
      if (!wait_none) wait_q <= wait_q - 2'd1;
      else if (!go) begin
        // Nobody waits: the next frame begins where it likes.
        next_half_q <= 1'b0;
        deficit_q   <= '0;
      end
    end
    if (rst_i) begin
      state_q     <= GAP;
      wait_q      <= '0;
      half_q      <= 1'b0;
      next_half_q <= 1'b0;
      deficit_q   <= '0;
    end
  end

  // ---- moved by four lanes if the frame began there ----
  logic [31:0] left_q;
  logic [3:0]  leftc_q;
  always_ff @(posedge clk_i) begin
    xgmii_txd_o <= half ? {out[31:0], left_q} : out;
    xgmii_txc_o <= half ? {outc[3:0], leftc_q} : outc;
    left_q      <= half ? out[63:32] : IDLES[31:0];
    leftc_q     <= half ? outc[7:4] : 4'hF;
    if (rst_i) begin
      xgmii_txd_o <= IDLES;
      xgmii_txc_o <= '1;
      left_q      <= IDLES[31:0];
      leftc_q     <= '1;
    end
  end
endmodule

`default_nettype wire
