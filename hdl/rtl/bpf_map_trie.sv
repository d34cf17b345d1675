// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Directory of an LPM trie: key -> slot number of the longest prefix that matches, one lookup per clock and port. The values
/// are in an array (bpf_map_array, bpf_map_regs) of MAX_ENTRIES entries, indexed by slot. Packets only look; the host changes.
///
/// A key is as in memory: 4 bytes of length (little endian), then the address. Each port has its own bpf_map_lpm; the host's
/// words go to all. Beside them, the prefixes by slot, which the host alone reads and writes.
/// LATENCY: 3 x LEVELS + 2, 4^LEVELS >= 2 x MAX_ENTRIES + 1.
///
/// The host's operations (`host_index_i`: a slot):
/// * 4 read, 5 write, 6 delete: the prefix and the value in a slot. A slot that was never written may be so if all before it
///   were. No lookup finds it, or misses it, until the tables say so. errno: 2 nothing there, 22 no such slot.
/// * 7 next: the first prefix at or after the slot, with its value; errno 2 if there is none. `host_cursor_o` leads on.
/// * 2 word: into the table that lookups do not use. Index bits 19..0: node or range; 21..20: border; 27..24: level, LEVELS for
///   results. A border is `host_key_i` if `host_flag_i`, else unused; a result is the slot in the low bits of `host_key_i`
///   if `host_flag_i`, else none. Bit 31: lookups use the other table from now on; acknowledged when no packet is left that has
///   used the old one and may yet read or write a value that it has found there.
/// So a packet sees the whole old or the whole new table, and a slot that the new table does not name is free then.
module bpf_map_trie #(
  parameter int unsigned KEY_W = 64,           // bits of a key, 32 + the address's: 40..512, a multiple of 8
  parameter int unsigned MAX_ENTRIES = 64,     // 1..524287
  parameter int unsigned PORTS = 1,
  parameter int unsigned LENGTHS = 0,          // 0: the length of every lookup is that of the address
  parameter int unsigned HOST_WAIT = 64,       // clocks from a token's first lookup to its last access of a value, at most
  localparam int unsigned ADDRESS_W = KEY_W - 32,
  localparam int unsigned LENGTH_W = $clog2(ADDRESS_W + 1),
  localparam int unsigned LEVELS = ($clog2(2 * MAX_ENTRIES + 1) + 1) / 2,
  localparam int unsigned LEVEL_W = (LEVELS > 1) ? $clog2(LEVELS + 1) : 1,
  localparam int unsigned RANGE_W = 2 * LEVELS,
  localparam int unsigned SLOT_W = (MAX_ENTRIES > 1) ? $clog2(MAX_ENTRIES) : 1,
  localparam int unsigned WAIT_W = $clog2(HOST_WAIT + 2)
) (
  input  logic                    clk_i,
  input  logic                    rst_i,           // synchronous, active high: empties the map
  // lookups
  input  logic [PORTS*KEY_W-1:0]  op_key_i,        // byte i of the key at [8*i +: 8]
  output logic [PORTS-1:0]        res_hit_o,       // LATENCY clocks later
  output logic [PORTS*SLOT_W-1:0] res_slot_o,
  // host
  input  logic                    host_req_i,      // level until the acknowledge, then low for 1 clock
  input  logic [2:0]              host_op_i,
  input  logic                    host_flag_i,
  input  logic [KEY_W-1:0]        host_key_i,
  input  logic [31:0]             host_index_i,
  output logic                    host_ack_o,      // 1 clock
  output logic                    host_load_o,     // 1 clock: take the value from the array's host port
  output logic [4:0]              host_errno_o,
  output logic [KEY_W-1:0]        host_key_o,      // with host_key_load_o, before the acknowledge
  output logic                    host_key_load_o,
  output logic [31:0]             host_cursor_o,
  output logic [31:0]             entries_o,
  // host port of the array of values
  output logic                    val_req_o,
  output logic                    val_we_o,
  output logic [SLOT_W-1:0]       val_idx_o,
  input  logic                    val_ack_i
);
  if (KEY_W < 40 || KEY_W > 512 || KEY_W % 8 != 0) begin : g_check_1
    $fatal(1, "bpf_map_trie: KEY_W must be a multiple of 8, 40..512");
  end
  if (MAX_ENTRIES < 1 || MAX_ENTRIES > 524287 || PORTS < 1) begin : g_check_2
    $fatal(1, "bpf_map_trie: MAX_ENTRIES must be 1..524287, PORTS at least 1");
  end

  localparam logic [2:0] WORD = 3'd2, UPDATE = 3'd5, DELETE = 3'd6, NEXT = 3'd7;
  localparam logic [4:0] ENOENT = 5'd2, EINVAL = 5'd22;

  typedef enum logic [2:0] { IDLE, FETCH, FETCHED, VALUE, PAUSE, DONE } state_t;

  state_t            state_q;
  logic              bank_q, live_q, ack_q, end_q;
  logic [4:0]        errno_q;
  logic [31:0]       slots_q, count_q;         // slots that were ever written; those that hold a prefix
  logic [31:0]       slot_q;
  logic [WAIT_W-1:0] wait_q;
  logic              word_we, flip, entry_we, is_used;

  // ---- tables ----
  logic [ADDRESS_W-1:0] host_address;
  for (genvar i = 0; i < ADDRESS_W; i += 8) begin : g_host_byte
    assign host_address[ADDRESS_W-8-i +: 8] = host_key_i[32+i +: 8];
  end

  for (genvar p = 0; p < PORTS; p++) begin : g_port
    logic [ADDRESS_W-1:0] address;
    for (genvar i = 0; i < ADDRESS_W; i += 8) begin : g_byte
      assign address[ADDRESS_W-8-i +: 8] = op_key_i[p*KEY_W+32+i +: 8];
    end
    bpf_map_lpm #(.KEY_W(ADDRESS_W), .LEVELS(LEVELS), .SLOT_W(SLOT_W), .LENGTHS(LENGTHS)) u_lpm (
      .clk_i, .bank_i(bank_q), .live_i(live_q), .key_i(address), .length_i(op_key_i[p*KEY_W +: 32]), .hit_o(res_hit_o[p]),
      .slot_o(res_slot_o[p*SLOT_W +: SLOT_W]), .host_we_i(word_we), .host_bank_i(!bank_q),
      .host_level_i(host_index_i[24 +: LEVEL_W]), .host_node_i(host_index_i[RANGE_W-1:0]), .host_border_i(host_index_i[21:20]),
      .host_key_i(host_address), .host_length_i(host_key_i[31:0]), .host_used_i(host_flag_i), .host_hit_i(host_flag_i),
      .host_slot_i(host_key_i[SLOT_W-1:0]));
  end

  assign flip    = state_q == IDLE && host_req_i && host_op_i == WORD && host_index_i[31];
  assign word_we = state_q == IDLE && host_req_i && host_op_i == WORD && !host_index_i[31];

  // ---- prefixes by slot ----
  // yosys 0.70 takes a deep memory with one address for a RAM of look-up tables that UltraScale+ does not have.
  (* ram_style = (MAX_ENTRIES > 256) ? "block" : "auto" *)
  logic [LENGTH_W+ADDRESS_W:0] mem [0:MAX_ENTRIES-1];  // {used, address as in memory, length}
  logic [LENGTH_W+ADDRESS_W:0] entry_q;

