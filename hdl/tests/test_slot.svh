// SPDX-License-Identifier: Apache-2.0
// A slot with the test program of bpf_test_core, which changes nothing here, in a pipeline of 60 clocks, behind `module NAME`; no events.
`include "slot_ports.svh"
  logic        unused_token, unused_idle;
  logic [3:0]  unused_lost;
  logic [7:0]  unused_window;
  logic [15:0] unused_length, unused_ifindex, unused_queue, unused_start;

  bpf_test_core #(.BUS_W(BUS_W), .WINDOW_BYTES(1), .EDIT_BYTES(0), .STAGES(60)) u_core (
    .clk, .rst, .hold(1'b0), .s_axis_tdata, .s_axis_tkeep, .s_axis_tvalid, .s_axis_tready, .s_axis_tlast, .s_axis_tuser,
    .m_axis_pass_tdata, .m_axis_tx_tdata, .m_axis_redirect_tdata, .m_axis_pass_tkeep, .m_axis_tx_tkeep, .m_axis_redirect_tkeep,
    .m_axis_pass_tvalid, .m_axis_tx_tvalid, .m_axis_redirect_tvalid, .m_axis_pass_tready, .m_axis_tx_tready, .m_axis_redirect_tready,
    .m_axis_pass_tlast, .m_axis_tx_tlast, .m_axis_redirect_tlast, .m_axis_pass_tuser, .m_axis_tx_tuser, .m_axis_redirect_tuser,
    .m_axis_redirect_tid, .m_axis_redirect_tdest, .s_axil_awaddr, .s_axil_araddr, .s_axil_awvalid, .s_axil_wvalid, .s_axil_bready, .s_axil_arvalid,
    .s_axil_rready, .s_axil_awready, .s_axil_wready, .s_axil_bvalid, .s_axil_arready, .s_axil_rvalid, .s_axil_wdata, .s_axil_wstrb, .s_axil_rdata,
    .s_axil_bresp, .s_axil_rresp, .mon_valid, .mon_action, .mon_length, .mon_tid, .mon_tdest,
    .token_valid(unused_token), .token_window(unused_window), .token_length(unused_length), .token_ifindex(unused_ifindex), .token_rx_queue(unused_queue),
    .token_start(unused_start), .pass_lost(unused_lost[0]), .tx_lost(unused_lost[1]), .redirect_lost(unused_lost[2]), .redirect_nowhere(unused_lost[3]),
    .idle(unused_idle));

  assign {m_axis_event_tdata, m_axis_event_tkeep, m_axis_event_tvalid, m_axis_event_tlast, m_axis_event_tuser} = '0;
