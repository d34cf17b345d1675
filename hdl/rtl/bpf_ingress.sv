// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Takes frames from the MAC: sends every beat to the packet buffer and issues one token per frame to the pipeline.
///
/// The token is issued when the beat that holds byte max(WINDOW_BYTES, TOKEN_MIN_BYTES) has arrived, or at the last
/// beat, whichever is first; with FULL_LENGTH always at the last beat. Window bytes at or past the token's length are
/// unspecified (a verified program can not read them).
/// Back-pressure: `s_axis_tready_o` is a register. It falls when RESULT_DEPTH - 3 tokens are in flight, when the packet
/// buffer has no room, or while `hold_i`. At 1 token per clock the pipeline is never starved as long as
/// RESULT_DEPTH >= N + 6, N = clocks from token to result.
/// With INTERVAL, tokens are at least as many clocks apart: between two frames `s_axis_tready_o` stays low as long as the token of a
/// one-beat frame could be too early. So a frame whose token leaves with its i-th beat (from 1) takes INTERVAL + i - 1 clocks, or as many as it has
/// beats and one more, whichever is more.
/// A frame longer than MAX_FRAME gets its token, but only its first ceil(MAX_FRAME/(BUS_W/8)) beats are stored and its
/// length entry is marked `len_oversize_o`: the splice discards it with verdict ABORTED.
/// Latency: the token is valid 2 clocks after the clock in which its beat was accepted, the length entry 1.
/// `token_start_o` is the frame's place in the packet buffer: the beats stored since reset before its first one, modulo
/// 2^16; its low AW bits are the write pointer that bpf_packet_buffer had then. When `token_valid_o` is high, every beat
/// that holds a byte below `token_length_o` was stored 1 clock earlier or more: exactly 1 for the beat that issues (so for
/// the last beat with FULL_LENGTH), unless that one was refused as oversize. Later beats of the frame are still to come.
/// Resources: BUS_W + 8*WINDOW_BYTES data flip-flops, about 130 more for control, 32 for `token_start_o` when it is used.
module bpf_ingress #(
  parameter int unsigned BUS_W = 512,           // 64, 128, 256 or 512
  parameter int unsigned WINDOW_BYTES = 64,     // packet bytes in the token, 0..MAX_FRAME
  parameter int unsigned TOKEN_MIN_BYTES = 0,   // bytes that must have arrived before a token may leave
  parameter int unsigned FULL_LENGTH = 0,       // 1: the token waits for the last beat, its length is exact
  parameter int unsigned RESULT_DEPTH = 64,     // tokens that may be in flight (depth of the result queue), >= 8
  parameter int unsigned MAX_FRAME = 9216,      // bytes
  parameter int unsigned INTERVAL = 1,          // clocks from one token to the next, at least; >= 1
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB),
  localparam int unsigned WIN_W = (WINDOW_BYTES == 0) ? 1 : 8 * WINDOW_BYTES
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  // AXI4-Stream from the MAC; byte 0 is tdata[7:0]
  input  logic [BUS_W-1:0] s_axis_tdata_i,
  input  logic [BUSB-1:0]  s_axis_tkeep_i,     // contiguous from bit 0; only looked at on the last beat
  input  logic             s_axis_tvalid_i,
  output logic             s_axis_tready_o,
  input  logic             s_axis_tlast_i,
  input  logic [31:0]      s_axis_tuser_i,     // first beat: [15:0] ingress_ifindex, [31:16] rx_queue_index
  // to bpf_packet_buffer
  output logic             buf_valid_o,        // store buf_data_o
  output logic [BUS_W-1:0] buf_data_o,
  output logic             len_valid_o,        // one pulse per frame, with its last beat
  output logic [15:0]      len_length_o,       // bytes stored
  output logic [LEFT_W-1:0] len_left_o,        // beats stored, minus 1
  output logic             len_oversize_o,     // the frame was longer than MAX_FRAME: discard it
  output logic [31:0]      len_source_o,       // s_axis_tuser_i of its first beat; 1 clock after len_valid_o
  input  logic             buf_room_i,         // at least 8 beats of room
  // token to the pipeline, always accepted
  output logic             token_valid_o,
  output logic [WIN_W-1:0] token_window_o,     // byte i at [8*i +: 8]; 1 constant bit when WINDOW_BYTES is 0
  output logic [15:0]      token_length_o,     // exact when the last beat was seen, else the bytes so far
  output logic [15:0]      token_ifindex_o,
  output logic [15:0]      token_rx_queue_o,
  output logic [15:0]      token_start_o,      // ring position, in beats, of the frame's first beat in the packet buffer
  input  logic             credit_return_i,    // a result left the result queue
  input  logic             hold_i,             // refuse input (a map's host port needs a gap in the tokens)
  // to bpf_csr
  output logic             stall_o,            // pulse: the MAC was refused in the clock before
  output logic             idle_o              // no frame partly received, no token in flight
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned MAX_BEATS = (MAX_FRAME + BUSB - 1) / BUSB;
  localparam int unsigned BEAT_W = $clog2(MAX_BEATS + 1);
  localparam int unsigned TAIL = MAX_FRAME % BUSB;
  localparam int unsigned NEED = (WINDOW_BYTES > TOKEN_MIN_BYTES) ? WINDOW_BYTES : TOKEN_MIN_BYTES;
  localparam int unsigned ISSUE_BEAT = (NEED == 0) ? 0 : (NEED - 1) / BUSB;
  localparam int unsigned SLICES = (WINDOW_BYTES + BUSB - 1) / BUSB;
  localparam int unsigned CRED_W = $clog2(RESULT_DEPTH + 1);

  if (BUS_W != 64 && BUS_W != 128 && BUS_W != 256 && BUS_W != 512) begin : g_check_1
    $fatal(1, "bpf_ingress: BUS_W must be 64, 128, 256 or 512");
  end
  if (NEED > MAX_FRAME) begin : g_check_2
    $fatal(1, "bpf_ingress: WINDOW_BYTES and TOKEN_MIN_BYTES must not exceed MAX_FRAME");
  end
  if (MAX_FRAME < BUSB || MAX_FRAME > 65408) begin : g_check_3
    $fatal(1, "bpf_ingress: MAX_FRAME must be BUS_W/8..65408");
  end
  if (RESULT_DEPTH < 8) begin : g_check_4
    $fatal(1, "bpf_ingress: RESULT_DEPTH must be at least 8");
  end

  // ---- stage 1: register the beat, encode the byte count of a last beat ----
  logic            ready_q, valid_q, last_q;
  logic [BUSB-1:0] top_bit;   // one-hot: the highest byte kept
  logic [KL:0]     count_d, count_q;
  logic [BUS_W-1:0] data_q;
  logic [31:0]     user_q;

  assign s_axis_tready_o = ready_q;
  assign top_bit = s_axis_tkeep_i & ~(s_axis_tkeep_i >> 1);

  always_comb begin
    count_d = {{KL{1'b0}}, ~s_axis_tkeep_i[0]};  // an (illegal) empty last beat counts as one byte
    for (int unsigned i = 0; i < BUSB; i++) begin
      if (top_bit[i]) count_d = count_d | (KL+1)'(i + 1);
    end
    if (!s_axis_tlast_i) count_d = (KL+1)'(BUSB);
  end

  always_ff @(posedge clk_i) begin
    data_q  <= s_axis_tdata_i;
    count_q <= count_d;
    last_q  <= s_axis_tlast_i;
    user_q  <= s_axis_tuser_i;
    valid_q <= s_axis_tvalid_i && ready_q && !rst_i;
  end

  // ---- stage 2: count beats, store, issue ----
  logic [BEAT_W-1:0] beat_q;          // index of the beat in stage 1; stops at MAX_BEATS
  logic              beyond, oversize, issue, first; // beyond: beat_q is MAX_BEATS; a register
  logic [15:0]       length_d;

  assign first    = beat_q == '0;
  assign oversize = beyond || (TAIL != 0 && beat_q == BEAT_W'(MAX_BEATS - 1) && count_q > (KL+1)'(TAIL));
  assign length_d = oversize ? 16'(MAX_BEATS * BUSB) : (16'(beat_q) << KL) + 16'(count_q);

  if (FULL_LENGTH != 0) begin : g_issue_last
    assign issue = valid_q && last_q;
  end else if (ISSUE_BEAT == 0) begin : g_issue_first
    assign issue = valid_q && first;
  end else begin : g_issue_early
    assign issue = valid_q && (beat_q == BEAT_W'(ISSUE_BEAT) || (last_q && beat_q < BEAT_W'(ISSUE_BEAT)));
  end

  assign buf_valid_o = valid_q && !beyond;
  assign buf_data_o  = data_q;

  assign len_valid_o    = valid_q && last_q;
  assign len_length_o   = length_d;
  assign len_left_o     = LEFT_W'(beyond ? BEAT_W'(MAX_BEATS - 1) : beat_q);
  assign len_oversize_o = oversize;

  always_ff @(posedge clk_i) begin
    token_length_o <= length_d;
    if (first && valid_q) len_source_o <= user_q;
    token_valid_o  <= issue && !rst_i;
    if (rst_i) beat_q <= '0;
    else if (valid_q && (last_q || !beyond)) beat_q <= last_q ? '0 : beat_q + 1'b1;
    if (rst_i) beyond <= 1'b0;
    else if (valid_q) beyond <= !last_q && (beyond || beat_q == BEAT_W'(MAX_BEATS - 1));
  end

  // Beats stored so far: runs with the write pointer of the packet buffer.
  logic [15:0] stored_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) stored_q <= '0;
    else if (buf_valid_o) stored_q <= stored_q + 1'b1;
  end

  if (FULL_LENGTH == 0 && ISSUE_BEAT == 0) begin : g_meta_free
    always_ff @(posedge clk_i) {token_start_o, token_rx_queue_o, token_ifindex_o} <= {stored_q, user_q};
    logic unused_first;
    assign unused_first = first;
  end else begin : g_meta_hold
    always_ff @(posedge clk_i) begin
      if (first && valid_q) {token_start_o, token_rx_queue_o, token_ifindex_o} <= {stored_q, user_q};
    end
  end

  // ---- window: slice k is the k-th beat; the slice of the issuing beat needs no enable ----
  if (WINDOW_BYTES == 0) begin : g_no_window
    assign token_window_o = '0;
  end
  for (genvar k = 0; k < SLICES; k++) begin : g_slice
    localparam int unsigned SLICE_B = (WINDOW_BYTES - k * BUSB < BUSB) ? WINDOW_BYTES - k * BUSB : BUSB;
    logic [8*SLICE_B-1:0] slice_q;
    if (FULL_LENGTH == 0 && k == ISSUE_BEAT) begin : g_free
      always_ff @(posedge clk_i) slice_q <= data_q[8*SLICE_B-1:0];
    end else begin : g_hold
      always_ff @(posedge clk_i) if (valid_q && beat_q == BEAT_W'(k)) slice_q <= data_q[8*SLICE_B-1:0];
    end
    assign token_window_o[8*BUSB*k +: 8*SLICE_B] = slice_q;
  end

  // ---- interval: a token that the next frame's first beat issues must not come too early ----
  logic too_early;                    // in the next clock, for the first beat of a frame

  if (INTERVAL < 1) begin : g_check_5
    $fatal(1, "bpf_ingress: INTERVAL must be at least 1");
  end
  if (INTERVAL == 1) begin : g_always
    assign too_early = 1'b0;
  end else begin : g_interval
    localparam int unsigned GAP_W = $clog2(INTERVAL);
    // A beat that is taken in clock t issues in t + 1 at the earliest, and may be taken in t if `too_early` is low in t - 1.
    localparam logic [GAP_W-1:0] GAP = (INTERVAL > 2) ? GAP_W'(INTERVAL - 3) : '0;
    logic             taken, ends, between_q;   // between: the next beat is the first of a frame
    logic [GAP_W-1:0] gap_q;

    assign taken     = s_axis_tvalid_i && ready_q;
    assign ends      = taken && s_axis_tlast_i;
    assign too_early = ends || (between_q && !taken && (gap_q != '0 || (issue && INTERVAL > 2)));

    always_ff @(posedge clk_i) begin
      if (rst_i) between_q <= 1'b1;
      else if (taken) between_q <= s_axis_tlast_i;
      if (rst_i) gap_q <= '0;
      else if (issue) gap_q <= GAP;
      else if (gap_q != '0) gap_q <= gap_q - 1'b1;
    end
  end

  // ---- credits and ready ----
  logic [CRED_W-1:0] used_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) used_q <= '0;
    else used_q <= used_q + CRED_W'(issue) - CRED_W'(credit_return_i);
    ready_q <= !rst_i && !hold_i && !too_early && buf_room_i && used_q <= CRED_W'(RESULT_DEPTH - 3);
    stall_o <= !rst_i && s_axis_tvalid_i && !ready_q;
    idle_o  <= used_q == '0 && first && !valid_q && !issue;
  end
endmodule

`default_nettype wire
