// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Transmit side of the DMA: takes descriptors of the queues in turn, asks for their frames when there is room, and sends each when all of it has come.
///
/// A frame that came with an error, and one whose descriptor is bad (no bytes, or more than MAX_FRAME), is not sent; all have a completion, in the order of the takes.
/// One frame and one beat per clock: a frame takes as many clocks as its beats on the bus. Frames leave without a pause.
/// Latency: 4 clocks from `ready_i` to `run_valid_o`; 8 from a frame's last beat to its first on the stream, if nothing is before it.
/// Resources: (BUS_W + 60) x BYTES / (BUS_W / 8) bits of block RAM, 4 x BUS_W flip-flops, BUS_W x 16 bits of LUT RAM, a rotator.
module bpf_dma_tx #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned QUEUES = 4,
  parameter int unsigned BYTES = 32768,        // room for frames that are read, a power of two
  parameter int unsigned MAX_FRAME = 9216,
  parameter int unsigned AHEAD = 384,          // beats: while so many are under way no other frame is asked for; they make descriptors wait
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned KL = $clog2(BUSB),
  localparam int unsigned QW = (QUEUES > 1) ? $clog2(QUEUES) : 1
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  // queues
  input  logic [QUEUES-1:0] ready_i,
  output logic              take_o,
  output logic [QW-1:0]     take_queue_o,
  input  logic [127:0]      descriptor_i,
  output logic              done_valid_o,
  output logic [QW-1:0]     done_queue_o,
  output logic [63:0]       done_data_o,
  output logic              done_bad_o,
  // reads
  output logic              run_valid_o,
  input  logic              run_ready_i,
  output logic [63:0]       run_addr_o,
  output logic [15:0]       run_bytes_o,
  output logic [KL+49+QW-1:0] run_tag_o,
  input  logic              beat_valid_i,
  input  logic              beat_none_i,
  input  logic [BUS_W-1:0]  beat_data_i,
  input  logic              beat_last_i,
  input  logic              beat_error_i,
  input  logic [KL+49+QW-1:0] beat_tag_i,
  // frames
  output logic [BUS_W-1:0]  m_axis_tdata_o,
  output logic [BUSB-1:0]   m_axis_tkeep_o,
  output logic              m_axis_tvalid_o,
  input  logic              m_axis_tready_i,
  output logic              m_axis_tlast_o,
  output logic [47:0]       m_axis_tuser_o     // every beat: 15:0 bytes, 47:16 the descriptor's
);
  localparam int unsigned WORDS = BYTES / BUSB;
  localparam int unsigned WW = $clog2(WORDS);
  localparam int unsigned LW = 16 - KL;        // beats of a frame, minus 1

  if ((1 << $clog2(BYTES)) != BYTES || BYTES < MAX_FRAME + 2 * BUSB || MAX_FRAME > 65535 - 2 * BUSB) begin : g_check
    $fatal(1, "bpf_dma_tx: BYTES must be a power of two that holds MAX_FRAME");
  end

  // ---- rank 0: whose turn; rank 1: its descriptor ----
  logic          any, room, valid_q, bad, unused_ready_0, unused_idle_0;
  logic [QW-1:0] queue_q, head_queue;
  logic [4:0]    room_q;
  logic [15:0]   size, head_size;
  logic          head_valid, head_pop, head_bad;
  logic [63:0]   head_addr;
  logic [31:0]   head_user;
  logic [WW:0]   need, head_need;             // beats
  logic [16:0]   ends;

  bpf_dma_pick #(.COUNT(QUEUES)) u_pick (.clk_i, .rst_i, .asks_i(ready_i), .any_o(any), .index_o(take_queue_o), .served_i(take_o));

  assign room   = room_q != '0;
  assign take_o = any && room;
  assign size   = descriptor_i[79:64];
  assign bad    = size == 16'd0 || size > 16'(MAX_FRAME);
  assign ends   = {1'b0, size} + 17'(descriptor_i[KL-1:0]) - 17'd1;
  assign need   = bad ? '0 : (WW+1)'(ends >> KL) + 1'b1;

  always_ff @(posedge clk_i) begin
    valid_q <= take_o && !rst_i;
    queue_q <= take_queue_o;
    room_q  <= room_q - 5'(take_o) + 5'(head_pop);
    if (rst_i) room_q <= 5'd16;
  end

  bpf_fifo #(.WIDTH(WW + 1 + 64 + 16 + 32 + QW + 1), .DEPTH(16)) u_heads (
    .clk_i, .rst_i, .wr_valid_i(valid_q), .wr_ready_o(unused_ready_0), .wr_data_i({need, bad, queue_q, descriptor_i[127:96], size, descriptor_i[63:0]}),
    .rd_valid_o(head_valid), .rd_ready_i(head_pop), .rd_data_o({head_need, head_bad, head_queue, head_user, head_size, head_addr}), .idle_o(unused_idle_0));

  // ---- room for its beats ----
  logic [WW:0]   free_q, way_q;
  logic          raw_in, raw_pop, ahead_q;

  assign run_valid_o = head_valid && free_q >= head_need && !ahead_q;
  assign head_pop    = run_valid_o && run_ready_i;
  assign run_addr_o  = head_addr;
  assign run_bytes_o = head_bad ? 16'd0 : head_size;
  assign run_tag_o   = {head_queue, head_bad, head_addr[KL-1:0], head_user, head_size};

  always_ff @(posedge clk_i) begin
    free_q  <= rst_i ? (WW+1)'(WORDS) : free_q - (head_pop ? head_need : '0) + (WW+1)'(raw_pop);
    way_q   <= rst_i ? '0 : way_q + (head_pop ? head_need : '0) - (WW+1)'(raw_in);
    ahead_q <= 32'(way_q) >= AHEAD;
  end

  // ---- beats as read; with the last of a frame, what it is ----
  logic             tag_bad, raw_valid, unused_ready_1, unused_idle_1;
  logic [KL-1:0]    tag_offset;
  logic [31:0]      tag_user;
  logic [15:0]      tag_size;
  logic [BUS_W-1:0] raw;
  logic [16:0]      tag_ends;

  assign {done_queue_o, tag_bad, tag_offset, tag_user, tag_size} = beat_tag_i;
  assign raw_in       = beat_valid_i && !beat_none_i;
  assign done_valid_o = beat_valid_i && beat_last_i;
  assign done_bad_o   = tag_bad;
  assign done_data_o  = {tag_user, 5'd0, beat_error_i || tag_bad, 10'd0, tag_bad ? 16'd0 : tag_size};
  assign tag_ends     = {1'b0, tag_size} + 17'(tag_offset) - 17'd1;

  bpf_fifo #(.WIDTH(BUS_W), .DEPTH(WORDS), .OUTPUT_REG(1)) u_raw (
    .clk_i, .rst_i, .wr_valid_i(raw_in), .wr_ready_o(unused_ready_1), .wr_data_i(beat_data_i),
    .rd_valid_o(raw_valid), .rd_ready_i(raw_pop), .rd_data_o(raw), .idle_o(unused_idle_1));

  logic          frame_valid, frame_pop, drop, unused_ready_2, unused_idle_2;
  logic [KL-1:0] offset;
  logic [31:0]   user;
  logic [15:0]   bytes;
  logic [LW-1:0] beats_m1, ends_m1;

  // Not in the port: yosys 0.70 does not cut a cast of a shift there.
  assign ends_m1 = LW'(tag_ends >> KL);

  bpf_fifo #(.WIDTH(1 + KL + 32 + 16 + LW), .DEPTH(WORDS)) u_frames (
    .clk_i, .rst_i, .wr_valid_i(raw_in && beat_last_i), .wr_ready_o(unused_ready_2),
    .wr_data_i({beat_error_i, tag_offset, tag_user, tag_size, ends_m1}),
    .rd_valid_o(frame_valid), .rd_ready_i(frame_pop), .rd_data_o({drop, offset, user, bytes, beats_m1}), .idle_o(unused_idle_2));

  // ---- one beat as read in a clock: it completes a beat of the stream, and may hold all of another ----
  logic          go, first, last, whole, rest, out_room, send, send_rest;
  logic [LW-1:0] beat_q;
  logic [KL-1:0] end_lane, keep_end;
  logic [4:0]    out_q;                        // room for beats of the stream
  logic          out_pop;

  assign out_room  = out_q >= 5'd2;
  assign go        = frame_valid && raw_valid && out_room;
  assign first     = beat_q == '0;
  assign last      = beat_q == beats_m1;
  assign whole     = offset == '0 || (first && last);
  assign end_lane  = KL'(bytes - 16'd1) + offset;
  assign keep_end  = KL'(bytes - 16'd1);
  assign rest      = last && !whole && end_lane >= offset;
  assign send      = go && !drop && (whole || !first);
  assign send_rest = go && !drop && rest;
  assign raw_pop   = go;
  assign frame_pop = go && last;

  always_ff @(posedge clk_i) begin
    if (go) beat_q <= last ? '0 : beat_q + 1'b1;
    out_q <= out_q - 5'(send) - 5'(send_rest) + 5'(out_pop);
    if (rst_i) begin
      beat_q <= '0;
      out_q  <= 5'd16;
    end
  end

  // ---- rank 1: turned to lane 0; rank 2: joined with the beat before ----
  logic              send_q, rest_q, whole_q, last_q;
  logic [BUS_W-1:0]  turned, turn_q, before_q, joined;
  logic [KL-1:0]     offset_q, end_q;
  logic [47:0]       user_q;

  always_comb begin
    turned = raw;
    for (int unsigned b = 0; b < KL; b++) begin
      if (offset[b]) turned = (turned >> (8 << b)) | (turned << (BUS_W - (8 << b)));
    end
  end

  logic step_q;
  always_ff @(posedge clk_i) begin
    step_q   <= go && !rst_i;
    send_q   <= send && !rst_i;
    rest_q   <= send_rest && !rst_i;
    whole_q  <= whole;
    last_q   <= last;
    turn_q   <= turned;
    offset_q <= offset;
    end_q    <= keep_end;
    user_q   <= {user, bytes};
    if (step_q) before_q <= turn_q;
  end

  // Lane i is of this beat from BUSB - offset on.
  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) joined[8*i +: 8] = (whole_q || {1'b0, KL'(i)} + {1'b0, offset_q} >= (KL+1)'(BUSB)) ? turn_q[8*i +: 8] : before_q[8*i +: 8];
  end

  // ---- rank 3: of two beats the second waits; no more can (a frame with two at its end has none in its first clock) ----
  localparam int unsigned WIDTH = BUS_W + KL + 1 + 48;
  logic             late_valid_q, out_valid, unused_ready_3, unused_idle_3;
  logic [WIDTH-1:0] late_q, beat, second, out;

  assign beat      = {user_q, last_q && !rest_q, end_q, joined};
  assign second    = {user_q, 1'b1, end_q, turn_q};
  assign out_valid = late_valid_q || send_q;
  assign out       = late_valid_q ? late_q : beat;

  always_ff @(posedge clk_i) begin
    late_valid_q <= rest_q || (late_valid_q && send_q);
    late_q       <= rest_q ? second : beat;
    if (rst_i) late_valid_q <= 1'b0;
  end

  logic [KL-1:0] out_end;
  bpf_fifo #(.WIDTH(WIDTH), .DEPTH(16)) u_out (
    .clk_i, .rst_i, .wr_valid_i(out_valid), .wr_ready_o(unused_ready_3), .wr_data_i(out),
    .rd_valid_o(m_axis_tvalid_o), .rd_ready_i(m_axis_tready_i), .rd_data_o({m_axis_tuser_o, m_axis_tlast_o, out_end, m_axis_tdata_o}), .idle_o(unused_idle_3));

  assign out_pop = m_axis_tvalid_o && m_axis_tready_i;
  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) m_axis_tkeep_o[i] = !m_axis_tlast_o || KL'(i) <= out_end;
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (!rst_i && late_valid_q && send_q && rest_q) $fatal(1, "bpf_dma_tx: a third beat");
  end
`endif

  logic unused_bits;
  assign unused_bits = ^{descriptor_i[95:80], tag_ends, ends};
endmodule

`default_nettype wire
