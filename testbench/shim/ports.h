// SPDX-License-Identifier: Apache-2.0
// Ports of bpf_core between a program and what is around it, in the order in which both sides of a socket list them; clk is not among them.
#pragma once

#define B2H_TO_SLOT(X) \
    X(rst) \
    X(s_axis_tdata) \
    X(s_axis_tkeep) \
    X(s_axis_tvalid) \
    X(s_axis_tlast) \
    X(s_axis_tuser) \
    X(m_axis_pass_tready) \
    X(m_axis_tx_tready) \
    X(m_axis_redirect_tready) \
    X(m_axis_event_tready) \
    X(s_axil_awaddr) \
    X(s_axil_awvalid) \
    X(s_axil_wdata) \
    X(s_axil_wstrb) \
    X(s_axil_wvalid) \
    X(s_axil_bready) \
    X(s_axil_araddr) \
    X(s_axil_arvalid) \
    X(s_axil_rready)

#define B2H_FROM_SLOT(X) \
    X(s_axis_tready) \
    X(m_axis_pass_tdata) \
    X(m_axis_pass_tkeep) \
    X(m_axis_pass_tvalid) \
    X(m_axis_pass_tlast) \
    X(m_axis_pass_tuser) \
    X(m_axis_tx_tdata) \
    X(m_axis_tx_tkeep) \
    X(m_axis_tx_tvalid) \
    X(m_axis_tx_tlast) \
    X(m_axis_tx_tuser) \
    X(m_axis_redirect_tdata) \
    X(m_axis_redirect_tkeep) \
    X(m_axis_redirect_tvalid) \
    X(m_axis_redirect_tlast) \
    X(m_axis_redirect_tuser) \
    X(m_axis_event_tdata) \
    X(m_axis_event_tkeep) \
    X(m_axis_event_tvalid) \
    X(m_axis_event_tlast) \
    X(m_axis_event_tuser) \
    X(m_axis_redirect_tid) \
    X(m_axis_redirect_tdest) \
    X(s_axil_awready) \
    X(s_axil_wready) \
    X(s_axil_bresp) \
    X(s_axil_bvalid) \
    X(s_axil_arready) \
    X(s_axil_rdata) \
    X(s_axil_rresp) \
    X(s_axil_rvalid) \
    X(mon_valid) \
    X(mon_action) \
    X(mon_length) \
    X(mon_tid) \
    X(mon_tdest)
