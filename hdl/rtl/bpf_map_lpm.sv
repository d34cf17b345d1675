// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Longest-prefix match: a search tree over the borders between address ranges, one lookup per clock.
///
/// The prefixes of a trie cut the key space into at most 2 x prefixes + 1 ranges, each with one longest match. The host
/// (`host/src/lpm.rs`) sorts the first keys of the ranges into a tree whose nodes hold three borders each; a
/// lookup walks one level in 3 clocks and ends at the number of its range, whose result is the slot of the value, or none.
/// Logic grows with the logarithm of the prefixes, memory linearly: 2 banks x RANGES x (KEY_W + SLOT_W + 1) bits.
///
/// Keys are compared as unsigned numbers, the first byte in memory the most significant (kernel/bpf/lpm_trie.c).
/// Two banks: the host fills the one that is not in use, then flips `bank_i`. A lookup keeps the bank it began with, so
/// each sees the whole old or the whole new table. The host must not write a bank before LATENCY clocks after it left it.
/// A bank that was never written has no matches: power-up is all zero, and so is result bit SLOT_W ("there is a match").
///
/// Range 0 begins at key 0. Node n of level l (4^l nodes) holds the first keys of three ranges, ascending; those that no range
/// needs have `host_used_i` = 0 and come last.
/// Latency: 3 x LEVELS + 2 clocks from the key to the result.
module bpf_map_lpm #(
  parameter int unsigned KEY_W = 32,           // bits of the address, a multiple of 8
  parameter int unsigned LEVELS = 5,           // 4^LEVELS ranges
  parameter int unsigned SLOT_W = 10,          // bits of a slot number
  localparam int unsigned RANGES = 4 ** LEVELS,
  localparam int unsigned RANGE_W = 2 * LEVELS,
  localparam int unsigned LEVEL_W = (LEVELS > 1) ? $clog2(LEVELS + 1) : 1
) (
  input  logic                 clk_i,
  input  logic                 bank_i,         // the bank that lookups use
  // lookups
  input  logic [KEY_W-1:0]     key_i,          // first byte in memory in the high bits
  output logic                 hit_o,          // LATENCY clocks later
  output logic [SLOT_W-1:0]    slot_o,
  // host: one word per clock into the bank `host_bank_i`
  input  logic                 host_we_i,
  input  logic                 host_bank_i,
  input  logic [LEVEL_W-1:0]   host_level_i,   // 0..LEVELS-1: borders of that level; LEVELS: results
  input  logic [RANGE_W-1:0]   host_node_i,    // node of the level, or range
  input  logic [1:0]           host_border_i,  // which border of the node, 0..2
  input  logic [KEY_W-1:0]     host_key_i,     // a border: first key of the range on its right
  input  logic                 host_used_i,    // 0: nothing is on the right of this border
  input  logic                 host_hit_i,     // a result: there is a match,
  input  logic [SLOT_W-1:0]    host_slot_i     // in this slot
);
  if (LEVELS < 1 || LEVELS > 10) begin : g_check_1
    $fatal(1, "bpf_map_lpm: LEVELS must be 1..10");
  end

  // Position, bank and key as they leave each level.
  logic [LEVELS:0][RANGE_W-1:0] node;
  logic [LEVELS:0][KEY_W-1:0]   key;
  logic [LEVELS:0]              bank;

  assign node[0] = '0;
  assign key[0]  = key_i;
  assign bank[0] = bank_i;

  for (genvar l = 0; l < LEVELS; l++) begin : g_level
    bpf_lpm_level #(.KEY_W(KEY_W), .LEVEL(l), .RANGE_W(RANGE_W)) u_level (
      .clk_i, .key_i(key[l]), .node_i(node[l]), .bank_i(bank[l]), .key_o(key[l+1]), .node_o(node[l+1]), .bank_o(bank[l+1]),
      .host_we_i(host_we_i && host_level_i == LEVEL_W'(l)), .host_bank_i, .host_node_i, .host_border_i, .host_key_i, .host_used_i);
  end

  // ---- results: one per range ----
  logic [SLOT_W:0]  mem [0:2*RANGES-1];
  logic [SLOT_W:0]  ram_q, out_q;
  logic             unused_key;
  assign unused_key = ^key[LEVELS];

`ifndef SYNTHESIS
  initial begin
    for (int unsigned i = 0; i < 2 * RANGES; i++) mem[i] = '0;
  end
`endif

  always_ff @(posedge clk_i) begin
    if (host_we_i && host_level_i == LEVEL_W'(LEVELS)) mem[{host_bank_i, host_node_i}] <= {host_hit_i, host_slot_i};
    ram_q <= mem[{bank[LEVELS], node[LEVELS]}];
    out_q <= ram_q;
  end

  assign hit_o  = out_q[SLOT_W];
  assign slot_o = out_q[SLOT_W-1:0];
endmodule

`default_nettype wire
