// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Writes runs of bytes over AXI4: frames of a stream to any address, and words that are where the bus wants them.
///
/// Runs are carried out in the order in which they are given. `run_kind_i` says where the bytes come from: 0 the stream, whose next frame's first `run_bytes_i`
/// bytes are moved to the lanes of the address, and the rest of which is dropped; 1 and 2 the words at `word_*`, one a beat, their bytes at the lanes
/// that the address gives; 3 nowhere: the stream's next frame is dropped (`run_bytes_i` is 0 then, and only then).
/// `done_*` tells of each run in the same order, when all its B responses are there. A beat per clock, whatever the sizes and addresses: a frame takes as many clocks as
/// beats on the bus, a dropped one as it has beats. The stream's frames must have `run_bytes_i` bytes at least.
/// A burst's data begin behind its address: the specification does not ask for it, some interconnects do.
/// Latency, from a run to WVALID: 10 clocks. Up to OUTSTANDING bursts await their response.
/// Resources: 3 x BUS_W flip-flops, BUS_W x 32 bits of LUT RAM, a rotator, (TAG_W + 3) x OUTSTANDING bits of RAM.
module bpf_dma_write #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned TAG_W = 8,
  parameter int unsigned OUTSTANDING = 512,    // a power of two >= 4
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned KL = $clog2(BUSB)
) (
  input  logic               clk_i,
  input  logic               rst_i,            // synchronous, active high
  input  logic               run_valid_i,
  output logic               run_ready_o,
  input  logic [1:0]         run_kind_i,
  input  logic [63:0]        run_addr_i,
  input  logic [15:0]        run_bytes_i,
  input  logic [TAG_W-1:0]   run_tag_i,
  output logic               done_valid_o,     // pulse
  output logic [TAG_W-1:0]   done_tag_o,
  output logic               done_error_o,     // one of its responses was SLVERR or DECERR
  output logic               done_bad_o,       // one of its beats was `frame_bad_i`
  // frames; byte 0 at [7:0]
  input  logic               frame_valid_i,
  output logic               frame_ready_o,
  input  logic [BUS_W-1:0]   frame_data_i,
  input  logic               frame_last_i,
  input  logic               frame_bad_i,      // this beat is not the frame's
  // words of kinds 1 and 2
  input  logic [1:0]         word_valid_i,
  output logic [1:0]         word_ready_o,
  input  logic [2*BUS_W-1:0] word_data_i,
  // AXI4
  output logic [63:0]        m_axi_awaddr_o,
  output logic [7:0]         m_axi_awlen_o,
  output logic               m_axi_awvalid_o,
  input  logic               m_axi_awready_i,
  output logic [BUS_W-1:0]   m_axi_wdata_o,
  output logic [BUSB-1:0]    m_axi_wstrb_o,
  output logic               m_axi_wlast_o,
  output logic               m_axi_wvalid_o,
  input  logic               m_axi_wready_i,
  input  logic [1:0]         m_axi_bresp_i,
  input  logic               m_axi_bvalid_i,
  output logic               m_axi_bready_o
);
  localparam int unsigned RECORD_W = 2 + 1 + 1 + 1 + 8 + 2 * KL + 1;
  localparam int unsigned BEATS = 16;          // places in the queue of beats

  // ---- bursts: to AW, to the list of those under way, and to the maker of beats ----
  logic             valid, step, none, first, last, spill, aw_ready, tag_ready, rec_ready;
  logic [63:0]      addr;
  logic [7:0]       beats_m1;
  logic [KL-1:0]    offset, end_lane;
  logic [TAG_W+1:0] tag;
  logic             unused_idle_0, unused_idle_1, unused_idle_2, unused_idle_3;

  assign step = valid && aw_ready && tag_ready && rec_ready;

  bpf_dma_split #(.BUS_W(BUS_W), .TAG_W(TAG_W + 2)) u_split (
    .clk_i, .rst_i, .run_valid_i, .run_ready_o, .run_addr_i, .run_bytes_i, .run_tag_i({run_kind_i, run_tag_i}),
    .valid_o(valid), .ready_i(aw_ready && tag_ready && rec_ready), .none_o(none), .addr_o(addr), .beats_m1_o(beats_m1), .first_o(first), .last_o(last),
    .offset_o(offset), .end_o(end_lane), .spill_o(spill), .tag_o(tag));

  bpf_fifo #(.WIDTH(72), .DEPTH(16)) u_aw (
    .clk_i, .rst_i, .wr_valid_i(step && !none), .wr_ready_o(aw_ready), .wr_data_i({beats_m1, addr}),
    .rd_valid_o(m_axi_awvalid_o), .rd_ready_i(m_axi_awready_i), .rd_data_o({m_axi_awlen_o, m_axi_awaddr_o}), .idle_o(unused_idle_0));

  // ---- beats: which byte lanes, whether one more of the stream is needed ----
  logic                rec_valid, rec_pop, rec_first, rec_last, rec_spill, rec_none;
  logic [1:0]          kind;
  logic [7:0]          rec_beats, beat_q;
  logic [KL-1:0]       rec_offset, rec_end;

  bpf_fifo #(.WIDTH(RECORD_W), .DEPTH(16)) u_records (
    .clk_i, .rst_i, .wr_valid_i(step), .wr_ready_o(rec_ready), .wr_data_i({tag[TAG_W +: 2], first, last, spill, beats_m1, offset, end_lane, none}),
    .rd_valid_o(rec_valid), .rd_ready_i(rec_pop), .rd_data_o({kind, rec_first, rec_last, rec_spill, rec_beats, rec_offset, rec_end, rec_none}),
    .idle_o(unused_idle_1));

  logic                   drain_q, open_q, burst_end, reads, have, go, drop, room;
  logic [$clog2(BEATS):0] room_q;
  logic                   w_pop;
  logic [5:0]             ahead_q;             // bursts whose address was taken and whose data have not begun

  assign burst_end = beat_q == rec_beats;
  assign reads     = !(kind == 2'd0 && burst_end && rec_last && rec_spill);
  assign have      = (kind == 2'd1) ? word_valid_i[0] : (kind == 2'd2) ? word_valid_i[1] : (frame_valid_i || !reads);
  assign room      = room_q != '0;
  assign go        = rec_valid && !rec_none && !drain_q && room && have && (beat_q != '0 || ahead_q != '0);
  assign drop      = rec_valid && rec_none && !drain_q && frame_valid_i;
  assign rec_pop   = (go && burst_end) || drop;

  assign frame_ready_o   = drain_q || drop || (go && kind == 2'd0 && reads);
  assign word_ready_o[0] = go && kind == 2'd1;
  assign word_ready_o[1] = go && kind == 2'd2;

  always_ff @(posedge clk_i) begin
    if (go) beat_q <= burst_end ? '0 : beat_q + 8'd1;
    if (frame_valid_i && frame_ready_o) open_q <= !frame_last_i;
    if (drain_q) drain_q <= !(frame_valid_i && frame_last_i);
    else if (drop) drain_q <= !frame_last_i;
    else if (go && kind == 2'd0 && burst_end && rec_last) drain_q <= reads ? !frame_last_i : open_q;
    room_q <= room_q - {{$clog2(BEATS){1'b0}}, go} + {{$clog2(BEATS){1'b0}}, w_pop};
    ahead_q <= ahead_q + 6'(m_axi_awvalid_o && m_axi_awready_i) - 6'(go && beat_q == '0);
    if (rst_i) begin
      ahead_q <= '0;
      beat_q  <= '0;
      drain_q <= 1'b0;
      room_q  <= ($clog2(BEATS)+1)'(BEATS);
    end
  end

  // ---- was a beat of the run bad? In the order of the runs that have bytes, before the last of their beats is on the bus ----
  logic bad_q, bad, bad_valid, bad_run, bad_pop, unused_bad_ready, unused_idle_4;
  assign bad = bad_q || (kind == 2'd0 && reads && frame_bad_i);
  always_ff @(posedge clk_i) begin
    if (go) bad_q <= bad && !(burst_end && rec_last);
    if (rst_i) bad_q <= 1'b0;
  end

  bpf_fifo #(.WIDTH(1), .DEPTH(OUTSTANDING)) u_bad (
    .clk_i, .rst_i, .wr_valid_i(go && burst_end && rec_last), .wr_ready_o(unused_bad_ready), .wr_data_i(bad), .rd_valid_o(bad_valid), .rd_ready_i(bad_pop),
    .rd_data_o(bad_run), .idle_o(unused_idle_4));

  // ---- rank 1: bytes turned to their lanes; rank 2: joined with those of the beat before ----
  logic              turn_valid_q, turn_last_q;
  logic [BUS_W-1:0]  source, turned, turn_q, before_q, joined;
  logic [KL-1:0]     turn, turn_by_q, begin_q, end_q;
  logic [BUSB-1:0]   strobe;

  assign source = (kind == 2'd1) ? word_data_i[BUS_W-1:0] : (kind == 2'd2) ? word_data_i[2*BUS_W-1:BUS_W] : frame_data_i;
  assign turn   = (kind == 2'd0) ? rec_offset : '0;

  always_comb begin
    turned = source;
    for (int unsigned b = 0; b < KL; b++) begin
      if (turn[b]) turned = (turned << (8 << b)) | (turned >> (BUS_W - (8 << b)));
    end
  end

  always_ff @(posedge clk_i) begin
    turn_valid_q <= go && !rst_i;
    turn_q       <= turned;
    turn_by_q    <= turn;
    turn_last_q  <= burst_end;
    begin_q      <= (rec_first && beat_q == '0) ? rec_offset : '0;
    end_q        <= burst_end ? rec_end : '1;
    if (turn_valid_q) before_q <= turn_q;
  end

  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) begin
      joined[8*i +: 8] = (KL'(i) < turn_by_q) ? before_q[8*i +: 8] : turn_q[8*i +: 8];
      strobe[i]        = KL'(i) >= begin_q && KL'(i) <= end_q;
    end
  end

  logic unused_beat_ready;
  assign w_pop = m_axi_wvalid_o && m_axi_wready_i;

  bpf_fifo #(.WIDTH(BUS_W + BUSB + 1), .DEPTH(BEATS)) u_beats (
    .clk_i, .rst_i, .wr_valid_i(turn_valid_q), .wr_ready_o(unused_beat_ready), .wr_data_i({turn_last_q, strobe, joined}),
    .rd_valid_o(m_axi_wvalid_o), .rd_ready_i(m_axi_wready_i), .rd_data_o({m_axi_wlast_o, m_axi_wstrb_o, m_axi_wdata_o}), .idle_o(unused_idle_2));

  // ---- responses, in the order of the bursts ----
  logic             way_valid, way_pop, way_none, way_last, error_q;
  logic [TAG_W-1:0] way_tag;

  bpf_fifo #(.WIDTH(TAG_W + 2), .DEPTH(OUTSTANDING)) u_under_way (
    .clk_i, .rst_i, .wr_valid_i(step), .wr_ready_o(tag_ready), .wr_data_i({none, last, tag[TAG_W-1:0]}),
    .rd_valid_o(way_valid), .rd_ready_i(way_pop), .rd_data_o({way_none, way_last, way_tag}), .idle_o(unused_idle_3));

  assign m_axi_bready_o = way_valid && !way_none;
  assign way_pop        = way_valid && (way_none || m_axi_bvalid_i);
  assign bad_pop        = way_pop && way_last && !way_none;

  always_ff @(posedge clk_i) begin
    done_valid_o <= way_pop && way_last && !rst_i;
    done_tag_o   <= way_tag;
    done_bad_o   <= bad_run && !way_none;
    done_error_o <= error_q || (m_axi_bresp_i[1] && !way_none);
    if (way_pop) error_q <= !way_last && (error_q || m_axi_bresp_i[1]);
    if (rst_i) error_q <= 1'b0;
  end

  logic unused_bits;
  assign unused_bits = ^{m_axi_bresp_i[0], bad_valid};
endmodule

`default_nettype wire
