// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One port of a hash table: finds the cells of its operations' keys, in stages S0..S6, one operation per clock.
///
/// A cell is a state (0 free, 1 live, 2 hidden and locked, 3 live and locked), a tag and a key. Each choice has a RAM with the states and
/// tags of a bucket in one word, and a RAM of the keys. Within a bucket no two cells in use have the same tag, so at most
/// one cell per bucket can hold the key, the *candidate*:
///   S0 read the three buckets   S1 compare tags   S2 encode the candidates   S3 read their keys   S4, S5 compare   S6 decide
/// With SLOW_RAM a RAM's output meets a table or two in S1 and S4, where it is compared four bits at a time, and S2 and S5 do the rest.
/// The decision (bpf_map_table) on the writing lane of the operation in S6 is an *event*, registered, so in clock n
/// after S6 of operation j it is seen by the operations behind j, which stand in S6 (1 behind) .. S0 (7 behind) then; each of them corrects
/// what it has read. 8 behind reads the RAM as written. Whether an operation's buckets, tag, key equal those of the event
/// is found one or two clocks early, by comparing with the operation that is about to be decided (`dec_*`).
/// In lanes that only find, the events come from the writing lane; its operation presented in the same clock comes after.
/// Resources: the RAMs, 24 tag comparators, 3 + 4 key comparators; SLOW_RAM: 120 and KEY_W / 2 flip-flops more.
module bpf_map_lane #(
  parameter int unsigned KEY_W = 32,
  parameter int unsigned BUCKETS = 16,
  parameter int unsigned TAG_W = 16,           // a multiple of 4
  parameter int unsigned SLOW_RAM = 0,         // 1: where RAMs have no output registers (ECP5)
  localparam int unsigned IDX_W = (BUCKETS > 1) ? $clog2(BUCKETS) : 1,
  localparam int unsigned CELL_W = TAG_W + 2,
  localparam int unsigned GROUPS = (KEY_W + 17) / 18,
  localparam int unsigned LIMBS = (KEY_W + 42) / 43,
  localparam int unsigned CLOCKS = 4 + ((LIMBS > 1) ? 1 : 0) + ((LIMBS > 4) ? 1 : 0)
) (
  input  logic                clk_i,
  input  logic [43*LIMBS-1:0] secret_i,
  input  logic [KEY_W-1:0]    key_i,           // S0 is CLOCKS later
  // a scan, in the clock of S0 - 1: instead of the key's, this bucket in all choices, first live cell at or after `way`
  input  logic                scan_i,
  input  logic [IDX_W-1:0]    scan_idx_i,
  input  logic [2:0]          scan_way_i,
  // the operation about to be decided, of the writing lane: key in S5, the rest in S6
  input  logic [KEY_W-1:0]    dec_key_i,
  input  logic [3*IDX_W-1:0]  dec_idx_i,
  input  logic [TAG_W-1:0]    dec_tag_i,
  // the event, of the writing lane
  input  logic                ev_write_i,      // a cell's state (and, when it becomes used, tag and key) changes
  input  logic                ev_touch_i,      // or was just used
  input  logic [2:0]          ev_choice_i,     // one-hot
  input  logic [2:0]          ev_way_i,
  input  logic [1:0]          ev_state_i,
  input  logic [IDX_W-1:0]    ev_idx_i,
  input  logic [TAG_W-1:0]    ev_tag_i,
  input  logic [KEY_W-1:0]    ev_key_i,
  input  logic                clear_i,         // instead: free all cells of bucket ev_idx_i of all choices
  // S0, S5 and S6, for the other lanes and the slot numbers
  output logic [3*IDX_W-1:0]  idx0_o,
  output logic [KEY_W-1:0]    key5_o,
  output logic [KEY_W-1:0]    key6_o,
  output logic [3*IDX_W-1:0]  idx6_o,
  output logic [TAG_W-1:0]    tag6_o,
  // S6: the candidates (combinational, with all events)
  output logic [5:0]          state_o,         // of each choice; 0 = no candidate
  output logic [2:0]          match_o,         // and its key is this operation's
  output logic [8:0]          way_o,
  // for bpf_map_place
  output logic [14:0]         same_idx_o,      // [3*(n-2) + c]: the event is on a cell of the bucket of choice c of the operation in Sn
  output logic [23:0]         used2_o,         // S2: the cell is in use ([8*c + way]), without the event of S2
  output logic [23:0]         live2_o,         // S2: live and not locked
  output logic [23:0]         near2_o,         // S2: an event of S0 or S1 was on it
  output logic [2:0]          found2_o,        // S2: there is a candidate
  // S4: keys read (for scans)
  output logic [3*KEY_W-1:0]  key_read4_o
);
  // ---- hash, and the delay of key and scan beside it ----
  logic [3*IDX_W-1:0] hash_idx;
  logic [TAG_W-1:0]   hash_tag;

  bpf_hash_function #(.KEY_W(KEY_W), .BUCKETS(BUCKETS), .TAG_W(TAG_W)) u_hash (
    .clk_i, .secret_i, .key_i, .bucket_o(hash_idx), .tag_o(hash_tag));

  logic [CLOCKS*KEY_W-1:0] key_delay_q;
  logic [6:0][KEY_W-1:0]   key_q;              // [n]: the key in Sn
  logic                    scan0_q;
  logic [1:0]              scan_q;             // [0] S1, [1] S2
  logic [IDX_W-1:0]        scan_idx_q;
  logic [8:0]              scan_way_q;         // S2, S1, S0
  logic [6:0][3*IDX_W-1:0] idx_q;
  logic [6:0][TAG_W-1:0]   tag_q;

  assign idx_q[0] = scan0_q ? {3{scan_idx_q}} : hash_idx;
  assign tag_q[0] = hash_tag;
  assign key_q[0] = key_delay_q[(CLOCKS-1)*KEY_W +: KEY_W];

  always_ff @(posedge clk_i) begin
    key_delay_q <= (CLOCKS*KEY_W)'({key_delay_q, key_i});
    key_q[6:1]  <= key_q[5:0];
    idx_q[6:1]  <= idx_q[5:0];
    tag_q[6:1]  <= tag_q[5:0];
    scan0_q     <= scan_i;
    scan_q      <= {scan_q[0], scan0_q};
    scan_idx_q  <= scan_idx_i;
    scan_way_q  <= {scan_way_q[5:0], scan_way_i};
  end

  assign idx0_o = idx_q[0];
  assign key5_o = key_q[5];
  assign key6_o = key_q[6];
  assign idx6_o = idx_q[6];
  assign tag6_o = tag_q[6];

  // ---- does the event concern the operation in Sn: same buckets, same tag, same key ----
  logic [6:0][2:0]             same_idx;       // [n] in Sn
  logic [6:0]                  same_tag;
  logic [6:3]                  same_key_q;
  logic [5:2][GROUPS-1:0]      key_part_q;     // S(n): parts equal to the key of the operation now in S6
  logic [2:0]                  at0;

  for (genvar c = 0; c < 3; c++) begin : g_at0
    assign at0[c] = idx_q[0][c*IDX_W +: IDX_W] == ev_idx_i;
  end
  assign same_idx[0] = at0;
  assign same_tag[0] = tag_q[0] == ev_tag_i;

  for (genvar n = 1; n <= 6; n++) begin : g_same
    logic [2:0] idx_here_q;
    logic       tag_here_q;
    for (genvar c = 0; c < 3; c++) begin : g_choice
      always_ff @(posedge clk_i) idx_here_q[c] <= idx_q[n-1][c*IDX_W +: IDX_W] == dec_idx_i[c*IDX_W +: IDX_W];
    end
    always_ff @(posedge clk_i) tag_here_q <= tag_q[n-1] == dec_tag_i;
    assign same_idx[n] = idx_here_q;
    assign same_tag[n] = tag_here_q;
  end

  for (genvar n = 1; n <= 4; n++) begin : g_key
    for (genvar g = 0; g < GROUPS; g++) begin : g_group
      localparam int unsigned W = (18*g + 18 > KEY_W) ? KEY_W - 18*g : 18;
      always_ff @(posedge clk_i) key_part_q[n+1][g] <= key_q[n][18*g +: W] == dec_key_i[18*g +: W];
    end
    always_ff @(posedge clk_i) same_key_q[n+2] <= key_part_q[n+1] == '1;
  end

  // A scan's tag and key mean nothing.
  logic [6:0] is_scan;
  logic [3:0] scan_late_q;
  always_ff @(posedge clk_i) scan_late_q <= {scan_late_q[2:0], scan_q[1]};
  assign is_scan = {scan_late_q, scan_q, scan0_q};

  // ---- the choices ----
  assign same_idx_o = same_idx[6:2];

  for (genvar c = 0; c < 3; c++) begin : g_choice
    localparam int unsigned DEPTH = (BUCKETS == 1) ? 2 : BUCKETS;
    // The event of this clock, on a cell of this choice.
    logic       write, touch;
    logic [6:0] hit, set;                      // it changes this operation's bucket in Sn; and leaves the operation's tag there
    assign write = ev_write_i && ev_choice_i[c];
    assign touch = ev_touch_i && ev_choice_i[c];
    for (genvar n = 0; n <= 6; n++) begin : g_hit
      assign hit[n] = write && same_idx[n][c];
      assign set[n] = same_tag[n] && !is_scan[n];
    end

    // -- buckets: states and tags; one memory per way --
    logic [8*CELL_W-1:0] cells1;
    logic [7:0]          way_1h;
    assign way_1h = 8'd1 << ev_way_i;

    for (genvar w = 0; w < 8; w++) begin : g_way
      (* no_rw_check *)
      logic [CELL_W-1:0] mem [0:DEPTH-1];
