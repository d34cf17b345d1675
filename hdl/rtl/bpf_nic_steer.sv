// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Where frames and records of the program go: to the DMA with a queue, or to the port.
///
/// PASS goes to queue 0, or to that of `rx_queue_index` (0 if there is none such); a redirect to CPU or socket n to queue n, and to no queue (the DMA drops and counts it) if there are not as many;
/// a redirect to the port's own number to the port, to another one nowhere, with a pulse. Events go to queue DATA_QUEUES, copies of the tap to DATA_QUEUES + 1; `tid` says 1 with them.
/// `*_bad_i`, of each beat, goes with it. Frames stay whole; frames and records share the DMA fairly in beats, so do PASS and redirects, events and copies (bpf_tx_merge). Nothing is lost here.
/// Latency: 2 clocks. Resources: three bpf_tx_merge.
module bpf_nic_steer #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned DATA_QUEUES = 4,
  parameter int unsigned MAX_FRAME = 9472,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic             by_rx_queue_i,
  input  logic [15:0]      ifindex_i,
  input  logic [BUS_W-1:0] pass_tdata_i,
  input  logic [BUSB-1:0]  pass_tkeep_i,
  input  logic             pass_tvalid_i,
  output logic             pass_tready_o,
  input  logic             pass_tlast_i,
  input  logic             pass_bad_i,
  input  logic [63:0]      pass_tuser_i,
  input  logic [BUS_W-1:0] redirect_tdata_i,
  input  logic [BUSB-1:0]  redirect_tkeep_i,
  input  logic             redirect_tvalid_i,
  output logic             redirect_tready_o,
  input  logic             redirect_tlast_i,
  input  logic             redirect_bad_i,
  input  logic [63:0]      redirect_tuser_i,
  input  logic [1:0]       redirect_tid_i,
  input  logic [31:0]      redirect_tdest_i,
  input  logic [BUS_W-1:0] event_tdata_i,
  input  logic [BUSB-1:0]  event_tkeep_i,
  input  logic             event_tvalid_i,
  output logic             event_tready_o,
  input  logic             event_tlast_i,
  input  logic             event_bad_i,
  input  logic [15:0]      event_length_i,
  input  logic [BUS_W-1:0] tap_tdata_i,
  input  logic [BUSB-1:0]  tap_tkeep_i,
  input  logic             tap_tvalid_i,
  output logic             tap_tready_o,
  input  logic             tap_tlast_i,
  input  logic [15:0]      tap_length_i,
  // redirects to the port
  output logic             port_tvalid_o,      // with redirect_t*
  input  logic             port_tready_i,
  output logic             no_port_o,          // pulse
  // to the DMA
  output logic [BUS_W-1:0] host_tdata_o,
  output logic             host_tvalid_o,
  input  logic             host_tready_i,
  output logic             host_tlast_o,
  output logic             host_bad_o,
  output logic [63:0]      host_tuser_o,
  output logic [1:0]       host_tid_o,
  output logic [15:0]      host_tdest_o
);
  localparam int unsigned USER_W = 64 + 2 + 16 + 1;
  localparam logic [15:0] NOWHERE = 16'hFFFF;
  localparam logic [1:0]  IFINDEX = 2'd1, RECORD = 2'd1; // tid of a redirect, and here: no redirect to an interface reaches the DMA

  // ---- whom a redirect is for ----
  logic        for_host, for_port, redirect_ready;
  logic [15:0] pass_queue, redirect_queue;

  assign for_host          = redirect_tid_i != IFINDEX;
  assign for_port          = !for_host && redirect_tdest_i == {16'd0, ifindex_i};
  assign port_tvalid_o     = redirect_tvalid_i && for_port;
  assign redirect_tready_o = for_host ? redirect_ready : !for_port || port_tready_i;
  assign no_port_o         = redirect_tvalid_i && redirect_tlast_i && !redirect_bad_i && !for_host && !for_port;
  assign redirect_queue    = (redirect_tdest_i < 32'(DATA_QUEUES)) ? redirect_tdest_i[15:0] : NOWHERE;
  assign pass_queue        = (by_rx_queue_i && pass_tuser_i[63:48] < 16'(DATA_QUEUES)) ? pass_tuser_i[63:48] : 16'd0;

  // ---- frames, records, all ----
  logic [BUS_W-1:0]  frame_tdata, record_tdata;
  logic [BUSB-1:0]   frame_tkeep, record_tkeep, unused_tkeep;
  logic              frame_tvalid, frame_tready, frame_tlast, record_tvalid, record_tready, record_tlast;
  logic [USER_W-1:0] frame_tuser, record_tuser;

  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME)) u_frames (
    .clk_i, .rst_i,
    .a_axis_tdata_i(pass_tdata_i), .a_axis_tkeep_i(pass_tkeep_i), .a_axis_tvalid_i(pass_tvalid_i), .a_axis_tready_o(pass_tready_o), .a_axis_tlast_i(pass_tlast_i),
    .a_axis_tuser_i({pass_bad_i, 2'd0, pass_queue, pass_tuser_i}),
    .b_axis_tdata_i(redirect_tdata_i), .b_axis_tkeep_i(redirect_tkeep_i), .b_axis_tvalid_i(redirect_tvalid_i && for_host), .b_axis_tready_o(redirect_ready),
    .b_axis_tlast_i(redirect_tlast_i), .b_axis_tuser_i({redirect_bad_i, redirect_tid_i, redirect_queue, redirect_tuser_i}),
    .m_axis_tdata_o(frame_tdata), .m_axis_tkeep_o(frame_tkeep), .m_axis_tvalid_o(frame_tvalid), .m_axis_tready_i(frame_tready), .m_axis_tlast_o(frame_tlast),
    .m_axis_tuser_o(frame_tuser));

  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME)) u_records (
    .clk_i, .rst_i,
    .a_axis_tdata_i(event_tdata_i), .a_axis_tkeep_i(event_tkeep_i), .a_axis_tvalid_i(event_tvalid_i), .a_axis_tready_o(event_tready_o),
    .a_axis_tlast_i(event_tlast_i), .a_axis_tuser_i({event_bad_i, RECORD, 16'(DATA_QUEUES), 48'd0, event_length_i}),
    .b_axis_tdata_i(tap_tdata_i), .b_axis_tkeep_i(tap_tkeep_i), .b_axis_tvalid_i(tap_tvalid_i), .b_axis_tready_o(tap_tready_o), .b_axis_tlast_i(tap_tlast_i),
    .b_axis_tuser_i({1'b0, RECORD, 16'(DATA_QUEUES + 1), 48'd0, tap_length_i}),
    .m_axis_tdata_o(record_tdata), .m_axis_tkeep_o(record_tkeep), .m_axis_tvalid_o(record_tvalid), .m_axis_tready_i(record_tready),
    .m_axis_tlast_o(record_tlast), .m_axis_tuser_o(record_tuser));

  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME)) u_host (
    .clk_i, .rst_i,
    .a_axis_tdata_i(frame_tdata), .a_axis_tkeep_i(frame_tkeep), .a_axis_tvalid_i(frame_tvalid), .a_axis_tready_o(frame_tready), .a_axis_tlast_i(frame_tlast),
    .a_axis_tuser_i(frame_tuser),
    .b_axis_tdata_i(record_tdata), .b_axis_tkeep_i(record_tkeep), .b_axis_tvalid_i(record_tvalid), .b_axis_tready_o(record_tready),
    .b_axis_tlast_i(record_tlast), .b_axis_tuser_i(record_tuser),
    .m_axis_tdata_o(host_tdata_o), .m_axis_tkeep_o(unused_tkeep), .m_axis_tvalid_o(host_tvalid_o), .m_axis_tready_i(host_tready_i), .m_axis_tlast_o(host_tlast_o),
    .m_axis_tuser_o({host_bad_o, host_tid_o, host_tdest_o, host_tuser_o}));
endmodule

`default_nettype wire
