// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Records for the host, from the end of the pipeline to `m_axis_event`.
///
/// Room is decided when a token enters (bpf_event_room). What a packet has to tell is a row of LANES records, which waits in a FIFO for the
/// host; bytes of packets are copied to another FIFO at once (bpf_event_copy). The records of a row leave one after the other (bpf_event_stream),
/// one record of up to BUS_W / 8 - 16 bytes per clock. A packet that tells nothing takes no row.
/// A row is whatever bits the program's records vary in; the core makes records of them again: `row_o` to `lanes_i`, by wires.
/// A record that finds no room is counted, and nothing else happens to its packet; with `lossless_i` the input waits instead.
/// Latency from a row to tvalid: 4 clocks, 5 with several lanes, some 8 with bytes of the packet.
/// Resources: ROWS x ROW_W bits of block RAM, with packets BEATS beats and a copy of the packet buffer.
module bpf_events #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned LANES = 1,             // records of a packet at most
  parameter int unsigned ROW_W = 64,            // bits of a row
  parameter int unsigned DATA_BYTES = 8,        // of a record at most
  parameter int unsigned ROWS = 128,            // that can wait, a power of two
  parameter int unsigned TOKENS = 64,           // in flight at most, a power of two
  parameter int unsigned PACKET_LANES = 0,      // records of a packet that can bring bytes of it
  parameter int unsigned PACKET_BYTES = 1,      // at most so many each
  parameter int unsigned BEATS = 16,            // of packets that can wait, a power of two
  parameter int unsigned BUFFER_BYTES = 32768,  // BYTES of bpf_packet_buffer
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned RECORD_W = 40 + 8 * DATA_BYTES
) (
  input  logic                      clk_i,
  input  logic                      rst_i,            // synchronous, active high
  input  logic                      lossless_i,       // CONTROL.lossless
  // a token enters
  input  logic                      token_valid_i,
  input  logic [15:0]               token_length_i,   // exact where records bring bytes of packets
  output logic                      room_o,           // for this token
  output logic                      hold_o,           // refuse input
  // as at bpf_packet_buffer, in the same clocks
  input  logic                      wr_valid_i,
  input  logic [BUS_W-1:0]          wr_data_i,
  output logic                      ring_room_o,      // the buffer may be written
  // a token leaves
  input  logic                      done_valid_i,
  input  logic [ROW_W-1:0]          done_row_i,
  input  logic [LANES-1:0]          done_wanted_i,    // by lane: there is a record
  input  logic [LANES-1:0]          done_kept_i,      // and it leaves
  input  logic [16*LANES-1:0]       done_packet_i,    // bytes of the packet that it brings
  input  logic [15:0]               done_start_i,     // token_start_o of its packet
  // a row that waits, and the records that it is
  output logic [ROW_W-1:0]          row_o,
  input  logic [LANES-1:0]          kept_i,
  input  logic [LANES*RECORD_W-1:0] lanes_i,          // [7:0] map, [23:8] bytes of data, [39:24] bytes of the packet, then the data
  // to the host
  output logic [BUS_W-1:0]          m_axis_tdata_o,
  output logic [BUSB-1:0]           m_axis_tkeep_o,
  output logic                      m_axis_tvalid_o,
  input  logic                      m_axis_tready_i,
  output logic                      m_axis_tlast_o,
  output logic [31:0]               m_axis_tuser_o,   // [15:0] bytes of the record
  // to bpf_csr
  output logic                      record_o,         // pulse: a record is on its way out
  output logic [7:0]                lost_o,           // records that found no room, in this clock
  output logic                      idle_o
);
  localparam int unsigned PACKETS = (PACKET_LANES != 0) ? 1 : 0;
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned COUNT_W = $clog2(LANES + 1);
  localparam int unsigned BEATS_W = 17 - KL;
  localparam int unsigned MOST = PACKET_LANES * ((PACKET_BYTES + BUSB - 1) / BUSB);
  localparam int unsigned NEED_W = (MOST == 0) ? 1 : $clog2(MOST + 1);

  if (LANES > 255) begin : g_check
    $fatal(1, "bpf_events: LANES must be at most 255");
  end

  // ---- what the token that leaves has to tell ----
  logic [COUNT_W-1:0] calls, lost;
  logic [LANES-1:0]   done_kept;
  logic [NEED_W-1:0]  done_beats;
  logic               accepted, row_pop, beat_pop, room_idle;

  assign done_kept = done_wanted_i & done_kept_i;

  always_comb begin
    calls = '0;
    for (int unsigned k = 0; k < LANES; k++) calls = calls + COUNT_W'(done_wanted_i[k]);
  end

  bpf_event_room #(.BUS_W(BUS_W), .LANES(LANES), .ROWS(ROWS), .TOKENS(TOKENS), .PACKET_LANES(PACKET_LANES),
      .PACKET_BYTES(PACKET_BYTES), .BEATS(BEATS)) u_room (
    .clk_i,
    .rst_i,
    .lossless_i,
    .token_valid_i,
    .token_length_i,
    .room_o,
    .hold_o,
    .done_valid_i,
    .done_calls_i (calls),
    .done_row_i   (done_kept != '0),
    .done_beats_i (done_beats),
    .accepted_o   (accepted),
    .row_pop_i    (row_pop),
    .beat_pop_i   (beat_pop),
    .lost_o       (lost),
    .idle_o       (room_idle)
  );

  // ---- bytes of packets ----
  logic             beat_valid, copy_idle;
  logic [BUS_W-1:0] beat;

  if (PACKETS == 0) begin : g_no_packets
    logic unused_packets;
    assign unused_packets = ^{wr_valid_i, wr_data_i, done_packet_i, done_start_i};
    assign done_beats  = '0;
    assign ring_room_o = 1'b1;
    assign beat_valid  = 1'b0;
    assign beat        = '0;
    assign copy_idle   = 1'b1;
  end else begin : g_packets
    logic [LANES*BEATS_W-1:0] counts;
    logic                     copied_valid, unused_ready, unused_idle;
    logic [BUS_W-1:0]         copied;

    for (genvar k = 0; k < LANES; k++) begin : g_count
      logic [16:0] up;
      logic        unused_up;
      assign up        = {1'b0, done_packet_i[16*k +: 16]} + 17'(BUSB - 1);
      assign unused_up = ^up[KL-1:0];
      assign counts[BEATS_W*k +: BEATS_W] = done_kept[k] ? up[16:KL] : '0;
    end

    always_comb begin
      done_beats = '0;
      for (int unsigned k = 0; k < LANES; k++) done_beats = done_beats + NEED_W'(counts[BEATS_W*k +: BEATS_W]);
    end

    bpf_event_copy #(.BUS_W(BUS_W), .LANES(LANES), .JOBS(ROWS), .BUFFER_BYTES(BUFFER_BYTES)) u_copy (
      .clk_i,
      .rst_i,
      .wr_valid_i,
      .wr_data_i,
      .ring_room_o,
      .job_valid_i  (done_valid_i && accepted && counts != '0),
      .start_i      (done_start_i),
      .beats_i      (counts),
      .beat_valid_o (copied_valid),
      .beat_o       (copied),
      .idle_o       (copy_idle)
    );

    // Can not overflow: bpf_event_room holds credits for it, as for the rows.
    bpf_fifo #(.WIDTH(BUS_W), .DEPTH(BEATS), .OUTPUT_REG(1)) u_beats (
      .clk_i,
      .rst_i,
      .wr_valid_i (copied_valid),
      .wr_ready_o (unused_ready),
      .wr_data_i  (copied),
      .rd_valid_o (beat_valid),
      .rd_ready_i (beat_pop),
      .rd_data_o  (beat),
      .idle_o     (unused_idle)
    );
  end

  // ---- rows wait ----
  logic             head_valid, head_take, rows_idle, unused_row_ready;
  logic [ROW_W-1:0] head;

  bpf_fifo #(.WIDTH(ROW_W), .DEPTH(ROWS), .OUTPUT_REG(1)) u_rows (
    .clk_i,
    .rst_i,
    .wr_valid_i (done_valid_i && accepted && done_kept != '0),
    .wr_ready_o (unused_row_ready),
    .wr_data_i  (done_row_i),
    .rd_valid_o (head_valid),
    .rd_ready_i (head_take),
    .rd_data_o  (head),
    .idle_o     (rows_idle)
  );

  assign row_pop = head_take && head_valid;

  // ---- one record after the other ----
  logic                record_valid, record_pop, walk_idle, stream_idle;
  logic [RECORD_W-1:0] record;

  if (LANES == 1) begin : g_one
    logic unused_kept;
    assign unused_kept  = ^kept_i;
    assign row_o        = head;
    assign record       = lanes_i;
    assign record_valid = head_valid;
    assign head_take    = record_pop;
    assign walk_idle    = 1'b1;
  end else begin : g_walk
    logic             valid_q;
    logic [ROW_W-1:0] row_q;
    logic [LANES-1:0] left_q, todo, pick, rest;

    assign row_o        = row_q;
    assign todo         = left_q & kept_i;
    assign pick         = todo & (~todo + 1'b1);
    assign rest         = record_pop ? todo & ~pick : todo;
    assign record_valid = valid_q;
    assign head_take    = !valid_q || (record_pop && rest == '0);
    assign walk_idle    = !valid_q;

    always_comb begin
      record = '0;
      for (int unsigned k = 0; k < LANES; k++) begin
        if (pick[k]) record = record | lanes_i[RECORD_W*k +: RECORD_W];
      end
    end

    always_ff @(posedge clk_i) begin
      if (head_take) row_q <= head;
      left_q <= head_take ? '1 : rest;
      if (rst_i) valid_q <= 1'b0;
      else if (head_take) valid_q <= head_valid;
    end
  end

  // ---- and leave ----
  logic [31:0] lost_q;

  always_ff @(posedge clk_i) begin
    lost_q <= rst_i ? '0 : lost_q + 32'(lost);
  end

  bpf_event_stream #(.BUS_W(BUS_W), .DATA_BYTES(DATA_BYTES), .PACKETS(PACKETS)) u_stream (
    .clk_i,
    .rst_i,
    .record_valid_i (record_valid),
    .record_pop_o   (record_pop),
    .map_i          (record[7:0]),
    .length_i       (record[23:8]),
    .packet_i       (record[39:24]),
    .data_i         (record[RECORD_W-1:40]),
    .beat_valid_i   (beat_valid),
    .beat_pop_o     (beat_pop),
    .beat_i         (beat),
    .lost_i         (lost_q),
    .m_axis_tdata_o,
    .m_axis_tkeep_o,
    .m_axis_tvalid_o,
    .m_axis_tready_i,
    .m_axis_tlast_o,
    .m_axis_tuser_o,
    .idle_o         (stream_idle)
  );

  assign record_o = record_pop;
  assign lost_o   = 8'(lost);
  assign idle_o   = room_idle && rows_idle && copy_idle && walk_idle && stream_idle;
endmodule

`default_nettype wire
