// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Receive side of the DMA: finds a descriptor for each frame of the stream, or drops it, and says what is to be written where.
///
/// A frame's queue and length come with its first beat. It waits while its queue has a descriptor that is still under way, or, with the queue's `wait`, until the host gives one;
/// else a frame without a descriptor is dropped. A frame that is longer than its buffer is cut. Frames of one clock are judged one per clock.
/// Latency: 5 clocks from the first beat to `run_valid_o`, if there is a descriptor.
/// Resources: (BUS_W + 80) x DEPTH bits of LUT RAM, about 400 flip-flops.
module bpf_dma_rx #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned QUEUES = 4,
  parameter int unsigned DEPTH = 32,           // beats that may be ahead of their descriptor, a power of two >= 16
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned QW = (QUEUES > 1) ? $clog2(QUEUES) : 1
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  // frames
  input  logic [BUS_W-1:0]  s_axis_tdata_i,
  input  logic              s_axis_tvalid_i,
  output logic              s_axis_tready_o,
  input  logic              s_axis_tlast_i,
  input  logic              s_axis_bad_i,      // goes with the beat
  input  logic [63:0]       s_axis_tuser_i,    // first beat: as of the core's m_axis_pass
  input  logic [1:0]        s_axis_tid_i,      // first beat: 0 PASS, else what a redirect counts
  input  logic [15:0]       s_axis_tdest_i,    // first beat: queue
  // queues
  input  logic [QUEUES-1:0] running_i,
  input  logic [QUEUES-1:0] ready_i,
  input  logic [QUEUES-1:0] posted_i,
  input  logic [QUEUES-1:0] wait_i,
  output logic              take_o,
  output logic [QW-1:0]     take_queue_o,
  output logic [QUEUES-1:0] drop_o,
  output logic              drop_empty_o,      // pulse: no descriptor
  output logic              drop_stopped_o,    // pulse: not running, or no such queue
  input  logic [127:0]      descriptor_i,
  // to the bus
  output logic              run_valid_o,
  input  logic              run_ready_i,
  output logic              run_none_o,        // the frame is to be dropped
  output logic              run_counts_o,      // it has a completion
  output logic [63:0]       run_addr_o,
  output logic [15:0]       run_bytes_o,
  output logic [QW-1:0]     run_queue_o,
  output logic [63:0]       run_completion_o,
  output logic              frame_valid_o,
  input  logic              frame_ready_i,
  output logic [BUS_W-1:0]  frame_data_o,
  output logic              frame_last_o,
  output logic              frame_bad_o
);
  if (BUS_W != 64 && BUS_W != 128 && BUS_W != 256 && BUS_W != 512) begin : g_check
    $fatal(1, "bpf_dma_rx: BUS_W must be 64, 128, 256 or 512");
  end

  // ---- beats and heads of frames ----
  logic        inside_q, enter, head_ready, beat_ready, head_valid, head_pop, unused_idle_0, unused_idle_1, unused_idle_2;
  logic [15:0] dest, length;
  logic [1:0]  id;
  logic [31:0] source;
  logic        modified;
  logic [7:0]  metadata;

  assign s_axis_tready_o = beat_ready && head_ready;
  assign enter           = s_axis_tvalid_i && s_axis_tready_o;

  always_ff @(posedge clk_i) begin
    if (enter) inside_q <= !s_axis_tlast_i;
    if (rst_i) inside_q <= 1'b0;
  end

  bpf_fifo #(.WIDTH(BUS_W + 2), .DEPTH(DEPTH)) u_beats (
    .clk_i, .rst_i, .wr_valid_i(enter), .wr_ready_o(beat_ready), .wr_data_i({s_axis_bad_i, s_axis_tlast_i, s_axis_tdata_i}),
    .rd_valid_o(frame_valid_o), .rd_ready_i(frame_ready_i), .rd_data_o({frame_bad_o, frame_last_o, frame_data_o}), .idle_o(unused_idle_0));
  bpf_fifo #(.WIDTH(75), .DEPTH(DEPTH)) u_heads (
    .clk_i, .rst_i, .wr_valid_i(enter && !inside_q), .wr_ready_o(head_ready),
    .wr_data_i({s_axis_tdest_i, s_axis_tid_i, s_axis_tuser_i[63:32], s_axis_tuser_i[24:0]}),
    .rd_valid_o(head_valid), .rd_ready_i(head_pop), .rd_data_o({dest, id, source, metadata, modified, length}), .idle_o(unused_idle_1));

  // ---- rank 0: a descriptor or none ----
  logic       room, exists, on, drop_empty, drop_stopped;
  logic [4:0] room_q;

  assign room         = room_q != '0;
  assign exists       = dest < 16'(QUEUES);
  assign take_queue_o = dest[QW-1:0];
  assign on           = exists && running_i[take_queue_o];
  assign take_o       = head_valid && room && on && ready_i[take_queue_o];
  assign drop_empty   = head_valid && room && on && !posted_i[take_queue_o] && !wait_i[take_queue_o];
  assign drop_stopped = head_valid && room && !on;
  assign head_pop     = take_o || drop_empty || drop_stopped;

  always_ff @(posedge clk_i) begin
    drop_empty_o   <= drop_empty && !rst_i;
    drop_stopped_o <= drop_stopped && !rst_i;
    drop_o         <= '0;
    if (exists && (drop_empty || drop_stopped)) drop_o[take_queue_o] <= 1'b1;
    room_q <= room_q - 5'(head_pop) + 5'(run_valid_o && run_ready_i);
    if (rst_i) room_q <= 5'd16;
  end

  // ---- rank 1: the descriptor has come ----
  logic          valid_q, drop_q, modified_q, bad, cut;
  logic [QW-1:0] queue_q;
  logic [15:0]   length_q, size, bytes;
  logic [1:0]    id_q;
  logic [31:0]   source_q;
  logic [7:0]    metadata_q;

  always_ff @(posedge clk_i) begin
    valid_q    <= head_pop && !rst_i;
    drop_q     <= !take_o;
    queue_q    <= take_queue_o;
    {id_q, source_q, metadata_q, modified_q, length_q} <= {id, source, metadata, modified, length};
  end

  assign size  = descriptor_i[79:64];
  assign bad   = size == 16'd0;
  assign cut   = length_q > size;
  assign bytes = cut ? size : length_q;

  logic unused_ready, none;
  assign none = drop_q || bad;

  bpf_fifo #(.WIDTH(2 + 64 + 16 + QW + 64), .DEPTH(16)) u_runs (
    .clk_i, .rst_i, .wr_valid_i(valid_q), .wr_ready_o(unused_ready),
    .wr_data_i({none, !drop_q, descriptor_i[63:0], none ? 16'd0 : bytes, queue_q,
                source_q, 3'd0, id_q, bad, cut && !bad, metadata_q, modified_q, bad ? 16'd0 : bytes}),
    .rd_valid_o(run_valid_o), .rd_ready_i(run_ready_i), .rd_data_o({run_none_o, run_counts_o, run_addr_o, run_bytes_o, run_queue_o, run_completion_o}),
    .idle_o(unused_idle_2));

  logic unused_bits;
  assign unused_bits = ^{descriptor_i[127:80], s_axis_tuser_i[31:25], BUSB};
endmodule

`default_nettype wire
