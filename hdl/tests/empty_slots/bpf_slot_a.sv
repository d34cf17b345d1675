// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A slot with nothing in it, to lint and measure what stands around: ports of `bpf_core`, nothing is taken, nothing comes.
module bpf_slot_a #(
  parameter int unsigned BUS_W = `BUS
) (
  input  logic               clk,
  input  logic               rst,
  input  logic [BUS_W-1:0]   s_axis_tdata,
  input  logic [BUS_W/8-1:0] s_axis_tkeep,
  input  logic               s_axis_tvalid,
  output logic               s_axis_tready,
  input  logic               s_axis_tlast,
  input  logic [31:0]        s_axis_tuser,
  output logic [BUS_W-1:0]   m_axis_pass_tdata,
  output logic [BUS_W/8-1:0] m_axis_pass_tkeep,
  output logic               m_axis_pass_tvalid,
  input  logic               m_axis_pass_tready,
  output logic               m_axis_pass_tlast,
  output logic [63:0]        m_axis_pass_tuser,
  output logic [BUS_W-1:0]   m_axis_tx_tdata,
  output logic [BUS_W/8-1:0] m_axis_tx_tkeep,
  output logic               m_axis_tx_tvalid,
  input  logic               m_axis_tx_tready,
  output logic               m_axis_tx_tlast,
  output logic [63:0]        m_axis_tx_tuser,
  output logic [BUS_W-1:0]   m_axis_redirect_tdata,
  output logic [BUS_W/8-1:0] m_axis_redirect_tkeep,
  output logic               m_axis_redirect_tvalid,
  input  logic               m_axis_redirect_tready,
  output logic               m_axis_redirect_tlast,
  output logic [63:0]        m_axis_redirect_tuser,
  output logic [1:0]         m_axis_redirect_tid,
  output logic [31:0]        m_axis_redirect_tdest,
  output logic [BUS_W-1:0]   m_axis_event_tdata,
  output logic [BUS_W/8-1:0] m_axis_event_tkeep,
  output logic               m_axis_event_tvalid,
  input  logic               m_axis_event_tready,
  output logic               m_axis_event_tlast,
  output logic [31:0]        m_axis_event_tuser,
  input  logic [15:0]        s_axil_awaddr,
  input  logic               s_axil_awvalid,
  output logic               s_axil_awready,
  input  logic [31:0]        s_axil_wdata,
  input  logic [3:0]         s_axil_wstrb,
  input  logic               s_axil_wvalid,
  output logic               s_axil_wready,
  output logic [1:0]         s_axil_bresp,
  output logic               s_axil_bvalid,
  input  logic               s_axil_bready,
  input  logic [15:0]        s_axil_araddr,
  input  logic               s_axil_arvalid,
  output logic               s_axil_arready,
  output logic [31:0]        s_axil_rdata,
  output logic [1:0]         s_axil_rresp,
  output logic               s_axil_rvalid,
  input  logic               s_axil_rready,
  output logic               mon_valid,
  output logic [2:0]         mon_action,
  output logic [15:0]        mon_length,
  output logic [1:0]         mon_tid,
  output logic [31:0]        mon_tdest
);
  logic unused;
  assign unused = ^{clk, rst, s_axis_tdata, s_axis_tkeep, s_axis_tvalid, s_axis_tlast, s_axis_tuser, m_axis_pass_tready, m_axis_tx_tready, m_axis_redirect_tready, m_axis_event_tready, s_axil_awaddr, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid, s_axil_bready, s_axil_araddr, s_axil_arvalid, s_axil_rready};
  assign {s_axis_tready, m_axis_pass_tdata, m_axis_pass_tkeep, m_axis_pass_tvalid, m_axis_pass_tlast, m_axis_pass_tuser, m_axis_tx_tdata, m_axis_tx_tkeep, m_axis_tx_tvalid, m_axis_tx_tlast, m_axis_tx_tuser, m_axis_redirect_tdata, m_axis_redirect_tkeep, m_axis_redirect_tvalid, m_axis_redirect_tlast, m_axis_redirect_tuser, m_axis_redirect_tid, m_axis_redirect_tdest, m_axis_event_tdata, m_axis_event_tkeep, m_axis_event_tvalid, m_axis_event_tlast, m_axis_event_tuser, s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, mon_valid, mon_action, mon_length, mon_tid, mon_tdest} = '0;
endmodule

`default_nettype wire
