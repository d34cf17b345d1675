// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_hash with its array of values, as the compiler wires them: tokens that claim or delete a key and read, change
/// and write its value in one step, at one per clock; the host looks up, updates, deletes and lists at the same time.
///
/// A value holds its key's number and a count. The model is a table by key, in the order of the tokens at the value's stage: every
/// read must give the value of the token's own key, so neither a late write to a freed slot nor half an update passes.
module map_hash_values_bench #(
  parameter int unsigned MAX_ENTRIES = 40,
  parameter int unsigned LRU = 0,
  parameter int unsigned DELAY = 9             // clocks between the slot and the read of the value
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned KEY_W = 32, KEYS = MAX_ENTRIES + MAX_ENTRIES / 2;
  localparam bit CAM = MAX_ENTRIES <= 16;
  localparam int unsigned SLOTS = CAM ? MAX_ENTRIES + 1 : 24 * ((MAX_ENTRIES + 17) / 18);  // up to 270 entries
  localparam int unsigned SW = $clog2(SLOTS);
  localparam int unsigned TO_SLOT = CAM ? 3 : 11;
  localparam int unsigned TO_VALUE = TO_SLOT + DELAY + 2;

  logic           ready, valid, hit, inserted, evicted, req, ack, load, key_load, stall, val_req, val_we, val_ack, unused_gone, wr_en, block;
  logic [KEY_W-1:0] key, hkey, found_key;
  logic [1:0]     kind, hflags;
  logic [SW-1:0]  slot, val_idx;
  logic [4:0]     errno, herrno;
  logic [2:0]     hop;
  logic [31:0]    cursor, cursor_next, entries, refused;
  logic [63:0]    rd_data, wr_data, hwdata, hrdata;

  bpf_map_hash #(.KEY_W(KEY_W), .MAX_ENTRIES(MAX_ENTRIES), .LRU(LRU), .HOST_WAIT(DELAY + 4)) u_dut (
    .clk_i(clk), .rst_i(rst), .ready_o(ready), .op_valid_i(valid), .op_key_i(key), .op_kind_i(kind), .op_flags_i(2'd0),
    .res_hit_o(hit), .res_slot_o(slot), .res_inserted_o(inserted), .res_evicted_o(evicted), .res_errno_o(errno),
    .host_req_i(req), .host_op_i(hop), .host_flags_i(hflags), .host_key_i(hkey), .host_cursor_i(cursor), .host_ack_o(ack),
    .host_load_o(load), .host_errno_o(herrno), .host_key_o(found_key), .host_key_load_o(key_load), .host_cursor_o(cursor_next),
    .host_hold_i(1'b0), .host_stall_o(stall), .entries_o(entries), .refused_o(refused), .seed_i('0), .seed_load_i(1'b0),
    .val_req_o(val_req), .val_we_o(val_we), .val_idx_o(val_idx), .val_ack_i(val_ack), .val_gone_o(unused_gone));

  logic [SW-1:0] slot_q [DELAY+3];             // [0]: the slot's result, now
  logic          unused_stall;

  bpf_map_array #(.ENTRIES(SLOTS), .VALUE_W(64)) u_values (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(slot_q[DELAY]), .rd_data_o(rd_data), .wr_en_i(wr_en), .wr_be_i('1), .wr_idx_i(slot_q[DELAY+2]),
    .wr_data_i(wr_data), .host_req_i(val_req), .host_we_i(val_we), .host_idx_i(val_idx), .host_wdata_i(hwdata), .host_ack_o(val_ack),
    .host_rdata_o(hrdata), .host_block_i(1'b0), .host_stall_o(unused_stall));

  assign slot_q[0] = slot;
  for (genvar i = 1; i < DELAY + 3; i++) begin : g_slot
    always_ff @(posedge clk) slot_q[i] <= slot_q[i-1];
  end

  function automatic logic [KEY_W-1:0] key_of(int unsigned n);
    return (n * 32'h01000193) ^ 32'h811C9DC5;
  endfunction

  // ---- tokens: [i] was presented i clocks ago ----
  typedef struct {
    logic        valid, host, hit, inserted, evicted, ok;
    logic [2:0]  kind;
    int unsigned key;
    logic [SW-1:0] slot;
    logic [31:0] value;                        // that a show makes visible
  } token_t;
  token_t tokens [TO_VALUE+1];

  // The step at the value's stage: count up, or start at one. A deleted key is left alone.
  logic        step_q, fresh_q;
  int unsigned step_key_q;

  assign wr_en   = step_q;
  assign wr_data = fresh_q ? {step_key_q, 32'd1} : {rd_data[63:32], rd_data[31:0] + 32'd1};

  // ---- the model ----
  logic        present [KEYS];
  logic [31:0] count [KEYS];
  int          at [KEYS], owner [SLOTS];
  int unsigned n, checks, shown, loads, listed, in_place, host_key, phase;
  logic [31:0] seen_low, seen_high;

  task automatic forget(int k);
    present[k] = 1'b0;
    owner[at[k]] = -1;
  endtask

  task automatic remember(int unsigned k, logic [SW-1:0] s, logic [31:0] value);
    if (owner[s] >= 0) $fatal(1, "hash values %0d: slot %0d has two keys", MAX_ENTRIES, s);
    present[k] = 1'b1;
    at[k] = int'(s);
    owner[s] = int'(k);
    count[k] = value;
  endtask

  task automatic step(token_t t);
    if (t.host) begin
      if (t.evicted) forget(owner[t.slot]);
      if (t.kind == 2 && t.hit) forget(int'(t.key));
      if (t.kind == 6 && t.ok) begin
        remember(t.key, t.slot, t.value);
        shown += 1;
      end
      return;
    end
    if (t.hit != present[t.key]) $fatal(1, "hash values %0d: key %0d hit %b", MAX_ENTRIES, t.key, t.hit);
    if (t.evicted) forget(owner[t.slot]);
    if (t.hit) begin
      checks += 1;
      if (rd_data != {t.key, count[t.key]}) begin
        $fatal(1, "hash values %0d token %0d: key %0d slot %0d has %h, not count %0d", MAX_ENTRIES, n, t.key, t.slot, rd_data, count[t.key]);
      end
      if (t.kind == 2) forget(int'(t.key));
      else count[t.key] += 1;
    end else if (t.inserted) begin
      remember(t.key, t.slot, 32'd1);
    end
  endtask

  initial begin
    {valid, req, n, checks, shown, loads, listed, in_place, phase} = '0;
    cursor = '0;
    foreach (present[k]) present[k] = 1'b0;
    foreach (owner[s]) owner[s] = -1;
    foreach (tokens[i]) tokens[i].valid = 1'b0;
  end

  always @(posedge clk) if (rst) begin
    {valid, req, step_q} <= '0;
  end else begin
    n <= n + 1;
    // 1. the token at the value's stage
    if (tokens[TO_VALUE].valid) step(tokens[TO_VALUE]);
    // 2. the host's write in place, presented in this clock: of a key that tokens further on may have deleted already
    if (u_values.host_go && val_we && !u_dut.u_host.new_q && owner[val_idx] == int'(host_key)) begin
      count[host_key] = hwdata[31:0];
      in_place += 1;
    end
    // 3. all tokens move
    tokens[TO_SLOT].hit = hit;
    tokens[TO_SLOT].inserted = inserted;
    tokens[TO_SLOT].evicted = evicted;
    tokens[TO_SLOT].ok = errno == 0;
    tokens[TO_SLOT].slot = slot;
    for (int i = TO_VALUE; i > 1; i--) tokens[i] = tokens[i-1];
    tokens[1].valid = valid || u_dut.h_go;
    tokens[1].host = u_dut.h_go;
    tokens[1].kind = u_dut.h_go ? u_dut.h_kind : {1'b0, kind};
    tokens[1].value = hwdata[31:0];
    tokens[1].key = u_dut.h_go ? host_key : phase;
    step_q <= tokens[TO_VALUE].valid && !tokens[TO_VALUE].host && tokens[TO_VALUE].ok && tokens[TO_VALUE].kind != 2;
    fresh_q <= tokens[TO_VALUE].inserted;
    step_key_q <= tokens[TO_VALUE].key;
    // 4. a new token
    begin
      automatic int unsigned k = (n / 1000 % 3 == 0) ? 5 % KEYS : (n / 1000 % 3 == 1) ? $urandom % 4 : $urandom % KEYS;
      phase <= k;
      key <= key_of(k);
      kind <= (n / 3000 % 2 == 0 && $urandom % 4 == 0) ? 2'd2 : 2'd1;
      valid <= ready && !stall && (n / 7000 % 2 == 0 || $urandom % 2 == 0);
    end
    // 5. the host
    if (key_load) begin
      hkey <= found_key;
      for (int unsigned k = 0; k < KEYS; k++) if (key_of(k) == found_key) host_key <= k;
    end
    if (load) begin
      loads += 1;
      if (hrdata[63:32] != host_key) $fatal(1, "hash values %0d: host reads %h for key %0d", MAX_ENTRIES, hrdata, host_key);
      if (hop == 7) listed += 1;
    end
    if (ack) begin
      req <= 1'b0;
      if (hop == 7) cursor <= (herrno == 0) ? cursor_next : '0;
    end else if (!req && ready && $urandom % 8 == 0) begin
      automatic int unsigned k = (n / 1000 % 3 == 0) ? 5 % KEYS : (n / 1000 % 3 == 1) ? $urandom % 4 : $urandom % KEYS;
      req <= 1'b1;
      hop <= 3'd4 + 3'($urandom % 4);
      hflags <= ($urandom % 2 == 0) ? 2'd0 : 2'($urandom % 3);
      host_key <= k;
      hkey <= key_of(k);
      hwdata <= {k, $urandom | 32'h8000_0000};
    end
  end

  assign done = n > 200000 && checks > 50000 && shown > 50 && loads > 100 && listed > 20 && in_place > 50;
endmodule

module map_hash_values_tb;
  logic clk, rst;
  logic [4:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_hash_values");
    $finish;
  end

  map_hash_values_bench #(.MAX_ENTRIES(8), .DELAY(0)) u_cam (.clk, .rst, .done(done[0]));
  map_hash_values_bench #(.MAX_ENTRIES(12), .LRU(1)) u_cam_lru (.clk, .rst, .done(done[1]));
  map_hash_values_bench #(.MAX_ENTRIES(40)) u_table (.clk, .rst, .done(done[2]));
  map_hash_values_bench #(.MAX_ENTRIES(40), .LRU(1)) u_table_lru (.clk, .rst, .done(done[3]));
  map_hash_values_bench #(.MAX_ENTRIES(200), .DELAY(0)) u_more (.clk, .rst, .done(done[4]));
endmodule

`default_nettype wire
