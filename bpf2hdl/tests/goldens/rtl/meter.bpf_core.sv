// SPDX-License-Identifier: Apache-2.0
// Made by bpf2hdl 0.1.0 from program `xdp_meter`; do not edit. To make it again:
//   bpf2hdl compile PROG -o DIR --prog xdp_meter --target xcup --clock 250 --bus 512 --optimize latency
`default_nettype none

/// Runs the XDP program `xdp_meter` on every frame from the MAC: drop, pass to the DMA, back to the MAC, or to another
/// port or queue.
///
/// All ports are synchronous to `clk`; `rst` is synchronous, active high. Byte 0 of a frame is tdata[7:0]; tkeep is
/// contiguous, and all ones except on the last beat. Frames are whole good Ethernet frames without FCS.
/// Latency from the first beat of a one-beat frame to its first output beat: 19 clocks.
module bpf_core (
  input  logic         clk,
  input  logic         rst,
  // from the MAC
  input  logic [511:0] s_axis_tdata,
  input  logic [63:0]  s_axis_tkeep,
  input  logic         s_axis_tvalid,
  output logic         s_axis_tready,
  input  logic         s_axis_tlast,
  input  logic [31:0]  s_axis_tuser,           // first beat: [15:0] ingress_ifindex, [31:16] rx_queue_index
  // XDP_PASS, to the DMA
  output logic [511:0] m_axis_pass_tdata,
  output logic [63:0]  m_axis_pass_tkeep,
  output logic         m_axis_pass_tvalid,
  input  logic         m_axis_pass_tready,
  output logic         m_axis_pass_tlast,
  // [15:0] bytes, [16] frame was modified, [24:17] bytes of metadata before it, [63:32] s_axis_tuser
  output logic [63:0]  m_axis_pass_tuser,
  // XDP_TX, to the MAC
  output logic [511:0] m_axis_tx_tdata,
  output logic [63:0]  m_axis_tx_tkeep,
  output logic         m_axis_tx_tvalid,
  input  logic         m_axis_tx_tready,
  output logic         m_axis_tx_tlast,
  // [15:0] bytes, [16] frame was modified, [24:17] bytes of metadata before it, [63:32] s_axis_tuser
  output logic [63:0]  m_axis_tx_tuser,
  // XDP_REDIRECT, to another port, or to a CPU or socket of the host
  output logic [511:0] m_axis_redirect_tdata,
  output logic [63:0]  m_axis_redirect_tkeep,
  output logic         m_axis_redirect_tvalid,
  input  logic         m_axis_redirect_tready,
  output logic         m_axis_redirect_tlast,
  // [15:0] bytes, [16] frame was modified, [24:17] bytes of metadata before it, [63:32] s_axis_tuser
  output logic [63:0]  m_axis_redirect_tuser,
  output logic [1:0]   m_axis_redirect_tid,    // what tdest counts: 1 ifindex, 2 CPU, 3 AF_XDP socket
  output logic [31:0]  m_axis_redirect_tdest,  // every beat
  // events to the host, one record a packet
  output logic [511:0] m_axis_event_tdata,
  output logic [63:0]  m_axis_event_tkeep,
  output logic         m_axis_event_tvalid,
  input  logic         m_axis_event_tready,
  output logic         m_axis_event_tlast,
  output logic [31:0]  m_axis_event_tuser,     // [15:0] bytes of the record
  // AXI4-Lite registers
  input  logic [15:0]  s_axil_awaddr,
  input  logic         s_axil_awvalid,
  output logic         s_axil_awready,
  input  logic [31:0]  s_axil_wdata,
  input  logic [3:0]   s_axil_wstrb,
  input  logic         s_axil_wvalid,
  output logic         s_axil_wready,
  output logic [1:0]   s_axil_bresp,
  output logic         s_axil_bvalid,
  input  logic         s_axil_bready,
  input  logic [15:0]  s_axil_araddr,
  input  logic         s_axil_arvalid,
  output logic         s_axil_arready,
  output logic [31:0]  s_axil_rdata,
  output logic [1:0]   s_axil_rresp,
  output logic         s_axil_rvalid,
  input  logic         s_axil_rready,
  // one pulse per packet, in arrival order, when its verdict is carried out
  output logic         mon_valid,
  output logic [2:0]   mon_action,             // 0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect
  output logic [15:0]  mon_length,             // bytes, after edits
  output logic [1:0]   mon_tid,                // of a redirect; 0: the program named no target
  output logic [31:0]  mon_tdest               // of a redirect
);
  localparam int unsigned BUS_W               = 512;    // bits
  localparam int unsigned MAX_FRAME           = 9216;   // bytes
  localparam int unsigned WINDOW_BYTES        = 24;     // packet bytes that the program reads
  localparam int unsigned TOKEN_MIN_BYTES     = 24;     // bytes of a frame that decide every comparison with its length
  localparam int unsigned FULL_LENGTH         = 0;      // 1: the program needs the exact length
  localparam int unsigned EDIT_BYTES          = 4;      // packet bytes that the program may write
  localparam int unsigned RESULT_DEPTH        = 256;    // tokens in flight; the pipeline takes 9 clocks
  localparam int unsigned PACKET_BUFFER_BYTES = 32768;
  localparam int unsigned SINK_FIFO_BYTES     = 16384;  // each sink
  localparam int unsigned MAP_COUNT           = 5;
  localparam int unsigned POINTER_W           = $clog2(PACKET_BUFFER_BYTES / (BUS_W / 8)) + 1;
  localparam int unsigned BEATS_W             = 16 - $clog2(BUS_W / 8);
  localparam logic [255:0] BUILD_ID = 256'h0;

  // beats in the packet buffer
  logic         buf_valid;
  logic [511:0] buf_wdata;
  logic         buf_room;
  logic [511:0] buf_rdata;

  // lengths and sources of frames as they arrive, and as they leave the queues
  logic        received_valid;
  logic [15:0] received_length;
  logic        received_oversize;
  logic [31:0] received_source;
  logic        stored_valid;
  logic [15:0] stored_length;
  logic        stored_oversize;
  logic        stored_pop;
  logic [31:0] stored_source;
  logic        source_load;
  logic        source_pop;

  // token
  logic         token_valid;
  logic [191:0] token_window;
  logic [15:0]  token_length;
  logic [15:0]  token_ifindex;
  logic [15:0]  token_rx_queue;
  logic [15:0]  token_start;

  // results at the pipeline's end and at the queue's head
  logic        done_valid;
  logic [11:0] done;
  logic        result_valid;
  logic [11:0] result;
  logic        result_pop;

  // verdict
  logic [2:0]  action;
  logic [33:0] target;
  logic [3:0]  edit_mask;
  logic [31:0] edit_data;
  logic [7:0] unused_metadata;

  // frames to the sinks
  logic         pass_fits;
  logic         pass_waits;
  logic         pass_single;
  logic         pass_reserve;
  logic         pass_valid;
  logic         tx_fits;
  logic         tx_waits;
  logic         tx_single;
  logic         tx_reserve;
  logic         tx_valid;
  logic         redirect_fits;
  logic         redirect_waits;
  logic         redirect_single;
  logic         redirect_reserve;
  logic         redirect_valid;
  logic [511:0] beat_data;
  logic         beat_last;
  logic [15:0]  beat_length;
  logic         beat_modified;
  logic [31:0]  beat_source;
  logic [33:0]  beat_target;

  // events and states
  logic [15:0] mon_received;
  logic        pass_lost;
  logic        tx_lost;
  logic        redirect_lost;
  logic        redirect_nowhere;
  logic        lossless;
  logic        hold;
  logic        stall;
  logic        ingress_idle;
  logic        splice_idle;
  logic        pass_idle;
  logic        tx_idle;
  logic        redirect_idle;

  // records for the host
  logic       token_room;
  logic       event_hold;
  logic       event_ring_room;
  logic       event_idle;
  logic       event_record;
  logic [7:0] event_lost;

  // the host's access to the maps
  logic [31:0] map_sel;
  logic [31:0] map_idx;
  logic        map_req;
  logic        map_we;
  logic [95:0] map_wdata;
  logic        map_ack;
  logic        map_error;
  logic [95:0] map_rdata;

  // time and random numbers
  logic [63:0] token_time;
  logic [31:0] token_random;
  logic [5:0]  arrival_we;
  logic [31:0] arrival_wdata;
  logic [31:0] time_rate;
  logic [31:0] time_step;
  logic [2:0]   map_op;
  logic [1:0]   map_flags;
  logic [31:0]  map_key;
  logic [31:0]  map_found_key;
  logic         map_key_load;
  logic         map_load;
  logic [31:0]  map_cursor;
  logic [4:0]   map_errno;
  logic [31:0]  map_entries;
  logic [31:0]  map_refused;
  logic         maps_ready;
  logic [127:0] seed;
  logic         seed_load;

  // widths that depend on the buffer
  logic [POINTER_W-1:0] buf_pointer;
  logic [BEATS_W-1:0]   need_m1;
  logic [BEATS_W-1:0]   next_m1;
  logic [BEATS_W-1:0]   received_left;
  logic [BEATS_W-1:0]   stored_left;

  // -- frames in: beats to the packet buffer, a token to the pipeline -----------------------------------------------
  bpf_ingress #(.BUS_W(BUS_W), .WINDOW_BYTES(WINDOW_BYTES), .TOKEN_MIN_BYTES(TOKEN_MIN_BYTES),
      .FULL_LENGTH(FULL_LENGTH), .RESULT_DEPTH(RESULT_DEPTH), .MAX_FRAME(MAX_FRAME)) u_ingress (
    .clk_i            (clk),
    .rst_i            (rst),
    .s_axis_tdata_i   (s_axis_tdata),
    .s_axis_tkeep_i   (s_axis_tkeep),
    .s_axis_tvalid_i  (s_axis_tvalid),
    .s_axis_tready_o  (s_axis_tready),
    .s_axis_tlast_i   (s_axis_tlast),
    .s_axis_tuser_i   (s_axis_tuser),
    .buf_valid_o      (buf_valid),
    .buf_data_o       (buf_wdata),
    .len_valid_o      (received_valid),
    .len_length_o     (received_length),
    .len_left_o       (received_left),
    .len_oversize_o   (received_oversize),
    .len_source_o     (received_source),
    .buf_room_i       (buf_room && event_ring_room),
    .token_valid_o    (token_valid),
    .token_window_o   (token_window),
    .token_length_o   (token_length),
    .token_ifindex_o  (token_ifindex),
    .token_rx_queue_o (token_rx_queue),
    .token_start_o    (token_start),
    .credit_return_i  (result_pop),
    .hold_i           (hold || event_hold),
    .stall_o          (stall),
    .idle_o           (ingress_idle)
  );

  // The program does not look at these.
  logic unused_token;
  assign unused_token = ^{token_ifindex, token_rx_queue, token_start};

  bpf_packet_buffer #(.BUS_W(BUS_W), .BYTES(PACKET_BUFFER_BYTES), .LENGTHS(RESULT_DEPTH), .MAX_FRAME(MAX_FRAME))
      u_packet_buffer (
    .clk_i          (clk),
    .rst_i          (rst),
    .wr_valid_i     (buf_valid),
    .wr_data_i      (buf_wdata),
    .wr_len_valid_i (received_valid),
    .wr_length_i    (received_length),
    .wr_left_i      (received_left),
    .wr_oversize_i  (received_oversize),
    .wr_source_i    (received_source),
    .room_o         (buf_room),
    .len_valid_o    (stored_valid),
    .len_length_o   (stored_length),
    .len_left_o     (stored_left),
    .len_oversize_o (stored_oversize),
    .len_pop_i      (stored_pop),
    .source_load_i  (source_load),
    .source_pop_i   (source_pop),
    .source_o       (stored_source),
    .rd_ptr_i       (buf_pointer),
    .rd_data_o      (buf_rdata)
  );

  // The program asks neither for time nor for random numbers.
  assign token_time   = '0;
  assign token_random = '0;
  assign time_rate    = '0;
  assign time_step    = '0;
  logic unused_arrival;
  assign unused_arrival = ^{token_random, arrival_we, arrival_wdata};

  // -- the program --------------------------------------------------------------------------------------------------
  logic        host_cnt_here;
  logic        host_cnt_req;
  logic        host_cnt_ack;
  logic        host_cnt_stall;
  logic [95:0] host_cnt_rdata;
  logic        host_data_here;
  logic        host_data_req;
  logic        host_data_ack;
  logic        host_data_stall;
  logic [31:0] host_data_rdata;
  logic        host_n1st_hot_here;
  logic        host_n1st_hot_req;
  logic        host_n1st_hot_ack;
  logic        host_n1st_hot_stall;
  logic [15:0] host_n1st_hot_rdata;
  bpf_pipeline u_pipeline (
    .clk_i                 (clk),
    .rst_i                 (rst),
    .token_valid_i         (token_valid),
    .token_window_i        (token_window),
    .token_length_i        (token_length),
    .result_valid_o        (done_valid),
    .result_o              (done),
    .host_cnt_req_i        (host_cnt_req),
    .host_cnt_we_i         (map_we),
    .host_cnt_idx_i        (map_idx[7:0]),
    .host_cnt_wdata_i      (map_wdata[95:0]),
    .host_cnt_ack_o        (host_cnt_ack),
    .host_cnt_rdata_o      (host_cnt_rdata),
    .host_cnt_stall_o      (host_cnt_stall),
    .host_data_req_i       (host_data_req),
    .host_data_we_i        (map_we),
    .host_data_idx_i       (map_idx[0:0]),
    .host_data_wdata_i     (map_wdata[31:0]),
    .host_data_ack_o       (host_data_ack),
    .host_data_rdata_o     (host_data_rdata),
    .host_data_stall_o     (host_data_stall),
    .host_n1st_hot_req_i   (host_n1st_hot_req),
    .host_n1st_hot_we_i    (map_we),
    .host_n1st_hot_idx_i   (map_idx[0:0]),
    .host_n1st_hot_wdata_i (map_wdata[15:0]),
    .host_n1st_hot_ack_o   (host_n1st_hot_ack),
    .host_n1st_hot_rdata_o (host_n1st_hot_rdata),
    .host_n1st_hot_stall_o (host_n1st_hot_stall)
  );

  // -- results: a queue, then the constant bits ---------------------------------------------------------------------
  logic unused_results_ready;
  logic unused_results_idle;

  // Can not overflow: the ingress holds credits for it.
  bpf_fifo #(.WIDTH(12), .DEPTH(RESULT_DEPTH)) u_results (
    .clk_i      (clk),
    .rst_i      (rst),
    .wr_valid_i (done_valid),
    .wr_ready_o (unused_results_ready),
    .wr_data_i  (done),
    .rd_valid_o (result_valid),
    .rd_ready_i (result_pop),
    .rd_data_o  (result),
    .idle_o     (unused_results_idle)
  );

  assign action           = result[2:0];
  assign target           = 34'h0;
  assign edit_mask[2:0]   = '0;         // never written
  assign edit_data[23:0]  = '0;
  assign edit_mask[3]     = result[3];  // byte 3
  assign edit_data[31:24] = result[11:4];

  // -- verdict and frame meet ---------------------------------------------------------------------------------------
  bpf_splice #(.BUS_W(BUS_W), .EDIT_BYTES(EDIT_BYTES), .PACKET_BUFFER_BYTES(PACKET_BUFFER_BYTES)) u_splice (
    .clk_i              (clk),
    .rst_i              (rst),
    .lossless_i         (lossless),
    .res_valid_i        (result_valid),
    .res_action_i       (action),
    .res_edit_mask_i    (edit_mask),
    .res_edit_data_i    (edit_data),
    .res_target_i       (target),
    .res_pop_o          (result_pop),
    .len_valid_i        (stored_valid),
    .len_length_i       (stored_length),
    .len_left_i         (stored_left),
    .len_oversize_i     (stored_oversize),
    .len_pop_o          (stored_pop),
    .source_load_o      (source_load),
    .source_pop_o       (source_pop),
    .source_i           (stored_source),
    .buf_ptr_o          (buf_pointer),
    .buf_data_i         (buf_rdata),
    .next_m1_o          (next_m1),
    .need_m1_o          (need_m1),
    .pass_fits_i        (pass_fits),
    .tx_fits_i          (tx_fits),
    .redirect_fits_i    (redirect_fits),
    .pass_waits_o       (pass_waits),
    .tx_waits_o         (tx_waits),
    .redirect_waits_o   (redirect_waits),
    .pass_single_o      (pass_single),
    .tx_single_o        (tx_single),
    .redirect_single_o  (redirect_single),
    .pass_reserve_o     (pass_reserve),
    .tx_reserve_o       (tx_reserve),
    .redirect_reserve_o (redirect_reserve),
    .pass_valid_o       (pass_valid),
    .tx_valid_o         (tx_valid),
    .redirect_valid_o   (redirect_valid),
    .beat_data_o        (beat_data),
    .beat_last_o        (beat_last),
    .beat_length_o      (beat_length),
    .beat_modified_o    (beat_modified),
    .beat_source_o      (beat_source),
    .beat_target_o      (beat_target),
    .mon_valid_o        (mon_valid),
    .mon_action_o       (mon_action),
    .mon_length_o       (mon_length),
    .mon_received_o     (mon_received),
    .mon_target_o       ({mon_tid, mon_tdest}),
    .pass_lost_o        (pass_lost),
    .tx_lost_o          (tx_lost),
    .redirect_lost_o    (redirect_lost),
    .redirect_nowhere_o (redirect_nowhere),
    .idle_o             (splice_idle),
    .res_head_i         (16'sd0),
    .res_end_i          (16'sd0),
    .res_kept_i         (16'sd0),
    .res_metadata_i     (8'd0),
    .beat_metadata_o    (unused_metadata)
  );

  logic unused_pass_target;
  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .AHEAD(1)) u_pass (
    .clk_i           (clk),
    .rst_i           (rst),
    .next_m1_i       (next_m1),
    .need_m1_i       (need_m1),
    .waits_i         (pass_waits),
    .single_i        (pass_single),
    .fits_o          (pass_fits),
    .reserve_i       (pass_reserve),
    .wr_valid_i      (pass_valid),
    .wr_data_i       (beat_data),
    .wr_last_i       (beat_last),
    .wr_length_i     (beat_length),
    .wr_modified_i   (beat_modified),
    .wr_source_i     (beat_source),
    .wr_target_i     (1'b0),
    .m_axis_tdata_o  (m_axis_pass_tdata),
    .m_axis_tkeep_o  (m_axis_pass_tkeep),
    .m_axis_tvalid_o (m_axis_pass_tvalid),
    .m_axis_tready_i (m_axis_pass_tready),
    .m_axis_tlast_o  (m_axis_pass_tlast),
    .m_axis_tuser_o  (m_axis_pass_tuser),
    .target_o        (unused_pass_target),
    .idle_o          (pass_idle)
  );

  logic unused_tx_target;
  bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(SINK_FIFO_BYTES), .MAX_FRAME(MAX_FRAME), .AHEAD(1)) u_tx (
    .clk_i           (clk),
    .rst_i           (rst),
    .next_m1_i       (next_m1),
    .need_m1_i       (need_m1),
    .waits_i         (tx_waits),
    .single_i        (tx_single),
    .fits_o          (tx_fits),
    .reserve_i       (tx_reserve),
    .wr_valid_i      (tx_valid),
    .wr_data_i       (beat_data),
    .wr_last_i       (beat_last),
    .wr_length_i     (beat_length),
    .wr_modified_i   (beat_modified),
    .wr_source_i     (beat_source),
    .wr_target_i     (1'b0),
    .m_axis_tdata_o  (m_axis_tx_tdata),
    .m_axis_tkeep_o  (m_axis_tx_tkeep),
    .m_axis_tvalid_o (m_axis_tx_tvalid),
    .m_axis_tready_i (m_axis_tx_tready),
    .m_axis_tlast_o  (m_axis_tx_tlast),
    .m_axis_tuser_o  (m_axis_tx_tuser),
    .target_o        (unused_tx_target),
    .idle_o          (tx_idle)
  );

  // The program names no target: nothing leaves by this output.
  assign m_axis_redirect_tdata  = '0;
  assign m_axis_redirect_tkeep  = '0;
  assign m_axis_redirect_tvalid = '0;
  assign m_axis_redirect_tlast  = '0;
  assign m_axis_redirect_tuser  = '0;
  assign m_axis_redirect_tid    = '0;
  assign m_axis_redirect_tdest  = '0;
  assign redirect_fits          = '0;
  assign redirect_idle          = 1'b1;
  logic unused_redirect;
  assign unused_redirect = ^{m_axis_redirect_tready, redirect_waits, redirect_single, redirect_reserve, redirect_valid, beat_target};

  // The program tells the host nothing.
  assign m_axis_event_tdata  = '0;
  assign m_axis_event_tkeep  = '0;
  assign m_axis_event_tvalid = '0;
  assign m_axis_event_tlast  = '0;
  assign m_axis_event_tuser  = '0;
  assign token_room          = 1'b1;
  assign event_hold          = 1'b0;
  assign event_ring_room     = 1'b1;
  assign event_idle          = 1'b1;
  assign event_record        = 1'b0;
  assign event_lost          = '0;
  logic unused_events;
  assign unused_events = ^{m_axis_event_tready, token_room, event_hold, event_ring_room};

  // -- the host's window to the maps --------------------------------------------------------------------------------
  // MAP_SELECT 0: cnt, 200 x 12 bytes
  // MAP_SELECT 1: .data, 1 x 4 bytes
  // MAP_SELECT 2: .rodata, not in hardware
  // MAP_SELECT 3: 1st-hot, 2 x 2 bytes
  // MAP_SELECT 4: idle, not in hardware
  always_ff @(posedge clk)
    host_cnt_here <= map_sel == 32'd0 && !map_op[2] && map_idx < 32'd200;
  assign host_cnt_req = map_req && host_cnt_here;
  always_ff @(posedge clk)
    host_data_here <= map_sel == 32'd1 && !map_op[2] && map_idx < 32'd1;
  assign host_data_req = map_req && host_data_here;
  always_ff @(posedge clk)
    host_n1st_hot_here <= map_sel == 32'd3 && !map_op[2] && map_idx < 32'd2;
  assign host_n1st_hot_req = map_req && host_n1st_hot_here;

  assign map_error = !(host_cnt_here || host_data_here || host_n1st_hot_here);  // no such entry
  assign map_ack   = host_cnt_ack || host_data_ack || host_n1st_hot_ack;
  // the host waits for a gap, or a map is cleared
  assign hold      = host_cnt_stall || host_data_stall || host_n1st_hot_stall || !maps_ready;
  assign map_load  = host_cnt_ack && !map_we || host_data_ack && !map_we || host_n1st_hot_ack && !map_we;

  always_comb begin
    map_rdata = '0;
    if (host_cnt_here) map_rdata[95:0] = host_cnt_rdata;
    if (host_data_here) map_rdata[31:0] = host_data_rdata;
    if (host_n1st_hot_here) map_rdata[15:0] = host_n1st_hot_rdata;
  end

  // No map has keys.
  assign map_found_key = '0;
  assign map_key_load  = 1'b0;
  assign map_cursor    = '0;
  assign map_errno     = '0;
  assign map_entries   = '0;
  assign map_refused   = '0;
  assign maps_ready    = 1'b1;

  logic unused_keys;
  assign unused_keys = ^{map_op[1:0], map_flags, map_key, seed, seed_load};

  // -- registers ----------------------------------------------------------------------------------------------------
  bpf_csr #(.BUS_BITS(BUS_W), .MAP_COUNT(MAP_COUNT), .BUILD_ID(BUILD_ID), .MAX_VALUE_BYTES(12), .MAX_KEY_BYTES(0))
      u_csr (
    .clk_i              (clk),
    .rst_i              (rst),
    .s_axil_awaddr_i    (s_axil_awaddr),
    .s_axil_awvalid_i   (s_axil_awvalid),
    .s_axil_awready_o   (s_axil_awready),
    .s_axil_wdata_i     (s_axil_wdata),
    .s_axil_wstrb_i     (s_axil_wstrb),
    .s_axil_wvalid_i    (s_axil_wvalid),
    .s_axil_wready_o    (s_axil_wready),
    .s_axil_bresp_o     (s_axil_bresp),
    .s_axil_bvalid_o    (s_axil_bvalid),
    .s_axil_bready_i    (s_axil_bready),
    .s_axil_araddr_i    (s_axil_araddr),
    .s_axil_arvalid_i   (s_axil_arvalid),
    .s_axil_arready_o   (s_axil_arready),
    .s_axil_rdata_o     (s_axil_rdata),
    .s_axil_rresp_o     (s_axil_rresp),
    .s_axil_rvalid_o    (s_axil_rvalid),
    .s_axil_rready_i    (s_axil_rready),
    .lossless_o         (lossless),
    .idle_i             (ingress_idle && splice_idle && pass_idle && tx_idle && redirect_idle && event_idle),
    .rx_valid_i         (received_valid),
    .rx_length_i        (received_length),
    .verdict_valid_i    (mon_valid),
    .verdict_action_i   (mon_action),
    .verdict_length_i   (mon_received),
    .pass_lost_i        (pass_lost),
    .tx_lost_i          (tx_lost),
    .redirect_lost_i    (redirect_lost),
    .redirect_nowhere_i (redirect_nowhere),
    .event_record_i     (event_record),
    .event_lost_i       (event_lost),
    .stall_i            (stall),
    .arrival_we_o       (arrival_we),
    .arrival_wdata_o    (arrival_wdata),
    .time_i             (token_time),
    .time_rate_i        (time_rate),
    .time_step_i        (time_step),
    .map_sel_o          (map_sel),
    .map_idx_o          (map_idx),
    .map_req_o          (map_req),
    .map_we_o           (map_we),
    .map_wdata_o        (map_wdata),
    .map_ack_i          (map_ack),
    .map_rdata_i        (map_rdata),
    .map_error_i        (map_error),
    .map_op_o           (map_op),
    .map_flags_o        (map_flags),
    .map_key_o          (map_key),
    .map_key_i          (map_found_key),
    .map_key_load_i     (map_key_load),
    .map_load_i         (map_load),
    .map_cursor_i       (map_cursor),
    .map_errno_i        (map_errno),
    .map_entries_i      (map_entries),
    .map_refused_i      (map_refused),
    .ready_i            (maps_ready),
    .seed_o             (seed),
    .seed_load_o        (seed_load)
  );
endmodule

`default_nettype wire
