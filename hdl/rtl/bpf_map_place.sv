// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Where an insertion into a hash table goes: stages S2..S6 beside the writing lane (bpf_map_lane).
///
/// A free cell: of the three buckets the emptiest (leftmost of equals), first free way; a bucket that has a cell with the key's tag
/// (`taken_i`) can not be used. Which bucket is emptiest was counted in S2, so it may be off by what the 5 operations before did; whether a
/// cell is free is exact.
/// A cell to replace (LRU): in the fullest bucket (that has none with the key's tag), the live cell with the oldest stamp. Stamps are the number of insertions
/// so far, divided by 2^TICK, when a cell was used last; cells that the last 7 operations of port 0 used go only if there is no
/// other. Each port that finds has a RAM of stamps; the youngest counts.
/// Resources: about 150 LUTs; LRU: PORTS RAMs of 24 x BUCKETS stamps, about 30 LUTs per bit of a stamp.
module bpf_map_place #(
  parameter int unsigned BUCKETS = 16,
  parameter int unsigned PORTS = 1,
  parameter int unsigned LRU = 0,
  parameter int unsigned STAMP_W = 12,
  parameter int unsigned TICK = 0,
  localparam int unsigned ROW_W = $clog2(3 * BUCKETS)
) (
  input  logic                clk_i,
  input  logic                rst_i,
  // from the writing lane
  input  logic [14:0]         same_idx_i,      // of S2..S6
  input  logic [23:0]         used2_i,
  input  logic [23:0]         live2_i,
  input  logic [23:0]         near2_i,
  input  logic [2:0]          found2_i,
  input  logic [3*ROW_W-1:0]  row2_i,          // S2: bucket numbers counted through all choices
  input  logic [5:0]          state_i,         // S6
  input  logic [8:0]          way_i,           // S6
  // event
  input  logic                ev_write_i,
  input  logic                ev_touch_i,
  input  logic [2:0]          ev_choice_i,
  input  logic [2:0]          ev_way_i,
  input  logic [1:0]          ev_state_i,
  // uses, one clock after S6, of each port; an insertion is one of port 0
  input  logic                inserted_i,
  input  logic [PORTS-1:0]    use_i,
  input  logic [PORTS*(ROW_W+3)-1:0] use_slot_i, // {row, way}
  // S6, combinational
  output logic                free_ok_o,
  output logic [2:0]          free_choice_o,
  output logic [2:0]          free_way_o,
  output logic                evict_ok_o,
  output logic [2:0]          evict_choice_o,
  output logic [2:0]          evict_way_o
);
  // ---- cells in use ----
  logic [2:0][7:0] used;                       // S6

  for (genvar c = 0; c < 3; c++) begin : g_choice
    for (genvar w = 0; w < 8; w++) begin : g_cell
      logic       here, in_use;
      logic [5:2] used_q;
      assign here   = ev_write_i && ev_choice_i[c] && ev_way_i == 3'(w);
      assign in_use = ev_state_i != 2'd0;
      always_ff @(posedge clk_i) begin
        used_q[2] <= (here && same_idx_i[c]) ? in_use : used2_i[8*c + w];
        used_q[3] <= (here && same_idx_i[3 + c]) ? in_use : used_q[2];
        used_q[4] <= (here && same_idx_i[6 + c]) ? in_use : used_q[3];
        used_q[5] <= (here && same_idx_i[9 + c]) ? in_use : used_q[4];
      end
      assign used[c][w] = (here && same_idx_i[12 + c]) ? in_use : used_q[5];
    end
  end

  // ---- emptiest and fullest bucket ----
  logic [11:0] count2, count3_q;               // cells in use of each choice, without the event of S2
  logic        c01, c02, c12;                  // S3: choice a has no more cells in use than b
  logic [2:0]  least4_q, least5_q, least6_q;

  always_comb begin
    count2 = '0;
    for (int unsigned c = 0; c < 3; c++) begin
      for (int unsigned w = 0; w < 8; w++) count2[4*c +: 4] = count2[4*c +: 4] + 4'(used2_i[8*c + w]);
    end
  end

  assign c01 = count3_q[3:0] <= count3_q[7:4];
  assign c02 = count3_q[3:0] <= count3_q[11:8];
  assign c12 = count3_q[7:4] <= count3_q[11:8];

  always_ff @(posedge clk_i) begin
    count3_q <= count2;
    least4_q <= {!c02 && !c12, !c01 && c12, c01 && c02};
    least5_q <= least4_q;
    least6_q <= least5_q;
  end

  // ---- a free cell ----
  logic [2:0]      usable, chosen;
  logic [2:0][2:0] first;

  always_comb begin
    for (int unsigned c = 0; c < 3; c++) begin
      usable[c] = used[c] != 8'hFF && state_i[2*c +: 2] == 2'd0;
      first[c]  = 3'd0;
      for (int unsigned w = 0; w < 8; w++) begin
        if (!used[c][7 - w]) first[c] = 3'(7 - w);
      end
    end
    chosen = usable & least6_q;
    if (chosen == 3'd0) chosen = usable & (~usable + 3'd1);
  end

  assign free_ok_o     = usable != 3'd0;
  assign free_choice_o = chosen;
  assign free_way_o    = (first[0] & {3{chosen[0]}}) | (first[1] & {3{chosen[1]}}) | (first[2] & {3{chosen[2]}});

  // ---- a cell to replace ----
  if (LRU == 0) begin : g_no_lru
    logic unused_lru;
    assign unused_lru = ^{rst_i, live2_i, near2_i, found2_i, row2_i, way_i, ev_touch_i, inserted_i, use_i, use_slot_i};
    assign evict_ok_o     = 1'b0;
    assign evict_choice_o = 3'd0;
    assign evict_way_o    = 3'd0;
  end else begin : g_lru
    logic [2:0]         fullest, found3_q, full3, full4_q, full5_q, full6_q;
    logic [3*ROW_W-1:0] row3_q;
    logic [ROW_W-1:0]   row3;

    assign fullest = {c02 && c12, c01 && !c12, !c01 && !c02};
    // Not a bucket that has a cell with this tag (one that the host has reserved for this key).
    assign full3   = ((fullest & found3_q) != '0) ? {fullest[1:0], fullest[2]} : fullest;

    always_ff @(posedge clk_i) begin
      found3_q <= found2_i;
      full4_q <= full3;
      full5_q <= full4_q;
      full6_q <= full5_q;
      row3_q  <= row2_i;
    end

    // Which cells may go (live, not locked), and which of them nobody used just now.
    logic [23:0] live3_q, idle3_q;
    logic [7:0]  live3, idle3, live4_q, idle4_q, live5_q, idle5_q, live6_q, idle6_q, live6, idle6;
    logic [6:3]  on_full;

    assign on_full[3] = |(same_idx_i[5:3] & ev_choice_i & full3);
    assign on_full[4] = |(same_idx_i[8:6] & ev_choice_i & full4_q);
    assign on_full[5] = |(same_idx_i[11:9] & ev_choice_i & full5_q);
    assign on_full[6] = |(same_idx_i[14:12] & ev_choice_i & full6_q);
    assign live3 = (live3_q[7:0] & {8{full3[0]}}) | (live3_q[15:8] & {8{full3[1]}}) | (live3_q[23:16] & {8{full3[2]}});
    assign idle3 = (idle3_q[7:0] & {8{full3[0]}}) | (idle3_q[15:8] & {8{full3[1]}}) | (idle3_q[23:16] & {8{full3[2]}});

    for (genvar w = 0; w < 8; w++) begin : g_cell
      logic here, becomes, any;
      assign here    = ev_way_i == 3'(w);
      assign becomes = ev_state_i == 2'd1;
      assign any     = (ev_write_i || ev_touch_i) && here;
      for (genvar c = 0; c < 3; c++) begin : g_choice
        always_ff @(posedge clk_i) begin
          live3_q[8*c + w] <= (ev_write_i && here && ev_choice_i[c] && same_idx_i[c]) ? becomes : live2_i[8*c + w];
          idle3_q[8*c + w] <= live2_i[8*c + w] && !near2_i[8*c + w] && !(any && ev_choice_i[c] && same_idx_i[c]);
        end
      end
      always_ff @(posedge clk_i) begin
        live4_q[w] <= (ev_write_i && here && on_full[3]) ? becomes : live3[w];
        idle4_q[w] <= idle3[w] && !(any && on_full[3]);
        live5_q[w] <= (ev_write_i && here && on_full[4]) ? becomes : live4_q[w];
        idle5_q[w] <= idle4_q[w] && !(any && on_full[4]);
        live6_q[w] <= (ev_write_i && here && on_full[5]) ? becomes : live5_q[w];
        idle6_q[w] <= idle5_q[w] && !(any && on_full[5]);
      end
      assign live6[w] = (ev_write_i && here && on_full[6]) ? becomes : live6_q[w];
      assign idle6[w] = idle6_q[w] && !(any && on_full[6]);
    end

    // Stamps: read in S3, ages in S4, the two oldest candidates in S5, decided in S6.
    logic [STAMP_W+TICK-1:0] now_q;
    logic [8*STAMP_W-1:0]    age5_q;
    logic [PORTS*8*STAMP_W-1:0] stamps4;

    assign row3 = (row3_q[0 +: ROW_W] & {ROW_W{full3[0]}}) | (row3_q[ROW_W +: ROW_W] & {ROW_W{full3[1]}})
                  | (row3_q[2*ROW_W +: ROW_W] & {ROW_W{full3[2]}});

    for (genvar p = 0; p < PORTS; p++) begin : g_port
      logic [ROW_W-1:0] use_row;
      logic [2:0]       use_way;
      assign {use_row, use_way} = use_slot_i[p*(ROW_W+3) +: ROW_W+3];
      for (genvar w = 0; w < 8; w++) begin : g_way
        (* no_rw_check *)
        logic [STAMP_W-1:0] mem [0:3*BUCKETS-1];
`ifndef SYNTHESIS
        initial for (int unsigned i = 0; i < 3 * BUCKETS; i++) mem[i] = '0;
`endif
        always_ff @(posedge clk_i) if (use_i[p] && use_way == 3'(w)) mem[use_row] <= now_q[TICK +: STAMP_W];
        always_ff @(posedge clk_i) stamps4[(8*p + w)*STAMP_W +: STAMP_W] <= mem[row3];
      end
    end

    always_ff @(posedge clk_i) now_q <= rst_i ? '0 : now_q + (STAMP_W+TICK)'(inserted_i);

    for (genvar w = 0; w < 8; w++) begin : g_age
      logic [STAMP_W-1:0] youngest, age;
      always_comb begin
        youngest = '1;
        for (int unsigned p = 0; p < PORTS; p++) begin
          age = now_q[TICK +: STAMP_W] - stamps4[(8*p + w)*STAMP_W +: STAMP_W];
          if (age < youngest) youngest = age;
        end
      end
      always_ff @(posedge clk_i) age5_q[w*STAMP_W +: STAMP_W] <= youngest;
    end

    // Rank: unused of late before used of late before not evictable; then by age.
    localparam int unsigned RANK_W = STAMP_W + 2;
    // In vectors of one dimension: yosys finds no width for elements of others in here.
    logic [8*RANK_W-1:0] all_ranks;
    logic [3:0]          odd;                  // the odd way of a pair ranks higher
    logic [4*RANK_W-1:0] pair;
    logic [5:0]          best, best_q;         // best of ways 0..3 and of 4..7
    logic [2*RANK_W-1:0] rank, rank_q;

    for (genvar w = 0; w < 8; w++) begin : g_rank
      assign all_ranks[w*RANK_W +: RANK_W] = {live5_q[w], idle5_q[w], age5_q[w*STAMP_W +: STAMP_W]};
    end
    for (genvar h = 0; h < 4; h++) begin : g_pair
      logic [RANK_W-1:0] high, low;
      assign {high, low} = all_ranks[2*h*RANK_W +: 2*RANK_W];
      assign odd[h]      = high > low;
      assign pair[h*RANK_W +: RANK_W] = odd[h] ? high : low;
    end
    for (genvar h = 0; h < 2; h++) begin : g_half
      logic              upper;
      logic [RANK_W-1:0] high, low;
      assign {high, low} = pair[2*h*RANK_W +: 2*RANK_W];
      assign upper       = high > low;
      assign rank[h*RANK_W +: RANK_W] = upper ? high : low;
      assign best[3*h +: 3]           = {1'(h), upper, upper ? odd[2*h + 1] : odd[2*h]};
    end

    always_ff @(posedge clk_i) begin
      best_q <= best;
      rank_q <= rank;
    end

    logic       upper_half;
    logic [2:0] oldest, other, first_idle, first_live, conflict_way;
    logic [1:0] conflict_state;

    assign upper_half = rank_q[RANK_W +: RANK_W] > rank_q[RANK_W-1:0];
    assign oldest     = upper_half ? best_q[5:3] : best_q[2:0];
    assign other      = upper_half ? best_q[2:0] : best_q[5:3];
    assign conflict_state = (state_i[1:0] & {2{full6_q[0]}}) | (state_i[3:2] & {2{full6_q[1]}}) | (state_i[5:4] & {2{full6_q[2]}});
    assign conflict_way   = (way_i[2:0] & {3{full6_q[0]}}) | (way_i[5:3] & {3{full6_q[1]}}) | (way_i[8:6] & {3{full6_q[2]}});

    always_comb begin
      first_idle = 3'd0;
      first_live = 3'd0;
      for (int unsigned w = 0; w < 8; w++) begin
        if (idle6[7 - w]) first_idle = 3'(7 - w);
        if (live6[7 - w]) first_live = 3'(7 - w);
      end
      // A cell with the same tag is the only one that this key can replace.
      evict_ok_o  = (conflict_state == 2'd0) ? live6 != '0 : conflict_state == 2'd1;
      evict_way_o = (conflict_state != 2'd0) ? conflict_way
                    : idle6[oldest] ? oldest : idle6[other] ? other : (idle6 != '0) ? first_idle : first_live;
    end
    assign evict_choice_o = full6_q;
  end
endmodule

`default_nettype wire
