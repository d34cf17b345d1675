// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One output of the shell: two streams of the core merged and, with QUEUE, a queue of whole frames behind them.
///
/// The queue takes a frame when it has room for all of it. Else the frame is lost, with a pulse of `lost_o`, or waits with `lossless_i`: so without it the
/// inputs are never refused for longer than the other one's frame. The low 16 bits of tuser are the frame's length in bytes, on every beat.
/// A frame leaves the queue without a pause in it when tready stays.
/// Latency: 1 clock, 5 with the queue. Resources: bpf_tx_merge and, with QUEUE, bpf_sink_fifo.
module bpf_shell_output #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned USER_W = 16,          // 16 or more
  parameter int unsigned QUEUE = 0,            // 1: with the queue
  parameter int unsigned QUEUE_BYTES = 16384,  // a power of two
  parameter int unsigned MAX_FRAME = 9216,     // bytes
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  input  logic              lossless_i,
  output logic              lost_o,
  input  logic [BUS_W-1:0]  a_tdata_i,
  input  logic [BUSB-1:0]   a_tkeep_i,
  input  logic              a_tvalid_i,
  output logic              a_tready_o,
  input  logic              a_tlast_i,
  input  logic [USER_W-1:0] a_tuser_i,
  input  logic [BUS_W-1:0]  b_tdata_i,
  input  logic [BUSB-1:0]   b_tkeep_i,
  input  logic              b_tvalid_i,
  output logic              b_tready_o,
  input  logic              b_tlast_i,
  input  logic [USER_W-1:0] b_tuser_i,
  output logic [BUS_W-1:0]  m_tdata_o,
  output logic [BUSB-1:0]   m_tkeep_o,
  output logic              m_tvalid_o,
  input  logic              m_tready_i,
  output logic              m_tlast_o,
  output logic [USER_W-1:0] m_tuser_o
);
  logic [BUS_W-1:0]  tdata;
  logic [BUSB-1:0]   tkeep;
  logic              tvalid, tready, tlast;
  logic [USER_W-1:0] tuser;

  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME + 256)) u_merge (
    .clk_i, .rst_i,
    .a_axis_tdata_i(a_tdata_i), .a_axis_tkeep_i(a_tkeep_i), .a_axis_tvalid_i(a_tvalid_i), .a_axis_tready_o(a_tready_o), .a_axis_tlast_i(a_tlast_i), .a_axis_tuser_i(a_tuser_i),
    .b_axis_tdata_i(b_tdata_i), .b_axis_tkeep_i(b_tkeep_i), .b_axis_tvalid_i(b_tvalid_i), .b_axis_tready_o(b_tready_o), .b_axis_tlast_i(b_tlast_i), .b_axis_tuser_i(b_tuser_i),
    .m_axis_tdata_o(tdata), .m_axis_tkeep_o(tkeep), .m_axis_tvalid_o(tvalid), .m_axis_tready_i(tready), .m_axis_tlast_o(tlast), .m_axis_tuser_o(tuser));

  if (QUEUE == 0) begin : g_wire
    logic unused_lossless;
    assign unused_lossless = lossless_i;
    assign lost_o     = 1'b0;
    assign m_tdata_o  = tdata;
    assign m_tkeep_o  = tkeep;
    assign m_tvalid_o = tvalid;
    assign tready     = m_tready_i;
    assign m_tlast_o  = tlast;
    assign m_tuser_o  = tuser;
  end else begin : g_queue
    localparam int unsigned KL = $clog2(BUSB);

    logic          inside_q, keep_q, fits, start, take, unused_idle, unused_tkeep;
    logic [15-KL:0] need_m1;
    logic [63:0]   sink_tuser;

    assign need_m1 = (16-KL)'((tuser[15:0] - 16'd1) >> KL);
    assign tready  = inside_q || fits || !lossless_i;
    assign take    = tvalid && tready;
    assign start   = take && !inside_q;
    assign lost_o  = start && !fits;

    always_ff @(posedge clk_i) begin
      if (take) inside_q <= !tlast;
      if (start) keep_q <= fits;
      if (rst_i) inside_q <= 1'b0;
    end

    bpf_sink_fifo #(.BUS_W(BUS_W), .BYTES(QUEUE_BYTES), .MAX_FRAME(MAX_FRAME), .TARGET_W(USER_W)) u_fifo (
      .clk_i, .rst_i, .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i(need_m1), .fits_o(fits), .reserve_i(start && fits),
      .wr_valid_i(take && (inside_q ? keep_q : fits)), .wr_data_i(tdata), .wr_last_i(tlast), .wr_length_i(tuser[15:0]), .wr_modified_i(1'b0),
      .wr_source_i(32'd0), .wr_target_i(tuser),
      .m_axis_tdata_o(m_tdata_o), .m_axis_tkeep_o(m_tkeep_o), .m_axis_tvalid_o(m_tvalid_o), .m_axis_tready_i(m_tready_i), .m_axis_tlast_o(m_tlast_o),
      .m_axis_tuser_o(sink_tuser), .target_o(m_tuser_o), .idle_o(unused_idle));
    assign unused_tkeep = ^{tkeep, sink_tuser};
  end
endmodule

`default_nettype wire
