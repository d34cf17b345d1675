// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Output FIFO of redirects for programs that may redirect to all ports of a devmap: bpf_sink_fifo that can send a frame several times.
///
/// A frame whose target is a port with bit 31 of the number set leaves once for each port that bpf_members lists of map [29:0], with
/// that port as its target; if bit 30 is set, not to the port by which it came. If there is none it is discarded. All others leave once. Order
/// is that of the frames. The room of a frame that is copied is given back after its last copy.
/// Latency: 4 clocks from a write to tvalid; 8 of a frame that is copied. One beat per clock in and out; a frame that is copied
/// takes up to 6 clocks more than its copies have beats (more than 32 entries: see bpf_members).
/// Otherwise as bpf_sink_fifo, its admission included.
/// Resources: BUS_W x BYTES/(BUS_W/8) bits of block RAM, 83 x BYTES/(BUS_W/8) bits for what is said of frames, 2 x BUS_W flip-flops.
module bpf_replicate #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned BYTES = 16384,        // a power of two
  parameter int unsigned MAX_FRAME = 9216,
  parameter int unsigned AHEAD = 0,            // as bpf_admission's
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB)
) (
  input  logic              clk_i,
  input  logic              rst_i,
  // admission
  input  logic [LEFT_W-1:0] next_m1_i,         // with AHEAD, as are the next two: beats minus 1 of the packet that comes next
  input  logic              waits_i,           // the packet that wants to start waits until it fits
  input  logic              single_i,          // if it fits, the next one comes
  input  logic [LEFT_W-1:0] need_m1_i,         // beats of the packet that wants to start, minus 1
  output logic              fits_o,            // there is room for all of it
  input  logic              reserve_i,         // it starts now
  // beats from the splice
  input  logic              wr_valid_i,
  input  logic [BUS_W-1:0]  wr_data_i,
  input  logic              wr_last_i,
  input  logic [15:0]       wr_length_i,       // of the packet, on every beat; so are the next three
  input  logic              wr_modified_i,
  input  logic [31:0]       wr_source_i,
  input  logic [33:0]       wr_target_i,       // [31:0] number, [33:32] kind
  // bpf_members of the map
  output logic              list_start_o,      // 1 clock
  output logic [29:0]       list_map_o,        // from list_start_o until the end
  input  logic              list_valid_i,
  input  logic              list_end_i,
  input  logic [30:0]       list_port_i,
  output logic              list_take_o,
  // AXI4-Stream out
  output logic [BUS_W-1:0]  m_axis_tdata_o,
  output logic [BUSB-1:0]   m_axis_tkeep_o,
  output logic              m_axis_tvalid_o,
  input  logic              m_axis_tready_i,
  output logic              m_axis_tlast_o,
  output logic [63:0]       m_axis_tuser_o,    // [15:0] length, [16] modified, [63:32] source
  output logic [33:0]       target_o,          // on every beat
  output logic              idle_o             // nothing inside or under way
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned WORDS = BYTES / BUSB;
  localparam int unsigned AW = $clog2(WORDS);
  localparam int unsigned FREE_W = (LEFT_W > $clog2(WORDS + 1)) ? LEFT_W + 1 : $clog2(WORDS + 1) + 1;
  localparam int unsigned SIDE_W = 34 + 32 + 1 + 16;

  if ((1 << $clog2(BYTES)) != BYTES) begin : g_check_1
    $fatal(1, "bpf_replicate: BYTES must be a power of two");
  end
  if (BYTES < MAX_FRAME + 16 * BUSB) begin : g_check_2
    $fatal(1, "bpf_replicate: BYTES must hold MAX_FRAME and 16 beats");
  end

  // ---- room for frames ----
  logic [FREE_W-1:0] given_q;
  logic              empty;

  bpf_admission #(.WORDS(WORDS), .NEED_W(LEFT_W), .GIVEN_W(FREE_W), .AHEAD(AHEAD)) u_admission (
    .clk_i,
    .rst_i,
    .next_m1_i,
    .waits_i,
    .single_i,
    .need_m1_i,
    .fits_o,
    .reserve_i,
    .given_i (given_q),
    .empty_o (empty)
  );

  // ---- beats in, and a note of each frame with its first ----
  // A beat is never read in the clock in which it is written.
  (* no_rw_check *)
  logic [BUS_W-1:0] mem [0:WORDS-1];
  logic [AW:0]      wptr_q;
  logic             first_q;

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) mem[wptr_q[AW-1:0]] <= wr_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) begin
      wptr_q  <= wptr_q + 1'b1;
      first_q <= wr_last_i;
    end
    if (rst_i) begin
      wptr_q  <= '0;
      first_q <= 1'b1;
    end
  end

  logic              note_valid, note_pop, unused_note_ready, unused_note_idle;
  logic [SIDE_W-1:0] note;

  bpf_fifo #(.WIDTH(SIDE_W), .DEPTH(WORDS)) u_notes (
    .clk_i,
    .rst_i,
    .wr_valid_i (wr_valid_i && first_q),
    .wr_ready_o (unused_note_ready),
    .wr_data_i  ({wr_target_i, wr_source_i, wr_modified_i, wr_length_i}),
    .rd_valid_o (note_valid),
    .rd_ready_i (note_pop),
    .rd_data_o  (note),
    .idle_o     (unused_note_idle)
  );

  // ---- the frame that leaves, and its copies ----
  logic [33:0]       target;
  logic [31:0]       source;
  logic              modified;
  logic [15:0]       length, length_m1;
  logic [LEFT_W-1:0] beats_m1, beat_q;
  logic [AW:0]       rptr_q, start_q, stored;
  logic              copied, started_q, listed, skip, end_copies, send, last, step1, step2, unused_note;

  assign {target, source, modified, length} = note;
  assign length_m1   = length - 16'd1;
  assign beats_m1    = length_m1[15:KL];
  assign unused_note = ^length_m1[KL-1:0];
  assign copied      = target[33:32] == 2'd1 && target[31];
  assign stored      = wptr_q - rptr_q;

  assign list_start_o = note_valid && copied && !started_q;
  assign list_map_o   = target[29:0];
  assign listed       = note_valid && copied && started_q && list_valid_i;
  assign skip         = listed && !list_end_i && target[30] && list_port_i == {15'd0, source[15:0]};
  // All of the frame has to be here before what follows can be read.
  assign end_copies   = listed && list_end_i && 32'(stored) > 32'(beats_m1);
  assign send         = note_valid && (!copied || (listed && !list_end_i && !skip)) && stored != '0 && step1;
  assign last         = beat_q == beats_m1;
  assign list_take_o  = skip || end_copies || (send && last && copied);
  assign note_pop     = end_copies || (send && last && !copied);

  always_ff @(posedge clk_i) begin
    started_q <= (started_q || list_start_o) && !end_copies;
    if (send) begin
      beat_q <= last ? '0 : beat_q + 1'b1;
      rptr_q <= (last && copied) ? start_q : rptr_q + 1'b1;
      if (last && !copied) start_q <= rptr_q + 1'b1;
    end
    if (end_copies) begin
      rptr_q  <= start_q + (AW+1)'(beats_m1) + 1'b1;
      start_q <= start_q + (AW+1)'(beats_m1) + 1'b1;
    end
    given_q <= end_copies ? FREE_W'(beats_m1) + 1'b1 : FREE_W'(send && !copied);
    if (rst_i) begin
      started_q <= 1'b0;
      beat_q    <= '0;
      rptr_q    <= '0;
      start_q   <= '0;
      given_q   <= '0;
    end
  end

  // ---- out of the RAM, then a register ----
  logic              ram_valid_q, ram_last_q, out_valid_q, out_last_q;
  logic [BUS_W-1:0]  ram_q, out_q;
  logic [SIDE_W-1:0] ram_side_q, out_side_q;
  logic [15:0]       out_length;

  assign step2 = !out_valid_q || m_axis_tready_i;
  assign step1 = !ram_valid_q || step2;

  always_ff @(posedge clk_i) begin
    if (step1) ram_q <= mem[rptr_q[AW-1:0]];
  end

  always_ff @(posedge clk_i) begin
    if (step1) begin
      ram_valid_q <= send;
      ram_last_q  <= last;
      ram_side_q  <= {copied ? {2'd1, 1'b0, list_port_i} : target, source, modified, length};
    end
    if (step2) begin
      out_valid_q <= ram_valid_q;
      out_last_q  <= ram_last_q;
      out_side_q  <= ram_side_q;
      out_q       <= ram_q;
    end
    idle_o <= empty && given_q == '0 && !ram_valid_q && !out_valid_q;
    if (rst_i) begin
      ram_valid_q <= 1'b0;
      out_valid_q <= 1'b0;
    end
  end

  assign out_length = out_side_q[15:0];
  assign {m_axis_tdata_o, m_axis_tvalid_o, m_axis_tlast_o} = {out_q, out_valid_q, out_last_q};
  assign m_axis_tuser_o = {out_side_q[48:17], 15'd0, out_side_q[16], out_length};
  assign target_o       = out_side_q[SIDE_W-1 -: 34];

  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) begin
      m_axis_tkeep_o[i] = !out_last_q || out_length[KL-1:0] == '0 || KL'(i) < out_length[KL-1:0];
    end
  end
endmodule

`default_nettype wire
