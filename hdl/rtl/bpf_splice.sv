// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Carries out the verdicts: joins each result with its frame, applies the byte edits, and sends it to a sink.
///
/// Store-and-forward and in order: a packet starts when its result and its length are both there.
/// PASS (2), TX (3) and REDIRECT (4) read one beat per clock, without a bubble inside or between packets; every other
/// action skips the frame in one clock, whatever its length. Actions 5..7 and oversize frames count as ABORTED (0).
/// A REDIRECT without a target (kind 0) is skipped and reported as lost.
/// A packet that does not fit into its sink waits with `lossless_i`; without it, it is skipped and reported as lost.
///
/// Stages: H holds the packet and issues one read per clock (edits shift down by one beat with each read);
/// R has the RAM output, edits are merged; W is the register that feeds the sinks.
/// Latency: 1 clock from the pop of the result to H, 2 more to W. With bpf_fifo as the result queue (2) and
/// bpf_sink_fifo (3) a result pushed in clock t is on the sink's AXI4-Stream in clock t + 8.
/// Resources: 2 x BUS_W + 9 x EDIT_BYTES + 9 x min(EDIT_BYTES, BUS_W/8) flip-flops, less where edits are constant.
module bpf_splice #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned EDIT_BYTES = 64,              // packet bytes 0..EDIT_BYTES-1 may be edited; 0: none
  parameter int unsigned PACKET_BUFFER_BYTES = 32768,  // as bpf_packet_buffer's BYTES
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
  output logic               res_pop_o,         // take it; is also the credit that goes back to the ingress
  // bpf_packet_buffer
  input  logic               len_valid_i,
  input  logic [15:0]        len_length_i,
  input  logic               len_oversize_i,
  output logic               len_pop_o,
  output logic [AW:0]        buf_ptr_o,
  input  logic [BUS_W-1:0]   buf_data_i,        // 1 clock after buf_ptr_o
  // the sinks: admission, then beats
  output logic [LEFT_W-1:0]  need_m1_o,         // beats of the packet that wants to start, minus 1
  input  logic               pass_fits_i,
  input  logic               tx_fits_i,
  input  logic               redirect_fits_i,
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
  output logic [33:0]        beat_target_o,     // means something with redirect_valid_o
  // one pulse per packet, in order
  output logic               mon_valid_o,
  output logic [2:0]         mon_action_o,
  output logic [15:0]        mon_length_o,      // after edits
  output logic [15:0]        mon_received_o,    // as received
  output logic [33:0]        mon_target_o,      // as res_target_i; kind 0 unless the action is REDIRECT
  output logic               pass_lost_o,       // with mon_valid_o: it did not fit
  output logic               tx_lost_o,
  output logic               redirect_lost_o,   // also: it had no target
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

  // ---- stage H: the packet that is being read ----
  logic              h_valid_q, h_first_q, h_pass_q, h_tx_q, h_redirect_q;
  logic [2:0]        h_action_q;
  logic [15:0]       h_length_q;
  logic [33:0]       h_target_q;
  logic [LEFT_W-1:0] h_left_q;                  // beats after this one
  logic [AW:0]       ptr_q;
  logic              forward, fits, go, skip, emit, done, load, pop, unused_length_m1;
  logic [15:0]       length_m1;
  logic [2:0]        action;

  assign length_m1 = len_length_i - 16'd1;
  assign unused_length_m1 = ^length_m1[KL-1:0];
  assign action    = (len_oversize_i || res_action_i > REDIRECT) ? 3'd0 : res_action_i;

  assign forward = h_pass_q || h_tx_q || h_redirect_q;
  assign fits    = h_pass_q ? pass_fits_i : h_tx_q ? tx_fits_i : redirect_fits_i;
  assign go      = h_valid_q && (!h_first_q || !forward || fits || !lossless_i);
  assign skip    = h_first_q && (!forward || !fits);
  assign emit    = go && !skip;
  assign done    = go && (skip || h_left_q == '0);
  assign load    = !h_valid_q || done;
  assign pop     = load && res_valid_i && len_valid_i;

  assign res_pop_o      = pop;
  assign len_pop_o      = pop;
  assign buf_ptr_o      = ptr_q;
  assign need_m1_o      = h_left_q;
  assign pass_reserve_o = emit && h_first_q && h_pass_q;
  assign tx_reserve_o   = emit && h_first_q && h_tx_q;
  assign redirect_reserve_o = emit && h_first_q && h_redirect_q;

  always_ff @(posedge clk_i) begin
    if (load) begin
      h_action_q <= action;
      h_pass_q   <= action == PASS;
      h_tx_q     <= action == TX;
      h_redirect_q <= action == REDIRECT && res_target_i[33:32] != 2'd0;
      h_length_q <= len_length_i;
      h_target_q <= res_target_i;
    end
    if (load) h_left_q <= length_m1[15:KL];
    else if (go) h_left_q <= h_left_q - 1'b1;
    if (load) h_first_q <= 1'b1;
    else if (go) h_first_q <= 1'b0;
    if (rst_i) begin
      h_valid_q <= 1'b0;
      ptr_q     <= '0;
    end else begin
      if (load) h_valid_q <= pop;
      if (go) ptr_q <= ptr_q + (skip ? (AW+1)'(h_left_q) : '0) + 1'b1;
    end
  end

  // ---- edits: clipped to the length when loaded, then one slice per beat ----
  logic [BUSB-1:0]  slice_mask;
  logic [BUS_W-1:0] slice_data;
  logic             any_edit;

  if (EDIT_BYTES == 0) begin : g_no_edits
    logic unused_edits;
    assign unused_edits = ^{res_edit_mask_i, res_edit_data_i};
    assign slice_mask = '0;
    assign slice_data = '0;
    assign any_edit   = 1'b0;
  end else begin : g_edits
    localparam int unsigned PADDED = SLICES * BUSB;
    logic [PADDED-1:0]   mask_d, mask_q;
    logic [8*PADDED-1:0] data_d, data_q;

    always_comb begin
      mask_d = '0;
      for (int unsigned i = 0; i < EDIT_BYTES; i++) mask_d[i] = res_edit_mask_i[i] && 16'(i) < len_length_i;
    end

    always_comb begin
      data_d = '0;
      data_d[8*EDIT_BYTES-1:0] = res_edit_data_i;
    end

    always_ff @(posedge clk_i) begin
      if (load) mask_q <= mask_d;
      else if (go) mask_q <= mask_q >> BUSB;
      if (load) data_q <= data_d;
      else if (go && SLICES > 1) data_q <= data_q >> BUS_W;
    end

    assign slice_mask = mask_q[BUSB-1:0];
    assign slice_data = data_q[BUS_W-1:0];
    assign any_edit   = |mask_q;
  end

  // ---- stage R: the RAM output is here ----
  logic             r_pass_q, r_tx_q, r_redirect_q, r_last_q, r_modified_q;
  logic [15:0]      r_length_q;
  logic [33:0]      r_target_q;
  logic [BUSB-1:0]  r_mask_q;
  logic [BUS_W-1:0] r_data_q, merged;

  always_ff @(posedge clk_i) begin
    r_pass_q   <= emit && h_pass_q && !rst_i;
    r_tx_q     <= emit && h_tx_q && !rst_i;
    r_redirect_q <= emit && h_redirect_q && !rst_i;
    r_last_q   <= h_left_q == '0;
    r_length_q <= h_length_q;
    r_target_q <= h_target_q;
    r_mask_q   <= slice_mask;
    r_data_q   <= slice_data;
    if (emit && h_first_q) r_modified_q <= any_edit;
  end

  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) begin
      merged[8*i +: 8] = r_mask_q[i] ? r_data_q[8*i +: 8] : buf_data_i[8*i +: 8];
    end
  end

  // ---- stage W: to the sinks ----
  always_ff @(posedge clk_i) begin
    pass_valid_o    <= r_pass_q && !rst_i;
    tx_valid_o      <= r_tx_q && !rst_i;
    redirect_valid_o <= r_redirect_q && !rst_i;
    beat_data_o     <= merged;
    beat_last_o     <= r_last_q;
    beat_length_o   <= r_length_q;
    beat_modified_o <= r_modified_q;
    beat_target_o   <= r_target_q;
  end

  // ---- reports ----
  always_ff @(posedge clk_i) begin
    mon_valid_o    <= go && h_first_q && !rst_i;
    mon_action_o   <= h_action_q;
    mon_length_o   <= h_length_q;
    mon_received_o <= h_length_q;
    mon_target_o   <= {(h_action_q == REDIRECT) ? h_target_q[33:32] : 2'd0, h_target_q[31:0]};
    pass_lost_o    <= go && skip && h_pass_q && !rst_i;
    tx_lost_o      <= go && skip && h_tx_q && !rst_i;
    redirect_lost_o <= go && skip && h_action_q == REDIRECT && !rst_i;
    idle_o         <= !h_valid_q && !r_pass_q && !r_tx_q && !r_redirect_q && !pass_valid_o && !tx_valid_o && !redirect_valid_o;
  end
endmodule

`default_nettype wire