`ifndef SYNTHESIS
      initial for (int unsigned i = 0; i < DEPTH; i++) mem[i] = '0;
`endif
      always_ff @(posedge clk_i) begin
        if (clear_i || (write && way_1h[w])) mem[ev_idx_i] <= clear_i ? '0 : {ev_state_i, ev_tag_i};
      end
      always_ff @(posedge clk_i) cells1[w*CELL_W +: CELL_W] <= mem[idx_q[0][c*IDX_W +: IDX_W]];
    end

    // -- S1: compare; correct with the events of S0 and S1 --
    logic       hit0_q, set0_q, near0_q;
    logic [2:0] ev_way_q;
    logic [1:0] ev_state_q;
    logic [7:0] is0, is1, near, match2, state0_q, state1_q, near_q;
    logic [7:0] pick2, from_way2;

    always_ff @(posedge clk_i) begin
      hit0_q     <= hit[0];
      set0_q     <= set[0];
      near0_q    <= touch && same_idx[0][c];
      ev_way_q   <= ev_way_i;
      ev_state_q <= ev_state_i;
    end

    for (genvar w = 0; w < 8; w++) begin : g_cell
      logic [1:0]       state, fixed;
      logic [TAG_W-1:0] tag;
      assign {state, tag} = cells1[w*CELL_W +: CELL_W];
      assign is0[w]    = hit0_q && ev_way_q == 3'(w);
      assign is1[w]    = hit[1] && ev_way_i == 3'(w);
      assign near[w]   = is0[w] || is1[w] || (near0_q && ev_way_q == 3'(w)) || (touch && same_idx[1][c] && ev_way_i == 3'(w));
      assign fixed     = is1[w] ? ev_state_i : is0[w] ? ev_state_q : state;
      always_ff @(posedge clk_i) begin
        {state1_q[w], state0_q[w]} <= fixed;
        near_q[w]  <= near[w];
      end

      if (SLOW_RAM == 0) begin : g_whole
        logic match_q;
        always_ff @(posedge clk_i) match_q <= fixed != 2'd0 && (is1[w] ? set[1] : is0[w] ? set0_q : tag == tag_q[1]);
        assign match2[w] = match_q;
      end else begin : g_parts
        logic               written_q, wanted_q;
        logic [TAG_W/4-1:0] equal_q;
        always_ff @(posedge clk_i) begin
          written_q <= is1[w] || is0[w];
          wanted_q  <= is1[w] ? set[1] : set0_q;
          for (int unsigned i = 0; i < TAG_W / 4; i++) equal_q[i] <= tag[4*i +: 4] == tag_q[1][4*i +: 4];
        end
        assign match2[w] = (state1_q[w] || state0_q[w]) && (written_q ? wanted_q : equal_q == '1);
      end
    end

    assign used2_o[8*c +: 8]  = state1_q | state0_q;
    assign live2_o[8*c +: 8]  = state0_q & ~state1_q;
    assign near2_o[8*c +: 8]  = near_q;
    assign found2_o[c]        = pick2 != '0;

    // -- S2: the candidate, with the event of S2 --
    logic [2:0] way2;
    logic [1:0] state2;

    assign from_way2 = 8'hFF << scan_way_q[8:6];
    always_comb begin
      pick2 = match2;
      if (scan_q[1]) begin
        pick2 = state0_q & from_way2;
        pick2 = pick2 & (~pick2 + 8'd1);
      end
      way2   = {pick2[4] || pick2[5] || pick2[6] || pick2[7], pick2[2] || pick2[3] || pick2[6] || pick2[7],
                pick2[1] || pick2[3] || pick2[5] || pick2[7]};
      state2 = {(pick2 & state1_q) != '0, (pick2 & state0_q) != '0};
    end

    // -- S3..S5: the event may make another cell the candidate, or free it --
    logic [2:0] way3_q, way4_q, way5_q, way6_q;
    logic [1:0] state3_q, state4_q, state5_q, state6_q;
    logic       known4_q, known5_q;            // the key was written by an event: whether it matches is known
    logic       equal4_q, equal5_q, match6_q;

    always_ff @(posedge clk_i) begin
      way3_q   <= (hit[2] && set[2]) ? ev_way_i : way2;
      state3_q <= (hit[2] && set[2]) ? ev_state_i : (hit[2] && ev_way_i == way2) ? 2'd0 : state2;
      way4_q   <= (hit[3] && set[3]) ? ev_way_i : way3_q;
      state4_q <= (hit[3] && set[3]) ? ev_state_i : (hit[3] && ev_way_i == way3_q) ? 2'd0 : state3_q;
      known4_q <= hit[3] && set[3];
      equal4_q <= same_key_q[3];
      way5_q   <= (hit[4] && set[4]) ? ev_way_i : way4_q;
      state5_q <= (hit[4] && set[4]) ? ev_state_i : (hit[4] && ev_way_i == way4_q) ? 2'd0 : state4_q;
      known5_q <= known4_q || (hit[4] && set[4]);
      equal5_q <= (hit[4] && set[4]) ? same_key_q[4] : equal4_q;
      way6_q   <= (hit[5] && set[5]) ? ev_way_i : way5_q;
      state6_q <= (hit[5] && set[5]) ? ev_state_i : (hit[5] && ev_way_i == way5_q) ? 2'd0 : state5_q;
    end

    // -- keys: read in S3, compared in S4 and S5 --
    localparam int unsigned PART_W = (SLOW_RAM != 0) ? 4 : 18;
    localparam int unsigned PARTS = (KEY_W + PART_W - 1) / PART_W;
    logic [KEY_W-1:0]  key_read_q;
    logic [PARTS-1:0]  part_q;
    localparam int unsigned ADDR_W = IDX_W + 3;
    logic [ADDR_W-1:0] key_addr;
    assign key_addr = {idx_q[3][c*IDX_W +: IDX_W], way3_q};

    (* no_rw_check *)
    logic [KEY_W-1:0] keys [0:8*DEPTH-1];
`ifndef SYNTHESIS
    initial for (int unsigned i = 0; i < 8 * DEPTH; i++) keys[i] = '0;
`endif
    always_ff @(posedge clk_i) if (write) keys[{ev_idx_i, ev_way_i}] <= ev_key_i;
    always_ff @(posedge clk_i) key_read_q <= keys[key_addr];
    assign key_read4_o[c*KEY_W +: KEY_W] = key_read_q;

    for (genvar g = 0; g < PARTS; g++) begin : g_part
      localparam int unsigned W = (PART_W*g + PART_W > KEY_W) ? KEY_W - PART_W*g : PART_W;
      always_ff @(posedge clk_i) part_q[g] <= key_read_q[PART_W*g +: W] == key_q[4][PART_W*g +: W];
    end
    always_ff @(posedge clk_i) begin
      match6_q <= (hit[5] && set[5]) ? same_key_q[5] : known5_q ? equal5_q : part_q == '1 || is_scan[5];
    end

    // -- S6 --
    assign way_o[3*c +: 3]   = (hit[6] && set[6]) ? ev_way_i : way6_q;
    assign state_o[2*c +: 2] = (hit[6] && set[6]) ? ev_state_i : (hit[6] && ev_way_i == way6_q) ? 2'd0 : state6_q;
    assign match_o[c]        = (hit[6] && set[6]) ? same_key_q[6] : match6_q;
  end
endmodule

`default_nettype wire
