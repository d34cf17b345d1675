// SPDX-License-Identifier: Apache-2.0
// A slot with nothing in it, to lint and measure what stands around, behind `module NAME`: nothing is taken, nothing comes.
`include "slot_ports.svh"
  logic unused;
  assign unused = ^{clk, rst, s_axis_tdata, s_axis_tkeep, s_axis_tvalid, s_axis_tlast, s_axis_tuser, m_axis_pass_tready, m_axis_tx_tready, m_axis_redirect_tready, m_axis_event_tready, s_axil_awaddr, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid, s_axil_bready, s_axil_araddr, s_axil_arvalid, s_axil_rready};
  assign {s_axis_tready, m_axis_pass_tdata, m_axis_pass_tkeep, m_axis_pass_tvalid, m_axis_pass_tlast, m_axis_pass_tuser, m_axis_tx_tdata, m_axis_tx_tkeep, m_axis_tx_tvalid, m_axis_tx_tlast, m_axis_tx_tuser, m_axis_redirect_tdata, m_axis_redirect_tkeep, m_axis_redirect_tvalid, m_axis_redirect_tlast, m_axis_redirect_tuser, m_axis_redirect_tid, m_axis_redirect_tdest, m_axis_event_tdata, m_axis_event_tkeep, m_axis_event_tvalid, m_axis_event_tlast, m_axis_event_tuser, s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, mon_valid, mon_action, mon_length, mon_tid, mon_tdest} = '0;
