// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Directory of a HASH or LRU_HASH map: key -> slot number, one operation per clock and port. The values are in an array
/// (bpf_map_array, bpf_map_regs) of SLOTS entries, indexed by slot; a key keeps its slot as long as it lives.
///
/// Up to 16 entries: bpf_map_cam. More: bpf_map_table with BUCKETS per choice, MAX_ENTRIES / 18 rounded up to four significant bits.
/// LATENCY: 3 for the CAM; else 11, plus 1 with keys of more than 43 bits, plus 1 with more than 172.
/// Order: operations of one clock come after all of earlier clocks; within a clock, first the finds of ports 1.., then the operation of
/// port 0. Each is atomic and sees all before it. `op_valid_i` may be high in every clock in which `ready_o` is.
/// An inserted key's value is whatever its slot held before. A deleted key's slot may go to the next insertion.
/// Host: bpf_map_host, in clocks in which port 0 is free; it deletes nothing while `host_hold_i`.
module bpf_map_hash #(
  parameter int unsigned KEY_W = 32,           // bits of a key, a multiple of 8, 8..512
  parameter int unsigned MAX_ENTRIES = 1024,   // 1..2^20
  parameter int unsigned PORTS = 1,            // port 0: any operation; ports 1..: find
  parameter int unsigned LRU = 0,              // 1: an insertion into a full map replaces an old entry
  parameter int unsigned GROUPS = 1,           // parts of the map, named by the first byte(s) of the key; each holds MAX_ENTRIES / GROUPS
  parameter int unsigned SLOW_RAM = 0,         // 1: a block RAM's output meets less logic in its clock, for families without output registers
  parameter int unsigned HOST_WAIT = 64,       // clocks from a token's first result to its last access of a value, at most
  parameter logic [127:0] SEED = 128'h9E3779B9_7F4A7C15_F39CC060_5CEDC834,  // of the hash, until the host writes one
  localparam int unsigned GROUP_W = (GROUPS <= 256) ? 8 : (GROUPS <= 65536) ? 16 : 32,  // bits of a key that name the part
  localparam bit CAM = MAX_ENTRIES <= 16,
  localparam int unsigned EIGHTEENTHS = (MAX_ENTRIES + 17) / 18,
  localparam int unsigned SHIFT = (EIGHTEENTHS > 15) ? $clog2(EIGHTEENTHS + 1) - 4 : 0,
  localparam int unsigned BUCKETS = ((EIGHTEENTHS + (32'd1 << SHIFT) - 1) >> SHIFT) << SHIFT,
  localparam int unsigned SLOTS = CAM ? MAX_ENTRIES + 1 : 24 * BUCKETS,
  localparam int unsigned SLOT_W = $clog2(SLOTS)
) (
  input  logic                    clk_i,
  input  logic                    rst_i,           // synchronous, active high: clears the map
  output logic                    ready_o,         // low while it is being cleared
  // operations
  input  logic [PORTS-1:0]        op_valid_i,
  input  logic [PORTS*KEY_W-1:0]  op_key_i,        // byte i of the key at [8*i +: 8]
  input  logic [1:0]              op_kind_i,       // port 0: 0 find, 1 upsert, 2 delete
  input  logic [1:0]              op_flags_i,      // port 0, upsert: 0 BPF_ANY, 1 BPF_NOEXIST, 2 BPF_EXIST, 3 insert or delete
  // their results, LATENCY clocks later
  output logic [PORTS-1:0]        res_hit_o,       // the key was there before
  output logic [PORTS*SLOT_W-1:0] res_slot_o,
  output logic                    res_inserted_o,
  output logic                    res_evicted_o,   // and its slot is that of an older entry
  output logic [4:0]              res_errno_o,     // 0, 2, 7, 12, 17, 22
  // host
  input  logic                    host_req_i,      // level until the acknowledge, then low for 1 clock
  input  logic [2:0]              host_op_i,       // 4 lookup, 5 update, 6 delete, 7 next
  input  logic [1:0]              host_flags_i,
  input  logic [KEY_W-1:0]        host_key_i,
  input  logic [31:0]             host_cursor_i,
  output logic                    host_ack_o,      // 1 clock
  output logic                    host_load_o,     // 1 clock: take the value from the array's host port
  output logic [4:0]              host_errno_o,
  output logic [KEY_W-1:0]        host_key_o,      // next: with host_key_load_o, before the acknowledge
  output logic                    host_key_load_o,
  output logic [31:0]             host_cursor_o,
  input  logic                    host_hold_i,     // tokens rely on keys that a find has seen: no deletion by the host now
  output logic                    host_stall_o,    // waited 256 clocks: ask the ingress for a gap
  output logic [31:0]             entries_o,
  output logic [31:0]             refused_o,       // insertions refused with room left in the map
  input  logic [127:0]            seed_i,
  input  logic                    seed_load_i,     // 1 clock: take the seed and clear the map
  // host port of the array of values
  output logic                    val_req_o,
  output logic                    val_we_o,
  output logic [SLOT_W-1:0]       val_idx_o,
  input  logic                    val_ack_i,
  output logic                    val_gone_o       // 1 clock: the host has deleted the key whose slot is val_idx_o
);
  if (KEY_W < 8 || KEY_W > 512 || KEY_W % 8 != 0) begin : g_check_1
    $fatal(1, "bpf_map_hash: KEY_W must be a multiple of 8 up to 512");
  end
  if (GROUPS < 1 || MAX_ENTRIES % GROUPS != 0 || (GROUPS > 1 && (LRU != 0 || KEY_W <= GROUP_W))) begin : g_check_3
    $fatal(1, "bpf_map_hash: GROUPS must divide MAX_ENTRIES, and be 1 with LRU");
  end
  if (MAX_ENTRIES < 1 || MAX_ENTRIES > 1048576 || PORTS < 1) begin : g_check_2
    $fatal(1, "bpf_map_hash: MAX_ENTRIES must be 1..2^20, PORTS at least 1");
  end

  logic              h_valid, h_go, h_reserved, res_host, scan_found;
  logic [2:0]        h_kind, kind;
  logic [1:0]        h_flags, flags;
  logic [SLOT_W-1:0] scan_slot;
  logic [PORTS-1:0]  valid;
  logic [PORTS*KEY_W-1:0] key;

  bpf_map_host #(.SLOTS(SLOTS), .ROWS(CAM ? 1 : 3 * BUCKETS), .HOST_WAIT(HOST_WAIT)) u_host (
    .clk_i, .rst_i, .host_req_i, .host_op_i, .host_flags_i, .host_cursor_i, .host_ack_o, .host_load_o, .host_errno_o,
    .host_cursor_o, .host_stall_o, .op_valid_o(h_valid), .op_kind_o(h_kind), .op_flags_o(h_flags), .reserved_o(h_reserved),
    .scan_slot_o(scan_slot), .op_go_i(h_go), .res_valid_i(res_host), .res_hit_i(res_hit_o[0]), .res_inserted_i(res_inserted_o),
    .res_errno_i(res_errno_o), .res_slot_i(res_slot_o[SLOT_W-1:0]), .scan_found_i(scan_found), .val_req_o, .val_we_o,
    .val_idx_o, .val_ack_i, .val_gone_o);

  // A free clock of port 0 is the host's.
  assign h_go = h_valid && !op_valid_i[0] && ready_o && !(host_hold_i && h_kind == 3'd2);

  always_comb begin
    valid = op_valid_i;
    key   = op_key_i;
    kind  = {1'b0, op_kind_i};
    flags = op_flags_i;
    if (!op_valid_i[0]) begin
      valid[0]       = h_go;
      key[KEY_W-1:0] = host_key_i;
      kind           = h_kind;
      flags          = h_flags;
    end
  end

  if (CAM) begin : g_cam
    logic unused_seed;
    assign unused_seed = ^{seed_i, SEED};
    bpf_map_cam #(.KEY_W(KEY_W), .MAX_ENTRIES(MAX_ENTRIES), .PORTS(PORTS), .LRU(LRU), .GROUPS(GROUPS), .GROUP_W(GROUP_W)) u_cam (
      .clk_i, .rst_i, .ready_o, .seed_load_i, .op_valid_i(valid), .op_key_i(key), .op_kind_i(kind), .op_flags_i(flags), .op_host_i(h_go),
      .res_hit_o, .res_slot_o, .res_inserted_o, .res_evicted_o, .res_errno_o, .res_host_o(res_host), .host_reserved_i(h_reserved),
      .scan_slot_i(scan_slot), .scan_found_o(scan_found), .scan_key_o(host_key_o), .scan_key_load_o(host_key_load_o), .entries_o, .refused_o);
  end else begin : g_table
    logic         loaded_q;                    // the host has written a seed
    logic [127:0] seed;
    assign seed = (seed_load_i || loaded_q) ? seed_i : SEED;
    always_ff @(posedge clk_i) loaded_q <= !rst_i && (loaded_q || seed_load_i);

    bpf_map_table #(.KEY_W(KEY_W), .MAX_ENTRIES(MAX_ENTRIES), .BUCKETS(BUCKETS), .PORTS(PORTS), .LRU(LRU), .GROUPS(GROUPS),
      .GROUP_W(GROUP_W), .SLOW_RAM(SLOW_RAM)) u_table (
      .clk_i, .rst_i, .ready_o, .seed_i(seed), .seed_load_i, .op_valid_i(valid), .op_key_i(key), .op_kind_i(kind), .op_flags_i(flags),
      .op_host_i(h_go), .res_hit_o, .res_slot_o, .res_inserted_o, .res_evicted_o, .res_errno_o, .res_host_o(res_host),
      .host_reserved_i(h_reserved), .scan_slot_i(scan_slot), .scan_found_o(scan_found), .scan_key_o(host_key_o),
      .scan_key_load_o(host_key_load_o), .entries_o, .refused_o);
  end
endmodule

`default_nettype wire
