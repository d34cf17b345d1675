// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Copies the frames that pass one point of a stream, each cut to a snap length behind a header of 64 bytes; one point of bpf_tap.
///
/// It only looks on: the stream is an input. A copy is kept in a ring until its frame has ended (WAITS: and its verdict has come, which is in the order of the
/// frames), so that it is whole or not there at all. What finds no room, in the ring or among the headers, is left out and counted, `lost_o`.
/// `take_i` is asked with the first beat; with WAITS a copy whose verdict is not in `mask_i` is forgotten when the verdict comes.
/// Form of a copy: docs/src/tap.md. Out: one beat per clock, without a pause in a copy. tvalid never depends on tready.
/// Latency: 3 clocks from the last beat (or the verdict) to the first beat out. Resources: WORDS x BUS_W bits of RAM, 64 x 260 bits of LUT RAM, about 600 flip-flops.
module bpf_tap_point #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned WORDS = 256,          // beats of the ring, a power of two
  parameter int unsigned POINT = 0,            // number in the header
  parameter bit          WAITS = 1'b0,         // 1: the entry, whose frames wait for their verdict
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic             take_i,             // copies are wanted
  input  logic [4:0]       sample_i,           // of 2^n frames one
  input  logic [15:0]      snap_i,             // bytes of a frame
  input  logic [4:0]       mask_i,             // verdicts that are wanted, with WAITS
  input  logic [63:0]      clock_i,
  // a beat that passes
  input  logic             valid_i,
  input  logic [BUS_W-1:0] data_i,
  input  logic [BUSB-1:0]  keep_i,
  input  logic             last_i,
  input  logic             bad_i,              // on the last beat: the frame was cut; it is left out, as if there were no room
  input  logic [31:0]      source_i,           // on the first beat: ingress_ifindex, rx_queue_index
  input  logic [7:0]       metadata_i,         // bytes before the frame
  input  logic             modified_i,
  // the verdict: with WAITS a pulse for each frame, in order; else what belongs to the beat
  input  logic             verdict_valid_i,
  input  logic [2:0]       verdict_i,
  input  logic [15:0]      verdict_length_i,   // bytes that leave
  input  logic [1:0]       kind_i,             // of a redirect
  input  logic [31:0]      target_i,
  output logic             copied_o,           // pulses
  output logic             lost_o,
  output logic [BUS_W-1:0] m_axis_tdata_o,
  output logic [BUSB-1:0]  m_axis_tkeep_o,
  output logic             m_axis_tvalid_o,
  input  logic             m_axis_tready_i,
  output logic             m_axis_tlast_o,
  output logic [15:0]      m_axis_tuser_o      // bytes of the copy
);
  localparam int unsigned AW = $clog2(WORDS);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned HEADERS = 64;
  localparam int unsigned HEADER_BEATS = 512 / BUS_W;
  localparam int unsigned HL = (HEADER_BEATS > 1) ? $clog2(HEADER_BEATS) : 1;

  if (WORDS < 4 || (1 << AW) != WORDS) begin : g_check
    $fatal(1, "bpf_tap_point: WORDS must be a power of two, at least 4");
  end

  // ---- the frame that passes ----
  (* no_rw_check *)
  logic [BUS_W-1:0] mem [0:WORDS-1];
  logic [AW:0]      write_q, whole_q, read_q;  // the next beat; behind the last whole copy; to read
  logic             inside_q, on_q, lost_q, first, on, room, header_room, wants, store, fails, ends, keeps;
  logic [15:0]      at_q, at, tail, length, kept;
  logic [31:0]      number_q, lost_count_q;
  logic [63:0]      clock_q;
  logic [31:0]      source_q;

  assign first = !inside_q;
  assign at    = first ? 16'd0 : at_q;
  assign wants = take_i && (number_q & ~(32'hFFFF_FFFF << sample_i)) == '0;
  assign on    = first ? wants : on_q;
  assign room  = (write_q ^ read_q) != {1'b1, {AW{1'b0}}};
  assign store = valid_i && on && at < snap_i && !(lost_q && !first);
  assign fails = (lost_q && !first) || (store && !room) || (first && !header_room) || (last_i && bad_i);
  assign ends  = valid_i && last_i;
  assign keeps = ends && on && !fails;
  // Bytes in the last beat: tkeep is contiguous.
  always_comb begin
    tail = 16'd0;
    for (int unsigned i = 0; i < BUSB; i++) if (keep_i[i]) tail = 16'(i + 1);
  end
  assign length = at + tail;
  assign kept   = (length < snap_i) ? length : snap_i;

  always_ff @(posedge clk_i) begin
    if (store && room) mem[write_q[AW-1:0]] <= data_i;
  end

  always_ff @(posedge clk_i) begin
    copied_o <= keeps;
    lost_o   <= ends && on && fails;
    if (valid_i) begin
      inside_q <= !last_i;
      at_q     <= at + 16'(BUSB);
      on_q     <= on;
      lost_q   <= on && fails;
      if (first) begin
        clock_q  <= clock_i;
        source_q <= source_i;
      end
    end
    if (store && room) write_q <= write_q + 1'b1;
    if (keeps) whole_q <= write_q + (AW+1)'(store);
    if (ends && on && fails) write_q <= whole_q;
    if (ends) number_q <= number_q + 32'd1;
    if (lost_o) lost_count_q <= lost_count_q + 32'd1;
    if (rst_i) begin
      inside_q     <= 1'b0;
      copied_o     <= 1'b0;
      lost_o       <= 1'b0;
      write_q      <= '0;
      whole_q      <= '0;
      number_q     <= '0;
      lost_count_q <= '0;
    end
  end

  // ---- headers: what is known at the frame's end, and what comes with the verdict ----
  localparam int unsigned KNOWN_W = (AW + 1) + 16 + 16 + 32 + 64 + 32 + 8 + 1;
  localparam int unsigned TOLD_W = 1 + 3 + 16 + 2 + 32;
  localparam int unsigned DW = $clog2(HEADERS);
  logic [KNOWN_W-1:0] known [0:HEADERS-1];
  logic [TOLD_W-1:0]  told [0:HEADERS-1];
  logic [DW:0]        in_q, told_q, out_q;     // headers written, with their verdict, read
  logic [31:0]        verdict_number_q, waiting_number;
  logic               tell, unused_number;
  logic [TOLD_W-1:0]  tells;

  assign header_room = (in_q ^ out_q) != {1'b1, {DW{1'b0}}};
  assign tells       = {WAITS ? mask_i[verdict_i] : 1'b1, verdict_i, verdict_length_i, kind_i, target_i};

  always_ff @(posedge clk_i) begin
    if (keeps) known[in_q[DW-1:0]] <= {write_q + (AW+1)'(store), length, kept, number_q, first ? clock_i : clock_q, first ? source_i : source_q, metadata_i, modified_i};
  end
  always_ff @(posedge clk_i) begin
    if (tell) told[told_q[DW-1:0]] <= tells;
  end

  if (WAITS) begin : g_waits
    // Whose turn it is: the verdict's number is that of the oldest copy without one, or of a frame without a copy.
    logic [31:0] numbers [0:HEADERS-1];
    always_ff @(posedge clk_i) begin
      if (keeps) numbers[in_q[DW-1:0]] <= number_q;
    end
    assign waiting_number = numbers[told_q[DW-1:0]];
    assign tell           = verdict_valid_i && in_q != told_q && waiting_number == verdict_number_q;
    assign unused_number  = 1'b0;
  end else begin : g_known
    assign waiting_number = '0;
    assign tell           = keeps;
    assign unused_number  = ^{waiting_number, verdict_number_q, mask_i};
  end

  always_ff @(posedge clk_i) begin
    if (keeps) in_q <= in_q + 1'b1;
    if (tell) told_q <= told_q + 1'b1;
    if (verdict_valid_i) verdict_number_q <= verdict_number_q + 32'd1;
    if (rst_i) begin
      in_q             <= '0;
      told_q           <= '0;
      verdict_number_q <= '0;
    end
  end

  // ---- out: one copy at a time, loaded into registers, the header first ----
  logic [KNOWN_W-1:0] head;
  logic [TOLD_W-1:0]  verdict;
  logic [AW:0]        head_end, end_q, read_next;
  logic [15:0]        head_length, head_kept, verdict_length, total_q;
  logic [KL-1:0]      tail_q;
  logic [31:0]        head_number, head_source, target;
  logic [63:0]        head_clock;
  logic [7:0]         head_metadata;
  logic               head_modified, wanted, have, load, out_valid_q, behind_q, go, header_last, data_last;
  logic [2:0]         action;
  logic [1:0]         kind;
  logic [511:0]       header_q;
  logic [HL-1:0]      beat_q;
  logic [BUS_W-1:0]   data_q;

  assign have    = told_q != out_q;
  assign head    = known[out_q[DW-1:0]];
  assign verdict = told[out_q[DW-1:0]];
  assign {head_end, head_length, head_kept, head_number, head_clock, head_source, head_metadata, head_modified} = head;
  assign {wanted, action, verdict_length, kind, target} = verdict;

  assign load        = have && !out_valid_q;
  assign header_last = beat_q == HL'(HEADER_BEATS - 1);
  assign data_last   = read_q + 1'b1 == end_q;
  assign go          = out_valid_q && m_axis_tready_i;
  // The RAM shows the next beat: the one behind that which is taken.
  assign read_next   = (load && !wanted) ? head_end : read_q + (AW+1)'(go && behind_q);

  assign m_axis_tvalid_o = out_valid_q;
  assign m_axis_tdata_o  = behind_q ? data_q : header_q[BUS_W-1:0];
  assign m_axis_tlast_o  = behind_q ? data_last : header_last && read_q == end_q;
  assign m_axis_tuser_o  = total_q;
  // Whole groups of 8 bytes.
  always_comb begin
    m_axis_tkeep_o = '1;
    if (behind_q && data_last && tail_q != '0)
      for (int unsigned i = 0; i < BUSB; i++) m_axis_tkeep_o[i] = 16'(i & ~32'd7) < 16'(tail_q);
  end

  always_ff @(posedge clk_i) begin
    data_q <= mem[read_next[AW-1:0]];
  end

  always_ff @(posedge clk_i) begin
    read_q <= read_next;
    if (load) begin
      out_q       <= out_q + 1'b1;
      out_valid_q <= wanted;
      behind_q    <= 1'b0;
      beat_q      <= '0;
      end_q       <= head_end;
      tail_q      <= head_kept[KL-1:0];
      total_q     <= ((head_kept + 16'd7) & ~16'd7) + 16'd64;
      header_q    <= {208'd0, verdict_length, head_source, lost_count_q, head_number, head_clock, head_kept, head_length, target, 6'd0, kind,
                      head_metadata, 7'd0, head_modified, 5'd0, action, 8'(POINT), 8'd1, ((head_kept + 16'd7) & ~16'd7) + 16'd64};
    end else if (go) begin
      header_q <= header_q >> BUS_W;
      beat_q   <= beat_q + 1'b1;
      if (!behind_q && header_last) behind_q <= 1'b1;
      if (m_axis_tlast_o) out_valid_q <= 1'b0;
    end
    if (rst_i) begin
      read_q      <= '0;
      out_q       <= '0;
      out_valid_q <= 1'b0;
    end
  end
endmodule

`default_nettype wire
