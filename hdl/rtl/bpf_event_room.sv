// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Decides for each token whether there is room for all that its packet may tell the host, and keeps count of it.
///
/// A token that enters the pipeline reserves a row, which holds all its records, and, where records bring bytes of the packet, as many
/// beats as these can be; what it has not used goes back when it leaves. So a record that was promised always fits, nothing behind this module
/// refuses it, and no token waits for another. With `lossless_i` the input is held up in time, so that each token finds room.
/// Tokens leave in the order in which they entered, in the same clock at the earliest.
/// ROWS and BEATS hold what TOKENS tokens can reserve and more, so that room is short only when the host does not keep up.
/// Latency: none for `accepted_o`; what is given back counts 2 clocks later.
/// Resources: TOKENS words of LUT RAM, two counters.
module bpf_event_room #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned LANES = 1,          // most records of a packet
  parameter int unsigned ROWS = 128,         // packets with records that can wait for the host
  parameter int unsigned TOKENS = 64,        // in flight at most, a power of two
  parameter int unsigned PACKET_LANES = 0,   // records of a packet that can bring bytes of it
  parameter int unsigned PACKET_BYTES = 1,   // at most so many each
  parameter int unsigned BEATS = 16,         // of packets that can wait for the host
  localparam int unsigned KL = $clog2(BUS_W / 8),
  localparam int unsigned COUNT_W = $clog2(LANES + 1),
  localparam int unsigned MOST = PACKET_LANES * ((PACKET_BYTES + BUS_W / 8 - 1) / (BUS_W / 8)),
  localparam int unsigned NEED_W = (MOST == 0) ? 1 : $clog2(MOST + 1)
) (
  input  logic               clk_i,
  input  logic               rst_i,              // synchronous, active high
  input  logic               lossless_i,         // CONTROL.lossless
  // a token enters
  input  logic               token_valid_i,
  input  logic [15:0]        token_length_i,     // exact with PACKET_LANES
  output logic               room_o,             // register: for this token
  output logic               hold_o,             // register: refuse input
  // a token leaves
  input  logic               done_valid_i,
  input  logic [COUNT_W-1:0] done_calls_i,       // records that it wanted
  input  logic               done_row_i,         // it leaves at least one, if it had room
  input  logic [NEED_W-1:0]  done_beats_i,       // beats of the packet that its records bring
  output logic               accepted_o,         // it had room
  // what the host has taken
  input  logic               row_pop_i,
  input  logic               beat_pop_i,
  output logic [COUNT_W-1:0] lost_o,             // register: records that found no room
  output logic               idle_o              // register: nothing is reserved
);
  localparam int unsigned FREE_W = $clog2(ROWS + 1);
  localparam int unsigned BEAT_W = $clog2(BEATS + 1);
  localparam int unsigned AW = $clog2(TOKENS);

  if ((1 << AW) != TOKENS) begin : g_check_1
    $fatal(1, "bpf_event_room: TOKENS must be a power of two");
  end
  if (ROWS < TOKENS + 8) begin : g_check_2
    $fatal(1, "bpf_event_room: ROWS must be TOKENS and 8 more");
  end
  if (BEATS < 2 * MOST + 8 * PACKET_LANES) begin : g_check_3
    $fatal(1, "bpf_event_room: BEATS must hold twice a packet's and 8 beats a lane");
  end

  // ---- what this token can need ----
  logic [NEED_W-1:0] need;

  if (PACKET_LANES == 0) begin : g_no_beats
    logic unused_length;
    assign unused_length = ^token_length_i;
    assign need = '0;
  end else begin : g_beats
    localparam int unsigned EACH = (PACKET_BYTES + BUS_W / 8 - 1) / (BUS_W / 8);
    logic [16:0]      up;
    logic [16-KL:0]   beats;
    logic             unused_up;
    assign up        = {1'b0, token_length_i} + 17'(BUS_W / 8 - 1);
    assign beats     = up[16:KL];
    assign unused_up = ^up[KL-1:0];
    assign need      = NEED_W'(PACKET_LANES) * ((32'(beats) > EACH) ? NEED_W'(EACH) : NEED_W'(beats));
  end

  // ---- what each token in flight has reserved ----
  logic [NEED_W:0] mem [0:TOKENS-1];
  logic [NEED_W:0] mine, head;
  logic [AW:0]     wptr_q, rptr_q;

  assign mine = {need, room_o};
  assign head = (wptr_q == rptr_q) ? mine : mem[rptr_q[AW-1:0]];   // it may leave in the clock in which it enters
  assign accepted_o = head[0];

  always_ff @(posedge clk_i) begin
    if (token_valid_i) mem[wptr_q[AW-1:0]] <= mine;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wptr_q <= '0;
      rptr_q <= '0;
    end else begin
      wptr_q <= wptr_q + (AW+1)'(token_valid_i);
      rptr_q <= rptr_q + (AW+1)'(done_valid_i);
    end
  end

  // ---- rows ----
  logic [FREE_W-1:0] free_q, free_d;
  logic              back_q, pop_q, fits_beats, far_beats;

  assign free_d = free_q - FREE_W'(token_valid_i && room_o) + FREE_W'(back_q) + FREE_W'(pop_q);

  always_ff @(posedge clk_i) begin
    free_q <= rst_i ? FREE_W'(ROWS) : free_d;
    back_q <= done_valid_i && accepted_o && !done_row_i && !rst_i;
    pop_q  <= row_pop_i && !rst_i;
    lost_o <= (done_valid_i && !accepted_o && !rst_i) ? done_calls_i : '0;
    room_o <= rst_i || (free_d != '0 && fits_beats);
    hold_o <= !rst_i && lossless_i && (free_d < FREE_W'(6) || !far_beats);
    idle_o <= free_q == FREE_W'(ROWS);
  end

  // ---- beats ----
  if (MOST == 0) begin : g_no_room
    logic unused_beats;
    assign unused_beats = ^{head[NEED_W:1], done_beats_i, beat_pop_i};
    assign fits_beats   = 1'b1;
    assign far_beats    = 1'b1;
  end else begin : g_room
    logic [BEAT_W-1:0] room_q, room_d;
    logic [NEED_W-1:0] beats_back_q;
    logic              beat_pop_q;

    assign room_d     = room_q - ((token_valid_i && room_o) ? BEAT_W'(need) : '0) + BEAT_W'(beats_back_q) + BEAT_W'(beat_pop_q);
    assign fits_beats = room_d >= BEAT_W'(MOST);
    assign far_beats  = room_d >= BEAT_W'(2 * MOST + 8 * PACKET_LANES);

    always_ff @(posedge clk_i) begin
      room_q       <= rst_i ? BEAT_W'(BEATS) : room_d;
      beats_back_q <= (done_valid_i && accepted_o && !rst_i) ? head[NEED_W:1] - done_beats_i : '0;
      beat_pop_q   <= beat_pop_i && !rst_i;
    end
  end
endmodule

`default_nettype wire
