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
/// A lookup that begins while `live_i` is low has no match: so it is until the host has written a bank for the first time.
///
/// LENGTHS = 1: a lookup has a length of its own, and a match is at most as long (`length_i`; one above KEY_W matches nothing).
/// Keys are then numbers {address, length}, the bits of the address behind the length being zero: the prefix p of n bits begins
/// at {p, n}, and what is behind it at {address behind it, 0}. An address of length m is between them if and only if the
/// prefix is one of its own and n <= m. Without, all lookups have the length KEY_W, and borders are addresses.
///
/// Range 0 begins at key 0. Node n of level l (4^l nodes) holds the first keys of three ranges, ascending; those that no range
/// needs have `host_used_i` = 0 and come last.
/// Latency: 3 x LEVELS + 2 clocks from the key to the result.
module bpf_map_lpm #(
  parameter int unsigned KEY_W = 32,           // bits of the address, a multiple of 8
  parameter int unsigned LEVELS = 5,           // 4^LEVELS ranges
  parameter int unsigned SLOT_W = 10,          // bits of a slot number
  parameter int unsigned LENGTHS = 0,          // 1: lookups have lengths
  localparam int unsigned RANGES = 4 ** LEVELS,
  localparam int unsigned RANGE_W = 2 * LEVELS,
  localparam int unsigned LEVEL_W = (LEVELS > 1) ? $clog2(LEVELS + 1) : 1,
  localparam int unsigned LENGTH_W = $clog2(KEY_W + 1),
  localparam int unsigned FULL_W = KEY_W + ((LENGTHS != 0) ? LENGTH_W : 0),
  localparam int unsigned LATENCY = 3 * LEVELS + 2
) (
  input  logic                 clk_i,
  input  logic                 bank_i,         // the bank that lookups use
  input  logic                 live_i,         // it was written
  // lookups
  input  logic [KEY_W-1:0]     key_i,          // first byte in memory in the high bits
  input  logic [31:0]          length_i,       // counts if LENGTHS = 1
  output logic                 hit_o,          // LATENCY clocks later
  output logic [SLOT_W-1:0]    slot_o,
  // host: one word per clock into the bank `host_bank_i`
  input  logic                 host_we_i,
  input  logic                 host_bank_i,
  input  logic [LEVEL_W-1:0]   host_level_i,   // 0..LEVELS-1: borders of that level; LEVELS: results
  input  logic [RANGE_W-1:0]   host_node_i,    // node of the level, or range
  input  logic [1:0]           host_border_i,  // which border of the node, 0..2
  input  logic [KEY_W-1:0]     host_key_i,     // a border: first key of the range on its right,
  input  logic [31:0]          host_length_i,  // and its length
  input  logic                 host_used_i,    // 0: nothing is on the right of this border
  input  logic                 host_hit_i,     // a result: there is a match,
  input  logic [SLOT_W-1:0]    host_slot_i     // in this slot
);
  if (LEVELS < 1 || LEVELS > 10) begin : g_check_1
    $fatal(1, "bpf_map_lpm: LEVELS must be 1..10");
  end

  // Position, bank and key as they leave each level.
  logic [LEVELS:0][RANGE_W-1:0] node;
  logic [LEVELS:0][FULL_W-1:0]  key;
  logic [LEVELS:0]              bank;
  logic [FULL_W-1:0]            host_key;
  logic                         too_long;

  assign node[0] = '0;
  assign bank[0] = bank_i;

  if (LENGTHS != 0) begin : g_lengths
    logic [KEY_W-1:0]      masked;
    logic [31-LENGTH_W:0]  unused_host_length;
    for (genvar i = 0; i < KEY_W; i++) begin : g_bit
      assign masked[i] = key_i[i] && length_i[LENGTH_W-1:0] > LENGTH_W'(KEY_W - 1 - i);
    end
    assign key[0]   = {masked, length_i[LENGTH_W-1:0]};
    assign host_key = {host_key_i, host_length_i[LENGTH_W-1:0]};
    assign too_long = length_i > 32'(KEY_W);
    assign unused_host_length = host_length_i[31:LENGTH_W];
  end else begin : g_addresses
    logic unused_lengths;
    assign unused_lengths = ^{length_i, host_length_i};
    assign key[0]   = key_i;
    assign host_key = host_key_i;
    assign too_long = 1'b0;
  end

  for (genvar l = 0; l < LEVELS; l++) begin : g_level
    bpf_lpm_level #(.KEY_W(FULL_W), .LEVEL(l), .RANGE_W(RANGE_W)) u_level (
      .clk_i, .key_i(key[l]), .node_i(node[l]), .bank_i(bank[l]), .key_o(key[l+1]), .node_o(node[l+1]), .bank_o(bank[l+1]),
      .host_we_i(host_we_i && host_level_i == LEVEL_W'(l)), .host_bank_i, .host_node_i, .host_border_i, .host_key_i(host_key), .host_used_i);
  end

  // ---- results: one per range ----
  logic [SLOT_W:0]  mem [0:2*RANGES-1];
  logic [SLOT_W:0]  ram_q, out_q;
  logic [LATENCY-1:0] none_q;                  // the lookup that began so many clocks ago has no match
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
    none_q <= {none_q[LATENCY-2:0], too_long || !live_i};
  end

  assign hit_o  = out_q[SLOT_W] && !none_q[LATENCY-1];
  assign slot_o = out_q[SLOT_W-1:0];
endmodule

`default_nettype wire
