// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The library wired as the compiler wires it, around a test pipeline that is a delay line of STAGES clocks.
///
/// The test program: h = first byte of the frame; action = h[2:0]; byte i is replaced by h + 5*i + 1 when
/// ((h >> 3) + i*(i+3)) % 4 == 0 (also past the end of the frame, to test the clipping). The target of a redirect has
/// kind h[4:3] (0: none) and number {h, ~h, 16'hB2B2}.
module bpf_test_core #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned WINDOW_BYTES = 64,
  parameter int unsigned TOKEN_MIN_BYTES = 0,
  parameter int unsigned FULL_LENGTH = 0,
  parameter int unsigned EDIT_BYTES = 64,
  parameter int unsigned STAGES = 24,
  parameter int unsigned RESULT_DEPTH = 256,
  parameter int unsigned PACKET_BUFFER_BYTES = 32768,
  parameter int unsigned SINK_FIFO_BYTES = 16384,
  parameter int unsigned MAX_FRAME = 9216
) (
  input  logic               clk,
  input  logic               rst,
  input  logic               hold,
  input  logic [BUS_W-1:0]   s_axis_tdata,
  input  logic [BUS_W/8-1:0] s_axis_tkeep,
  input  logic               s_axis_tvalid,
  output logic               s_axis_tready,
  input  logic               s_axis_tlast,
  input  logic [31:0]        s_axis_tuser,
  output logic [BUS_W-1:0]   m_axis_pass_tdata, m_axis_tx_tdata, m_axis_redirect_tdata,
  output logic [BUS_W/8-1:0] m_axis_pass_tkeep, m_axis_tx_tkeep, m_axis_redirect_tkeep,
  output logic               m_axis_pass_tvalid, m_axis_tx_tvalid, m_axis_redirect_tvalid,
  input  logic               m_axis_pass_tready, m_axis_tx_tready, m_axis_redirect_tready,
  output logic               m_axis_pass_tlast, m_axis_tx_tlast, m_axis_redirect_tlast,
  output logic [63:0]        m_axis_pass_tuser, m_axis_tx_tuser, m_axis_redirect_tuser,
  output logic [1:0]         m_axis_redirect_tid,
  output logic [31:0]        m_axis_redirect_tdest,
  input  logic [15:0]        s_axil_awaddr, s_axil_araddr,
  input  logic               s_axil_awvalid, s_axil_wvalid, s_axil_bready, s_axil_arvalid, s_axil_rready,
  output logic               s_axil_awready, s_axil_wready, s_axil_bvalid, s_axil_arready, s_axil_rvalid,
  input  logic [31:0]        s_axil_wdata,
  input  logic [3:0]         s_axil_wstrb,
  output logic [31:0]        s_axil_rdata,
  output logic [1:0]         s_axil_bresp, s_axil_rresp,
  output logic               mon_valid,
  output logic [2:0]         mon_action,
  output logic [15:0]        mon_length,
  output logic [1:0]         mon_tid,
  output logic [31:0]        mon_tdest,
  // for the test bench
  output logic               token_valid,
  output logic [((WINDOW_BYTES == 0) ? 1 : 8 * WINDOW_BYTES)-1:0] token_window,
  output logic [15:0]        token_length, token_ifindex, token_rx_queue, token_start,
  output logic               pass_lost, tx_lost, redirect_lost, redirect_nowhere, idle
);
  localparam int unsigned AW = $clog2(PACKET_BUFFER_BYTES / (BUS_W / 8));
  localparam int unsigned LEFT_W = 16 - $clog2(BUS_W / 8);
  localparam int unsigned EDITS = (EDIT_BYTES == 0) ? 1 : EDIT_BYTES;

  logic              buf_valid, buf_room, wl_valid, wl_oversize, rl_valid, rl_oversize, rl_pop;
  logic [BUS_W-1:0]  buf_wdata, buf_rdata, beat_data;
  logic [15:0]       wl_length, rl_length, beat_length, mon_received;
  logic [AW:0]       buf_ptr;
  logic [31:0]       wl_source, source, beat_source;
  logic              source_load, source_pop;
  logic              res_valid, res_pop, pass_fits, tx_fits, pass_reserve, tx_reserve, pass_valid, tx_valid, beat_last, beat_modified;
  logic              redirect_fits, redirect_reserve, redirect_valid, idle_redirect, unused_pass_target, unused_tx_target;
  logic [7:0]        unused_metadata;
  logic [33:0]       target, beat_target;
  logic [LEFT_W-1:0] need_m1, next_m1;
  logic [LEFT_W-1:0] wl_left, rl_left;
  logic              pass_waits, tx_waits, redirect_waits, pass_single, tx_single, redirect_single;
  logic              lossless, stall, idle_in, idle_splice, idle_pass, idle_tx, unused_full, unused_queue_idle;
  logic [2:0]        action;
  logic [EDITS-1:0]  mask;
  logic [8*EDITS-1:0] data;
  logic [7:0]        first_byte;

  bpf_ingress #(.BUS_W(BUS_W), .WINDOW_BYTES(WINDOW_BYTES), .TOKEN_MIN_BYTES(TOKEN_MIN_BYTES), .FULL_LENGTH(FULL_LENGTH),
                .RESULT_DEPTH(RESULT_DEPTH), .MAX_FRAME(MAX_FRAME)) u_ingress (
    .clk_i(clk), .rst_i(rst),
    .s_axis_tdata_i(s_axis_tdata), .s_axis_tkeep_i(s_axis_tkeep), .s_axis_tvalid_i(s_axis_tvalid),
    .s_axis_tready_o(s_axis_tready), .s_axis_tlast_i(s_axis_tlast), .s_axis_tuser_i(s_axis_tuser),
    .buf_valid_o(buf_valid), .buf_data_o(buf_wdata), .len_valid_o(wl_valid), .len_length_o(wl_length), .len_left_o(wl_left),
    .len_oversize_o(wl_oversize), .len_source_o(wl_source), .buf_room_i(buf_room),
    .token_valid_o(token_valid), .token_window_o(token_window), .token_length_o(token_length),
    .token_ifindex_o(token_ifindex), .token_rx_queue_o(token_rx_queue), .token_start_o(token_start),
    .credit_return_i(res_pop), .hold_i(hold), .stall_o(stall), .idle_o(idle_in));

  bpf_packet_buffer #(.BUS_W(BUS_W), .BYTES(PACKET_BUFFER_BYTES), .LENGTHS(RESULT_DEPTH), .MAX_FRAME(MAX_FRAME)) u_buffer (
    .clk_i(clk), .rst_i(rst), .wr_valid_i(buf_valid), .wr_data_i(buf_wdata), .wr_len_valid_i(wl_valid),
    .wr_length_i(wl_length), .wr_left_i(wl_left), .wr_oversize_i(wl_oversize), .wr_source_i(wl_source), .room_o(buf_room),
    .source_load_i(source_load), .source_pop_i(source_pop), .source_o(source),
    .len_valid_o(rl_valid), .len_length_o(rl_length), .len_left_o(rl_left), .len_oversize_o(rl_oversize), .len_pop_i(rl_pop),
    .rd_ptr_i(buf_ptr), .rd_data_o(buf_rdata));

  // ---- the test pipeline: the first byte of each frame, delayed ----
  logic [STAGES-1:0]   valid_q;
  logic [8*STAGES-1:0] first_q;
  logic [7:0]          token_first;

  if (WINDOW_BYTES == 0) begin : g_snoop
    // Without a window the action comes from the packet buffer's input: the first byte of each frame, in a queue.
    logic start_q;
    always_ff @(posedge clk) begin
      if (rst) start_q <= 1'b1;
      else if (u_ingress.valid_q) start_q <= u_ingress.last_q;
      if (u_ingress.valid_q && start_q) token_first <= u_ingress.data_q[7:0];
    end
  end else begin : g_window
    assign token_first = token_window[7:0];
  end

  always_ff @(posedge clk) begin
    valid_q <= rst ? '0 : {valid_q[STAGES-2:0], token_valid};
    first_q <= {first_q[8*STAGES-9:0], token_first};
  end

  bpf_fifo #(.WIDTH(8), .DEPTH(RESULT_DEPTH), .OUTPUT_REG(0)) u_results (
    .clk_i(clk), .rst_i(rst), .wr_valid_i(valid_q[STAGES-1]), .wr_ready_o(unused_full),
    .wr_data_i(first_q[8*STAGES-1 -: 8]), .rd_valid_o(res_valid), .rd_ready_i(res_pop), .rd_data_o(first_byte),
    .idle_o(unused_queue_idle));

  always_comb begin
    action = first_byte[2:0];
    target = {first_byte[4:3], first_byte, ~first_byte, 16'hB2B2};
    for (int unsigned i = 0; i < EDITS; i++) begin
      mask[i] = (32'(first_byte[7:3]) + i * (i + 3)) % 4 == 0;
      data[8*i +: 8] = first_byte + 8'(5 * i + 1);
    end
  end

  bpf_splice #(.BUS_W(BUS_W), .EDIT_BYTES(EDIT_BYTES), .PACKET_BUFFER_BYTES(PACKET_BUFFER_BYTES)) u_splice (
    .clk_i(clk), .rst_i(rst), .lossless_i(lossless),
    .res_valid_i(res_valid), .res_action_i(action), .res_edit_mask_i(mask), .res_edit_data_i(data), .res_target_i(target), .res_pop_o(res_pop),
    .res_head_i(16'sd0), .res_end_i(16'sd0), .res_kept_i(16'sd0), .res_metadata_i(8'd0), .beat_metadata_o(unused_metadata),
    .len_valid_i(rl_valid), .len_length_i(rl_length), .len_left_i(rl_left), .len_oversize_i(rl_oversize), .len_pop_o(rl_pop),
    .source_load_o(source_load), .source_pop_o(source_pop), .source_i(source), .beat_source_o(beat_source),
    .buf_ptr_o(buf_ptr), .buf_data_i(buf_rdata), .next_m1_o(next_m1), .need_m1_o(need_m1),
    .pass_waits_o(pass_waits), .tx_waits_o(tx_waits), .redirect_waits_o(redirect_waits),
    .pass_single_o(pass_single), .tx_single_o(tx_single), .redirect_single_o(redirect_single),
    .pass_fits_i(pass_fits), .tx_fits_i(tx_fits), .redirect_fits_i(redirect_fits),
    .pass_reserve_o(pass_reserve), .tx_reserve_o(tx_reserve), .redirect_reserve_o(redirect_reserve),
    .pass_valid_o(pass_valid), .tx_valid_o(tx_valid), .redirect_valid_o(redirect_valid), .beat_data_o(beat_data),
    .beat_last_o(beat_last), .beat_length_o(beat_length), .beat_modified_o(beat_modified), .beat_target_o(beat_target),
    .mon_valid_o(mon_valid), .mon_action_o(mon_action), .mon_length_o(mon_length), .mon_received_o(mon_received),
    .mon_target_o({mon_tid, mon_tdest}),
    .pass_lost_o(pass_lost), .tx_lost_o(tx_lost), .redirect_lost_o(redirect_lost), .redirect_nowhere_o(redirect_nowhere), .idle_o(idle_splice));

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .AHEAD(1)) u_pass (
    .clk_i(clk), .rst_i(rst), .next_m1_i(next_m1), .need_m1_i(need_m1), .waits_i(pass_waits), .single_i(pass_single), .fits_o(pass_fits), .reserve_i(pass_reserve),
    .wr_valid_i(pass_valid), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(beat_length), .wr_modified_i(beat_modified), .wr_source_i(beat_source),
    .wr_target_i(1'b0), .target_o(unused_pass_target),
    .m_axis_tdata_o(m_axis_pass_tdata), .m_axis_tkeep_o(m_axis_pass_tkeep), .m_axis_tvalid_o(m_axis_pass_tvalid),
    .m_axis_tready_i(m_axis_pass_tready), .m_axis_tlast_o(m_axis_pass_tlast), .m_axis_tuser_o(m_axis_pass_tuser), .idle_o(idle_pass));

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .AHEAD(1)) u_tx (
    .clk_i(clk), .rst_i(rst), .next_m1_i(next_m1), .need_m1_i(need_m1), .waits_i(tx_waits), .single_i(tx_single), .fits_o(tx_fits), .reserve_i(tx_reserve),
    .wr_valid_i(tx_valid), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(beat_length), .wr_modified_i(beat_modified), .wr_source_i(beat_source),
    .wr_target_i(1'b0), .target_o(unused_tx_target),
    .m_axis_tdata_o(m_axis_tx_tdata), .m_axis_tkeep_o(m_axis_tx_tkeep), .m_axis_tvalid_o(m_axis_tx_tvalid),
    .m_axis_tready_i(m_axis_tx_tready), .m_axis_tlast_o(m_axis_tx_tlast), .m_axis_tuser_o(m_axis_tx_tuser), .idle_o(idle_tx));

  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .TARGET_W(34), .AHEAD(1)) u_redirect (
    .clk_i(clk), .rst_i(rst), .next_m1_i(next_m1), .need_m1_i(need_m1), .waits_i(redirect_waits), .single_i(redirect_single), .fits_o(redirect_fits), .reserve_i(redirect_reserve),
    .wr_valid_i(redirect_valid), .wr_data_i(beat_data), .wr_last_i(beat_last), .wr_length_i(beat_length),
    .wr_modified_i(beat_modified), .wr_source_i(beat_source), .wr_target_i(beat_target), .target_o({m_axis_redirect_tid, m_axis_redirect_tdest}),
    .m_axis_tdata_o(m_axis_redirect_tdata), .m_axis_tkeep_o(m_axis_redirect_tkeep), .m_axis_tvalid_o(m_axis_redirect_tvalid),
    .m_axis_tready_i(m_axis_redirect_tready), .m_axis_tlast_o(m_axis_redirect_tlast), .m_axis_tuser_o(m_axis_redirect_tuser),
    .idle_o(idle_redirect));

  assign idle = idle_in && idle_splice && idle_pass && idle_tx && idle_redirect;

  logic [31:0] unused_sel, unused_idx;
  logic        unused_req, unused_we, unused_seed_load;
  logic [5:0]  unused_arrival_we;
  logic [31:0] unused_arrival_wdata;
  logic [63:0] unused_wdata;
  logic [2:0]  unused_op;
  logic [1:0]  unused_flags;
  logic [31:0] unused_key;
  logic [127:0] unused_seed;

  bpf_csr #(.BUS_BITS(BUS_W), .MAP_COUNT(0), .BUILD_ID(256'h1), .MAX_VALUE_BYTES(8)) u_csr (
    .clk_i(clk), .rst_i(rst),
    .s_axil_awaddr_i(s_axil_awaddr), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_awready_o(s_axil_awready),
    .s_axil_wdata_i(s_axil_wdata), .s_axil_wstrb_i(s_axil_wstrb), .s_axil_wvalid_i(s_axil_wvalid), .s_axil_wready_o(s_axil_wready),
    .s_axil_bresp_o(s_axil_bresp), .s_axil_bvalid_o(s_axil_bvalid), .s_axil_bready_i(s_axil_bready),
    .s_axil_araddr_i(s_axil_araddr), .s_axil_arvalid_i(s_axil_arvalid), .s_axil_arready_o(s_axil_arready),
    .s_axil_rdata_o(s_axil_rdata), .s_axil_rresp_o(s_axil_rresp), .s_axil_rvalid_o(s_axil_rvalid), .s_axil_rready_i(s_axil_rready),
    .lossless_o(lossless), .idle_i(idle), .rx_valid_i(wl_valid), .rx_length_i(wl_length),
    .verdict_valid_i(mon_valid), .verdict_action_i(mon_action), .verdict_length_i(mon_received),
    .pass_lost_i(pass_lost), .tx_lost_i(tx_lost), .redirect_lost_i(redirect_lost), .redirect_nowhere_i(redirect_nowhere), .event_record_i(1'b0), .event_lost_i(8'd0), .stall_i(stall),
    .arrival_we_o(unused_arrival_we), .arrival_wdata_o(unused_arrival_wdata),
    .time_i(64'd0), .time_rate_i(32'd0), .time_step_i(32'd0),
    .map_sel_o(unused_sel), .map_idx_o(unused_idx), .map_req_o(unused_req), .map_we_o(unused_we), .map_wdata_o(unused_wdata),
    .map_op_o(unused_op), .map_flags_o(unused_flags), .map_key_o(unused_key), .map_ack_i(1'b0), .map_load_i(1'b0), .map_rdata_i(64'd0),
    .map_key_load_i(1'b0), .map_key_i(32'd0), .map_cursor_i(32'd0), .map_errno_i(5'd0), .map_error_i(1'b0), .map_entries_i(32'd0),
    .map_refused_i(32'd0), .ready_i(1'b1), .seed_o(unused_seed), .seed_load_o(unused_seed_load));
endmodule

`default_nettype wire
