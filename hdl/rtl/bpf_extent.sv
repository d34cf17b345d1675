// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Works out what a packet with a new extent needs: beats to skip, to wait for and to send, where they are cut, which edits
/// fall into it. One register stage between the result queue and bpf_splice, which holds the packet meanwhile.
///
/// Places are bytes from the first byte as received. The stream begins at `start` = head, on PASS less the metadata, and ends
/// at `end`. With q = start / (BUS_W/8), rounded down, its beat k is made of the received beats q + k and q + k + 1, so that
///   * q >= 0: the splice skips q beats; one clock in which nothing is sent is needed at the end (`extra_o`) if the last
///     beat sent is not made of the last received one that is used: then more beats are read than sent;
///   * q < 0: there is nothing to read before beat 0 is used, in clock -q - 1 (`wait_o`).
/// So a packet takes as many clocks as the greater of the beats read and of those sent.
/// Extents of packets that do not leave mean nothing.
/// Latency: 1 clock. Resources: 9 x EDIT_BYTES + about 170 flip-flops.
module bpf_extent #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned EDITS = 64,               // edit bytes; bit META_BYTES is the frame's first byte
  parameter int unsigned META_BYTES = 0,           // most metadata
  parameter logic [63:0] METAS = 64'd1,            // bit k: 4 * k bytes of metadata are possible; bit 0 is set
  parameter int unsigned TAIL_GROWS = 0,           // 1: bytes from kept_i on are zero
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB)
) (
  input  logic               clk_i,
  input  logic               rst_i,
  // a result and its frame's length
  input  logic               valid_i,
  output logic               take_o,
  input  logic [2:0]         action_i,
  input  logic [33:0]        target_i,
  input  logic [15:0]        received_i,           // bytes, at least 1
  input  logic [LEFT_W-1:0]  stored_i,             // beats received, minus 1
  input  logic signed [15:0] head_i,
  input  logic signed [15:0] end_i,
  input  logic signed [15:0] kept_i,
  input  logic [7:0]         metadata_i,           // bytes, a multiple of 4
  input  logic [EDITS-1:0]   edit_mask_i,
  input  logic [8*EDITS-1:0] edit_data_i,
  // the same packet a clock later
  output logic               valid_o,
  input  logic               take_i,
  output logic [2:0]         action_o,
  output logic [33:0]        target_o,
  output logic [15:0]        received_o,
  output logic [15:0]        frame_o,              // bytes of the frame as it leaves, or as received if it does not
  output logic [15:0]        length_o,             // bytes sent: with metadata
  output logic [7:0]         metadata_o,           // bytes of metadata sent
  output logic [LEFT_W-1:0]  left_o,               // beats sent, minus 1
  output logic [LEFT_W-1:0]  stored_o,             // beats received, minus 1
  output logic [LEFT_W-1:0]  skip_o,               // beats not to read
  output logic [LEFT_W-1:0]  wait_o,               // clocks before the first beat is read
  output logic               extra_o,              // a clock without a beat sent, at the end
  output logic [7:0]         offset_o,             // where bpf_shift cuts
  output logic [15:0]        raw_o,                // bytes from the start of the stream that are not zero unless edited
  output logic               modified_o,           // the frame, not only its metadata, is another
  output logic [EDITS-1:0]   edit_mask_o,          // byte 0 is the stream's first; clipped to its length
  output logic [8*EDITS-1:0] edit_data_o
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned SHIFT_W = $clog2(BUSB);

  // ---- the register stage ----
  logic               valid_q, forward_q;
  logic signed [15:0] head_q, end_q, kept_q, start_q;
  logic [7:0]         metadata, metadata_q;
  logic [EDITS-1:0]   mask_q;
  logic [8*EDITS-1:0] data_q;

  assign metadata = (META_BYTES != 0 && action_i == 3'd2) ? metadata_i : 8'd0;
  assign take_o   = valid_i && (!valid_q || take_i);
  assign valid_o  = valid_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) valid_q <= 1'b0;
    else if (!valid_q || take_i) valid_q <= valid_i;
    if (!valid_q || take_i) begin
      action_o   <= action_i;
      forward_q  <= action_i[2:1] != 2'd0;
      target_o   <= target_i;
      received_o <= received_i;
      stored_o   <= stored_i;
      head_q     <= head_i;
      end_q      <= end_i;
      kept_q     <= kept_i;
      metadata_q <= metadata;
      start_q    <= head_i - signed'(16'(metadata));
      mask_q     <= edit_mask_i;
      data_q     <= edit_data_i;
    end
  end

  // ---- beats ----
  logic signed [15:0]        end_m1, kept_m1, rest;
  logic signed [15-SHIFT_W:0] first, last, last_kept;
  logic [15:0]               length, length_m1;
  logic                      below, is_kept;

  assign below       = start_q[15];
  assign length      = end_q - start_q;
  assign length_m1   = end_q + ~start_q;           // end - start - 1, beside the length, not behind it
  assign end_m1      = end_q - 16'sd1;
  assign kept_m1     = kept_q - 16'sd1;
  assign first       = start_q[15:KL];
  assign last        = end_m1[15:KL];
  assign last_kept   = kept_m1[15:KL];
  assign is_kept     = TAIL_GROWS == 0 || last <= last_kept;
  assign rest        = kept_q - start_q;

  assign length_o   = length;
  assign metadata_o = metadata_q;
  assign frame_o    = forward_q ? end_q - head_q : received_o;
  assign left_o     = length_m1[15:KL];
  assign skip_o     = (below || !forward_q) ? '0 : (TAIL_GROWS != 0 && first > signed'(stored_o)) ? stored_o : first;
  assign wait_o     = below ? ~first : '0;
  assign extra_o    = !below && end_m1[KL-1:0] < start_q[KL-1:0] && is_kept;
  assign offset_o   = {8'(start_q[KL-1:0])} + (below ? 8'd0 : 8'(BUSB));
  assign raw_o      = rest[15] ? 16'd0 : rest;

  // ---- edits: those of the frame begin at bit META_BYTES, the stream at the first byte of its metadata ----
  logic [EDITS-1:0]   mask;
  logic [8*EDITS-1:0] data;

  if (META_BYTES == 0) begin : g_no_metadata
    assign mask       = mask_q;
    assign data       = data_q;
    assign modified_o = head_q != '0 || end_q != received_o || |edit_mask_o;
  end else begin : g_metadata
    logic [EDITS-META_BYTES-1:0] own;
    always_comb begin
      mask = '0;
      data = '0;
      for (int unsigned k = 0; 4 * k <= META_BYTES; k++) begin
        if (METAS[k] && metadata_q[7:2] == 6'(k)) begin
          mask = mask_q >> (META_BYTES - 4 * k);
          data = data_q >> (8 * (META_BYTES - 4 * k));
        end
      end
      for (int unsigned i = META_BYTES; i < EDITS; i++) own[i-META_BYTES] = mask_q[i] && 16'(i - META_BYTES) < frame_o;
    end
    assign modified_o = head_q != '0 || end_q != received_o || |own;
  end

  always_comb begin
    for (int unsigned i = 0; i < EDITS; i++) edit_mask_o[i] = mask[i] && 16'(i) < length;
  end
  assign edit_data_o = data;

  logic unused_bits;
  assign unused_bits = ^{length_m1, end_m1, kept_m1, metadata_i, kept_i, rest};
endmodule

`default_nettype wire
