// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Counts the keys in each part of a hash table, for maps that hold the inner maps of a map of maps: an inner map that has LIMIT keys is full,
/// whatever the others have. One operation per clock; the number of a part is the low bits of the key.
///
/// `group_i` is that of the operation in S4 of bpf_map_table, `full_o` tells of the one in S6, `more_q_i` and `less_q_i` of what the one in S7
/// has done. A number of GROUPS or more is always full. After reset and `seed_load_i` all counts are cleared, one per clock: `ready_o` is low.
/// Resources: RAM of GROUPS x $clog2(LIMIT + 1) bits.
module bpf_map_groups #(
  parameter int unsigned GROUPS = 4,
  parameter int unsigned GROUP_W = 8,
  parameter int unsigned LIMIT = 100,
  localparam int unsigned IDX_W = (GROUPS > 1) ? $clog2(GROUPS) : 1,
  localparam int unsigned COUNT_W = $clog2(LIMIT + 1)
) (
  input  logic               clk_i,
  input  logic               rst_i,
  input  logic               seed_load_i,   // 1 clock
  input  logic               hold_i,        // the table is being cleared, for 32 clocks at least: all counts are zero
  output logic               ready_o,
  input  logic [GROUP_W-1:0] group_i,
  input  logic               more_q_i,
  input  logic               less_q_i,
  output logic               full_o
);
  (* no_rw_check *)
  logic [COUNT_W-1:0] counts [0:GROUPS-1];
  logic [IDX_W:0]     clear_q;
  logic               is_clear;

  // ---- after S4: read; who of those before has the same part ----
  logic [IDX_W-1:0]   group, group5_q, group6_q, group7_q, group8_q;
  logic               no_group5_q, no_group6_q;
  logic [COUNT_W-1:0] read5_q, base5, base6_q, base7_q, after7, after8_q;
  logic               same6_q, same7_q, full6_q, last6_q, more8_q, less8_q;

  assign group    = group_i[IDX_W-1:0];
  assign is_clear = 32'(clear_q) >= GROUPS;
  assign ready_o  = is_clear;

  always_ff @(posedge clk_i) begin
    if (rst_i || seed_load_i) clear_q <= '0;
    else if (!is_clear) clear_q <= clear_q + 1'b1;
  end

  always_ff @(posedge clk_i) read5_q <= counts[group];

  // What the operation in S7 leaves, and, if the RAM was read too early for it, the one in S8.
  always_comb begin
    after7 = base7_q + COUNT_W'(more_q_i) - COUNT_W'(less_q_i);
    if (same7_q) after7 = after7 + COUNT_W'(more8_q) - COUNT_W'(less8_q);
    base5 = read5_q;
    if (group8_q == group5_q) base5 = after8_q;
    if (group7_q == group5_q) base5 = after7;
    // What goes from one operation to the next would outlive the clearing.
    if (hold_i || !is_clear) base5 = '0;
  end

  always_ff @(posedge clk_i) begin
    group5_q    <= group;
    no_group5_q <= 32'(group_i) >= GROUPS;
    group6_q    <= group5_q;
    no_group6_q <= no_group5_q;
    group7_q    <= group6_q;
    group8_q    <= group7_q;
    same6_q     <= group5_q == group6_q;
    same7_q     <= same6_q;
    base6_q     <= base5;
    base7_q     <= base6_q;
    full6_q     <= 32'(base5) == LIMIT;
    last6_q     <= 32'(base5) == LIMIT - 1;
    after8_q    <= after7;
    more8_q     <= more_q_i;
    less8_q     <= less_q_i;
  end

  assign full_o = no_group6_q || ((same6_q && more_q_i) ? last6_q : !(same6_q && less_q_i) && full6_q);

  always_ff @(posedge clk_i) begin
    if (!is_clear) counts[clear_q[IDX_W-1:0]] <= '0;
    else if (more_q_i || less_q_i) counts[group7_q] <= after7;
  end
endmodule

`default_nettype wire
