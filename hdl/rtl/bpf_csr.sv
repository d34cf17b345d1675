// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite registers: identification, control, the 64-bit counters, and the host's window to the maps.
///
/// Register map: docs and `bpf2hdl-interface::registers`, from which the decoder bpf_core_regs is made. Unmapped addresses read zero; responses are always OKAY.
/// Writes to MAP_* and DATA while MAP_STATUS.busy are ignored.
/// Counters: bpf_counters; reading the low word returns a value at most 36 clocks old and latches the high word.
/// Map window: `map_req_o` is a level until `map_ack_i` or `map_error_i`, its operands stand from one clock before it on, so that their
/// decoder may be a register. Bad maps and indices, and operations that the map does not have, are reported by the generated wiring with
/// `map_error_i`. Operations by key (`map_op_o` 4..7) have the key in the KEY window, which `map_key_load_i` fills.
/// The value of a read is taken when `map_load_i`, at the acknowledge or before.
/// Latency: 3 clocks for a read, 34 at most for a counter.
/// Resources: 8 x MAX_VALUE_BYTES flip-flops for the data window, 8 x MAX_KEY_BYTES for the key window; see hdl/README.md.
module bpf_csr #(
  parameter int unsigned BUS_BITS = 512,
  parameter int unsigned MAP_COUNT = 0,
  parameter logic [255:0] BUILD_ID = '0,       // byte i of the SHA-256 at [8*i +: 8]
  parameter int unsigned MAX_VALUE_BYTES = 8,  // largest value of any map, 0..4096; rounded up to words
  parameter int unsigned MAX_KEY_BYTES = 0,    // largest key of any map with operations by key, 0..64; 0: there is none
  localparam int unsigned WORDS = (MAX_VALUE_BYTES == 0) ? 1 : (MAX_VALUE_BYTES + 3) / 4,
  localparam int unsigned KEY_WORDS = (MAX_KEY_BYTES == 0) ? 1 : (MAX_KEY_BYTES + 3) / 4
) (
  input  logic                clk_i,
  input  logic                rst_i,           // synchronous, active high
  // AXI4-Lite
  input  logic [15:0]         s_axil_awaddr_i,
  input  logic                s_axil_awvalid_i,
  output logic                s_axil_awready_o,
  input  logic [31:0]         s_axil_wdata_i,
  input  logic [3:0]          s_axil_wstrb_i,
  input  logic                s_axil_wvalid_i,
  output logic                s_axil_wready_o,
  output logic [1:0]          s_axil_bresp_o,
  output logic                s_axil_bvalid_o,
  input  logic                s_axil_bready_i,
  input  logic [15:0]         s_axil_araddr_i,
  input  logic                s_axil_arvalid_i,
  output logic                s_axil_arready_o,
  output logic [31:0]         s_axil_rdata_o,
  output logic [1:0]          s_axil_rresp_o,
  output logic                s_axil_rvalid_o,
  input  logic                s_axil_rready_i,
  // control and status
  output logic                lossless_o,
  input  logic                idle_i,          // no packet inside
  // events (pulses)
  input  logic                rx_valid_i,      // a frame was received
  input  logic [15:0]         rx_length_i,
  input  logic                verdict_valid_i, // a verdict was carried out
  input  logic [2:0]          verdict_action_i,
  input  logic [15:0]         verdict_length_i, // bytes as received
  input  logic                pass_lost_i,
  input  logic                tx_lost_i,
  input  logic                redirect_lost_i,
  input  logic                redirect_nowhere_i,
  input  logic                event_record_i,  // a record leaves for the host
  input  logic [7:0]          event_lost_i,    // records that found no room in this clock
  input  logic                stall_i,         // a beat was refused
  // bpf_arrival
  output logic [5:0]          arrival_we_o,    // {RANDOM high, low, TIME_STEP, TIME_RATE, TIME high, low}
  output logic [31:0]         arrival_wdata_o,
  input  logic [63:0]         time_i,
  input  logic [31:0]         time_rate_i,
  input  logic [31:0]         time_step_i,
  // host port of the maps
  output logic [31:0]         map_sel_o,
  output logic [31:0]         map_idx_o,
  output logic                map_req_o,       // level until map_ack_i or map_error_i
  output logic                map_we_o,
  output logic [32*WORDS-1:0] map_wdata_o,     // byte 0 of the value at [7:0]
  output logic [2:0]          map_op_o,        // 1 read, 2 write (map_we_o) by index; 4 lookup, 5 update, 6 delete, 7 next by key
  output logic [1:0]          map_flags_o,     // of an update: 0 BPF_ANY, 1 BPF_NOEXIST, 2 BPF_EXIST
  output logic [32*KEY_WORDS-1:0] map_key_o,   // byte 0 of the key at [7:0]
  input  logic                map_ack_i,
  input  logic                map_load_i,      // take map_rdata_i
  input  logic [32*WORDS-1:0] map_rdata_i,
  input  logic                map_key_load_i,  // take map_key_i
  input  logic [32*KEY_WORDS-1:0] map_key_i,
  input  logic [31:0]         map_cursor_i,    // with map_ack_i of next: becomes MAP_INDEX
  input  logic [4:0]          map_errno_i,     // with map_ack_i of an operation by key
  input  logic                map_error_i,     // no such index or operation
  input  logic [31:0]         map_entries_i,   // of the map of map_sel_o, if it has keys
  input  logic [31:0]         map_refused_i,
  // hash maps
  input  logic                ready_i,         // none is being cleared
  output logic [127:0]        seed_o,
  output logic                seed_load_o      // 1 clock: take the seed, clear
);
  localparam bit MAPS = MAP_COUNT != 0;         // without maps the window reads zero
  localparam bit KEYS = MAPS && MAX_KEY_BYTES != 0;
  localparam int unsigned WIDX_W = (WORDS > 1) ? $clog2(WORDS) : 1;
  localparam int unsigned KIDX_W = (KEY_WORDS > 1) ? $clog2(KEY_WORDS) : 1;

  if (MAX_VALUE_BYTES > 4096 || MAX_KEY_BYTES > 64) begin : g_check
    $fatal(1, "bpf_csr: MAX_VALUE_BYTES must be at most 4096, MAX_KEY_BYTES 64");
  end

  // ---- AXI4-Lite writes: address and data are taken together ----
  logic        wr_go, wr_q;
  logic [15:0] wr_addr_q;
  logic [31:0] wr_data_q, wr_mask;
  logic [3:0]  wr_strb_q;

  assign wr_go = s_axil_awvalid_i && s_axil_wvalid_i && !s_axil_awready_o && (!s_axil_bvalid_o || s_axil_bready_i) && !wr_q;
  assign s_axil_bresp_o  = 2'b00;
  assign s_axil_wready_o = s_axil_awready_o;
  assign wr_q            = s_axil_awready_o;
  assign wr_mask = {{8{wr_strb_q[3]}}, {8{wr_strb_q[2]}}, {8{wr_strb_q[1]}}, {8{wr_strb_q[0]}}};

  always_ff @(posedge clk_i) begin
    wr_addr_q <= s_axil_awaddr_i;
    wr_data_q <= s_axil_wdata_i;
    wr_strb_q <= s_axil_wstrb_i;
    s_axil_awready_o <= wr_go && !rst_i;
    if (rst_i) s_axil_bvalid_o <= 1'b0;
    else if (wr_q) s_axil_bvalid_o <= 1'b1;
    else if (s_axil_bready_i) s_axil_bvalid_o <= 1'b0;
  end

  // ---- registers ----
  logic        clear, map_busy_q, map_error_q, map_inc_q, map_start_q, map_req_q, map_done, map_bad;
  logic [2:0]  map_op_q;
  logic [4:0]  map_errno_q;
  logic [31:0] map_sel_q, map_idx_q;
  logic [WORDS-1:0][31:0] data_q;
  logic        unused_addr;

  assign unused_addr = ^{wr_addr_q[1:0], s_axil_araddr_i[1:0], time_rd[1]};

  // Decoded: which register is written or read, fields of what is written.
  logic        sel_we, idx_we, cmd_we, cmd_inc, key_we, data_we, counters_rd;
  logic [7:0]  cmd_code;
  logic [1:0]  cmd_flags, time_we, random_we, time_rd;
  logic        rate_we, step_we;
  logic [3:0]  seed_we;
  logic        rd_busy_q, cnt_req, cnt_ack;
  logic [15:2] rd_addr_q;
  logic [63:0] cnt_value;
  logic [31:0] cnt_high_q, time_high_q, rd_value, rd_key, rd_data;

  bpf_core_regs u_regs (
    .clk_i,
    .rst_i,
    .wr_i                    (wr_q),
    .wr_addr_i               (wr_addr_q[15:2]),
    .wr_data_i               (wr_data_q),
    .wr_strb_i               (wr_strb_q),
    .rd_addr_i               (rd_addr_q),
    .rd_data_o               (rd_value),
    .bus_bits_i              (32'(BUS_BITS)),
    .map_count_i             (32'(MAP_COUNT)),
    .build_id_i              (BUILD_ID),
    .control_lossless_o      (lossless_o),
    .control_counter_clear_o (clear),
    .status_idle_i           (idle_i),
    .status_clearing_i       (!ready_i),
    .time_we_o               (time_we),
    .time_rd_o               (time_rd),
    .time_i                  ({time_high_q, time_i[31:0]}),
    .time_rate_we_o          (rate_we),
    .time_rate_i,
    .time_step_we_o          (step_we),
    .time_step_i,
    .random_we_o             (random_we),
    .counters_rd_o           (counters_rd),
    .counters_i              (rd_addr_q[2] ? cnt_high_q : cnt_value[31:0]),
    .map_select_we_o         (sel_we),
    .map_select_i            (map_sel_q),
    .map_index_we_o          (idx_we),
    .map_index_i             (map_idx_q),
    .map_command_we_o        (cmd_we),
    .map_command_command_o   (cmd_code),
    .map_command_increment_o (cmd_inc),
    .map_command_flags_o     (cmd_flags),
    .map_status_busy_i       (map_busy_q),
    .map_status_error_i      (map_error_q),
    .map_status_errno_i      (map_errno_q),
    .map_entries_i           (KEYS ? map_entries_i : 32'd0),
    .map_refused_i           (KEYS ? map_refused_i : 32'd0),
    .map_seed_we_o           (seed_we),
    .key_we_o                (key_we),
    .key_i                   (rd_key),
    .data_we_o               (data_we),
    .data_i                  (rd_data)
  );

  assign map_sel_o   = map_sel_q;
  assign map_idx_o   = map_idx_q;
  assign map_req_o   = map_req_q;
  assign map_op_o    = map_op_q;
  assign map_we_o    = map_op_q == 3'd2;
  assign map_done    = map_req_q && (map_ack_i || map_bad);

  if (MAP_COUNT == 0) begin : g_no_maps
    logic unused_error;
    assign unused_error = map_error_i;
    assign map_bad = 1'b1;
  end else begin : g_maps
    assign map_bad = map_error_i;
  end

  assign arrival_we_o    = {random_we, step_we, rate_we, time_we} & {6{wr_strb_q == 4'hF}};
  assign arrival_wdata_o = wr_data_q;

  logic cmd, cmd_ok;
  assign cmd_ok = cmd_code == 8'd1 || cmd_code == 8'd2 || (KEYS && cmd_code[7:2] == 6'd1);
  assign cmd = MAPS && cmd_we && !map_busy_q && wr_strb_q[0];

  always_ff @(posedge clk_i) begin
    if (MAPS && sel_we && !map_busy_q) map_sel_q <= (map_sel_q & ~wr_mask) | (wr_data_q & wr_mask);
    if (MAPS && idx_we && !map_busy_q) map_idx_q <= (map_idx_q & ~wr_mask) | (wr_data_q & wr_mask);
    if (map_done && !map_bad && map_inc_q) map_idx_q <= map_idx_q + 32'd1;
    if (KEYS && map_done && !map_bad && map_op_q == 3'd7) map_idx_q <= map_cursor_i;

    map_start_q <= cmd && cmd_ok;
    if (map_start_q) map_req_q <= 1'b1;
    if (cmd) begin
      map_op_q    <= cmd_code[2:0];
      map_inc_q   <= wr_strb_q[1] && cmd_inc && !cmd_code[2];
      map_error_q <= !cmd_ok;
      map_busy_q  <= cmd_ok;
      map_errno_q <= '0;
    end else if (map_done) begin
      map_req_q   <= 1'b0;
      map_busy_q  <= 1'b0;
      map_error_q <= map_bad;
      map_errno_q <= (KEYS && map_op_q[2] && !map_bad) ? map_errno_i : '0;
    end
    if (rst_i) begin
      map_sel_q   <= '0;
      map_idx_q   <= '0;
      map_start_q <= 1'b0;
      map_req_q   <= 1'b0;
      map_busy_q  <= 1'b0;
      map_error_q <= 1'b0;
    end
  end

  // ---- data window ----
  logic sel_data;
  assign sel_data = MAPS && data_we && !map_busy_q;
  assign rd_data  = (MAPS && 32'(rd_addr_q[11:2]) < WORDS) ? data_q[rd_addr_q[2 +: WIDX_W]] : 32'd0;

  for (genvar w = 0; w < WORDS; w++) begin : g_word
    assign map_wdata_o[32*w +: 32] = data_q[w];
    always_ff @(posedge clk_i) begin
      if (map_req_q && map_load_i) data_q[w] <= map_rdata_i[32*w +: 32];
      else if (sel_data && wr_addr_q[11:2] == 10'(w)) data_q[w] <= (data_q[w] & ~wr_mask) | (wr_data_q & wr_mask);
    end
  end

  // ---- key window, flags, seed ----
  logic [KEY_WORDS-1:0][31:0] key_words;
  assign key_words = map_key_o;
  assign rd_key    = (KEYS && 32'(rd_addr_q[5:2]) < KEY_WORDS) ? key_words[rd_addr_q[2 +: KIDX_W]] : 32'd0;

  if (KEYS) begin : g_keys
    // Flat: yosys does not find the width of an array of words that is declared in a generate block.
    logic [32*KEY_WORDS-1:0] key_q;
    logic [127:0]            seed_q;
    logic [1:0]              flags_q;
    logic                    sel_key, seed_load_q;

    assign sel_key     = key_we && !map_busy_q;
    assign map_key_o   = key_q;
    assign map_flags_o = flags_q;
    assign seed_o      = seed_q;
    assign seed_load_o = seed_load_q;

    for (genvar w = 0; w < KEY_WORDS; w++) begin : g_word
      always_ff @(posedge clk_i) begin
        if (map_req_q && map_key_load_i) key_q[32*w +: 32] <= map_key_i[32*w +: 32];
        else if (sel_key && wr_addr_q[5:2] == 4'(w))
          key_q[32*w +: 32] <= (key_q[32*w +: 32] & ~wr_mask) | (wr_data_q & wr_mask);
      end
    end

    always_ff @(posedge clk_i) begin
      if (cmd) flags_q <= cmd_flags;
      for (int unsigned i = 0; i < 4; i++) if (seed_we[i]) seed_q[32*i +: 32] <= wr_data_q;
      seed_load_q <= seed_we[3] && !rst_i;
    end
  end else begin : g_no_keys
    logic unused_keys;
    assign unused_keys = ^{map_key_load_i, map_key_i, map_cursor_i, map_errno_i, map_entries_i, map_refused_i, cmd_flags, seed_we, key_we};
    assign map_key_o   = '0;
    assign map_flags_o = 2'd0;
    assign seed_o      = '0;
    assign seed_load_o = 1'b0;
  end

  // ---- counters ----
  bpf_counters u_counters (
    .clk_i,
    .rst_i,
    .clear_i (clear),
    .rx_valid_i,
    .rx_length_i,
    .verdict_valid_i,
    .verdict_action_i,
    .verdict_length_i,
    .pass_lost_i,
    .tx_lost_i,
    .redirect_lost_i,
    .redirect_nowhere_i,
    .event_record_i,
    .event_lost_i,
    .stall_i,
    .rd_req_i   (cnt_req),
    .rd_index_i (rd_addr_q[7:3]),
    .rd_ack_o   (cnt_ack),
    .rd_value_o (cnt_value)
  );

  // ---- AXI4-Lite reads: request, decode (or wait for the counter), respond ----
  logic is_counter;

  assign s_axil_arready_o = !rd_busy_q && !s_axil_rvalid_o;
  assign s_axil_rresp_o   = 2'b00;
  assign is_counter       = counters_rd && !rd_addr_q[2];
  assign cnt_req          = rd_busy_q && is_counter;

  always_ff @(posedge clk_i) begin
    if (s_axil_arvalid_i && s_axil_arready_o) rd_addr_q <= s_axil_araddr_i[15:2];
    if (rd_busy_q) s_axil_rdata_o <= rd_value;
    if (cnt_req && cnt_ack) cnt_high_q <= cnt_value[63:32];
    if (rd_busy_q && time_rd[0]) time_high_q <= time_i[63:32];
    if (rst_i) begin
      rd_busy_q       <= 1'b0;
      s_axil_rvalid_o <= 1'b0;
    end else begin
      if (s_axil_arvalid_i && s_axil_arready_o) rd_busy_q <= 1'b1;
      else if (!is_counter || cnt_ack) rd_busy_q <= 1'b0;
      if (rd_busy_q && (!is_counter || cnt_ack)) s_axil_rvalid_o <= 1'b1;
      else if (s_axil_rready_i) s_axil_rvalid_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
