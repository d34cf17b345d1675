// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Hash table with 3 choices of 8 cells (bpf_map_lane, bpf_map_place): one operation per clock and port, each atomic.
///
/// Port 0 carries any operation and the host's (kinds: bpf_map_policy), the others find. Results come LATENCY clocks later, LATENCY = 11, plus 1
/// with keys of more than 43 bits, plus 1 with more than 172. Operations of one clock: first the finds of ports 1.., then port 0.
/// After reset and after `seed_load_i` all cells are freed, one bucket per clock, and the secret of the hash is made from the seed:
/// `ready_o` is low meanwhile and no operation has an effect.
/// Resources: RAM of 24 x BUCKETS x (KEY_W + 18) bits per port; see hdl/README.md.
module bpf_map_table #(
  parameter int unsigned KEY_W = 32,
  parameter int unsigned MAX_ENTRIES = 1024,
  parameter int unsigned BUCKETS = 60,
  parameter int unsigned PORTS = 1,
  parameter int unsigned LRU = 0,
  parameter int unsigned GROUPS = 1,       // parts of the map by the low bits of the key, each of MAX_ENTRIES / GROUPS
  parameter int unsigned GROUP_W = 8,
  parameter int unsigned SLOW_RAM = 0,     // as bpf_map_lane's
  localparam int unsigned ROW_W = $clog2(3 * BUCKETS),
  localparam int unsigned SLOT_W = ROW_W + 3
) (
  input  logic                    clk_i,
  input  logic                    rst_i,
  output logic                    ready_o,
  input  logic [127:0]            seed_i,
  input  logic                    seed_load_i,
  input  logic [PORTS-1:0]        op_valid_i,
  input  logic [PORTS*KEY_W-1:0]  op_key_i,
  input  logic [2:0]              op_kind_i,     // port 0
  input  logic [1:0]              op_flags_i,
  input  logic                    op_host_i,     // it is the host's
  output logic [PORTS-1:0]        res_hit_o,
  output logic [PORTS*SLOT_W-1:0] res_slot_o,
  output logic                    res_inserted_o,
  output logic                    res_evicted_o,
  output logic [4:0]              res_errno_o,
  output logic                    res_host_o,    // port 0's result is the host's
  // host: all stable while its operation is under way
  input  logic                    host_reserved_i,
  input  logic [SLOT_W-1:0]       scan_slot_i,   // kind 3: the first live cell of this bucket at or after this one
  output logic                    scan_found_o,  // with res_host_o: there was a live cell; without res_hit_o it went away meanwhile
  output logic [KEY_W-1:0]        scan_key_o,    // with scan_key_load_o
  output logic                    scan_key_load_o,
  output logic [31:0]             entries_o,
  output logic [31:0]             refused_o
);
  localparam int unsigned TAG_W = 16;
  localparam int unsigned IDX_W = (BUCKETS > 1) ? $clog2(BUCKETS) : 1;
  localparam int unsigned LIMBS = (KEY_W + 42) / 43;
  localparam int unsigned CLOCKS = 4 + ((LIMBS > 1) ? 1 : 0) + ((LIMBS > 4) ? 1 : 0);
  localparam int unsigned COUNT_W = $clog2(MAX_ENTRIES + 1);
  localparam int unsigned AGE_W = ((MAX_ENTRIES > 1) ? $clog2(MAX_ENTRIES) : 1) + 3;
  localparam int unsigned STAMP_W = (AGE_W > 18) ? 18 : AGE_W;
  localparam int unsigned CTL_W = 7;

  // ---- what travels beside the keys: S0 is CLOCKS later ----
  logic [CTL_W*(CLOCKS+6)-1:0]     ctl_q;
  logic [(PORTS+1)*(CLOCKS+6)-1:0] valid_q;      // the others'; bit 0 unused
  logic [CTL_W-1:0]                ctl_scan, ctl4, ctl6;
  logic                            valid6, host6;
  logic [2:0]                      kind6;
  logic [1:0]                      flags6;
  logic [2:0]                      found3_q, found4_q, found5_q, found6_q, found2;
  logic                            unused_ctl;

  always_ff @(posedge clk_i) begin
    ctl_q    <= (CTL_W*(CLOCKS+6))'({ctl_q, op_host_i, op_valid_i[0], op_kind_i, op_flags_i});
    valid_q  <= ((PORTS+1)*(CLOCKS+6))'({valid_q, op_valid_i, 1'b0});
    found3_q <= found2;
    found4_q <= found3_q;
    found5_q <= found4_q;
    found6_q <= found5_q;
  end

  assign ctl_scan = ctl_q[CTL_W*(CLOCKS-2) +: CTL_W];
  assign ctl4     = ctl_q[CTL_W*(CLOCKS+3) +: CTL_W];
  assign ctl6     = ctl_q[CTL_W*(CLOCKS+5) +: CTL_W];
  assign {host6, valid6, kind6, flags6} = ctl6;
  assign unused_ctl = ^{ctl_scan, ctl4, valid_q};

  // ---- where a scan looks ----
  logic [ROW_W-1:0] scan_row;
  logic [2:0]       scan_way, scan_choice;
  logic [ROW_W-1:0] scan_idx;
  logic             unused_scan;

  assign {scan_row, scan_way} = scan_slot_i;
  assign scan_choice = (32'(scan_row) >= 2 * BUCKETS) ? 3'b100 : (32'(scan_row) >= BUCKETS) ? 3'b010 : 3'b001;
  assign scan_idx    = scan_row - (scan_choice[2] ? ROW_W'(2 * BUCKETS) : scan_choice[1] ? ROW_W'(BUCKETS) : '0);
  assign unused_scan = ^scan_idx;

  // ---- clearing, secret ----
  logic [43*LIMBS-1:0] secret;
  logic                clear_q, clear_ready, groups_ready;
  logic [IDX_W-1:0]    clear_idx;

  assign ready_o = clear_ready && groups_ready;

  bpf_map_clear #(.BUCKETS(BUCKETS), .SECRET_W(43 * LIMBS)) u_clear (
    .clk_i, .rst_i, .seed_i, .seed_load_i, .secret_o(secret), .clear_o(clear_q), .clear_idx_o(clear_idx), .ready_o(clear_ready));

  // ---- lanes ----
  logic                ev_write_q, ev_touch_q, ev_clear_q;
  logic [2:0]          ev_choice_q, ev_way_q;
  logic [1:0]          ev_state_q;
  logic [IDX_W-1:0]    ev_idx_q;
  logic [TAG_W-1:0]    ev_tag_q;
  logic [KEY_W-1:0]    ev_key_q;
  logic [KEY_W-1:0]    key5, key6;
  logic [3*IDX_W-1:0]  idx6;
  logic [TAG_W-1:0]    tag6;
  logic [PORTS*6-1:0]  state;
  logic [PORTS*3-1:0]  match;
  logic [PORTS*9-1:0]  way;
  logic [PORTS*3*ROW_W-1:0] row1_q, row2_q, row3_q, row4_q, row5_q, row6_q;
  logic [14:0]         same_idx;
  logic [23:0]         used2, live2, near2;

  always_ff @(posedge clk_i) begin
    row2_q <= row1_q;
    row3_q <= row2_q;
    row4_q <= row3_q;
    row5_q <= row4_q;
    row6_q <= row5_q;
  end

  for (genvar p = 0; p < PORTS; p++) begin : g_lane
    logic [KEY_W-1:0]   lane_key5, lane_key6;
    logic [3*IDX_W-1:0] lane_idx0, lane_idx6;
    logic [TAG_W-1:0]   lane_tag6;
    logic [14:0]        lane_same;
    logic [23:0]        lane_used, lane_live, lane_near;
    logic [2:0]         lane_found;
    logic [3*KEY_W-1:0] lane_read;

    bpf_map_lane #(.KEY_W(KEY_W), .BUCKETS(BUCKETS), .TAG_W(TAG_W), .SLOW_RAM(SLOW_RAM)) u_lane (
      .clk_i,
      .secret_i         (secret),
      .key_i            (op_key_i[p*KEY_W +: KEY_W]),
      .scan_i           (p == 0 && ctl_scan[6] && ctl_scan[4:2] == 3'd3),
      .scan_idx_i       (scan_idx[IDX_W-1:0]),
      .scan_way_i       (scan_way),
      .dec_key_i        (key5),
      .dec_idx_i        (idx6),
      .dec_tag_i        (tag6),
      .ev_write_i       (ev_write_q),
      .ev_touch_i       (ev_touch_q),
      .ev_choice_i      (ev_choice_q),
      .ev_way_i         (ev_way_q),
      .ev_state_i       (ev_state_q),
      .ev_idx_i         (ev_idx_q),
      .ev_tag_i         (ev_tag_q),
      .ev_key_i         (ev_key_q),
      .clear_i          (ev_clear_q),
      .key5_o           (lane_key5),
      .key6_o           (lane_key6),
      .idx0_o           (lane_idx0),
      .idx6_o           (lane_idx6),
      .tag6_o           (lane_tag6),
      .state_o          (state[6*p +: 6]),
      .match_o          (match[3*p +: 3]),
      .way_o            (way[9*p +: 9]),
      .same_idx_o       (lane_same),
      .used2_o          (lane_used),
      .live2_o          (lane_live),
      .near2_o          (lane_near),
      .found2_o         (lane_found),
      .key_read4_o      (lane_read)
    );

    for (genvar c = 0; c < 3; c++) begin : g_row
      always_ff @(posedge clk_i) begin
        row1_q[(3*p + c)*ROW_W +: ROW_W] <= ROW_W'(lane_idx0[c*IDX_W +: IDX_W]) + ROW_W'(c * BUCKETS);
      end
    end

    if (p == 0) begin : g_writer
      assign key5       = lane_key5;
      assign key6       = lane_key6;
      assign idx6       = lane_idx6;
      assign tag6       = lane_tag6;
      assign same_idx   = lane_same;
      assign used2      = lane_used;
      assign live2      = lane_live;
      assign near2      = lane_near;
      assign found2     = lane_found;
      assign scan_key_o = (lane_read[0 +: KEY_W] & {KEY_W{scan_choice[0]}}) | (lane_read[KEY_W +: KEY_W] & {KEY_W{scan_choice[1]}})
                          | (lane_read[2*KEY_W +: KEY_W] & {KEY_W{scan_choice[2]}});
    end else begin : g_finder
      logic       unused_lane, hit;
      logic [2:0] here;
      assign unused_lane = ^{lane_key5, lane_key6, lane_idx6, lane_tag6, lane_same, lane_used, lane_live, lane_near, lane_found,
                             lane_read, state[6*p + 1], state[6*p + 3], state[6*p + 5]};
      assign here = {state[6*p + 4], state[6*p + 2], state[6*p]} & match[3*p +: 3];
      assign hit  = here != '0;
      always_ff @(posedge clk_i) begin
        res_hit_o[p] <= hit && valid_q[(PORTS+1)*(CLOCKS+5) + 1 + p];
        res_slot_o[p*SLOT_W +: SLOT_W] <= ({row6_q[(3*p)*ROW_W +: ROW_W], way[9*p +: 3]} & {SLOT_W{here[0]}})
          | ({row6_q[(3*p+1)*ROW_W +: ROW_W], way[9*p + 3 +: 3]} & {SLOT_W{here[1]}})
          | ({row6_q[(3*p+2)*ROW_W +: ROW_W], way[9*p + 6 +: 3]} & {SLOT_W{here[2]}});
      end
    end
  end

  assign scan_key_load_o = ctl4[6] && ctl4[4:2] == 3'd3;

  // ---- S6: the decision ----
  logic [2:0] live_at, hidden_at, free_choice, evict_choice, choice, free_way, evict_way, new_way;
  logic [1:0] new_state;
  logic [4:0] errno;
  logic       is_scan, live, locked, hidden, full, free_ok, evict_ok, write, to_hidden, to_free, to_evicted, touch, inserted, more, less, refused;

  assign is_scan   = kind6 == 3'd3;
  assign live_at   = {state[4], state[2], state[0]} & match[2:0] & (is_scan ? scan_choice : 3'b111);
  assign hidden_at = {state[5:4] == 2'd2, state[3:2] == 2'd2, state[1:0] == 2'd2} & match[2:0];
  assign live      = live_at != '0;
  assign locked    = (live_at & {state[5], state[3], state[1]}) != '0;
  assign hidden    = hidden_at != '0;

  bpf_map_policy #(.LRU(LRU)) u_policy (
    .valid_i(valid6), .kind_i(kind6), .flags_i(flags6), .live_i(live), .locked_i(locked), .hidden_i(hidden), .host_reserved_i,
    .full_i(full), .free_i(free_ok), .evict_i(evict_ok), .errno_o(errno), .write_o(write), .to_hidden_o(to_hidden),
    .to_free_o(to_free), .to_evicted_o(to_evicted), .state_o(new_state), .touch_o(touch), .inserted_o(inserted), .more_o(more),
    .less_o(less), .refused_o(refused));

  bpf_map_place #(.BUCKETS(BUCKETS), .PORTS(PORTS), .LRU(LRU), .STAMP_W(STAMP_W), .TICK(AGE_W - STAMP_W)) u_place (
    .clk_i, .rst_i, .same_idx_i(same_idx), .used2_i(used2), .live2_i(live2), .near2_i(near2), .found2_i(found2),
    .row2_i(row2_q[0 +: 3*ROW_W]), .state_i(state[5:0]), .way_i(way[8:0]), .ev_write_i(ev_write_q), .ev_touch_i(ev_touch_q),
    .ev_choice_i(ev_choice_q), .ev_way_i(ev_way_q), .ev_state_i(ev_state_q), .inserted_i(res_inserted_o), .use_i(uses),
    .use_slot_i(res_slot_o), .free_ok_o(free_ok), .free_choice_o(free_choice), .free_way_o(free_way), .evict_ok_o(evict_ok),
    .evict_choice_o(evict_choice), .evict_way_o(evict_way));

  always_comb begin
    choice = to_free ? free_choice : to_evicted ? evict_choice : (to_hidden && hidden) ? hidden_at : live_at;
    new_way = to_free ? free_way : to_evicted ? evict_way
              : (way[2:0] & {3{choice[0]}}) | (way[5:3] & {3{choice[1]}}) | (way[8:6] & {3{choice[2]}});
  end

  logic [PORTS-1:0] uses;

  always_ff @(posedge clk_i) begin
    ev_write_q  <= write && ready_o;
    ev_touch_q  <= touch && ready_o && LRU != 0;
    ev_clear_q  <= clear_q;
    ev_choice_q <= choice;
    ev_way_q    <= new_way;
    ev_state_q  <= new_state;
    ev_idx_q    <= clear_q ? clear_idx : (idx6[0 +: IDX_W] & {IDX_W{choice[0]}}) | (idx6[IDX_W +: IDX_W] & {IDX_W{choice[1]}})
                                         | (idx6[2*IDX_W +: IDX_W] & {IDX_W{choice[2]}});
    ev_tag_q    <= tag6;
    ev_key_q    <= key6;
    res_hit_o[0]             <= live && valid6;
    res_slot_o[SLOT_W-1:0]   <= {(row6_q[0 +: ROW_W] & {ROW_W{choice[0]}}) | (row6_q[ROW_W +: ROW_W] & {ROW_W{choice[1]}})
                                 | (row6_q[2*ROW_W +: ROW_W] & {ROW_W{choice[2]}}), new_way};
    res_inserted_o           <= inserted && ready_o;
    res_evicted_o            <= to_evicted && ready_o;
    res_errno_o              <= errno;
    res_host_o               <= host6 && valid6 && !rst_i;
    scan_found_o             <= (found6_q & scan_choice) != '0;
  end

  if (PORTS > 1) begin : g_uses
    assign uses = {res_hit_o[PORTS-1:1], ev_touch_q};
  end else begin : g_use
    assign uses = ev_touch_q;
  end

  // ---- entries ----
  logic               more_q, less_q, full_q, last_q;
  logic [COUNT_W-1:0] count_q, count;
  logic [31:0]        refused_q;

  // `full_q` and `last_q` (room for one) tell of the operations up to two before the one in S6; `more_q` and `less_q` of the one before.
  if (GROUPS == 1) begin : g_whole
    assign groups_ready = 1'b1;
    assign full         = more_q ? last_q : !less_q && full_q;
  end else begin : g_parts
    logic [GROUP_W*(CLOCKS+4)-1:0] group_q;
    logic                          unused_parts;
    always_ff @(posedge clk_i) group_q <= (GROUP_W*(CLOCKS+4))'({group_q, op_key_i[GROUP_W-1:0]});
    assign unused_parts = ^{group_q, full_q, last_q};
    bpf_map_groups #(.GROUPS(GROUPS), .GROUP_W(GROUP_W), .LIMIT(MAX_ENTRIES / GROUPS)) u_groups (
      .clk_i, .rst_i, .seed_load_i, .hold_i(!clear_ready), .ready_o(groups_ready), .group_i(group_q[GROUP_W*(CLOCKS+3) +: GROUP_W]), .more_q_i(more_q),
      .less_q_i(less_q), .full_o(full));
  end

  assign count = count_q + COUNT_W'(more_q) - COUNT_W'(less_q);

  always_ff @(posedge clk_i) begin
    more_q  <= more && ready_o;
    less_q  <= less && ready_o;
    count_q <= count;
    full_q  <= 32'(count) == MAX_ENTRIES;
    last_q  <= 32'(count) == MAX_ENTRIES - 1;
    if (refused && ready_o) refused_q <= refused_q + 32'd1;
    if (!ready_o) begin
      count_q   <= '0;
      full_q    <= 1'b0;
      last_q    <= MAX_ENTRIES == 1;
      refused_q <= '0;
    end
  end

  assign entries_o = 32'(count_q);
  assign refused_o = refused_q;
endmodule

`default_nettype wire
