// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_hash against a model, operation by operation: storms on one key and on one bucket at full rate, all kinds and flags, a full
/// map, the host in between.
///
/// Results are checked in the order of the contract; where the map may choose (free slot, victim) the model takes over
/// its choice after checking that it is allowed. The host's operations are seen where they enter port 0.
module map_hash_bench #(
  parameter int unsigned KEY_W = 32,
  parameter int unsigned MAX_ENTRIES = 20,
  parameter int unsigned PORTS = 1,
  parameter int unsigned LRU = 0,
  parameter int unsigned GROUPS = 1,
  parameter int unsigned SLOW_RAM = 0,
  parameter int unsigned KEYS = 2 * MAX_ENTRIES + 3,
  parameter int unsigned OPS = 250000
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  // Buckets per choice: as documented, found by counting up.
  function automatic int unsigned buckets_for(int unsigned n);
    automatic int unsigned step = 1, b = 1;
    while (18 * b < n) begin
      if (b == 16 * step) step *= 2;
      b += step;
    end
    return b;
  endfunction

  localparam bit CAM = MAX_ENTRIES <= 16;
  localparam int unsigned SLOTS = CAM ? MAX_ENTRIES + 1 : 24 * buckets_for(MAX_ENTRIES);
  localparam int unsigned SW = $clog2(SLOTS);
  localparam int unsigned WRAP = 8 << $clog2(MAX_ENTRIES);  // ages of the replacement count insertions up to this
  localparam int unsigned LIMBS = (KEY_W + 42) / 43;
  localparam int unsigned LATENCY = CAM ? 3 : 11 + ((LIMBS > 1) ? 1 : 0) + ((LIMBS > 4) ? 1 : 0);
  localparam int NONE = -1, HIDDEN = -2;
  localparam string NAME = $sformatf("hash %0dx%0d ports %0d lru %0d groups %0d", MAX_ENTRIES, KEY_W, PORTS, LRU, GROUPS);

  logic                    ready;
  logic [PORTS-1:0]        valid, hit;
  logic [PORTS*KEY_W-1:0]  key;
  logic [1:0]              kind, flags;
  logic [PORTS*SW-1:0]     slot;
  logic                    inserted, evicted, req, ack, load, key_load, stall, val_req, val_we, val_ack, gone;
  logic [4:0]              errno, herrno;
  logic [2:0]              hop;
  logic [1:0]              hflags;
  logic [KEY_W-1:0]        hkey, hkey_found;
  logic [31:0]             cursor, cursor_next, entries, refused;
  logic [SW-1:0]           val_idx;

  bpf_map_hash #(.KEY_W(KEY_W), .MAX_ENTRIES(MAX_ENTRIES), .PORTS(PORTS), .LRU(LRU), .GROUPS(GROUPS), .SLOW_RAM(SLOW_RAM), .HOST_WAIT(20)) u_dut (
    .clk_i(clk), .rst_i(rst), .ready_o(ready), .op_valid_i(valid), .op_key_i(key), .op_kind_i(kind), .op_flags_i(flags),
    .res_hit_o(hit), .res_slot_o(slot), .res_inserted_o(inserted), .res_evicted_o(evicted), .res_errno_o(errno),
    .host_req_i(req), .host_op_i(hop), .host_flags_i(hflags), .host_key_i(hkey), .host_cursor_i(cursor), .host_ack_o(ack),
    .host_load_o(load), .host_errno_o(herrno), .host_key_o(hkey_found), .host_key_load_o(key_load), .host_cursor_o(cursor_next),
    .host_hold_i(1'b0), .host_stall_o(stall), .entries_o(entries), .refused_o(refused), .seed_i(128'(seed)), .seed_load_i(seed_load),
    .val_req_o(val_req), .val_we_o(val_we), .val_idx_o(val_idx), .val_ack_i(val_ack), .val_gone_o(gone));

  // Key number n as bits: neighbours differ in few bits, anywhere.
  function automatic logic [KEY_W-1:0] key_of(int unsigned n);
    key_of = KEY_W'(n);
    for (int unsigned i = 32; i < KEY_W; i += 19) key_of ^= KEY_W'(n) << i;
    if (KEY_W > 40) key_of ^= KEY_W'(n & 3) << (KEY_W - 2);
    if (GROUPS > 256) key_of = key_of << 16 | KEY_W'(n % GROUPS);
    else if (GROUPS > 1) key_of = key_of << 8 | KEY_W'(n % GROUPS);
  endfunction

  // ---- the model ----
  int          slot_of [KEYS];                 // NONE: absent
  int          owner [SLOTS];
  int unsigned event_at [SLOTS];               // when the cell was used or freed last
  int unsigned used_at [KEYS], age_at [KEYS];  // clock of the last use by port 0, and insertions before it
  int          locked, hidden, hidden_slot;    // keys, or NONE
  logic        reserved;
  int unsigned count, refusals, early, evictions, insertions, now, ops, checks [8];
  int unsigned part [GROUPS];                  // keys in each part

  function automatic logic is_full(int unsigned k);
    return part[k % GROUPS] == MAX_ENTRIES / GROUPS;
  endfunction

  task automatic counted(int unsigned k, int change);
    count = 32'(int'(count) + change);
    part[k % GROUPS] = 32'(int'(part[k % GROUPS]) + change);
  endtask

  // ---- what was presented: [0] one clock ago ----
  logic [PORTS-1:0] was_valid [LATENCY+1];
  int unsigned      was_key [LATENCY+1][PORTS];
  logic [2:0]       was_kind [LATENCY+1];
  logic [1:0]       was_flags [LATENCY+1];
  int unsigned      number [PORTS];
  int unsigned      host_number, seed, clear_wait;
  logic             seed_load;

  task automatic fail(string what);
    $fatal(1, "%s, operation %0d kind %0d flags %0d key %0d: %s; hit %b slot %0d errno %0d inserted %b evicted %b", NAME, ops,
           was_kind[LATENCY-1], was_flags[LATENCY-1], was_key[LATENCY-1][0], what, hit, slot[SW-1:0], errno, inserted, evicted);
  endtask

  task automatic use_key(int unsigned k);
    used_at[k] = now;
    age_at[k] = insertions;
    if (slot_of[k] != NONE) event_at[slot_of[k]] = now;
  endtask

  task automatic check_find(int unsigned k, logic got, logic [SW-1:0] at);
    if (got != (slot_of[k] != NONE)) fail($sformatf("key %0d is %s", k, got ? "absent" : "present"));
    if (got && int'(at) != slot_of[k]) fail($sformatf("key %0d is in slot %0d", k, slot_of[k]));
  endtask

  // The victim was allowed: live, not locked; idle if its bucket has an idle one; then the oldest.
  task automatic check_victim(int victim, int unsigned at);
    automatic int unsigned first = CAM ? 0 : at & ~32'd7, last = CAM ? SLOTS - 1 : at | 32'd7;
    automatic logic was_idle = now - event_at[at] > 7, recent = 1'b0;
    if (victim < 0) fail("no entry in the evicted slot");
    if (victim == locked) fail("evicted a locked entry");
    for (int unsigned s = first; s <= last; s++) if (now - event_at[s] <= 2) recent = 1'b1;
    for (int unsigned s = first; s <= last; s++) begin
      automatic int other = owner[s];
      if (other >= 0 && other != victim && other != locked) begin
        automatic logic idle = now - event_at[s] > 7;
        if (!CAM && PORTS == 1 && idle && !was_idle) fail("evicted an entry in use");
        if (!CAM && PORTS == 1 && idle && was_idle && !recent && insertions - age_at[other] < WRAP && age_at[other] < age_at[victim]) begin for (int unsigned z = first; z <= last; z++) if (owner[z] >= 0) $display("slot %0d key %0d used %0d age %0d", z, owner[z], now - used_at[owner[z]], insertions - age_at[owner[z]]); fail("not the oldest"); end
        if (CAM && PORTS == 1 && used_at[other] < used_at[victim]) fail("not the least recently used");
      end
    end
    if (count < MAX_ENTRIES) early += 1;
    evictions += 1;
  endtask

  task automatic insert(int unsigned k, int unsigned at, logic hide);
    if (owner[at] != NONE) fail($sformatf("slot in use by %0d", owner[at]));
    owner[at] = hide ? HIDDEN : int'(k);
    if (hide) begin
      hidden = int'(k);
      hidden_slot = int'(at);
      reserved = 1'b1;
    end else begin
      slot_of[k] = int'(at);
    end
    if (!hide || LRU != 0) counted(k, 1);
    use_key(k);
    insertions += 1;
  endtask

  task automatic remove(int unsigned k);
    event_at[slot_of[k]] = now;
    owner[slot_of[k]] = (locked == int'(k)) ? HIDDEN : NONE;
    if (locked == int'(k)) begin
      hidden = int'(k);
      hidden_slot = slot_of[k];
      reserved = 1'b0;
      locked = NONE;
    end
    slot_of[k] = NONE;
    counted(k, -1);
  endtask

  task automatic check_update(int unsigned k, logic host, logic [1:0] f);
    automatic int unsigned at = 32'(slot[SW-1:0]);
    automatic logic there = slot_of[k] != NONE;
    automatic int want = (f == 3) ? (host ? 22 : 0) : (there && f == 1) ? 17 : (!there && f == 2) ? 2 : 0;
    if (hit[0] != there) fail("hit");
    if (want != 0 || there) begin
      if (int'(errno) != want || inserted || evicted) fail($sformatf("errno should be %0d", want));
      if (want == 0 && int'(at) != slot_of[k]) fail($sformatf("slot should be %0d", slot_of[k]));
      if (want == 0 && f == 3) begin
        remove(k);
        return;
      end
      if (want == 0) use_key(k);
      if (want == 0 && host) locked = int'(k);
      return;
    end
    if (errno != 0) begin
      if (inserted || evicted) fail("inserted though refused");
      if (LRU == 0 && errno != 7) fail("errno should be 7");
      if (LRU != 0 && errno != 12) fail("errno should be 12");
      if (LRU != 0 || !is_full(k)) refusals += 1;
      return;
    end
    if (!inserted) fail("not inserted");
    if (evicted) begin
      if (LRU == 0) fail("evicted");
      check_victim(owner[at], at);
      remove(owner[at]);
    end else if (is_full(k)) begin
      fail("inserted into a full map");
    end
    insert(k, at, host);
  endtask

  task automatic check_port_0();
    automatic int unsigned k = was_key[LATENCY-1][0];
    automatic logic there = slot_of[k] != NONE;
    ops += 1;
    checks[was_kind[LATENCY-1]] += 1;
    case (was_kind[LATENCY-1])
      0: begin
        check_find(k, hit[0], slot[SW-1:0]);
        if (errno != (there ? 0 : 2)) fail("errno");
        if (there) use_key(k);
      end
      1: check_update(k, 1'b0, was_flags[LATENCY-1]);
      2: begin
        check_find(k, hit[0], slot[SW-1:0]);
        if (errno != (there ? 0 : 2)) fail("errno");
        if (there) remove(k);
      end
      3: if (hit[0] && owner[slot[SW-1:0]] < 0) fail("scan found a dead entry");
      4: begin
        check_find(k, hit[0], slot[SW-1:0]);
        if (there) begin
          locked = int'(k);
          event_at[slot_of[k]] = now;
        end
      end
      5: check_update(k, 1'b1, was_flags[LATENCY-1]);
      6: begin
        if (hidden != int'(k)) fail("no such cell to show");
        if (int'(errno) != (there ? 17 : (LRU == 0 && is_full(k)) ? 7 : 0)) fail("errno of show");
        if (errno == 0) begin
          if (int'(slot[SW-1:0]) != hidden_slot) fail("slot of show");
          slot_of[k] = hidden_slot;
          owner[hidden_slot] = int'(k);
          hidden = NONE;
          if (LRU == 0) counted(k, 1);
          use_key(k);
        end
      end
      default: begin
        if (hidden != NONE) begin
          owner[hidden_slot] = NONE;
          event_at[hidden_slot] = now;
          if (LRU != 0 && reserved) counted(32'(hidden), -1);
        end
        if (locked != NONE) event_at[slot_of[locked]] = now;
        hidden = NONE;
        locked = NONE;
      end
    endcase
  endtask

  // ---- stimulus ----
  int unsigned phase, pick, dump_at;
  logic        quiet, dumping, dumped;
  logic [KEYS-1:0] seen;

  function automatic int unsigned some_key(int unsigned how);
    case (how % 5)
      0: some_key = 7 % KEYS;
      1: some_key = $urandom % ((KEYS < 3) ? KEYS : 3);
      2: some_key = $urandom % ((KEYS < 12) ? KEYS : 12);
      default: some_key = $urandom % KEYS;
    endcase
  endfunction

  initial begin
    foreach (part[i]) part[i] = 0;
    {count, refusals, early, evictions, insertions, ops, phase, dumping, dumped, seed, clear_wait} = '0;
    now = 100;
    foreach (checks[i]) checks[i] = 0;
    foreach (slot_of[i]) slot_of[i] = NONE;
    foreach (used_at[i]) used_at[i] = 0;
    foreach (age_at[i]) age_at[i] = 0;
    foreach (owner[i]) owner[i] = NONE;
    foreach (event_at[i]) event_at[i] = 0;
    foreach (was_valid[i]) was_valid[i] = '0;
    locked = NONE;
    hidden = NONE;
    {valid, req, val_ack, seed_load, quiet} = '0;
    cursor = '0;
  end

  always @(posedge clk) if (rst) begin
    {valid, req, seed_load} <= '0;
  end else begin
    now += 1;
    // 1. results
    for (int unsigned p = 1; p < PORTS; p++) begin
      if (was_valid[LATENCY-1][p]) begin
        check_find(was_key[LATENCY-1][p], hit[p], slot[p*SW +: SW]);
        ops += 1;
      end
    end
    if (was_valid[LATENCY-1][0]) check_port_0();

    // 2. what the map takes in this clock
    for (int i = LATENCY - 1; i > 0; i--) begin
      was_valid[i] = was_valid[i-1];
      was_kind[i] = was_kind[i-1];
      was_flags[i] = was_flags[i-1];
      for (int unsigned p = 0; p < PORTS; p++) was_key[i][p] = was_key[i-1][p];
    end
    was_valid[0] = valid | PORTS'(u_dut.h_go);
    for (int unsigned p = 0; p < PORTS; p++) was_key[0][p] = number[p];
    was_kind[0] = {1'b0, kind};
    was_flags[0] = flags;
    if (u_dut.h_go) begin
      was_key[0][0] = host_number;
      was_kind[0] = u_dut.h_kind;
      was_flags[0] = hflags;
    end
    if (valid != '0 && !ready) $fatal(1, "%s: the bench presents too early", NAME);

    // 3. new operations
    phase <= phase + 1;
    quiet <= dumping || seed_load || !ready;
    for (int unsigned p = 0; p < PORTS; p++) begin
      automatic int unsigned k = some_key(phase / 500);
      if (phase / 700 % 3 == 1 && p > 0) k = number[0];
      number[p] <= k;
      key[p*KEY_W +: KEY_W] <= key_of(k);
      valid[p] <= ready && !quiet && !dumping && !seed_load && !(stall && p == 0) && (phase / 3000 % 2 == 0 || $urandom % 4 != 0);
    end
    pick = $urandom % 16;
    case (phase / 5000 % 4)
      0: kind <= (pick < 6) ? 2'd1 : (pick < 10) ? 2'd2 : 2'd0;
      1: kind <= (pick < 14) ? 2'd1 : 2'd0;    // fill
      2: kind <= (pick < 4) ? 2'd1 : (pick < 5) ? 2'd2 : 2'd0;
      default: kind <= (pick < 8) ? 2'd1 : 2'd2;
    endcase
    flags <= (pick % 3 == 0) ? 2'($urandom) : 2'd0;

    // 4. the host
    val_ack <= val_req && !val_ack && $urandom % 3 == 0;
    if (val_ack && (owner[val_idx] == NONE)) fail("value access to a cell that is not locked");
    if (gone != (ack && hop == 6 && herrno == 0)) fail("an entry is reported gone without a deletion, or not with one");
    if (key_load) begin
      hkey <= hkey_found;
      for (int unsigned k = 0; k < KEYS; k++) if (key_of(k) == hkey_found) host_number <= k;
    end
    if (ack) begin
      req <= 1'b0;
      if (hop == 7) begin
        cursor <= (herrno == 0) ? cursor_next : '0;
        if (dumping) begin
          if (herrno == 2) begin
            for (int unsigned k = 0; k < KEYS; k++) if (seen[k] != (slot_of[k] != NONE)) $fatal(1, "%s: dump of key %0d", NAME, k);
            if (entries != count || refused != refusals) $fatal(1, "%s: entries %0d, not %0d; refused %0d, not %0d", NAME, entries, count, refused, refusals);
            if (hidden != NONE || locked != NONE) $fatal(1, "%s: something is locked", NAME);
            dumping <= 1'b0;
            dumped  <= 1'b1;
          end else begin
            if (herrno != 0 || seen[host_number] || slot_of[host_number] == NONE) $fatal(1, "%s: dump gives key %0d", NAME, host_number);
            seen[host_number] <= 1'b1;
          end
        end
      end
    end else if (!req && ready && !seed_load && dumping && was_valid[0] == '0 && was_valid[LATENCY-1] == '0) begin
      req <= 1'b1;
      hop <= 3'd7;
    end else if (!req && ready && !dumping && $urandom % 64 == 0) begin
      automatic int unsigned k = some_key(phase / 500);
      req <= 1'b1;
      hop <= 3'd4 + 3'($urandom % 4);
      hflags <= 2'($urandom);
      host_number <= k;
      hkey <= key_of(k);
    end
    if (phase % 40000 == 39999 && !req) begin
      dumping <= 1'b1;
      cursor <= '0;
      seen <= '0;
    end
    // 5. a new seed between dumps clears the map
    seed_load <= 1'b0;
    if (dumped && !dumping && !req && !seed_load && was_valid[0] == '0 && was_valid[LATENCY-1] == '0) begin
      seed <= $urandom;
      seed_load <= 1'b1;
      dumped <= 1'b0;
      quiet <= 1'b1;
      valid <= '0;
      foreach (slot_of[i]) slot_of[i] = NONE;
      foreach (owner[i]) owner[i] = NONE;
      count = 0;
      foreach (part[i]) part[i] = 0;
      refusals = 0;
    end
    if (dumped) valid <= '0;
  end

  assign done = ops > OPS && checks[0] > 1000 && checks[2] > 1000 && checks[4] > 100 && checks[5] > 100 && checks[6] > 20
                && (LRU == 0 || evictions > 100);
  final if (done) $display("%s: %0d operations, kinds %0d %0d %0d %0d %0d %0d %0d %0d, refused %0d, evicted %0d, before full %0d", NAME, ops, checks[0],
                           checks[1], checks[2], checks[3], checks[4], checks[5], checks[6], checks[7], refusals, evictions, early);
endmodule

`default_nettype wire
