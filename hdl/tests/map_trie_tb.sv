// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_trie with its array of values, as the compiler wires them: two lookups in every clock, whose values are read DELAY
/// clocks later, while the host inserts, replaces and deletes prefixes, reads them back and lists them.
///
/// A value holds its prefix and a version. Every lookup must find what the table in use at its beginning says, and the value
/// of that very prefix: so neither half a table nor a slot that was given away too early passes.
module map_trie_bench #(
  parameter int unsigned MAX_ENTRIES = 20,
  parameter int unsigned ADDRESS_W = 16,
  parameter int unsigned LENGTHS = 1,
  parameter int unsigned DELAY = 9,            // clocks between the slot and the read of the value
  parameter int unsigned CHANGES = 300
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned KEY_W = 32 + ADDRESS_W, PORTS = 2;
  localparam int unsigned LEVELS = ($clog2(2 * MAX_ENTRIES + 1) + 1) / 2;
  localparam int unsigned SW = (MAX_ENTRIES > 1) ? $clog2(MAX_ENTRIES) : 1;
  localparam int unsigned TO_SLOT = 3 * LEVELS + 2;
  localparam int unsigned TO_VALUE = TO_SLOT + DELAY + 2;
  localparam int unsigned VALUE_W = 32 + KEY_W;

  typedef logic [ADDRESS_W-1:0] address_t;     // first byte in the high bits
  typedef logic [KEY_W-1:0] key_t;             // as in memory
  typedef logic [ADDRESS_W+31:0] border_t;     // {address, length}

  logic [PORTS*KEY_W-1:0] op_key;
  logic [PORTS-1:0]       hit;
  logic [PORTS*SW-1:0]    slot;
  logic                   req, flag, ack, load, key_load, val_req, val_we, val_ack, unused_stall;
  logic [2:0]             hop;
  key_t                   hkey, found_key, got_key;
  logic [31:0]            index, cursor, entries;
  logic [4:0]             errno;
  logic [SW-1:0]          val_idx;
  logic [VALUE_W-1:0]     hwdata, hrdata, got_value;
  logic [PORTS*VALUE_W-1:0] rd_data;
  logic [PORTS*SW-1:0]    slot_q [DELAY+1];

  bpf_map_trie #(.KEY_W(KEY_W), .MAX_ENTRIES(MAX_ENTRIES), .PORTS(PORTS), .LENGTHS(LENGTHS), .HOST_WAIT(TO_VALUE + 2)) u_dut (
    .clk_i(clk), .rst_i(rst), .op_key_i(op_key), .res_hit_o(hit), .res_slot_o(slot), .host_req_i(req), .host_op_i(hop),
    .host_flag_i(flag), .host_key_i(hkey), .host_index_i(index), .host_ack_o(ack), .host_load_o(load), .host_errno_o(errno),
    .host_key_o(found_key), .host_key_load_o(key_load), .host_cursor_o(cursor), .entries_o(entries), .val_req_o(val_req),
    .val_we_o(val_we), .val_idx_o(val_idx), .val_ack_i(val_ack));

  bpf_map_array #(.ENTRIES(MAX_ENTRIES), .VALUE_W(VALUE_W), .READ_PORTS(PORTS), .WRITE(0)) u_values (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(slot_q[DELAY]), .rd_data_o(rd_data), .wr_en_i(1'b0), .wr_be_i('0), .wr_idx_i('0),
    .wr_data_i('0), .host_req_i(val_req), .host_we_i(val_we), .host_idx_i(val_idx), .host_wdata_i(hwdata), .host_ack_o(val_ack),
    .host_rdata_o(hrdata), .host_block_i(1'b0), .host_stall_o(unused_stall));

  assign slot_q[0] = slot;
  for (genvar i = 1; i < DELAY + 1; i++) begin : g_slot
    always_ff @(posedge clk) slot_q[i] <= slot_q[i-1];
  end

  always_ff @(posedge clk) begin
    if (load) got_value <= hrdata;
    if (key_load) got_key <= found_key;
  end

  // ---- the model: what is in the slots, and both tables ----
  typedef struct {
    logic        used;
    int unsigned bits;
    address_t    address;                      // as given, bits behind the prefix included
    logic [31:0] version;
  } prefix_t;

  prefix_t     slots [MAX_ENTRIES];
  prefix_t     table_q [2][MAX_ENTRIES];
  int unsigned versions, lookups, hits, listed, flips;

  function automatic address_t mask(int unsigned length);
    mask = (length == 0) ? '0 : ~address_t'(0) << (ADDRESS_W - length);
  endfunction

  // Bytes of an address in memory order.
  function automatic address_t bytes(address_t a);
    for (int unsigned i = 0; i < ADDRESS_W; i += 8) bytes[i +: 8] = a[ADDRESS_W-8-i +: 8];
  endfunction

  function automatic key_t key_of(address_t a, logic [31:0] length);
    key_of = {bytes(a), length};
  endfunction

  function automatic address_t random_address();
    // A small alphabet, so that prefixes nest and touch.
    for (int unsigned i = 0; i < ADDRESS_W; i += 4) begin
      random_address[i +: 4] = ($urandom % 3 == 0) ? 4'($urandom) : ($urandom % 2 == 0) ? 4'h0 : 4'hF;
    end
  endfunction

  function automatic int scan(logic b, address_t a, logic [31:0] most);
    scan = -1;
    if (most > ADDRESS_W) return -1;
    for (int i = 0; i < int'(MAX_ENTRIES); i++) begin
      if (table_q[b][i].used && table_q[b][i].bits <= most && ((a ^ table_q[b][i].address) & mask(table_q[b][i].bits)) == '0 &&
          (scan < 0 || table_q[b][i].bits > table_q[b][scan].bits)) scan = i;
    end
  endfunction

  // ---- lookups ----
  typedef struct {
    logic     known;
    logic     hit;
    prefix_t  prefix;
    int       slot;
  } expected_t;
  expected_t expected [PORTS][TO_VALUE+1];

  for (genvar p = 0; p < PORTS; p++) begin : g_lookup
    address_t    a;
    logic [31:0] length;
    always @(posedge clk) begin
      expected_t now;
      int        found;
      address_t  next;
      for (int i = TO_VALUE; i > 0; i--) expected[p][i] <= expected[p][i-1];
      found = scan(u_dut.bank_q, a, LENGTHS != 0 ? length : ADDRESS_W);
      now.known = !rst;
      now.hit = found >= 0 && u_dut.live_q;
      now.slot = found;
      now.prefix = table_q[u_dut.bank_q][(found < 0) ? 0 : found];
      expected[p][0] <= now;
      next = random_address();
      a <= next;
      length <= ($urandom % 3 == 0) ? ADDRESS_W : ($urandom % 16 == 0) ? ADDRESS_W + 1 : $urandom_range(ADDRESS_W);
    end
    assign op_key[p*KEY_W +: KEY_W] = key_of(a, length);

    always @(negedge clk) if (!rst) begin
      if (expected[p][TO_SLOT-1].known) begin
        lookups <= lookups + 1;
        if (hit[p] != expected[p][TO_SLOT-1].hit || (hit[p] && int'(slot[p*SW +: SW]) != expected[p][TO_SLOT-1].slot))
          $fatal(1, "trie %0d port %0d: hit %b slot %0d, not %b %0d", MAX_ENTRIES, p, hit[p], slot[p*SW +: SW],
            expected[p][TO_SLOT-1].hit, expected[p][TO_SLOT-1].slot);
      end
      if (expected[p][TO_VALUE-1].known && expected[p][TO_VALUE-1].hit) begin
        prefix_t f;
        f = expected[p][TO_VALUE-1].prefix;
        hits <= hits + 1;
        if (rd_data[p*VALUE_W+32 +: KEY_W] != key_of(f.address & mask(f.bits), f.bits))
          $fatal(1, "trie %0d port %0d: the value of %h/%0d is that of another prefix", MAX_ENTRIES, p, f.address, f.bits);
      end
    end
  end

  // ---- the host ----
  task automatic command(logic [2:0] op, logic [31:0] at, key_t k, logic f);
    @(negedge clk);
    {hop, index, hkey, flag, req} = {op, at, k, f, 1'b1};
    while (!ack) @(negedge clk);
    req = 1'b0;
    @(negedge clk);
  endtask

  task automatic expect_errno(logic [4:0] wanted);
    if (errno != wanted) $fatal(1, "trie %0d: errno %0d, not %0d, of operation %0d", MAX_ENTRIES, errno, wanted, hop);
  endtask

  border_t first [$];
  task automatic rebuild();
    logic idle;
    idle = !u_dut.bank_q;
    table_q[idle] = slots;
    first = {};
    first.push_back('0);
    for (int unsigned i = 0; i < MAX_ENTRIES; i++) begin
      if (slots[i].used) begin
        address_t begins, next;
        begins = slots[i].address & mask(slots[i].bits);
        next = begins + ~mask(slots[i].bits) + 1'b1;
        first.push_back({begins, slots[i].bits});
        if (next != '0) first.push_back({next, 32'd0});
      end
    end
    first = first.unique();
    first.sort();
    for (int unsigned l = 0; l < LEVELS; l++) begin
      for (int unsigned n = 0; n < 4 ** l; n++) begin
        for (int unsigned i = 0; i < 3; i++) begin
          int unsigned r;
          border_t     at;
          r = (4 * n + i + 1) * 4 ** (LEVELS - 1 - l);
          at = (r < first.size()) ? first[r] : {random_address(), $urandom};
          command(3'd2, l << 24 | i << 20 | n, key_of(at[ADDRESS_W+31:32], at[31:0]), r < first.size());
        end
      end
    end
    for (int unsigned r = 0; r < first.size(); r++) begin
      int found;
      found = -1;
      for (int i = 0; i < int'(MAX_ENTRIES); i++) begin
        border_t begins;
        begins = {slots[i].address & mask(slots[i].bits), slots[i].bits};
        if (slots[i].used && ((first[r][ADDRESS_W+31:32] ^ slots[i].address) & mask(slots[i].bits)) == '0 && begins <= first[r] &&
            (found < 0 || slots[i].bits > slots[found].bits)) found = i;
      end
      command(3'd2, LEVELS << 24 | r, key_of(random_address(), found), found >= 0);
    end
    command(3'd2, 32'h8000_0000, '0, 1'b0);
    flips++;
  endtask

  task automatic write_slot(int unsigned s);
    slots[s].version = versions++;
    hwdata = {key_of(slots[s].address & mask(slots[s].bits), slots[s].bits), slots[s].version};
    command(3'd5, s, key_of(slots[s].address, slots[s].bits), 1'b0);
    expect_errno(5'd0);
  endtask

  // A new prefix, another value for an old one, or one less.
  task automatic change();
    prefix_t wanted;
    int      at;
    wanted.used = 1'b1;
    wanted.bits = ($urandom % 6 == 0) ? ($urandom % 2) * ADDRESS_W : $urandom_range(ADDRESS_W);
    wanted.address = random_address();
    at = -1;
    for (int i = 0; i < int'(MAX_ENTRIES); i++) begin
      if (slots[i].used && slots[i].bits == wanted.bits && ((slots[i].address ^ wanted.address) & mask(wanted.bits)) == '0) at = i;
    end
    if (at >= 0) begin
      slots[at].address = wanted.address;
      write_slot(at);
    end else begin
      // A slot is free when the table in use does not name it.
      for (int i = int'(MAX_ENTRIES) - 1; i >= 0; i--) if (!slots[i].used && !table_q[u_dut.bank_q][i].used) at = i;
      if (at < 0 || $urandom % 3 == 0) begin
        at = $urandom % MAX_ENTRIES;
        command(3'd6, at, '0, 1'b0);
        expect_errno(slots[at].used ? 5'd0 : 5'd2);
        slots[at].used = 1'b0;
      end else begin
        slots[at] = wanted;
        write_slot(at);
      end
    end
  endtask

  task automatic check_slot(int unsigned s);
    if (got_key != key_of(slots[s].address, slots[s].bits) || got_value[31:0] != slots[s].version)
      $fatal(1, "trie %0d: slot %0d has %h %h", MAX_ENTRIES, s, got_key, got_value);
  endtask

  task automatic list();
    int unsigned count, s;
    s = 0;
    count = 0;
    forever begin
      command(3'd7, s, '0, 1'b0);
      while (s < MAX_ENTRIES && !slots[s].used) s++;
      if (s == MAX_ENTRIES) break;
      expect_errno(5'd0);
      check_slot(s);
      if (cursor != s + 1) $fatal(1, "trie: cursor %0d behind slot %0d", cursor, s);
      s = cursor;
      count++;
    end
    expect_errno(5'd2);
    if (entries != count) $fatal(1, "trie: %0d entries, %0d listed", entries, count);
    listed += count;
    s = $urandom % MAX_ENTRIES;
    command(3'd4, s, '0, 1'b0);
    expect_errno(slots[s].used ? 5'd0 : 5'd2);
    if (slots[s].used) check_slot(s);
  endtask

  initial begin
    done = 1'b0;
    {req, flag, hop, hkey, index, hwdata} = '0;
    {versions, lookups, hits, listed, flips} = '0;
    foreach (slots[i]) slots[i].used = 1'b0;
    for (int unsigned b = 0; b < 2; b++) table_q[b] = slots;
    while (rst) @(negedge clk);
    repeat (50) @(negedge clk);
    // Slots are written one after the other, and only those that there are.
    if (MAX_ENTRIES > 1) begin
      command(3'd5, 32'd1, '0, 1'b0);
      expect_errno(5'd22);
    end
    command(3'd5, MAX_ENTRIES, '0, 1'b0);
    expect_errno(5'd22);
    for (int unsigned i = 0; i < CHANGES; i++) begin
      repeat ($urandom_range(3)) change();
      rebuild();
      if ($urandom % 4 == 0) list();
      repeat ($urandom % 60) @(negedge clk);
    end
    if (hits < 100) $fatal(1, "trie: only %0d hits", hits);
    $display("trie %0d x %0d bits, lengths %0d: %0d tables, %0d lookups, %0d values, %0d listed", MAX_ENTRIES, ADDRESS_W, LENGTHS,
      flips, lookups, hits, listed);
    done = 1'b1;
  end
endmodule

module map_trie_tb;
  logic       clk, rst;
  logic [3:0] done;

  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (10) #1 clk = !clk;
    #1 rst = 1'b0;
    forever #1 clk = !clk;
  end

  map_trie_bench #(.MAX_ENTRIES(1), .ADDRESS_W(8)) u_one (.clk, .rst, .done(done[0]));
  map_trie_bench #(.MAX_ENTRIES(20)) u_small (.clk, .rst, .done(done[1]));
  map_trie_bench #(.MAX_ENTRIES(33), .ADDRESS_W(32), .LENGTHS(0), .DELAY(30)) u_ipv4 (.clk, .rst, .done(done[2]));
  map_trie_bench #(.MAX_ENTRIES(31), .ADDRESS_W(128), .DELAY(3), .CHANGES(200)) u_ipv6 (.clk, .rst, .done(done[3]));

  initial begin
    wait (&done);
    $display("PASS map_trie");
    $finish;
  end
endmodule

`default_nettype wire
