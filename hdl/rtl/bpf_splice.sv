// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Carries out the verdicts: joins each result with its frame, applies the byte edits, and sends it to a sink.
///
/// Store-and-forward and in order: a packet starts when its result and its length are both there.
/// PASS (2), TX (3) and REDIRECT (4) read one beat per clock, without a bubble inside or between packets; every other
/// action skips the frame in one clock, whatever its length. Actions 5..7 and oversize frames count as ABORTED (0).
/// A REDIRECT without a target (kind 0) is skipped and reported as gone nowhere.
/// A packet that does not fit into its sink waits with `lossless_i`; without it, it is skipped and reported as lost.
///
/// With RESIZE the packet's extent is the program's: bpf_extent stands before H, bpf_shift between the RAM and the edits.
/// A packet then takes as many clocks as the greater of the beats that it reads and of those that it sends; whole beats before its
/// head are not read. PASS sends the metadata before the frame. Bytes before the frame as received must be edited.
/// Without RESIZE there is nothing of all that.
///
/// Stages: H holds the packet and issues one read per clock (edits shift down by one beat with each read);
/// R has the RAM output, edits are merged; W is the register that feeds the sinks.
/// Latency: 1 clock from the pop of the result to H, 2 more to W. With bpf_fifo as the result queue (2) and
/// bpf_sink_fifo (3) a result pushed in clock t is on the sink's AXI4-Stream in clock t + 8; with RESIZE 1 later, and 1 more
/// where the head moves, 2 where it can move backwards (LATE).
/// Resources: 2 x BUS_W + 9 x EDIT_BYTES + 9 x min(EDIT_BYTES, BUS_W/8) flip-flops, less where edits are constant.
module bpf_splice #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned EDIT_BYTES = 64,              // packet bytes 0..EDIT_BYTES-1 may be edited; 0: none
  parameter int unsigned PACKET_BUFFER_BYTES = 32768,  // as bpf_packet_buffer's BYTES
  parameter int unsigned RESIZE = 0,                   // 1: the program changes the packet's extent
  parameter int unsigned META_BYTES = 0,               // most metadata; edit byte META_BYTES is then the frame's first
  parameter logic [63:0] METAS = 64'd1,                // as bpf_extent's
  parameter int unsigned TAIL_GROWS = 0,               // 1: bytes from res_kept_i on are zero
  parameter int unsigned MOVES = 0,                    // 1: the stream does not always begin at place 0
  parameter int unsigned LATE = 0,                     // 1: it can begin behind place 0
  parameter int unsigned WAITS = 0,                    // 1: it can begin more than a beat before place 0
  parameter int unsigned PLACES = 1,                   // of bpf_shift, as are the next two: (BUS_W / 8 +) the place where the
  parameter logic [8*PLACES-1:0] OFFSETS = '0,         // stream begins, modulo BUS_W / 8; plus BUS_W / 8 from place 0 on
  parameter logic [7:0] VARYING = 8'd0,
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned EDITS = (EDIT_BYTES == 0) ? 1 : EDIT_BYTES,
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB),
  localparam int unsigned AW = $clog2(PACKET_BUFFER_BYTES / BUSB)
) (
  input  logic               clk_i,
  input  logic               rst_i,
  input  logic               lossless_i,        // CONTROL.lossless
  // head of the result queue
  input  logic               res_valid_i,
  input  logic [2:0]         res_action_i,      // the kernel's numbers
  input  logic [EDITS-1:0]   res_edit_mask_i,   // bit i: byte i of the packet is replaced
  input  logic [8*EDITS-1:0] res_edit_data_i,
  input  logic [33:0]        res_target_i,      // of a REDIRECT: [31:0] number, [33:32] kind, 0: none
  input  logic signed [15:0] res_head_i,        // with RESIZE: places, bytes from the first one received
  input  logic signed [15:0] res_end_i,
  input  logic signed [15:0] res_kept_i,        // with TAIL_GROWS
  input  logic [7:0]         res_metadata_i,    // bytes, a multiple of 4
  output logic               res_pop_o,         // take it; is also the credit that goes back to the ingress
  // bpf_packet_buffer
  input  logic               len_valid_i,
  input  logic [15:0]        len_length_i,
  input  logic [LEFT_W-1:0]  len_left_i,        // beats received, minus 1
  input  logic               len_oversize_i,
  output logic               len_pop_o,
  output logic               source_load_o,     // sources: show the next one; it is the packet's that starts
  output logic               source_pop_o,
  input  logic [31:0]        source_i,          // 1 clock after source_load_o
  output logic [AW:0]        buf_ptr_o,
  input  logic [BUS_W-1:0]   buf_data_i,        // 1 clock after buf_ptr_o
  // the sinks: admission, then beats
  output logic [LEFT_W-1:0]  next_m1_o,         // beats minus 1 of the packet that comes next (AHEAD of bpf_admission)
  output logic [LEFT_W-1:0]  need_m1_o,         // beats of the packet that wants to start, minus 1
  input  logic               pass_fits_i,
  input  logic               tx_fits_i,
  input  logic               redirect_fits_i,
  output logic               pass_waits_o,      // it waits until it fits; register, as are the other five
  output logic               tx_waits_o,
  output logic               redirect_waits_o,
  output logic               pass_single_o,     // if it fits, it starts, and the next one comes
  output logic               tx_single_o,
  output logic               redirect_single_o,
  output logic               pass_reserve_o,
  output logic               tx_reserve_o,
  output logic               redirect_reserve_o,
  output logic               pass_valid_o,
  output logic               tx_valid_o,
  output logic               redirect_valid_o,
  output logic [BUS_W-1:0]   beat_data_o,
  output logic               beat_last_o,
  output logic [15:0]        beat_length_o,
  output logic               beat_modified_o,
  output logic [31:0]        beat_source_o,     // as the frame came: [15:0] ingress_ifindex, [31:16] rx_queue_index
  output logic [33:0]        beat_target_o,     // means something with redirect_valid_o
  output logic [7:0]         beat_metadata_o,   // bytes of metadata before the frame
  // one pulse per packet, in order
  output logic               mon_valid_o,
  output logic [2:0]         mon_action_o,
  output logic [15:0]        mon_length_o,      // after edits
  output logic [15:0]        mon_received_o,    // as received
  output logic [33:0]        mon_target_o,      // as res_target_i; kind 0 unless the action is REDIRECT
  output logic               pass_lost_o,       // with mon_valid_o: it did not fit
  output logic               tx_lost_o,
  output logic               redirect_lost_o,
  output logic               redirect_nowhere_o, // it had no target
  output logic               idle_o             // no packet here
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned SLICES = (EDITS + BUSB - 1) / BUSB;
  localparam logic [2:0] PASS = 3'd2;
  localparam logic [2:0] TX = 3'd3;
  localparam logic [2:0] REDIRECT = 3'd4;

  if (BUS_W != 64 && BUS_W != 128 && BUS_W != 256 && BUS_W != 512) begin : g_check_1
    $fatal(1, "bpf_splice: BUS_W must be 64, 128, 256 or 512");
  end

  localparam int unsigned DELAY = (MOVES == 0) ? 0 : 1 + LATE;  // clocks from the RAM's output to the edits

  // ---- the packet that comes next ----
  logic               next_valid, next_extra, next_modified, load, pop, unused_next;
  logic [2:0]         action, next_action, want, next_sink;  // sinks: {redirect, tx, pass}
  logic [33:0]        next_target;
  logic [15:0]        next_received, next_frame, next_length, next_raw;
  logic [LEFT_W-1:0]  next_left, next_stored, next_skip, next_wait;
  logic [7:0]         next_offset, next_metadata;
  logic [EDITS-1:0]   next_mask;
  logic [8*EDITS-1:0] next_data;

  assign action = (len_oversize_i || res_action_i > REDIRECT) ? 3'd0 : res_action_i;
  assign pop    = load && next_valid;
  // The result comes late, out of a RAM.
  assign want   = {res_action_i == REDIRECT && res_target_i[33:32] != 2'd0, res_action_i == TX, res_action_i == PASS};

  if (RESIZE == 0) begin : g_as_received
    assign next_valid    = res_valid_i && len_valid_i;
    assign res_pop_o     = pop;
    assign next_action   = action;
    assign next_sink     = want & {3{!len_oversize_i}};
    assign next_target   = res_target_i;
    assign next_received = len_length_i;
    assign next_frame    = len_length_i;
    assign next_length   = len_length_i;
    assign next_left     = len_left_i;
    assign next_data     = res_edit_data_i;
    assign {next_stored, next_skip, next_wait, next_raw, next_offset, next_metadata} = '0;
    assign {next_extra, next_modified} = '0;
    always_comb begin
      for (int unsigned i = 0; i < EDITS; i++) next_mask[i] = res_edit_mask_i[i] && 16'(i) < len_length_i;
    end
    assign unused_next = ^{res_head_i, res_end_i, res_kept_i, res_metadata_i, next_stored, next_skip, next_wait,
                           next_raw, next_offset};
  end else begin : g_extent
    bpf_extent #(.BUS_W(BUS_W), .EDITS(EDITS), .META_BYTES(META_BYTES), .METAS(METAS), .TAIL_GROWS(TAIL_GROWS)) u_extent (
      .clk_i,
      .rst_i,
      .valid_i     (res_valid_i && len_valid_i),
      .take_o      (res_pop_o),
      .action_i    (action),
      .target_i    (res_target_i),
      .received_i  (len_length_i),
      .stored_i    (len_left_i),
      .head_i      (res_head_i),
      .end_i       (res_end_i),
      .kept_i      (res_kept_i),
      .metadata_i  (res_metadata_i),
      .edit_mask_i (res_edit_mask_i),
      .edit_data_i (res_edit_data_i),
      .valid_o     (next_valid),
      .take_i      (pop),
      .action_o    (next_action),
      .target_o    (next_target),
      .received_o  (next_received),
      .frame_o     (next_frame),
      .length_o    (next_length),
      .metadata_o  (next_metadata),
      .left_o      (next_left),
      .stored_o    (next_stored),
      .skip_o      (next_skip),
      .wait_o      (next_wait),
      .extra_o     (next_extra),
      .offset_o    (next_offset),
      .raw_o       (next_raw),
      .modified_o  (next_modified),
      .edit_mask_o (next_mask),
      .edit_data_o (next_data)
    );
    assign next_sink   = {next_action == REDIRECT && next_target[33:32] != 2'd0, next_action == TX, next_action == PASS};
    assign unused_next = ^{want, next_wait, next_raw, next_offset};
  end

  // ---- stage H: the packet that is being read ----
  // Vectors are {redirect, tx, pass}, and a packet has one sink at most. h_waits_q: the packet has not started and waits until it fits (h_waiting_q: in any of
  // them); h_single_q: it takes one clock if it fits.
  logic              h_valid_q, h_first_q, h_extra_q, h_after_q, h_modified_q, h_waiting_q;
  logic [2:0]        h_sink_q, h_waits_q, h_single_q, fits;
  logic [2:0]        h_action_q;
  logic [15:0]       h_received_q, h_frame_q, h_length_q;
  logic [7:0]        h_metadata_q, h_offset_q;
  logic [33:0]       h_target_q;
  logic [LEFT_W-1:0] h_left_q;                  // beats to send after this one
  logic [AW:0]       ptr_q;
  logic              h_last_q;                  // h_left_q is 0
  logic              fit, go, skip, emit, ends, if_fit, if_not;

  // That it fits comes late, and what it lets in is read at once: all else is ready for both cases.
  assign fits    = {redirect_fits_i, tx_fits_i, pass_fits_i};
  assign fit     = |(h_sink_q & fits);
  assign go      = h_valid_q && (fit || !h_waiting_q);
  assign skip    = h_first_q && !fit;
  assign emit    = go && !skip && !h_after_q;
  assign ends    = h_last_q && (!h_extra_q || h_after_q);
  assign if_fit  = !h_valid_q || ends;
  assign if_not  = !h_valid_q || (!h_waiting_q && (h_first_q || ends));
  assign load    = fit ? if_fit : if_not;

  assign len_pop_o      = res_pop_o;
  assign source_load_o  = load;
  assign source_pop_o   = pop;
  assign buf_ptr_o      = ptr_q;
  assign next_m1_o      = next_left;
  assign need_m1_o      = h_left_q;
  assign {redirect_waits_o, tx_waits_o, pass_waits_o}       = h_waits_q;
  assign {redirect_single_o, tx_single_o, pass_single_o}    = h_single_q;
  assign {redirect_reserve_o, tx_reserve_o, pass_reserve_o} = {3{h_valid_q && h_first_q}} & h_sink_q & fits;

  always_ff @(posedge clk_i) begin
    if (load) begin
      h_action_q <= next_action;
      h_sink_q   <= next_sink;
      h_received_q <= next_received;
      h_frame_q  <= next_frame;
      h_length_q <= next_length;
      h_target_q <= next_target;
      h_extra_q  <= next_extra;
      h_offset_q <= next_offset;
      h_metadata_q <= next_metadata;
      h_modified_q <= next_modified;
    end
    if (load) h_left_q <= next_left;
    else if (go && (RESIZE == 0 || !h_last_q)) h_left_q <= h_left_q - 1'b1;
    if (load) h_last_q <= next_left == '0;
    else if (go) h_last_q <= h_last_q || h_left_q == LEFT_W'(1);
    if (load) h_first_q <= 1'b1;
    else if (go) h_first_q <= 1'b0;
    if (load) h_single_q <= next_sink & {3{pop && next_left == '0 && !next_extra}};
    h_waits_q <= (load ? next_sink & {3{pop}} : h_waits_q & h_sink_q & ~fits) & {3{lossless_i && !rst_i}};
    h_waiting_q <= (load ? next_sink != '0 && pop : h_waiting_q && !fit) && lossless_i && !rst_i;
    h_after_q <= !load && h_extra_q && (h_after_q || go && h_last_q);
    if (rst_i) h_valid_q <= 1'b0;
    else if (load) h_valid_q <= pop;
  end

  // ---- what is read ----
  if (RESIZE == 0) begin : g_read_all
    always_ff @(posedge clk_i) begin
      if (rst_i) ptr_q <= '0;
      else if (go) ptr_q <= ptr_q + (skip ? (AW+1)'(h_left_q) : '0) + 1'b1;
    end
  end else begin : g_read
    logic [AW:0]       base_q, base_d;          // first beat of the packet
    logic [LEFT_W-1:0] stored_q, wait_q, rest_q; // beats of the packet less 1; clocks until it is read; beats after this one
    logic              read;

    assign base_d = h_valid_q ? base_q + (AW+1)'(stored_q) + 1'b1 : base_q;
    assign read   = go && (WAITS == 0 || wait_q == '0) && (TAIL_GROWS == 0 || rest_q != '0);

    always_ff @(posedge clk_i) begin
      if (load) begin
        stored_q <= next_stored;
        wait_q   <= next_wait;
        rest_q   <= next_stored - next_skip;
      end else begin
        if (go && wait_q != '0) wait_q <= wait_q - 1'b1;
        if (read) rest_q <= rest_q - 1'b1;
      end
      if (rst_i) begin
        base_q <= '0;
        ptr_q  <= '0;
      end else if (load) begin
        base_q <= base_d;
        // While it loads, next_valid is pop, which comes late.
        ptr_q  <= base_d + (next_valid ? (AW+1)'(next_skip) : '0);
      end else if (read) begin
        ptr_q <= ptr_q + 1'b1;
      end
    end
  end

  // ---- edits: one slice per beat ----
  logic [BUSB-1:0]  slice_mask;
  logic [BUS_W-1:0] slice_data;
  logic             any_edit;

  if (EDIT_BYTES == 0) begin : g_no_edits
    logic unused_edits;
    assign unused_edits = ^{res_edit_mask_i, res_edit_data_i, next_mask, next_data};
    assign slice_mask = '0;
    assign slice_data = '0;
    assign any_edit   = 1'b0;
  end else begin : g_edits
    localparam int unsigned PADDED = SLICES * BUSB;
    logic [PADDED-1:0]   mask_q;
    logic [8*PADDED-1:0] data_q;

    always_ff @(posedge clk_i) begin
      if (load) mask_q <= PADDED'(next_mask);
      else if (go) mask_q <= mask_q >> BUSB;
      if (load) data_q <= (8*PADDED)'(next_data);
      else if (go && SLICES > 1) data_q <= data_q >> BUS_W;
    end

    assign slice_mask = mask_q[BUSB-1:0];
    assign slice_data = data_q[BUS_W-1:0];
    assign any_edit   = |mask_q;
  end

  // ---- bytes that are not zero: where the tail grew ----
  logic [BUSB-1:0] slice_raw;

  if (TAIL_GROWS == 0) begin : g_no_tail
    assign slice_raw = '1;
  end else begin : g_tail
    logic [15:0] raw_q;
    always_ff @(posedge clk_i) begin
      if (load) raw_q <= next_raw;
      else if (go) raw_q <= (raw_q[15:KL] == '0) ? '0 : raw_q - 16'(BUSB);
    end
    always_comb begin
      for (int unsigned i = 0; i < BUSB; i++) slice_raw[i] = raw_q[15:KL] != '0 || KL'(i) < raw_q[KL-1:0];
    end
  end

  // ---- stage R: the RAM output is here; with MOVES, it is cut first ----
  localparam int unsigned WIDTH = BUS_W + 2 * BUSB + 91;
  logic [3*DELAY+2:0]         r_valid_q;        // redirect, tx, pass; newest lowest
  logic [WIDTH*(DELAY+1)-1:0] r_word_q;
  logic [DELAY:0]             r_modified_q;
  logic [WIDTH-1:0]           h_word, r_word;
  logic [BUSB-1:0]            r_mask, r_raw;
  logic [BUS_W-1:0]           r_edits, raw, merged;

  assign h_word = {source_i, h_metadata_q, h_target_q, h_length_q, h_last_q, slice_raw, slice_mask, slice_data};
  assign r_word = r_word_q[WIDTH*DELAY +: WIDTH];
  assign {r_raw, r_mask, r_edits} = r_word[BUS_W+2*BUSB-1:0];

  always_ff @(posedge clk_i) begin
    r_word_q[WIDTH-1:0] <= h_word;
    if (emit && h_first_q) r_modified_q[0] <= h_modified_q || (META_BYTES == 0 && any_edit);
    r_valid_q[2:0] <= {3{emit && !rst_i}} & h_sink_q;
  end

  if (MOVES == 0) begin : g_in_place
    logic unused_offset;
    assign unused_offset = ^h_offset_q;
    assign raw = buf_data_i;
  end else begin : g_move
    logic [8*(DELAY+1)-1:0] offset_q;

    always_ff @(posedge clk_i) begin
      offset_q <= {offset_q[8*DELAY-1:0], h_offset_q};
      r_word_q[WIDTH*(DELAY+1)-1:WIDTH] <= r_word_q[WIDTH*DELAY-1:0];
      r_modified_q[DELAY:1] <= r_modified_q[DELAY-1:0];
      r_valid_q[3*DELAY+2:3] <= rst_i ? '0 : r_valid_q[3*DELAY-1:0];
    end

    bpf_shift #(.BUS_W(BUS_W), .PLACES(PLACES), .OFFSETS(OFFSETS), .VARYING(VARYING), .LATE(LATE)) u_shift (
      .clk_i,
      .data_i   (buf_data_i),
      .offset_i (offset_q[8*(DELAY-1) +: 8]),
      .data_o   (raw)
    );
    logic unused_offset;
    assign unused_offset = ^offset_q[8*DELAY +: 8];
  end

  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) begin
      merged[8*i +: 8] = r_mask[i] ? r_edits[8*i +: 8] : r_raw[i] ? raw[8*i +: 8] : 8'd0;
    end
  end

  // ---- stage W: to the sinks ----
  always_ff @(posedge clk_i) begin
    {redirect_valid_o, tx_valid_o, pass_valid_o} <= rst_i ? '0 : r_valid_q[3*DELAY +: 3];
    beat_data_o     <= merged;
    {beat_source_o, beat_metadata_o, beat_target_o, beat_length_o, beat_last_o} <= r_word[WIDTH-1 -: 91];
    beat_modified_o <= r_modified_q[DELAY];
  end

  // ---- reports ----
  always_ff @(posedge clk_i) begin
    mon_valid_o    <= go && h_first_q && !rst_i;
    mon_action_o   <= h_action_q;
    mon_length_o   <= h_frame_q;
    mon_received_o <= h_received_q;
    mon_target_o   <= {(h_action_q == REDIRECT) ? h_target_q[33:32] : 2'd0, h_target_q[31:0]};
    {redirect_lost_o, tx_lost_o, pass_lost_o} <= {3{h_valid_q && h_first_q && !h_waiting_q && !rst_i}} & h_sink_q & ~fits;
    redirect_nowhere_o <= go && h_first_q && h_action_q == REDIRECT && !h_sink_q[2] && !rst_i;
    idle_o         <= !h_valid_q && (RESIZE == 0 || !next_valid) && r_valid_q == '0 && !pass_valid_o && !tx_valid_o && !redirect_valid_o;
  end
endmodule

`default_nettype wire
