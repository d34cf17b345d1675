// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_events against queues: packets with any records at the full rate, through a pipeline of DELAY clocks, to a host that stalls.
///
/// The bench stands for bpf_ingress (beats, tokens, an input that is refused two clocks late) and for the pipeline. Each record must come out whole
/// and in order, those of tokens without room must be counted, and a token has no room only while the host does not take what is there; never
/// with LOSSLESS.
module events_bench #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned LANES = 1,
  parameter int unsigned DATA_BYTES = 8,
  parameter int unsigned PACKETS = 0,         // 1: each lane can bring bytes of the packet
  parameter int unsigned PACKET_BYTES = 1,
  parameter int unsigned LOSSLESS = 0,
  parameter int unsigned DELAY = 5,
  parameter int unsigned CLOCKS = 60000
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned BUSB = BUS_W / 8;
  localparam int unsigned TOKENS = 32;
  localparam int unsigned EACH = (PACKET_BYTES + BUSB - 1) / BUSB;
  localparam int unsigned LANE_W = 42 + 8 * DATA_BYTES;
  localparam int unsigned ROW_W = LANES * LANE_W;
  localparam int unsigned MOST = PACKETS * LANES * EACH;
  localparam int unsigned NEEDED = TOKENS * MOST + 2 * MOST + 8 * LANES + 16;
  localparam int unsigned BEATS = 1 << $clog2(NEEDED);
  localparam int unsigned RECORD_W = LANE_W - 2;

  // ---- the device under test ----
  logic                      token_valid, room, hold, wr_valid, ring_room, done_valid, tvalid, tready, tlast, record, idle;
  logic [15:0]               token_length, done_start;
  logic [BUS_W-1:0]          wr_data, tdata;
  logic [BUSB-1:0]           tkeep;
  logic [31:0]               tuser;
  logic [7:0]                lost_now;
  logic [ROW_W-1:0]          done_row, row;
  logic [LANES-1:0]          wanted, done_kept, kept;
  logic [16*LANES-1:0]       done_packet;
  logic [LANES*RECORD_W-1:0] lanes;

  for (genvar k = 0; k < LANES; k++) begin : g_lane
    assign wanted[k]                       = done_row[LANE_W*k];
    assign done_kept[k]                    = done_row[LANE_W*k+1];
    assign done_packet[16*k +: 16]         = done_row[LANE_W*k+26 +: 16];
    assign kept[k]                         = row[LANE_W*k] && row[LANE_W*k+1];
    assign lanes[RECORD_W*k +: RECORD_W]   = row[LANE_W*k+2 +: RECORD_W];
  end

  bpf_events #(.BUS_W(BUS_W), .LANES(LANES), .ROW_W(ROW_W), .DATA_BYTES(DATA_BYTES), .ROWS(64), .TOKENS(TOKENS),
      .PACKET_LANES(PACKETS * LANES), .PACKET_BYTES(PACKET_BYTES), .BEATS(BEATS), .BUFFER_BYTES(256 * BUSB)) u_dut (
    .clk_i(clk), .rst_i(rst), .lossless_i(LOSSLESS != 0), .token_valid_i(token_valid), .token_length_i(token_length), .room_o(room),
    .hold_o(hold), .wr_valid_i(wr_valid), .wr_data_i(wr_data), .ring_room_o(ring_room), .done_valid_i(done_valid), .done_row_i(done_row),
    .done_wanted_i(wanted), .done_kept_i(done_kept), .done_packet_i(done_packet), .done_start_i(done_start), .row_o(row), .kept_i(kept),
    .lanes_i(lanes), .m_axis_tdata_o(tdata), .m_axis_tkeep_o(tkeep), .m_axis_tvalid_o(tvalid), .m_axis_tready_i(tready),
    .m_axis_tlast_o(tlast), .m_axis_tuser_o(tuser), .record_o(record), .lost_o(lost_now), .idle_o(idle));

  // ---- packets: beats, then a token one clock after the last one was stored ----
  int unsigned n, mode, left, length, in_flight;
  logic [15:0] stored, first;
  logic        ready;
  byte         memory [0:65536*BUSB-1];
  // What is under way: beat, then token; then DELAY clocks.
  logic             next_token;
  logic [15:0]      next_length, next_start;
  logic [ROW_W-1:0] next_row, pipe_row [0:DELAY];
  logic [DELAY:0]   pipe_valid, pipe_room;
  logic [15:0]      pipe_start [0:DELAY];

  // In stage 0 the token enters.
  assign done_valid = pipe_valid[DELAY];
  assign done_row   = pipe_row[DELAY];
  assign done_start = pipe_start[DELAY];
  assign token_valid = pipe_valid[0];

  function automatic logic [ROW_W-1:0] random_row(int unsigned bytes);
    automatic logic [ROW_W-1:0] r;
    automatic int unsigned most = (bytes < PACKET_BYTES) ? bytes : PACKET_BYTES;
    for (int unsigned i = 0; i < ROW_W; i++) r[i] = 1'($urandom);
    for (int unsigned k = 0; k < LANES; k++) begin
      r[LANE_W*k]          = (n / 3000) % 3 == 1 || $urandom % 3 == 0;
      r[LANE_W*k+1]        = $urandom % 8 != 0;
      r[LANE_W*k+10 +: 16] = 16'($urandom % (DATA_BYTES + 1));
      r[LANE_W*k+26 +: 16] = (PACKETS == 0 || $urandom % 4 == 0) ? 16'd0 : 16'($urandom % (most + 1));
    end
    return r;
  endfunction

  // ---- records that must come ----
  logic [8*16-1:0] header;
  byte         want [$];          // all records, behind each other, numbers and counts of losses left out
  int unsigned sizes [$];
  int unsigned numbered, records, lost, seen_lost, waiting, told_lost;
  byte         got [$];

  task automatic expect_row(logic [ROW_W-1:0] r, logic [15:0] start);
    for (int unsigned k = 0; k < LANES; k++) begin
      automatic int unsigned data = 32'(r[LANE_W*k+10 +: 16]);
      automatic int unsigned packet = 32'(r[LANE_W*k+26 +: 16]);
      automatic int unsigned front = (packet != 0) ? (16 + data + 63) / 64 * 64 : (16 + data + 7) / 8 * 8;
      automatic int unsigned size = front + (packet + 7) / 8 * 8;
      if (r[LANE_W*k] && r[LANE_W*k+1]) begin
        automatic logic [63:0] head = {16'(packet), 16'(data), 8'd1, r[LANE_W*k+2 +: 8], 16'(size)};
        sizes.push_back(size);
        for (int unsigned i = 0; i < 8; i++) want.push_back(head[8*i +: 8]);
        for (int unsigned i = 0; i < data; i++) want.push_back(r[LANE_W*k+42+8*i +: 8]);
        for (int unsigned i = 0; i < packet; i++) want.push_back(memory[(32'(start) * BUSB + i) % (65536 * BUSB)]);
      end
    end
  endtask

  task automatic check_record();
    automatic int unsigned size = sizes.pop_front();
    automatic int unsigned data, packet, front;
    automatic logic [31:0] number = {got[11], got[10], got[9], got[8]}, losses = {got[15], got[14], got[13], got[12]};
    if (got.size() != size || tuser != size) $fatal(1, "record of %0d bytes, tuser %0d, not %0d", got.size(), tuser, size);
    for (int unsigned i = 0; i < 8; i++) if (got[i] != want.pop_front()) $fatal(1, "header byte %0d of record %0d", i, numbered);
    if (number != numbered) $fatal(1, "record %0d has number %0d", numbered, number);
    if (losses < told_lost || losses > lost) $fatal(1, "%0d lost, told %0d", lost, losses);
    told_lost = losses;
    data   = {16'd0, got[5], got[4]};
    packet = {16'd0, got[7], got[6]};
    front  = (packet != 0) ? (16 + data + 63) / 64 * 64 : 0;
    for (int unsigned i = 0; i < data; i++) if (got[16+i] != want.pop_front()) $fatal(1, "data byte %0d of record %0d", i, numbered);
    for (int unsigned i = 0; i < packet; i++) if (got[front+i] != want.pop_front()) $fatal(1, "packet byte %0d of record %0d", i, numbered);
    numbered += 1;
    got.delete();
  endtask

  initial begin
    {n, mode, left, length, in_flight, stored, first, ready, next_token, pipe_valid, pipe_room, done} = '0;
    {numbered, records, lost, seen_lost, waiting, told_lost, wr_valid, tready, wr_data, token_length, next_length, next_start} = '0;
  end

  always @(posedge clk) if (!rst) begin
    n <= n + 1;
    mode <= (n / 2000) % 4;
    // the host
    tready <= (mode == 0) || (mode == 1 && $urandom % 2 == 0) || (mode == 2 && $urandom % 16 == 0) || n > CLOCKS;
    if (tvalid && tready) begin
      for (int unsigned i = 0; i < BUSB; i++) if (tkeep[i]) got.push_back(tdata[8*i +: 8]);
      if (!tlast && tkeep != '1) $fatal(1, "tkeep before the last beat");
      if (((tkeep + 1'b1) & tkeep) != '0 || tkeep == '0) $fatal(1, "tkeep has a hole");
      if (sizes.size() == 0) $fatal(1, "a record that nobody sent");
      if (tlast) check_record();
    end
    // the input
    ready <= !hold && ring_room && in_flight + 4 < TOKENS;
    wr_valid <= 1'b0;
    next_token <= 1'b0;
    if (ready && n < CLOCKS && (mode != 3 || $urandom % 2 == 0)) begin
      automatic logic [BUS_W-1:0] beat;
      automatic int unsigned bytes = (left == 0) ? (($urandom % 4 == 0) ? 1 + $urandom % (6 * BUSB) : 1 + $urandom % BUSB) : left;
      for (int unsigned i = 0; i < BUSB; i++) begin
        beat[8*i +: 8] = 8'($urandom);
        memory[(32'(stored) * BUSB + i) % (65536 * BUSB)] = beat[8*i +: 8];
      end
      wr_valid <= 1'b1;
      wr_data <= beat;
      if (left == 0) begin
        first = stored;
        length = bytes;
      end
      stored = stored + 16'd1;
      left = (bytes > BUSB) ? bytes - BUSB : 0;
      if (left == 0) begin
        next_token  <= 1'b1;
        next_length <= 16'(length);
        next_start  <= first;
        next_row    <= random_row(length);
      end
    end
    // the pipeline
    pipe_valid[0] <= next_token;
    pipe_row[0]   <= next_row;
    pipe_start[0] <= next_start;
    token_length  <= next_length;
    for (int unsigned i = 0; i < DELAY; i++) begin
      pipe_valid[i+1] <= pipe_valid[i];
      pipe_row[i+1]   <= pipe_row[i];
      pipe_start[i+1] <= pipe_start[i];
      pipe_room[i+1]  <= (i == 0) ? room : pipe_room[i];
    end
    in_flight <= in_flight + 32'(next_token) - 32'(done_valid);
    // what it told
    if (done_valid) begin
      if ((DELAY == 0) ? room : pipe_room[DELAY]) expect_row(done_row, done_start);
      else for (int unsigned k = 0; k < LANES; k++) lost = lost + 32'(wanted[k]);
    end
    if (token_valid && !room) begin
      if (LOSSLESS != 0) $fatal(1, "a token without room");
      // What tokens in flight have reserved alone leaves room: 48 records or the beats of more than half of the room must be waiting.
      if (sizes.size() < 24 && want.size() < BEATS * BUSB / 4) $fatal(1, "no room, but only %0d records wait", sizes.size());
      waiting <= waiting + 1;
    end
    records = records + 32'(record);
    seen_lost = seen_lost + 32'(lost_now);
    if (n > CLOCKS + 20000 && !done) begin
      if (sizes.size() != 0 || got.size() != 0 || !idle) $fatal(1, "%0d records are missing, idle %0d", sizes.size(), idle);
      if (records != numbered || seen_lost != lost) $fatal(1, "counted %0d of %0d, lost %0d of %0d", records, numbered, seen_lost, lost);
      if (numbered < 1000 || (LOSSLESS == 0) != (lost != 0)) $fatal(1, "the test is too weak: %0d records, %0d lost", numbered, lost);
      done <= 1'b1;
    end
  end
endmodule

module events_tb;
  logic clk, rst;
  logic [5:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS events");
    $finish;
  end

  events_bench u_0 (.clk, .rst, .done(done[0]));
  events_bench #(.LANES(3), .DATA_BYTES(72), .DELAY(0)) u_1 (.clk, .rst, .done(done[1]));
  events_bench #(.PACKETS(1), .PACKET_BYTES(300), .DATA_BYTES(16)) u_2 (.clk, .rst, .done(done[2]));
  events_bench #(.BUS_W(64), .LANES(2), .PACKETS(1), .PACKET_BYTES(40), .DATA_BYTES(24), .DELAY(9)) u_3 (.clk, .rst, .done(done[3]));
  events_bench #(.LANES(2), .PACKETS(1), .PACKET_BYTES(300), .LOSSLESS(1)) u_4 (.clk, .rst, .done(done[4]));
  events_bench #(.BUS_W(128), .LOSSLESS(1), .DATA_BYTES(40), .DELAY(1)) u_5 (.clk, .rst, .done(done[5]));
endmodule

`default_nettype wire
