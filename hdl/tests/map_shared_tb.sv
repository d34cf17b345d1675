// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A hash map that tokens look up ahead of their section, as the compiler wires it: bpf_map_hash, bpf_fifo and bpf_interlock.
///
/// A token looks its key up on port 1. With the result it waits in the FIFO. If the key was there it enters with all others and looks
/// no more; otherwise it keeps those behind it out, inserts its key on port 0, and GAP clocks later another one. The host deletes keys.
/// The model is a set of keys in the order of the operations of port 0: when a token enters that has found its key ahead, the key must
/// be there, in the slot that was found. With HOLDS = 0 the host may delete at any time: then this must not hold, or nothing is tested.
module map_shared_bench #(
  parameter int unsigned HOLDS = 1
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned KEY_W = 32, ENTRIES = 40, KEYS = 24, LATENCY = 11, GAP = 13;
  localparam int unsigned SLOTS = 24 * ((ENTRIES + 17) / 18), SW = $clog2(SLOTS);

  function automatic logic [KEY_W-1:0] key_of(int unsigned n);
    return (n * 32'h01000193) ^ 32'h811C9DC5;
  endfunction

  // ---- tokens ----
  typedef struct packed {
    logic              valid;
    logic [4:0]        key;
  } token_t;
  typedef struct packed {
    logic              hit;
    logic [SW-1:0]     slot;
    logic [4:0]        key;
  } found_t;

  token_t      look [LATENCY+1];               // [i]: presented to port 1 i clocks ago
  token_t      step [GAP+1];                   // [i]: exclusive, entered i + 1 clocks ago
  token_t      asked [LATENCY+1];              // [i]: presented to port 0 i clocks ago
  found_t      tail, head;
  logic        head_valid, enter, go, ready, stall, hold;
  int unsigned flying;                         // between look and entrance

  // ---- the map ----
  logic [1:0]         hit, op_valid;
  logic [2*SW-1:0]    slot;
  logic [KEY_W-1:0]   key0, hkey;
  logic [4:0]         key0_number, host_number, errno;
  logic               inserted, req, ack;

  assign op_valid[1] = look[0].valid;
  assign op_valid[0] = step[0].valid || step[GAP].valid;
  assign key0_number = step[0].valid ? step[0].key : 5'((32'(step[GAP].key) * 7 + 3) % KEYS);
  assign key0        = key_of(32'(key0_number));
  assign hkey        = key_of(32'(host_number));
  assign hold        = HOLDS != 0 && (look[0].valid || flying != 0);

  logic               unused_evicted, unused_load, unused_key_load, unused_val_req, unused_val_we, unused_busy, unused_ready, unused_idle;
  logic [4:0]         unused_errno;
  logic [KEY_W-1:0]   unused_key;
  logic [31:0]        unused_cursor, unused_entries, unused_refused;
  logic [SW-1:0]      unused_idx;
  logic               unused_gone;

  bpf_map_hash #(.KEY_W(KEY_W), .MAX_ENTRIES(ENTRIES), .PORTS(2), .HOST_WAIT(20)) u_dut (
    .clk_i(clk), .rst_i(rst), .ready_o(ready), .op_valid_i(op_valid), .op_key_i({key_of(32'(look[0].key)), key0}), .op_kind_i(2'd1),
    .op_flags_i(2'd0), .res_hit_o(hit), .res_slot_o(slot), .res_inserted_o(inserted), .res_evicted_o(unused_evicted),
    .res_errno_o(errno), .host_req_i(req), .host_op_i(3'd6), .host_flags_i(2'd0), .host_key_i(hkey), .host_cursor_i('0),
    .host_ack_o(ack), .host_load_o(unused_load), .host_errno_o(unused_errno), .host_key_o(unused_key),
    .host_key_load_o(unused_key_load), .host_cursor_o(unused_cursor), .host_hold_i(hold), .host_stall_o(stall),
    .entries_o(unused_entries), .refused_o(unused_refused), .seed_i('0), .seed_load_i(1'b0), .val_req_o(unused_val_req),
    .val_we_o(unused_val_we), .val_idx_o(unused_idx), .val_ack_i(1'b0), .val_gone_o(unused_gone));

  assign tail = '{hit: hit[1], slot: slot[SW +: SW], key: look[LATENCY].key};

  bpf_fifo #(.WIDTH($bits(found_t)), .DEPTH(64)) u_fifo (
    .clk_i(clk), .rst_i(rst), .wr_valid_i(look[LATENCY].valid), .wr_ready_o(unused_ready), .wr_data_i(tail), .rd_valid_o(head_valid),
    .rd_ready_i(enter), .rd_data_o(head), .idle_o(unused_idle));

  bpf_interlock #(.STAGES(GAP + 1), .KEY_W(1)) u_lock (
    .clk_i(clk), .rst_i(rst), .in_valid_i(enter), .in_uses_i(1'b1), .in_keeps_i(!head.hit), .in_key_i(1'b0), .go_o(go),
    .busy_o(unused_busy));

  assign enter = head_valid && go;

  // ---- the model ----
  logic          present [KEYS];
  logic [SW-1:0] at [KEYS];
  int unsigned   n, shared, exclusive, deleted, wrong;

  initial begin
    {n, shared, exclusive, deleted, wrong, flying, req, host_number} = '0;
    foreach (present[k]) present[k] = 1'b0;
    foreach (look[i]) look[i] = '0;
    foreach (step[i]) step[i] = '0;
    foreach (asked[i]) asked[i] = '0;
  end

  always @(posedge clk) if (!rst && ready) begin
    n <= n + 1;
    // What was found ahead must be so in turn.
    if (enter && head.hit) begin
      shared += 1;
      if (!present[head.key] || at[head.key] != head.slot) begin
        wrong += 1;
        if (HOLDS != 0) $fatal(1, "shared: key %0d in slot %0d is gone", head.key, head.slot);
      end
    end
    // Results of port 0: where keys are.
    if (asked[LATENCY].valid) begin
      if (errno != 5'd0) $fatal(1, "shared: refused");
      if (inserted) at[asked[LATENCY].key] = slot[SW-1:0];
    end
    if (op_valid[0]) present[key0_number] = 1'b1;
    if (u_dut.h_go && u_dut.h_kind == 3'd2) begin
      deleted += present[host_number] ? 1 : 0;
      present[host_number] = 1'b0;
    end
    if (enter && !head.hit) exclusive += 1;

    for (int unsigned i = LATENCY; i > 0; i--) {look[i], asked[i]} <= {look[i-1], asked[i-1]};
    for (int unsigned i = GAP; i > 0; i--) step[i] <= step[i-1];
    asked[1] <= '{valid: op_valid[0], key: key0_number};
    step[0]  <= '{valid: enter && !head.hit, key: head.key};
    // Bursts, so that there are clocks in which the host may delete.
    look[0]  <= '{valid: !stall && n % 512 < 300 && flying < 60 && $urandom % 8 != 0, key: 5'($urandom % KEYS)};
    flying   <= flying + (look[0].valid ? 1 : 0) - (enter ? 1 : 0);
    if (!req) begin
      req         <= !ack && $urandom % 4 == 0;
      host_number <= 5'($urandom % KEYS);
    end else if (ack) begin
      req <= 1'b0;
    end
  end

  assign done = n > 100000 && shared > 5000 && exclusive > 500 && deleted > 200 && (HOLDS != 0) == (wrong == 0);
endmodule

module map_shared_tb;
  logic clk, rst;
  logic [1:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_shared");
    $finish;
  end

  map_shared_bench #(.HOLDS(1)) u_holds (.clk, .rst, .done(done[1]));
  map_shared_bench #(.HOLDS(0)) u_not (.clk, .rst, .done(done[0]));
endmodule

`default_nettype wire
