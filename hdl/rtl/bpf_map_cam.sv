// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Small hash map: every key in flip-flops, compared with all at once. Same operations as bpf_map_table, any key finds room.
///
/// LATENCY = 3: C1 compare, C2 decide and write, C3 results. One cell more than MAX_ENTRIES, for the host's hidden one.
/// LRU: exact, a matrix of which of two cells was used later.
/// Resources: (MAX_ENTRIES + 1) x KEY_W flip-flops and (MAX_ENTRIES + 1) x PORTS key comparators.
module bpf_map_cam #(
  parameter int unsigned KEY_W = 32,
  parameter int unsigned MAX_ENTRIES = 16,
  parameter int unsigned PORTS = 1,
  parameter int unsigned LRU = 0,
  parameter int unsigned GROUPS = 1,       // parts of the map by the low bits of the key, each of MAX_ENTRIES / GROUPS
  parameter int unsigned GROUP_W = 8,
  localparam int unsigned CELLS = MAX_ENTRIES + 1,
  localparam int unsigned SLOT_W = $clog2(CELLS)
) (
  input  logic                    clk_i,
  input  logic                    rst_i,
  output logic                    ready_o,
  input  logic                    seed_load_i,   // clears the map
  input  logic [PORTS-1:0]        op_valid_i,
  input  logic [PORTS*KEY_W-1:0]  op_key_i,
  input  logic [2:0]              op_kind_i,     // port 0: bpf_map_policy
  input  logic [1:0]              op_flags_i,
  input  logic                    op_host_i,
  output logic [PORTS-1:0]        res_hit_o,
  output logic [PORTS*SLOT_W-1:0] res_slot_o,
  output logic                    res_inserted_o,
  output logic                    res_evicted_o,
  output logic [4:0]              res_errno_o,
  output logic                    res_host_o,
  input  logic                    host_reserved_i,
  input  logic [SLOT_W-1:0]       scan_slot_i,   // kind 3: the first live cell at or after this one
  output logic                    scan_found_o,
  output logic [KEY_W-1:0]        scan_key_o,    // with scan_key_load_o, 1 clock after the result
  output logic                    scan_key_load_o,
  output logic [31:0]             entries_o,
  output logic [31:0]             refused_o
);
  localparam int unsigned COUNT_W = $clog2(MAX_ENTRIES + 1);

  // ---- C1: compare ----
  logic [PORTS*KEY_W-1:0]      key1_q;
  logic [PORTS-1:0]            valid1_q, valid2_q, same_q;   // C2: same key as port 0's previous operation
  logic [2:0]                  kind1_q, kind2_q;
  logic [1:0]                  flags1_q, flags2_q;
  logic                        host1_q, host2_q;
  logic [KEY_W-1:0]            key2_q;
  logic [CELLS-1:0][KEY_W-1:0] keys_q;
  logic [PORTS-1:0][CELLS-1:0] equal_q, match;
  logic [CELLS-1:0]            set, set_q;                   // a new key, in C2; one clock later

  always_ff @(posedge clk_i) begin
    key1_q   <= op_key_i;
    valid1_q <= op_valid_i;
    kind1_q  <= op_kind_i;
    flags1_q <= op_flags_i;
    host1_q  <= op_host_i;
    key2_q   <= key1_q[KEY_W-1:0];
    valid2_q <= valid1_q & {PORTS{ready_o}};
    kind2_q  <= kind1_q;
    flags2_q <= flags1_q;
    host2_q  <= host1_q;
    set_q    <= set;
  end

  for (genvar p = 0; p < PORTS; p++) begin : g_port
    for (genvar e = 0; e < CELLS; e++) begin : g_cell
      always_ff @(posedge clk_i) equal_q[p][e] <= keys_q[e] == key1_q[p*KEY_W +: KEY_W];
      assign match[p][e] = set_q[e] ? same_q[p] : equal_q[p][e];
    end
    always_ff @(posedge clk_i) same_q[p] <= key1_q[p*KEY_W +: KEY_W] == key2_q;
  end

  for (genvar e = 0; e < CELLS; e++) begin : g_key
    always_ff @(posedge clk_i) if (set[e]) keys_q[e] <= key2_q;
  end

  // ---- C2: decide ----
  logic [CELLS-1:0] in_use_q_live, in_use_q_lock;            // state of each cell: {lock, live}; 0 is free
  logic [CELLS-1:0] live_at, hidden_at, free_at, first_free, oldest, scan_at, from, choice;
  logic [1:0]       new_state;
  logic [4:0]       errno;
  logic             is_scan, live, locked, hidden, full_q, write, to_hidden, to_free, to_evicted, touch, inserted, more, less, refused, full;

  assign is_scan    = kind2_q == 3'd3;
  assign from       = {CELLS{1'b1}} << scan_slot_i;
  assign scan_at    = in_use_q_live & from;
  assign live_at    = is_scan ? scan_at & (~scan_at + CELLS'(1)) : match[0] & in_use_q_live;
  assign hidden_at  = match[0] & ~in_use_q_live & in_use_q_lock;
  assign free_at    = ~(in_use_q_live | in_use_q_lock);
  assign first_free = free_at & (~free_at + CELLS'(1));
  assign live       = live_at != '0;
  assign locked     = (live_at & in_use_q_lock) != '0;
  assign hidden     = hidden_at != '0;

  bpf_map_policy #(.LRU(LRU)) u_policy (
    .valid_i(valid2_q[0]), .kind_i(kind2_q), .flags_i(flags2_q), .live_i(live), .locked_i(locked), .hidden_i(hidden), .host_reserved_i,
    .full_i(full), .free_i(free_at != '0), .evict_i(oldest != '0), .errno_o(errno), .write_o(write), .to_hidden_o(to_hidden),
    .to_free_o(to_free), .to_evicted_o(to_evicted), .state_o(new_state), .touch_o(touch), .inserted_o(inserted), .more_o(more),
    .less_o(less), .refused_o(refused));

  assign choice = to_free ? first_free : to_evicted ? oldest : (to_hidden && hidden) ? hidden_at : live_at;
  assign set    = (to_free || to_evicted) ? choice : '0;

  // ---- state, count ----
  logic [COUNT_W-1:0] count_q, count;
  logic [31:0]        refused_q;

  assign count = count_q + COUNT_W'(more) - COUNT_W'(less);

  always_ff @(posedge clk_i) begin
    ready_o <= !rst_i && !seed_load_i;
    count_q <= count;
    full_q  <= 32'(count) == MAX_ENTRIES;
    if (write) begin
      in_use_q_live <= (in_use_q_live & ~choice) | (choice & {CELLS{new_state[0]}});
      in_use_q_lock <= (in_use_q_lock & ~choice) | (choice & {CELLS{new_state[1]}});
    end
    if (refused) refused_q <= refused_q + 32'd1;
    if (!ready_o) begin
      in_use_q_live <= '0;
      in_use_q_lock <= '0;
      count_q       <= '0;
      full_q        <= 1'b0;
      refused_q     <= '0;
    end
  end

  assign entries_o = 32'(count_q);
  assign refused_o = refused_q;

  if (GROUPS == 1) begin : g_whole
    assign full = full_q;
  end else begin : g_parts
    localparam int unsigned SHARE = MAX_ENTRIES / GROUPS;
    localparam int unsigned SHARE_W = $clog2(SHARE + 1);
    logic [GROUPS-1:0] full_part_q, here, unused_full;
    assign unused_full = {GROUPS{full_q}};
    for (genvar g = 0; g < GROUPS; g++) begin : g_part
      logic [SHARE_W-1:0] part_q, part;
      assign here[g] = 32'(key2_q[GROUP_W-1:0]) == g;
      assign part    = part_q + SHARE_W'(more && here[g]) - SHARE_W'(less && here[g]);
      always_ff @(posedge clk_i) begin
        part_q         <= part;
        full_part_q[g] <= 32'(part) == SHARE;
        if (!ready_o) begin
          part_q         <= '0;
          full_part_q[g] <= 1'b0;
        end
      end
    end
    // A part that there is not is full.
    assign full = here == '0 || (here & full_part_q) != '0;
  end

  // ---- results ----
  logic [PORTS-1:0][CELLS-1:0] at;

  for (genvar p = 0; p < PORTS; p++) begin : g_result
    logic [SLOT_W-1:0] slot;
    assign at[p] = (p == 0) ? choice : match[p] & in_use_q_live;
    always_comb begin
      slot = '0;
      for (int unsigned e = 0; e < CELLS; e++) slot = slot | (SLOT_W'(e) & {SLOT_W{at[p][e]}});
    end
    always_ff @(posedge clk_i) begin
      res_hit_o[p] <= valid2_q[p] && ((p == 0) ? live : at[p] != '0);
      res_slot_o[p*SLOT_W +: SLOT_W] <= slot;
    end
  end

  always_ff @(posedge clk_i) begin
    res_inserted_o <= inserted;
    res_evicted_o  <= to_evicted;
    res_errno_o    <= errno;
    res_host_o     <= host2_q && valid2_q[0] && !rst_i;
    scan_found_o   <= live;
  end

  // ---- keys once more, for the host's scans ----
  (* no_rw_check *)
  logic [KEY_W-1:0]  copy [0:CELLS-1];
  logic [SLOT_W-1:0] set_slot_q;
  logic              copy_q, scan_q;
  logic [KEY_W-1:0]  copy_key_q;

  assign set_slot_q = res_slot_o[SLOT_W-1:0];

  always_ff @(posedge clk_i) begin
    copy_q     <= set != '0;
    copy_key_q <= key2_q;
    scan_q     <= is_scan && valid2_q[0];
    scan_key_load_o <= scan_q;
  end
  always_ff @(posedge clk_i) if (copy_q) copy[set_slot_q] <= copy_key_q;
  always_ff @(posedge clk_i) scan_key_o <= copy[set_slot_q];

  // ---- which cell was used later: bit i*CELLS + j of later_q for i < j says i after j ----
  if (LRU == 0) begin : g_no_lru
    logic unused_touch;
    assign unused_touch = touch;
    assign oldest = '0;
  end else begin : g_lru
    // One dimension: yosys finds no width for elements of two in here.
    logic [CELLS*CELLS-1:0] later_q, later;
    logic [CELLS-1:0]       may_go, used_now;

    assign may_go = in_use_q_live & ~in_use_q_lock;

    always_comb begin
      later = later_q;
      for (int unsigned k = 0; k < PORTS; k++) begin
        // port 0 last
        used_now = (k == PORTS - 1) ? choice & {CELLS{touch}} : at[k + 1] & {CELLS{valid2_q[k + 1]}};
        for (int unsigned i = 0; i < CELLS; i++) begin
          for (int unsigned j = 0; j < CELLS; j++) begin
            if (used_now[i]) later[i*CELLS + j] = 1'b1;
            if (used_now[j]) later[i*CELLS + j] = 1'b0;
          end
        end
      end
      for (int unsigned i = 0; i < CELLS; i++) begin
        // only one half is kept
        for (int unsigned j = 0; j <= i; j++) later[i*CELLS + j] = 1'b0;
      end
    end

    always_ff @(posedge clk_i) later_q <= later;

    for (genvar i = 0; i < CELLS; i++) begin : g_oldest
      logic [CELLS-1:0] earlier;
      for (genvar j = 0; j < CELLS; j++) begin : g_other
        if (j == i) begin : g_self
          assign earlier[j] = 1'b1;
        end else if (i < j) begin : g_upper
          assign earlier[j] = !may_go[j] || !later_q[i*CELLS + j];
        end else begin : g_lower
          assign earlier[j] = !may_go[j] || later_q[j*CELLS + i];
        end
      end
      assign oldest[i] = may_go[i] && earlier == '1;
    end
  end
endmodule

`default_nettype wire
