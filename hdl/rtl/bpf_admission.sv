// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Room in a sink's memory, counted in beats, that is not yet promised; whether all of a packet fits.
///
/// `fits_o` says so of the packet whose need is `need_m1_i`. With `reserve_i` that packet's room is promised to it.
/// With AHEAD, what would be left is in a register, and `fits_o` its sign: the need of a packet that may ask from the next clock on is shown
/// before (`next_m1_i`). That takes all arithmetic out of the path from a packet's length to what takes it; and nothing that depends on
/// `fits_o` comes back before the adder but `fits_o` itself:
/// * while `waits_i`, a packet that does not fit asks again with the same need, and one that fits takes its room or asks for none;
/// * without `waits_i` another one may ask from the next clock on, but after a `reserve_i` without `single_i` only a clock later;
/// * with `single_i`, `fits_o` means `reserve_i`.
/// Latency: beats that are given back count in the next clock.
/// Resources: FREE_W flip-flops, an adder and a comparator; with AHEAD 2 x FREE_W + 1 flip-flops and two adders.
module bpf_admission #(
  parameter int unsigned WORDS = 256,          // beats in the memory
  parameter int unsigned NEED_W = 10,
  parameter int unsigned GIVEN_W = 1,
  parameter int unsigned AHEAD = 0,
  localparam int unsigned FREE_W = (NEED_W > $clog2(WORDS + 1)) ? NEED_W + 1 : $clog2(WORDS + 1) + 1
) (
  input  logic               clk_i,
  input  logic               rst_i,            // all room is free
  input  logic [NEED_W-1:0]  next_m1_i,        // with AHEAD: beats minus 1 of the packet that asks from the next clock on
  input  logic               waits_i,          // with AHEAD: the packet that asks waits until it fits
  input  logic               single_i,         // with AHEAD: if it fits, another one asks from the next clock on
  input  logic [NEED_W-1:0]  need_m1_i,        // beats minus 1 of the packet that asks
  output logic               fits_o,           // there is room for all of it
  input  logic               reserve_i,        // it takes its room now
  input  logic [GIVEN_W-1:0] given_i,          // beats whose room is free again
  output logic               empty_o           // nothing is promised
);
  logic [FREE_W-1:0] free_q, left;

  assign empty_o = free_q == FREE_W'(WORDS) && !reserve_i;

  always_ff @(posedge clk_i) free_q <= rst_i ? FREE_W'(WORDS) : left + FREE_W'(given_i);

  if (AHEAD == 0) begin : g_now
    logic unused_next;
    assign unused_next = ^{next_m1_i, waits_i, single_i};
    assign fits_o = free_q > FREE_W'(need_m1_i);
    assign left   = reserve_i ? free_q - FREE_W'(need_m1_i) - 1'b1 : free_q;
  end else begin : g_ahead
    logic [FREE_W:0] after_q, after;           // the sign is on top: what is left if the packet takes its room
    logic [FREE_W:0] need;
    logic [FREE_W-1:0] room;

    assign fits_o = !after_q[FREE_W];
    assign left   = reserve_i ? after_q[FREE_W-1:0] : free_q;
    assign room   = (single_i && fits_o) ? after_q[FREE_W-1:0] : free_q;
    assign need   = (FREE_W+1)'((waits_i && !fits_o) ? need_m1_i : next_m1_i);

    // room - (need + 1) + given: one adder with a carry where one beat is given back.
    if (GIVEN_W == 1) begin : g_one
      logic unused_carry;
      assign {after, unused_carry} = {1'b0, room, 1'b1} + {~need, given_i};
    end else begin : g_many
      assign after = {1'b0, room} + ~need + (FREE_W+1)'(given_i);
    end

    always_ff @(posedge clk_i) after_q <= rst_i ? '1 : after;
  end
endmodule

`default_nettype wire