`ifndef SYNTHESIS
  initial begin
    for (int unsigned i = 0; i < MAX_ENTRIES; i++) mem[i] = '0;
  end
`endif

  always_ff @(posedge clk_i) begin
    if (entry_we) mem[slot_q[SLOT_W-1:0]] <= {host_op_i == UPDATE, host_key_i[KEY_W-1:32], host_key_i[LENGTH_W-1:0]};
    entry_q <= mem[slot_q[SLOT_W-1:0]];
  end

  assign is_used    = entry_q[LENGTH_W+ADDRESS_W] && slot_q < slots_q;
  assign entry_we   = state_q == FETCHED && errno_q == 5'd0 && (host_op_i == UPDATE || (host_op_i == DELETE && is_used));
  assign host_key_o = {entry_q[LENGTH_W +: ADDRESS_W], 32'(entry_q[LENGTH_W-1:0])};

  // ---- the host's operations ----
  assign val_req_o       = state_q == VALUE;
  assign val_we_o        = host_op_i == UPDATE;
  assign val_idx_o       = slot_q[SLOT_W-1:0];
  assign host_ack_o      = ack_q;
  assign host_load_o     = state_q == VALUE && val_ack_i && host_op_i != UPDATE;
  assign host_key_load_o = host_load_o;
  assign host_errno_o    = errno_q;
  assign host_cursor_o   = end_q ? slots_q : slot_q + 32'd1;
  assign entries_o       = count_q;

  always_ff @(posedge clk_i) begin
    ack_q <= 1'b0;
    unique case (state_q)
      IDLE: begin
        errno_q <= 5'd0;
        end_q   <= 1'b0;
        slot_q  <= host_index_i;
        wait_q  <= '0;
        if (flip) begin
          bank_q  <= !bank_q;
          live_q  <= 1'b1;
          state_q <= PAUSE;
        end else if (word_we) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
        end else if (host_req_i) begin
          state_q <= FETCH;
          // Only the next slot behind those that were written may be written for the first time.
          if (host_op_i == UPDATE && (host_index_i > slots_q || host_index_i >= 32'(MAX_ENTRIES))) errno_q <= EINVAL;
        end
      end
      FETCH: state_q <= FETCHED;
      FETCHED: begin
        if (errno_q != 5'd0) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
        end else if (host_op_i == UPDATE) begin
          state_q <= VALUE;
          if (!is_used) count_q <= count_q + 32'd1;
          if (slot_q == slots_q) slots_q <= slots_q + 32'd1;
        end else if (is_used && host_op_i == DELETE) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
          count_q <= count_q - 32'd1;
        end else if (is_used) begin
          state_q <= VALUE;
        end else if (host_op_i == NEXT && slot_q < slots_q) begin
          state_q <= FETCH;
          slot_q  <= slot_q + 32'd1;
        end else begin
          state_q <= DONE;
          ack_q   <= 1'b1;
          errno_q <= ENOENT;
          end_q   <= 1'b1;
        end
      end
      VALUE: if (val_ack_i) begin
        state_q <= DONE;
        ack_q   <= 1'b1;
      end
      PAUSE: begin
        wait_q <= wait_q + 1'b1;
        if (32'(wait_q) >= HOST_WAIT) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
        end
      end
      DONE: if (!host_req_i) state_q <= IDLE;
      default: state_q <= IDLE;
    endcase
    if (rst_i) begin
      state_q <= IDLE;
      ack_q   <= 1'b0;
      bank_q  <= 1'b0;
      live_q  <= 1'b0;
      slots_q <= '0;
      count_q <= '0;
    end
  end
endmodule

`default_nettype wire
