// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A programmable core: any program runs on it, one packet after the other, from memory that the host writes (docs: engine).
///
/// Ports and registers are those of a generated `bpf_core`. A frame is stored, the machine runs the firmware with the program in it, the firmware says
/// what becomes of the frame; maps are data structures of the firmware, and a map command is something that it does between two packets.
/// Special registers of the firmware (bpf_engine_cpu has their addresses), read: 0 [15:0] length received, [63:32] tuser, [16] oversize; 1 time, 2 random number of
/// the packet; 3 {MAP_INDEX, MAP_SELECT}; 4 [2:0] command, [9:8] its flags; 5, 6 seed; 7 [0] the last frame or record found room, [1] lossless.
/// Written: 8 {end, begin} of the packet's bytes, 16 bits each; 9 verdict: [31:0] target, [47:32] length, [50:48] action, [52:51] kind of
/// target; 10 [31:0] byte of the memory that the next frame begins at, [63:32] target; 11 a frame leaves: [15:0] length, [23:16] of that metadata,
/// [25:24] kind of target, [27:26] 0 pass, 1 tx, 2 redirect, 3 event; 12 end of a map command: [4:0] errno, [8] error, [9] MAP_INDEX becomes [63:32];
/// 13 the packet is modified; 16 records that were lost.
/// r1 of the firmware's start: 1 packet, 2 map command, 3 seed; bit 4: the start before this one ended with a fault, and this is to clear up.
/// Resources: see bpf_engine_cpu and bpf_engine_memory; four bpf_sink_fifo.
module bpf_engine #(
  parameter int unsigned BUS_W = 512,          // 64, 128, 256 or 512
  parameter int unsigned SLOTS = 8192,
  parameter int unsigned BYTES = 65536,
  parameter int unsigned MAX_FRAME = 9216,
  parameter int unsigned SINK_FIFO_BYTES = 16384,
  parameter logic [31:0] TIME_RATE = 32'h0A00_0000, // 10 ns: 100 MHz
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk,
  input  logic             rst,
  // from the MAC
  input  logic [BUS_W-1:0] s_axis_tdata,
  input  logic [BUSB-1:0]  s_axis_tkeep,
  input  logic             s_axis_tvalid,
  output logic             s_axis_tready,
  input  logic             s_axis_tlast,
  input  logic [31:0]      s_axis_tuser,
  // XDP_PASS, XDP_TX, XDP_REDIRECT, events
  output logic [BUS_W-1:0] m_axis_pass_tdata, m_axis_tx_tdata, m_axis_redirect_tdata, m_axis_event_tdata,
  output logic [BUSB-1:0]  m_axis_pass_tkeep, m_axis_tx_tkeep, m_axis_redirect_tkeep, m_axis_event_tkeep,
  output logic             m_axis_pass_tvalid, m_axis_tx_tvalid, m_axis_redirect_tvalid, m_axis_event_tvalid,
  input  logic             m_axis_pass_tready, m_axis_tx_tready, m_axis_redirect_tready, m_axis_event_tready,
  output logic             m_axis_pass_tlast, m_axis_tx_tlast, m_axis_redirect_tlast, m_axis_event_tlast,
  output logic [63:0]      m_axis_pass_tuser, m_axis_tx_tuser, m_axis_redirect_tuser,
  output logic [31:0]      m_axis_event_tuser,
  output logic [1:0]       m_axis_redirect_tid,
  output logic [31:0]      m_axis_redirect_tdest,
  // AXI4-Lite registers
  input  logic [15:0]      s_axil_awaddr,
  input  logic             s_axil_awvalid,
  output logic             s_axil_awready,
  input  logic [31:0]      s_axil_wdata,
  input  logic [3:0]       s_axil_wstrb,
  input  logic             s_axil_wvalid,
  output logic             s_axil_wready,
  output logic [1:0]       s_axil_bresp,
  output logic             s_axil_bvalid,
  input  logic             s_axil_bready,
  input  logic [15:0]      s_axil_araddr,
  input  logic             s_axil_arvalid,
  output logic             s_axil_arready,
  output logic [31:0]      s_axil_rdata,
  output logic [1:0]       s_axil_rresp,
  output logic             s_axil_rvalid,
  input  logic             s_axil_rready,
  // one pulse per packet, in arrival order, when its verdict is carried out
  output logic             mon_valid,
  output logic [2:0]       mon_action,
  output logic [15:0]      mon_length,
  output logic [1:0]       mon_tid,
  output logic [31:0]      mon_tdest
);
  localparam int unsigned AW = $clog2(BYTES);
  localparam int unsigned PW = $clog2(SLOTS);
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB);
  localparam int unsigned KL = $clog2(BUSB);
  // What is where in the memory; the firmware has the same numbers.
  localparam int unsigned HEAD = 256;
  localparam int unsigned PACKET_BYTES = 10240;
  localparam int unsigned KEY_BASE = 10240;
  localparam int unsigned DATA_BASE = 12288;
  localparam int unsigned STACK = 16384;
  localparam int unsigned MAP_BASE = 24576;

  if (MAX_FRAME > 9216 || BYTES < 32768) begin : g_check
    $fatal(1, "bpf_engine: MAX_FRAME must be at most 9216, BYTES at least 32768");
  end

  // ---- the machine, frames and the host share the memory: frames first, the host last ----
  logic          cpu_req, cpu_we, frame_req, frame_we, host_req, host_we, mem_req, mem_we, host_grant;
  logic [AW-1:0] cpu_addr, frame_addr, host_addr, mem_addr;
  logic [7:0]    cpu_be, host_be, mem_be;
  logic [63:0]   cpu_wdata, frame_wdata, host_wdata, mem_wdata, mem_rdata;
  assign host_grant = host_req && !cpu_req && !frame_req;
  assign mem_req    = cpu_req || frame_req || host_req;
  assign mem_we     = frame_req ? frame_we : cpu_req ? cpu_we : host_we;
  assign mem_addr   = frame_req ? frame_addr : cpu_req ? cpu_addr : host_addr;
  assign mem_be     = frame_req ? 8'hFF : cpu_req ? cpu_be : host_be;
  assign mem_wdata  = frame_req ? frame_wdata : cpu_req ? cpu_wdata : host_wdata;

  bpf_engine_memory #(.BYTES(BYTES)) u_memory (
    .clk_i   (clk),
    .req_i   (mem_req),
    .we_i    (mem_we),
    .addr_i  (mem_addr),
    .be_i    (mem_be),
    .wdata_i (mem_wdata),
    .rdata_o (mem_rdata)
  );

  // ---- what starts the machine ----
  logic        run, open, rx_busy, rx_done, oversize, cpu_idle, start, fault, again_q, map_req, seed_req;
  logic [7:0]  event_code, event_q;
  logic [15:0] rx_length;
  logic [31:0] rx_source;
  logic        lossless, tx_busy;
  // A map command and a seed come between packets.
  assign open  = run && cpu_idle && !again_q && !fault && !map_req && !seed_req;
  assign start = run && cpu_idle && !tx_busy && !fault && (again_q || rx_done || (!rx_busy && (map_req || seed_req)));
  always_comb begin
    if (again_q) event_code = event_q | 8'd16;
    else if (rx_done) event_code = 8'd1;
    else if (map_req) event_code = 8'd2;
    else event_code = 8'd3;
  end
  always_ff @(posedge clk) begin
    if (start) event_q <= event_code;
    if (rst) again_q <= 1'b0;
    else if (fault) again_q <= 1'b1;
    else if (start) again_q <= 1'b0;
  end

  // ---- the machine ----
  logic          io_req, io_we, io_busy, touch, prog_we;
  logic [4:0]    io_index;
  logic [63:0]   io_wdata, io_rdata, prog_data;
  logic [PW-1:0] prog_slot;
  logic [31:0]   limit, fault_slot, fault_address;
  logic [15:0]   low_q, high_q;

  bpf_engine_cpu #(.SLOTS(SLOTS), .BYTES(BYTES), .PACKET_BYTES(PACKET_BYTES), .STACK(STACK)) u_cpu (
    .clk_i           (clk),
    .rst_i           (rst),
    .prog_we_i       (prog_we),
    .prog_slot_i     (prog_slot),
    .prog_data_i     (prog_data),
    .limit_i         (limit),
    .start_i         (start),
    .event_i         (event_code),
    .idle_o          (cpu_idle),
    .fault_o         (fault),
    .fault_slot_o    (fault_slot),
    .fault_address_o (fault_address),
    .mem_req_o       (cpu_req),
    .mem_we_o        (cpu_we),
    .mem_addr_o      (cpu_addr),
    .mem_be_o        (cpu_be),
    .mem_wdata_o     (cpu_wdata),
    .mem_rdata_i     (mem_rdata),
    .touch_o         (touch),
    .low_i           (low_q),
    .high_i          (high_q),
    .io_req_o        (io_req),
    .io_we_o         (io_we),
    .io_index_o      (io_index),
    .io_wdata_o      (io_wdata),
    .io_rdata_i      (io_rdata),
    .io_busy_i       (io_busy)
  );

  // ---- time and chance: those of the packet ----
  logic [63:0] time_now, time_q;
  logic [31:0] random, random_q, time_rate, time_step, arrival_wdata;
  logic [5:0]  arrival_we;

  bpf_arrival #(.TIME_RATE(TIME_RATE)) u_arrival (
    .clk_i         (clk),
    .rst_i         (rst),
    .token_valid_i (rx_done),
    .time_o        (time_now),
    .random_o      (random),
    .reg_we_i      (arrival_we),
    .reg_wdata_i   (arrival_wdata),
    .rate_o        (time_rate),
    .step_o        (time_step)
  );

  always_ff @(posedge clk) begin
    if (rx_done) begin
      time_q   <= time_now;
      random_q <= random;
    end
  end

  // ---- special registers ----
  logic [31:0]  map_sel, map_idx;
  logic [2:0]   map_op;
  logic [1:0]   map_flags;
  logic [127:0] seed;
  logic         room_q, modified_q, seed_done, map_done, put;

  always_comb begin
    unique case (io_index[2:0])
      3'd0:    io_rdata = {rx_source, 15'd0, oversize, rx_length};
      3'd1:    io_rdata = time_q;
      3'd2:    io_rdata = {32'd0, random_q};
      3'd3:    io_rdata = {map_idx, map_sel};
      3'd4:    io_rdata = {54'd0, map_flags, 5'd0, map_op};
      3'd5:    io_rdata = seed[63:0];
      3'd6:    io_rdata = seed[127:64];
      default: io_rdata = {62'd0, lossless, room_q};
    endcase
  end

  assign put       = io_req && io_we;
  assign map_done  = put && io_index == 5'd12 && event_q[3:0] == 4'd2;
  assign seed_done = put && io_index == 5'd12 && event_q[3:0] == 4'd3;

  // ---- a frame leaves: it waits for room, or is lost ----
  logic [AW-1:0] out_addr_q;
  logic [31:0]   out_target_q;
  logic [15:0]   out_length_q;
  logic [7:0]    out_metadata_q;
  logic [1:0]    out_kind_q, out_sink_q;
  logic          ask_q, fits, go, give_up, beat_valid, beat_last;
  logic [BUS_W-1:0] beat_data;
  logic [3:0]    fit, reserve, lost, sink_idle, wr_valid;
  logic [LEFT_W-1:0] need_m1;

  assign need_m1 = LEFT_W'((out_length_q - 16'd1) >> KL);
  assign fits    = fit[out_sink_q];
  assign go      = ask_q && fits;
  assign give_up = ask_q && !fits && !lossless;
  assign io_busy = ask_q || tx_busy;
  always_comb begin
    for (int unsigned i = 0; i < 4; i++) begin
      reserve[i]  = go && out_sink_q == 2'(i);
      lost[i]     = give_up && out_sink_q == 2'(i);
      wr_valid[i] = beat_valid && out_sink_q == 2'(i);
    end
  end

  always_ff @(posedge clk) begin
    if (put && io_index == 5'd8) {high_q, low_q} <= io_wdata[31:0];
    if (put && io_index == 5'd10) begin
      out_addr_q   <= AW'(io_wdata);
      out_target_q <= io_wdata[63:32];
    end
    if (put && io_index == 5'd11) {out_sink_q, out_kind_q, out_metadata_q, out_length_q} <= io_wdata[27:0];
    if (start && event_code == 8'd1) modified_q <= 1'b0;
    else if (touch || (put && io_index == 5'd13)) modified_q <= 1'b1;
    if (ask_q) room_q <= fits;
    if (rst) ask_q <= 1'b0;
    else if (put && io_index == 5'd11) ask_q <= 1'b1;
    else if (go || give_up) ask_q <= 1'b0;
  end

  bpf_engine_frames #(.BUS_W(BUS_W), .MAX_FRAME(MAX_FRAME), .HEAD(HEAD), .AW(AW)) u_frames (
    .clk_i           (clk),
    .rst_i           (rst),
    .s_axis_tdata_i  (s_axis_tdata),
    .s_axis_tkeep_i  (s_axis_tkeep),
    .s_axis_tvalid_i (s_axis_tvalid),
    .s_axis_tready_o (s_axis_tready),
    .s_axis_tlast_i  (s_axis_tlast),
    .s_axis_tuser_i  (s_axis_tuser),
    .open_i          (open),
    .rx_busy_o       (rx_busy),
    .rx_done_o       (rx_done),
    .rx_length_o     (rx_length),
    .rx_source_o     (rx_source),
    .rx_oversize_o   (oversize),
    .tx_start_i      (go),
    .tx_addr_i       (out_addr_q),
    .tx_length_i     (out_length_q),
    .tx_busy_o       (tx_busy),
    .beat_valid_o    (beat_valid),
    .beat_data_o     (beat_data),
    .beat_last_o     (beat_last),
    .mem_req_o       (frame_req),
    .mem_we_o        (frame_we),
    .mem_addr_o      (frame_addr),
    .mem_wdata_o     (frame_wdata),
    .mem_rdata_i     (mem_rdata)
  );

  // ---- outputs ----
  logic [63:0] pass_user, event_user;
  logic [7:0]  metadata;
  logic        unused_targets, unused_tx, unused_event;
  assign m_axis_pass_tuser  = {pass_user[63:32], 7'd0, metadata, pass_user[16:0]};
  assign m_axis_event_tuser = {16'd0, event_user[15:0]};
  assign unused_targets     = ^{unused_tx, unused_event, pass_user[31:17], event_user[63:16]};

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .TARGET_W(8)) u_pass (
    .clk_i(clk), .rst_i(rst), .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i(need_m1), .fits_o(fit[0]), .reserve_i(reserve[0]),
    .wr_valid_i(wr_valid[0]), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(out_length_q), .wr_modified_i(modified_q),
    .wr_source_i(rx_source), .wr_target_i(out_metadata_q), .target_o(metadata),
    .m_axis_tdata_o(m_axis_pass_tdata), .m_axis_tkeep_o(m_axis_pass_tkeep), .m_axis_tvalid_o(m_axis_pass_tvalid),
    .m_axis_tready_i(m_axis_pass_tready), .m_axis_tlast_o(m_axis_pass_tlast), .m_axis_tuser_o(pass_user), .idle_o(sink_idle[0]));

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME)) u_tx (
    .clk_i(clk), .rst_i(rst), .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i(need_m1), .fits_o(fit[1]), .reserve_i(reserve[1]),
    .wr_valid_i(wr_valid[1]), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(out_length_q), .wr_modified_i(modified_q),
    .wr_source_i(rx_source), .wr_target_i(1'b0), .target_o(unused_tx),
    .m_axis_tdata_o(m_axis_tx_tdata), .m_axis_tkeep_o(m_axis_tx_tkeep), .m_axis_tvalid_o(m_axis_tx_tvalid),
    .m_axis_tready_i(m_axis_tx_tready), .m_axis_tlast_o(m_axis_tx_tlast), .m_axis_tuser_o(m_axis_tx_tuser), .idle_o(sink_idle[1]));

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .TARGET_W(34)) u_redirect (
    .clk_i(clk), .rst_i(rst), .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i(need_m1), .fits_o(fit[2]), .reserve_i(reserve[2]),
    .wr_valid_i(wr_valid[2]), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(out_length_q), .wr_modified_i(modified_q),
    .wr_source_i(rx_source), .wr_target_i({out_kind_q, out_target_q}), .target_o({m_axis_redirect_tid, m_axis_redirect_tdest}),
    .m_axis_tdata_o(m_axis_redirect_tdata), .m_axis_tkeep_o(m_axis_redirect_tkeep), .m_axis_tvalid_o(m_axis_redirect_tvalid),
    .m_axis_tready_i(m_axis_redirect_tready), .m_axis_tlast_o(m_axis_redirect_tlast), .m_axis_tuser_o(m_axis_redirect_tuser),
    .idle_o(sink_idle[2]));

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME)) u_event (
    .clk_i(clk), .rst_i(rst), .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i(need_m1), .fits_o(fit[3]), .reserve_i(reserve[3]),
    .wr_valid_i(wr_valid[3]), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(out_length_q), .wr_modified_i(1'b0),
    .wr_source_i(32'd0), .wr_target_i(1'b0), .target_o(unused_event),
    .m_axis_tdata_o(m_axis_event_tdata), .m_axis_tkeep_o(m_axis_event_tkeep), .m_axis_tvalid_o(m_axis_event_tvalid),
    .m_axis_tready_i(m_axis_event_tready), .m_axis_tlast_o(m_axis_event_tlast), .m_axis_tuser_o(event_user), .idle_o(sink_idle[3]));

  // ---- the verdict ----
  logic [15:0] received_q;
  logic        idle_q, stall_q, verdict, nowhere_q;
  logic [7:0]  lost_events_q;
  assign verdict = put && io_index == 5'd9;
  always_ff @(posedge clk) begin
    mon_valid  <= verdict && !rst;
    mon_tdest  <= io_wdata[31:0];
    mon_length <= io_wdata[47:32];
    mon_action <= io_wdata[50:48];
    mon_tid    <= (io_wdata[50:48] == 3'd4) ? io_wdata[52:51] : 2'd0;
    received_q <= rx_length;
    nowhere_q  <= verdict && io_wdata[52:48] == 5'b00100 && !rst;
    stall_q    <= s_axis_tvalid && !s_axis_tready && !rst;
    lost_events_q <= (put && io_index == 5'd16 && !rst) ? io_wdata[7:0] : 8'd0;
    idle_q     <= !rx_busy && cpu_idle && !again_q && !tx_busy && (&sink_idle);
  end

  // ---- registers ----
  bpf_engine_csr #(.BUS_BITS(BUS_W), .SLOTS(SLOTS), .BYTES(BYTES), .KEY_BASE(KEY_BASE), .DATA_BASE(DATA_BASE), .MAP_BASE(MAP_BASE)) u_csr (
    .clk_i(clk), .rst_i(rst),
    .s_axil_awaddr_i(s_axil_awaddr), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_awready_o(s_axil_awready),
    .s_axil_wdata_i(s_axil_wdata), .s_axil_wstrb_i(s_axil_wstrb), .s_axil_wvalid_i(s_axil_wvalid), .s_axil_wready_o(s_axil_wready),
    .s_axil_bresp_o(s_axil_bresp), .s_axil_bvalid_o(s_axil_bvalid), .s_axil_bready_i(s_axil_bready),
    .s_axil_araddr_i(s_axil_araddr), .s_axil_arvalid_i(s_axil_arvalid), .s_axil_arready_o(s_axil_arready),
    .s_axil_rdata_o(s_axil_rdata), .s_axil_rresp_o(s_axil_rresp), .s_axil_rvalid_o(s_axil_rvalid), .s_axil_rready_i(s_axil_rready),
    .lossless_o(lossless), .run_o(run), .idle_i(idle_q),
    .rx_valid_i(rx_done), .rx_length_i(rx_length),
    .verdict_valid_i(mon_valid), .verdict_action_i(mon_action), .verdict_length_i(received_q),
    .pass_lost_i(lost[0]), .tx_lost_i(lost[1]), .redirect_lost_i(lost[2]), .redirect_nowhere_i(nowhere_q),
    .event_record_i(reserve[3]), .event_lost_i(lost_events_q), .stall_i(stall_q),
    .fault_i(fault), .fault_slot_i(fault_slot), .fault_address_i(fault_address),
    .arrival_we_o(arrival_we), .arrival_wdata_o(arrival_wdata), .time_i(time_now), .time_rate_i(time_rate), .time_step_i(time_step),
    .map_req_o(map_req), .map_sel_o(map_sel), .map_idx_o(map_idx), .map_op_o(map_op), .map_flags_o(map_flags),
    .map_done_i(map_done), .map_bad_i(io_wdata[8]), .map_errno_i(io_wdata[4:0]), .map_move_i(io_wdata[9]), .map_cursor_i(io_wdata[63:32]),
    .seed_req_o(seed_req), .seed_o(seed), .seed_done_i(seed_done),
    .prog_we_o(prog_we), .prog_slot_o(prog_slot), .prog_data_o(prog_data), .limit_o(limit),
    .mem_req_o(host_req), .mem_we_o(host_we), .mem_addr_o(host_addr), .mem_be_o(host_be), .mem_wdata_o(host_wdata),
    .mem_grant_i(host_grant), .mem_rdata_i(mem_rdata));

  logic unused_lost;
  assign unused_lost = lost[3];
endmodule

`default_nettype wire
