// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Cuts BUS_W bits out of a stream of beats, at one of a few byte offsets: how a frame's bytes move when its head moves.
///
/// The window is the beat of this clock and the one before, with LATE the one before that too; the oldest stands lowest.
/// `data_o` is the window from byte `offset_i` on, a clock later. Offsets are those of the list and no others.
/// Few offsets are a selector, many with common bits a shifter over the bits that differ, whichever is less logic.
/// Latency: 1 clock. Resources: BUS_W flip-flops, (1 + LATE) x BUS_W more for the beats before, as far as the offsets reach,
/// and for each bit one (PLACES to 1) selector or one 2 to 1 selector per varying offset bit; wires when PLACES is 1.
module bpf_shift #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned PLACES = 1,               // offsets in the list
  parameter logic [8*PLACES-1:0] OFFSETS = '0,     // entry i at [8*i +: 8], below (1 + LATE) x BUS_W / 8 + 1
  parameter logic [7:0] VARYING = 8'd0,            // bits in which the entries differ
  parameter int unsigned LATE = 0
) (
  input  logic             clk_i,
  input  logic [BUS_W-1:0] data_i,                 // a beat
  input  logic [7:0]       offset_i,               // bytes
  output logic [BUS_W-1:0] data_o                  // register
);
  localparam int unsigned BEATS = 2 + LATE;
  localparam int unsigned STEPS = 32'(VARYING[0]) + 32'(VARYING[1]) + 32'(VARYING[2]) + 32'(VARYING[3])
                                  + 32'(VARYING[4]) + 32'(VARYING[5]) + 32'(VARYING[6]) + 32'(VARYING[7]);
  localparam bit SELECTOR = 2 * PLACES <= 2 + 3 * STEPS;

  if (BUS_W != 64 && BUS_W != 128 && BUS_W != 256 && BUS_W != 512) begin : g_check_1
    $fatal(1, "bpf_shift: BUS_W must be 64, 128, 256 or 512");
  end
  if (PLACES < 1) begin : g_check_2
    $fatal(1, "bpf_shift: PLACES must be at least 1");
  end

  // The beats before; what no offset reaches is optimised away.
  logic [BUS_W*BEATS-1:0]     window;
  logic [BUS_W*(BEATS-1)-1:0] before_q;
  logic [BUS_W-1:0]           cut;

  assign window = {data_i, before_q};
  always_ff @(posedge clk_i) before_q <= window[BUS_W*BEATS-1:BUS_W];

  if (SELECTOR) begin : g_selector
    always_comb begin
      cut = BUS_W'(window >> 8 * OFFSETS[7:0]);
      for (int unsigned i = 1; i < PLACES; i++) begin
        if ((offset_i & VARYING) == (OFFSETS[8*i +: 8] & VARYING)) cut = BUS_W'(window >> 8 * OFFSETS[8*i +: 8]);
      end
    end
  end else begin : g_shifter
    logic [BUS_W*BEATS-1:0] shifted;
    always_comb begin
      shifted = window;
      for (int unsigned b = 0; b < 8; b++) begin
        if (VARYING[b] ? offset_i[b] : OFFSETS[b]) shifted = shifted >> (8 << b);
      end
      cut = shifted[BUS_W-1:0];
    end
  end

  always_ff @(posedge clk_i) data_o <= cut;

  logic unused_offset;
  assign unused_offset = ^offset_i;
endmodule

`default_nettype wire
