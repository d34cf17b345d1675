// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_lpm against a scan over all prefixes: random tables, lookups every clock, tables that change under traffic; with
/// LENGTHS, lookups of every length and of impossible ones.
module map_lpm_bench #(
  parameter int unsigned KEY_W = 16,
  parameter int unsigned LEVELS = 3,
  parameter int unsigned LENGTHS = 0,
  parameter int unsigned TABLES = 60
) (
  input  logic clk,
  output logic done
);
  localparam int unsigned SLOT_W = 10;
  localparam int unsigned RANGES = 4 ** LEVELS;
  localparam int unsigned LATENCY = 3 * LEVELS + 2;
  localparam int unsigned LEVEL_W = (LEVELS > 1) ? $clog2(LEVELS + 1) : 1;
  localparam int unsigned PREFIXES = (RANGES - 1) / 2;

  typedef logic [KEY_W-1:0] key_t;
  typedef logic [KEY_W+31:0] border_t;         // {address, length}

  logic                bank, live, hit, we, host_bank, used, host_hit;
  logic [LEVEL_W-1:0]  level;
  logic [2*LEVELS-1:0] node;
  logic [1:0]          border;
  key_t                key, host_key;
  logic [31:0]         most, host_length;
  logic [SLOT_W-1:0]   slot, host_slot;

  bpf_map_lpm #(.KEY_W(KEY_W), .LEVELS(LEVELS), .SLOT_W(SLOT_W), .LENGTHS(LENGTHS)) u_dut (
    .clk_i(clk), .bank_i(bank), .live_i(live), .key_i(key), .length_i(most), .hit_o(hit), .slot_o(slot), .host_we_i(we),
    .host_bank_i(host_bank), .host_level_i(level), .host_node_i(node), .host_border_i(border), .host_key_i(host_key),
    .host_length_i(host_length), .host_used_i(used), .host_hit_i(host_hit), .host_slot_i(host_slot));

  // The table that the bank in use holds, and the one that is being written.
  int unsigned count [2];
  key_t        prefix [2][PREFIXES];
  int unsigned bits [2][PREFIXES];

  function automatic key_t mask(int unsigned length);
    mask = (length == 0) ? '0 : ~key_t'(0) << (KEY_W - length);
  endfunction

  // Number of the longest match of at most so many bits, or -1.
  function automatic int scan(logic b, key_t k, logic [31:0] limit);
    scan = -1;
    if (limit > KEY_W) return -1;
    for (int i = 0; i < int'(count[b]); i++) begin
      if (bits[b][i] <= limit && (k & mask(bits[b][i])) == prefix[b][i] && (scan < 0 || bits[b][i] > bits[b][scan])) scan = i;
    end
  endfunction

  // Number of the innermost prefix that is open at a border, or -1.
  function automatic int innermost(logic b, border_t at);
    innermost = -1;
    for (int i = 0; i < int'(count[b]); i++) begin
      if ((at[KEY_W+31:32] & mask(bits[b][i])) == prefix[b][i] && {prefix[b][i], bits[b][i]} <= at &&
          (innermost < 0 || bits[b][i] > bits[b][innermost])) innermost = i;
    end
  endfunction

  function automatic key_t random_key();
    for (int unsigned i = 0; i < KEY_W; i += 8) random_key[i +: 8] = 8'($urandom);
  endfunction

  // A table without equal prefixes; some nested, so that ranges split.
  function automatic void random_table(logic b);
    int unsigned n, wanted;
    wanted = $urandom_range(PREFIXES);
    n = 0;
    for (int unsigned i = 0; i < wanted; i++) begin
      int unsigned length;
      key_t        p;
      logic        fresh;
      length = ($urandom % 8 == 0) ? ($urandom % 2) * KEY_W : $urandom_range(KEY_W);
      p = ((n > 0 && $urandom % 2 == 0) ? prefix[b][$urandom % n] ^ (random_key() & ~mask(length / 2)) : random_key()) & mask(length);
      fresh = 1'b1;
      for (int unsigned j = 0; j < n; j++) if (bits[b][j] == length && prefix[b][j] == p) fresh = 1'b0;
      if (fresh) begin
        prefix[b][n] = p;
        bits[b][n] = length;
        n++;
      end
    end
    count[b] = n;
  endfunction

  // Where the ranges begin, ascending, in `first`.
  border_t first [$];
  function automatic void ranges(logic b);
    first = {};
    first.push_back('0);
    for (int unsigned i = 0; i < count[b]; i++) begin
      key_t next;
      first.push_back({prefix[b][i], bits[b][i]});
      next = prefix[b][i] + ~mask(bits[b][i]) + 1'b1;
      if (next != '0) first.push_back({next, 32'd0});
    end
    first = first.unique();
    first.sort();
  endfunction

  task automatic write_table(logic b);
    @(negedge clk);
    host_bank = b;
    we = 1'b1;
    // The border of level l, node n, number i is range (4 n + i + 1) x 4^(LEVELS - 1 - l).
    for (int unsigned l = 0; l < LEVELS; l++) begin
      for (int unsigned n = 0; n < 4 ** l; n++) begin
        for (int unsigned i = 0; i < 3; i++) begin
          int unsigned r;
          r = (4 * n + i + 1) * 4 ** (LEVELS - 1 - l);
          level = LEVEL_W'(l);
          node = (2*LEVELS)'(n);
          border = 2'(i);
          used = r < first.size();
          {host_key, host_length} = used ? first[r] : {random_key(), $urandom};
          @(negedge clk);
        end
      end
    end
    level = LEVEL_W'(LEVELS);
    for (int unsigned r = 0; r < first.size(); r++) begin
      int found;
      found = innermost(b, first[r]);
      node = (2*LEVELS)'(r);
      host_hit = found >= 0;
      host_slot = (found >= 0) ? SLOT_W'(found) : SLOT_W'($urandom);
      @(negedge clk);
    end
    we = 1'b0;
  endtask

  // Lookups every clock, mostly near borders of the table in use.
  int          expected [LATENCY];
  logic        known [LATENCY];
  int unsigned lookups;

  always @(negedge clk) begin
    if (known[LATENCY-1]) begin
      lookups <= lookups + 1;
      if (hit != (expected[LATENCY-1] >= 0) || (hit && int'(slot) != expected[LATENCY-1])) begin
        $fatal(1, "lpm %0dx%0d: hit %b slot %0d, not %0d", KEY_W, LEVELS, hit, slot, expected[LATENCY-1]);
      end
    end
  end

  always @(posedge clk) begin
    key_t k;
    for (int unsigned i = LATENCY - 1; i > 0; i--) begin
      expected[i] <= expected[i-1];
      known[i]    <= known[i-1];
    end
    k = random_key();
    if (count[bank] > 0 && $urandom % 4 != 0) begin
      int unsigned i;
      i = $urandom % count[bank];
      case ($urandom % 4)
        0: k = prefix[bank][i];
        1: k = prefix[bank][i] | ~mask(bits[bank][i]);
        2: k = prefix[bank][i] - 1'b1;
        default: k = (prefix[bank][i] | ~mask(bits[bank][i])) + 1'b1;
      endcase
    end
    expected[0] <= live ? scan(bank, key, LENGTHS != 0 ? most : KEY_W) : -1;
    key <= k;
    most <= ($urandom % 4 == 0) ? KEY_W : ($urandom % 16 == 0) ? KEY_W + 1 + ($urandom >> ($urandom % 32)) % 1000000
      : (count[bank] > 0 && $urandom % 2 == 0) ? bits[bank][$urandom % count[bank]] : $urandom_range(KEY_W);
    known[0] <= 1'b1;
  end

  initial begin
    done = 1'b0;
    {bank, we, host_bank, used, host_hit, lookups} = '0;
    {level, node, border} = '0;
    {host_key, host_slot} = '0;
    {key, most, host_length, live} = '0;
    foreach (known[i]) known[i] = 1'b0;
    count[0] = 0;
    count[1] = 0;
    // What lies in a memory that was never written is no match.
    random_table(1'b0);
    ranges(1'b0);
    write_table(1'b0);
    repeat (50) @(negedge clk);
    for (int unsigned t = 0; t < TABLES; t++) begin
      random_table(!bank);
      ranges(!bank);
      write_table(!bank);
      @(negedge clk) bank = !bank;
      live = 1'b1;
      repeat (LATENCY + 200) @(negedge clk);
    end
    if (lookups < 50 * TABLES) $fatal(1, "lpm: only %0d lookups", lookups);
    $display("lpm key %0d, lengths %0d, %0d ranges: %0d tables, %0d lookups", KEY_W, LENGTHS, RANGES, TABLES, lookups);
    done = 1'b1;
  end
endmodule

module map_lpm_tb;
  logic       clk;
  logic [6:0] done;

  initial clk = 1'b0;
  always #1 clk = !clk;

  map_lpm_bench #(.KEY_W(8), .LEVELS(1)) u_tiny (.clk, .done(done[0]));
  map_lpm_bench #(.KEY_W(16), .LEVELS(3)) u_small (.clk, .done(done[1]));
  map_lpm_bench #(.KEY_W(32), .LEVELS(5), .TABLES(20)) u_ipv4 (.clk, .done(done[2]));
  map_lpm_bench #(.KEY_W(128), .LEVELS(4), .TABLES(30)) u_ipv6 (.clk, .done(done[3]));

  map_lpm_bench #(.KEY_W(8), .LEVELS(2), .LENGTHS(1)) u_tiny_lengths (.clk, .done(done[4]));
  map_lpm_bench #(.KEY_W(32), .LEVELS(4), .LENGTHS(1), .TABLES(40)) u_ipv4_lengths (.clk, .done(done[5]));
  map_lpm_bench #(.KEY_W(128), .LEVELS(3), .LENGTHS(1), .TABLES(40)) u_ipv6_lengths (.clk, .done(done[6]));

  initial begin
    wait (&done);
    $display("PASS map_lpm");
    $finish;
  end
endmodule

`default_nettype wire
