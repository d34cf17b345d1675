// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite registers of the engine: those of `bpf_core`, as bpf_csr answers them, and the window through which a program is loaded.
///
/// KEY and DATA are bytes of the engine's memory, MAP_ENTRIES and MAP_REFUSED words of the selected map's descriptor; a map command and a new seed are events
/// of which the firmware takes care. Build id and number of maps are the program's and are loaded with it: ENGINE_ADDRESS names with bit 31 the instructions
/// (8 bytes each; the word of the upper half writes both), with bit 30 words 0 to 7 of the build id, 8 the number of maps and 9 the firmware's slots, else
/// bytes of the memory.
/// Latency: 3 clocks for a read, 34 at most for a counter; windows wait until the memory is free.
/// Resources: about 700 flip-flops, the counters' RAM.
module bpf_engine_csr #(
  parameter int unsigned BUS_BITS = 512,
  parameter int unsigned SLOTS = 8192,
  parameter int unsigned BYTES = 65536,
  parameter int unsigned KEY_BASE = 10240,     // bytes of the memory: KEY, DATA, the first descriptor
  parameter int unsigned DATA_BASE = 12288,
  parameter int unsigned MAP_BASE = 24576,
  localparam int unsigned PW = $clog2(SLOTS),
  localparam int unsigned AW = $clog2(BYTES)
) (
  input  logic          clk_i,
  input  logic          rst_i,                 // synchronous, active high
  // AXI4-Lite
  input  logic [15:0]   s_axil_awaddr_i,
  input  logic          s_axil_awvalid_i,
  output logic          s_axil_awready_o,
  input  logic [31:0]   s_axil_wdata_i,
  input  logic [3:0]    s_axil_wstrb_i,
  input  logic          s_axil_wvalid_i,
  output logic          s_axil_wready_o,
  output logic [1:0]    s_axil_bresp_o,
  output logic          s_axil_bvalid_o,
  input  logic          s_axil_bready_i,
  input  logic [15:0]   s_axil_araddr_i,
  input  logic          s_axil_arvalid_i,
  output logic          s_axil_arready_o,
  output logic [31:0]   s_axil_rdata_o,
  output logic [1:0]    s_axil_rresp_o,
  output logic          s_axil_rvalid_o,
  input  logic          s_axil_rready_i,
  // control and status
  output logic          lossless_o,
  output logic          run_o,
  input  logic          idle_i,
  // events for the counters (pulses)
  input  logic          rx_valid_i,
  input  logic [15:0]   rx_length_i,
  input  logic          verdict_valid_i,
  input  logic [2:0]    verdict_action_i,
  input  logic [15:0]   verdict_length_i,
  input  logic          pass_lost_i,
  input  logic          tx_lost_i,
  input  logic          redirect_lost_i,
  input  logic          redirect_nowhere_i,
  input  logic          event_record_i,
  input  logic [7:0]    event_lost_i,
  input  logic          stall_i,
  input  logic          fault_i,
  input  logic [31:0]   fault_slot_i,
  input  logic [31:0]   fault_address_i,
  // bpf_arrival
  output logic [5:0]    arrival_we_o,
  output logic [31:0]   arrival_wdata_o,
  input  logic [63:0]   time_i,
  input  logic [31:0]   time_rate_i,
  input  logic [31:0]   time_step_i,
  // map commands and seeds, for the firmware
  output logic          map_req_o,             // level until map_done_i
  output logic [31:0]   map_sel_o,
  output logic [31:0]   map_idx_o,
  output logic [2:0]    map_op_o,
  output logic [1:0]    map_flags_o,
  input  logic          map_done_i,
  input  logic          map_bad_i,
  input  logic [4:0]    map_errno_i,
  input  logic          map_move_i,            // with map_done_i: MAP_INDEX becomes map_cursor_i
  input  logic [31:0]   map_cursor_i,
  output logic          seed_req_o,            // level until seed_done_i
  output logic [127:0]  seed_o,
  input  logic          seed_done_i,
  // program
  output logic          prog_we_o,
  output logic [PW-1:0] prog_slot_o,
  output logic [63:0]   prog_data_o,
  output logic [31:0]   limit_o,
  // memory
  output logic          mem_req_o,
  output logic          mem_we_o,
  output logic [AW-1:0] mem_addr_o,
  output logic [7:0]    mem_be_o,
  output logic [63:0]   mem_wdata_o,
  input  logic          mem_grant_i,
  input  logic [63:0]   mem_rdata_i            // one clock after the grant
);
  // ---- writes: address and data are taken together; one that goes to memory waits for its grant ----
  logic        wr_q, mem_wr_q, fill_q;
  logic [15:0] wr_addr_q;
  logic [31:0] wr_data_q, wr_mask;
  logic [3:0]  wr_strb_q;
  logic        wr_go;
  assign wr_go = s_axil_awvalid_i && s_axil_wvalid_i && !s_axil_awready_o && (!s_axil_bvalid_o || s_axil_bready_i) && !wr_q && !mem_wr_q;
  assign s_axil_bresp_o  = 2'b00;
  assign s_axil_wready_o = s_axil_awready_o;
  assign wr_q            = s_axil_awready_o;
  assign wr_mask = {{8{wr_strb_q[3]}}, {8{wr_strb_q[2]}}, {8{wr_strb_q[1]}}, {8{wr_strb_q[0]}}};

  always_ff @(posedge clk_i) begin
    if (wr_go) begin
      wr_addr_q <= s_axil_awaddr_i;
      wr_data_q <= s_axil_wdata_i;
      wr_strb_q <= s_axil_wstrb_i;
    end
    s_axil_awready_o <= wr_go && !rst_i;
    if (rst_i) s_axil_bvalid_o <= 1'b0;
    else if (wr_q) s_axil_bvalid_o <= 1'b1;
    else if (s_axil_bready_i) s_axil_bvalid_o <= 1'b0;
  end

  // ---- registers ----
  logic         clear, sel_we, idx_we, cmd_we, cmd_inc, key_we, data_we, counters_rd, rate_we, step_we;
  logic         map_req_q, map_inc_q, map_error_q;
  logic [2:0]   map_op_q;
  logic [4:0]   map_errno_q;
  logic [31:0]  map_sel_q, map_idx_q, map_count_q, limit_q, address_q;
  logic [7:0]   cmd_code;
  logic [1:0]   cmd_flags, flags_q, time_we, random_we, time_rd;
  logic [3:0]   seed_we;
  logic [127:0] seed_q;
  logic         seed_req_q;
  logic [255:0] build_id_q;
  logic [15:2]  rd_addr_q;
  logic [63:0]  cnt_value;
  logic [31:0]  cnt_high_q, time_high_q, rd_core, rd_engine;
  logic         address_we, load_we, fill_we;
  logic [31:0]  faults_q;
  logic [31:0]  window_q;                      // what was read from memory

  bpf_core_regs u_core (
    .clk_i,
    .rst_i,
    .wr_i                    (wr_q),
    .wr_addr_i               (wr_addr_q[15:2]),
    .wr_data_i               (wr_data_q),
    .wr_strb_i               (wr_strb_q),
    .rd_addr_i               (rd_addr_q),
    .rd_data_o               (rd_core),
    .bus_bits_i              (32'(BUS_BITS)),
    .map_count_i             (map_count_q),
    .build_id_i              (build_id_q),
    .control_lossless_o      (lossless_o),
    .control_counter_clear_o (clear),
    .status_idle_i           (idle_i),
    .status_clearing_i       (!run_o || seed_req_q || fill_q),
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
    .map_status_busy_i       (map_req_q),
    .map_status_error_i      (map_error_q),
    .map_status_errno_i      (map_errno_q),
    .map_entries_i           (window_q),
    .map_refused_i           (window_q),
    .map_seed_we_o           (seed_we),
    .key_we_o                (key_we),
    .key_i                   (window_q),
    .data_we_o               (data_we),
    .data_i                  (window_q)
  );

  bpf_engine_regs u_engine (
    .clk_i,
    .rst_i,
    .wr_i                    (wr_q),
    .wr_addr_i               (wr_addr_q[15:2]),
    .wr_data_i               (wr_data_q),
    .wr_strb_i               (wr_strb_q),
    .rd_addr_i               (rd_addr_q),
    .rd_data_o               (rd_engine),
    .engine_control_run_o    (run_o),
    .engine_address_we_o     (address_we),
    .engine_address_i        (address_q),
    .engine_data_we_o        (load_we),
    .engine_fill_we_o        (fill_we),
    .engine_memory_i         (32'(BYTES)),
    .engine_slots_i          (32'(SLOTS)),
    .engine_faults_i         (faults_q),
    .engine_fault_slot_i     (fault_slot_i),
    .engine_fault_address_i  (fault_address_i)
  );

  assign arrival_we_o    = {random_we, step_we, rate_we, time_we} & {6{wr_strb_q == 4'hF}};
  assign arrival_wdata_o = wr_data_q;
  assign map_sel_o       = map_sel_q;
  assign map_idx_o       = map_idx_q;
  assign map_req_o       = map_req_q;
  assign map_op_o        = map_op_q;
  assign map_flags_o     = flags_q;
  assign seed_o          = seed_q;
  assign seed_req_o      = seed_req_q;
  assign limit_o         = limit_q;

  logic cmd, cmd_ok, loads;
  assign cmd_ok = (cmd_code == 8'd1 || cmd_code == 8'd2 || cmd_code[7:2] == 6'd1) && map_sel_q < map_count_q && run_o;
  assign cmd    = cmd_we && !map_req_q && wr_strb_q[0];
  assign loads  = load_we && !fill_q;

  always_ff @(posedge clk_i) begin
    if (sel_we && !map_req_q) map_sel_q <= (map_sel_q & ~wr_mask) | (wr_data_q & wr_mask);
    if (idx_we && !map_req_q) map_idx_q <= (map_idx_q & ~wr_mask) | (wr_data_q & wr_mask);
    if (cmd) begin
      map_op_q    <= cmd_code[2:0];
      flags_q     <= cmd_flags;
      map_inc_q   <= wr_strb_q[1] && cmd_inc && !cmd_code[2];
      map_error_q <= !cmd_ok;
      map_req_q   <= cmd_ok;
      map_errno_q <= '0;
    end else if (map_req_q && map_done_i) begin
      map_req_q   <= 1'b0;
      map_error_q <= map_bad_i;
      map_errno_q <= map_bad_i ? '0 : map_errno_i;
      if (!map_bad_i && map_inc_q) map_idx_q <= map_idx_q + 32'd1;
      if (!map_bad_i && map_move_i) map_idx_q <= map_cursor_i;
    end
    for (int unsigned i = 0; i < 4; i++) if (seed_we[i]) seed_q[32*i +: 32] <= wr_data_q;
    if (seed_we[3]) seed_req_q <= 1'b1;
    else if (seed_done_i) seed_req_q <= 1'b0;
    if (fault_i) faults_q <= faults_q + 1'b1;
    if (rst_i) begin
      map_sel_q   <= '0;
      map_idx_q   <= '0;
      map_req_q   <= 1'b0;
      map_error_q <= 1'b0;
      map_errno_q <= '0;
      seed_req_q  <= 1'b0;
      seed_q      <= '0;
      faults_q    <= '0;
    end
  end

  // ---- loading ----
  logic [31:0] half_q, rows_q;                 // lower half of a slot; rows of 16 bytes to clear, two words each
  assign prog_we_o   = loads && address_q[31] && address_q[2];
  assign prog_slot_o = address_q[3 +: PW];
  assign prog_data_o = {wr_data_q, half_q};

  always_ff @(posedge clk_i) begin
    if (loads && address_q[31:30] == 2'b01) begin
      for (int unsigned i = 0; i < 8; i++) if (address_q[5:2] == 4'(i)) build_id_q[32*i +: 32] <= wr_data_q;
      if (address_q[5:2] == 4'd8) map_count_q <= wr_data_q;
      if (address_q[5:2] == 4'd9) limit_q <= wr_data_q;
    end
    if (loads) half_q <= wr_data_q;
    if (address_we) address_q <= wr_data_q;
    else if (loads) address_q <= address_q + 32'd4;
    else if (fill_q && mem_grant_i) address_q <= address_q + 32'd8;
    if (fill_we && wr_data_q != '0) begin
      fill_q <= 1'b1;
      rows_q <= {wr_data_q[30:0], 1'b0};
    end else if (fill_q && mem_grant_i) begin
      rows_q <= rows_q - 1'b1;
      fill_q <= rows_q != 32'd1;
    end
    if (rst_i) begin
      map_count_q <= '0;
      limit_q     <= '0;
      build_id_q  <= '0;
      fill_q      <= 1'b0;
    end
  end

  // ---- counters ----
  logic rd_busy_q, cnt_req, cnt_ack, is_counter;

  bpf_counters u_counters (
    .clk_i,
    .rst_i,
    .clear_i    (clear),
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

  // ---- reads: from memory in two clocks more, and when it is free ----
  logic        is_key, is_data, is_entries, in_window, mem_rd_q, come_q, here_q, ready;
  logic [31:0] wr_place, rd_place;
  logic        unused_bits;
  assign is_counter = counters_rd && !rd_addr_q[2];
  assign cnt_req    = rd_busy_q && is_counter;
  assign is_key     = rd_addr_q[15:6] == 10'h20;
  assign is_data    = rd_addr_q[15:12] == 4'h1;
  assign is_entries = rd_addr_q == 14'h104 || rd_addr_q == 14'h105;
  assign in_window  = is_key || is_data || is_entries;
  assign ready      = is_counter ? cnt_ack : !in_window || here_q;
  assign mem_rd_q   = rd_busy_q && in_window && !come_q && !here_q;
  assign rd_place   = is_key ? 32'(KEY_BASE) + {26'd0, rd_addr_q[5:2], 2'd0} : is_data ? 32'(DATA_BASE) + {20'd0, rd_addr_q[11:2], 2'd0}
                    : 32'(MAP_BASE) + {map_sel_q[25:0], 6'd16} + {29'd0, rd_addr_q[2], 2'd0};
  assign wr_place   = key_we ? 32'(KEY_BASE) + {26'd0, wr_addr_q[5:2], 2'd0} : data_we ? 32'(DATA_BASE) + {20'd0, wr_addr_q[11:2], 2'd0} : address_q;

  logic [31:0] place_q, put_q;
  logic [3:0]  strb_q;
  always_ff @(posedge clk_i) begin
    if (((key_we || data_we) && !map_req_q) || (loads && address_q[31:30] == 2'b00)) begin
      mem_wr_q <= 1'b1;
      place_q  <= wr_place;
      put_q    <= wr_data_q;
      strb_q   <= wr_strb_q;
    end else if (mem_grant_i && !fill_q) begin
      mem_wr_q <= 1'b0;
    end
    if (rst_i) mem_wr_q <= 1'b0;
  end

  // A partial word is written as the run of bytes from its first one; strobes with a hole in them do not occur.
  logic [1:0] skip;
  always_comb begin
    skip = strb_q[0] ? 2'd0 : strb_q[1] ? 2'd1 : strb_q[2] ? 2'd2 : 2'd3;
  end
  assign mem_req_o   = fill_q || mem_wr_q || mem_rd_q;
  assign mem_we_o    = fill_q || mem_wr_q;
  assign mem_addr_o  = fill_q ? AW'(address_q) : mem_wr_q ? AW'(place_q) + AW'(skip) : AW'(rd_place);
  assign mem_be_o    = fill_q ? 8'hFF : {4'd0, strb_q >> skip};
  assign mem_wdata_o = fill_q ? 64'd0 : {32'd0, put_q >> {skip, 3'd0}};
  assign unused_bits = ^{wr_addr_q[1:0], s_axil_araddr_i[1:0], time_rd[1], map_sel_q[31:26], mem_rdata_i[63:32], place_q, rd_place, address_q};

  assign s_axil_arready_o = !rd_busy_q && !s_axil_rvalid_o;
  assign s_axil_rresp_o   = 2'b00;

  always_ff @(posedge clk_i) begin
    if (s_axil_arvalid_i && s_axil_arready_o) rd_addr_q <= s_axil_araddr_i[15:2];
    come_q <= mem_rd_q && mem_grant_i && !mem_wr_q && !fill_q;
    here_q <= come_q;
    if (come_q) window_q <= mem_rdata_i[31:0];
    if (rd_busy_q) s_axil_rdata_o <= rd_core | rd_engine;
    if (cnt_req && cnt_ack) cnt_high_q <= cnt_value[63:32];
    if (rd_busy_q && time_rd[0]) time_high_q <= time_i[63:32];
    if (rst_i) begin
      rd_busy_q       <= 1'b0;
      s_axil_rvalid_o <= 1'b0;
    end else begin
      if (s_axil_arvalid_i && s_axil_arready_o) rd_busy_q <= 1'b1;
      else if (ready) rd_busy_q <= 1'b0;
      if (rd_busy_q && ready) s_axil_rvalid_o <= 1'b1;
      else if (s_axil_rready_i) s_axil_rvalid_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
