// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_dma with the names that the models of cocotbext-axi look for, and the rules of AXI4 watched.
module dma_top #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned QUEUES = 4,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic              clk,
  input  logic              rst,
  input  logic [BUS_W-1:0]  s_axis_rx_tdata,
  input  logic [BUSB-1:0]   s_axis_rx_tkeep,
  input  logic              s_axis_rx_tvalid,
  output logic              s_axis_rx_tready,
  input  logic              s_axis_rx_tlast,
  input  logic [63:0]       s_axis_rx_tuser,
  input  logic [1:0]        s_axis_rx_tid,
  input  logic [15:0]       s_axis_rx_tdest,
  output logic [BUS_W-1:0]  m_axis_tx_tdata,
  output logic [BUSB-1:0]   m_axis_tx_tkeep,
  output logic              m_axis_tx_tvalid,
  input  logic              m_axis_tx_tready,
  output logic              m_axis_tx_tlast,
  output logic [47:0]       m_axis_tx_tuser,
  output logic [0:0]        m_axi_awid,
  output logic [63:0]       m_axi_awaddr,
  output logic [7:0]        m_axi_awlen,
  output logic [2:0]        m_axi_awsize,
  output logic [1:0]        m_axi_awburst,
  output logic              m_axi_awvalid,
  input  logic              m_axi_awready,
  output logic [BUS_W-1:0]  m_axi_wdata,
  output logic [BUSB-1:0]   m_axi_wstrb,
  output logic              m_axi_wlast,
  output logic              m_axi_wvalid,
  input  logic              m_axi_wready,
  input  logic [0:0]        m_axi_bid,
  input  logic [1:0]        m_axi_bresp,
  input  logic              m_axi_bvalid,
  output logic              m_axi_bready,
  output logic [0:0]        m_axi_arid,
  output logic [63:0]       m_axi_araddr,
  output logic [7:0]        m_axi_arlen,
  output logic [2:0]        m_axi_arsize,
  output logic [1:0]        m_axi_arburst,
  output logic              m_axi_arvalid,
  input  logic              m_axi_arready,
  input  logic [0:0]        m_axi_rid,
  input  logic [BUS_W-1:0]  m_axi_rdata,
  input  logic [1:0]        m_axi_rresp,
  input  logic              m_axi_rlast,
  input  logic              m_axi_rvalid,
  output logic              m_axi_rready,
  input  logic [15:0]       s_axil_awaddr,
  input  logic [2:0]        s_axil_awprot,
  input  logic              s_axil_awvalid,
  output logic              s_axil_awready,
  input  logic [31:0]       s_axil_wdata,
  input  logic [3:0]        s_axil_wstrb,
  input  logic              s_axil_wvalid,
  output logic              s_axil_wready,
  output logic [1:0]        s_axil_bresp,
  output logic              s_axil_bvalid,
  input  logic              s_axil_bready,
  input  logic [15:0]       s_axil_araddr,
  input  logic [2:0]        s_axil_arprot,
  input  logic              s_axil_arvalid,
  output logic              s_axil_arready,
  output logic [31:0]       s_axil_rdata,
  output logic [1:0]        s_axil_rresp,
  output logic              s_axil_rvalid,
  input  logic              s_axil_rready,
  output logic              irq
);
  logic [QUEUES-1:0] rx_irq, tx_irq;

  assign irq = |rx_irq || |tx_irq;
  assign {m_axi_awid, m_axi_arid} = '0;
  assign m_axi_awsize  = 3'($clog2(BUSB));
  assign m_axi_arsize  = 3'($clog2(BUSB));
  assign m_axi_awburst = 2'b01;
  assign m_axi_arburst = 2'b01;

  bpf_dma #(.BUS_W(BUS_W), .RX_QUEUES(QUEUES), .TX_QUEUES(QUEUES)) u_dma (
    .clk_i(clk), .rst_i(rst),
    .s_axis_rx_tdata_i(s_axis_rx_tdata), .s_axis_rx_tvalid_i(s_axis_rx_tvalid), .s_axis_rx_tready_o(s_axis_rx_tready), .s_axis_rx_tlast_i(s_axis_rx_tlast), .s_axis_rx_bad_i(1'b0),
    .s_axis_rx_tuser_i(s_axis_rx_tuser), .s_axis_rx_tid_i(s_axis_rx_tid), .s_axis_rx_tdest_i(s_axis_rx_tdest),
    .m_axis_tx_tdata_o(m_axis_tx_tdata), .m_axis_tx_tkeep_o(m_axis_tx_tkeep), .m_axis_tx_tvalid_o(m_axis_tx_tvalid), .m_axis_tx_tready_i(m_axis_tx_tready),
    .m_axis_tx_tlast_o(m_axis_tx_tlast), .m_axis_tx_tuser_o(m_axis_tx_tuser),
    .m_axi_awaddr_o(m_axi_awaddr), .m_axi_awlen_o(m_axi_awlen), .m_axi_awvalid_o(m_axi_awvalid), .m_axi_awready_i(m_axi_awready),
    .m_axi_wdata_o(m_axi_wdata), .m_axi_wstrb_o(m_axi_wstrb), .m_axi_wlast_o(m_axi_wlast), .m_axi_wvalid_o(m_axi_wvalid), .m_axi_wready_i(m_axi_wready),
    .m_axi_bresp_i(m_axi_bresp), .m_axi_bvalid_i(m_axi_bvalid), .m_axi_bready_o(m_axi_bready),
    .m_axi_araddr_o(m_axi_araddr), .m_axi_arlen_o(m_axi_arlen), .m_axi_arvalid_o(m_axi_arvalid), .m_axi_arready_i(m_axi_arready),
    .m_axi_rdata_i(m_axi_rdata), .m_axi_rresp_i(m_axi_rresp), .m_axi_rlast_i(m_axi_rlast), .m_axi_rvalid_i(m_axi_rvalid), .m_axi_rready_o(m_axi_rready),
    .s_axil_awaddr_i(s_axil_awaddr), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_awready_o(s_axil_awready), .s_axil_wdata_i(s_axil_wdata), .s_axil_wstrb_i(s_axil_wstrb),
    .s_axil_wvalid_i(s_axil_wvalid), .s_axil_wready_o(s_axil_wready), .s_axil_bresp_o(s_axil_bresp), .s_axil_bvalid_o(s_axil_bvalid), .s_axil_bready_i(s_axil_bready),
    .s_axil_araddr_i(s_axil_araddr), .s_axil_arvalid_i(s_axil_arvalid), .s_axil_arready_o(s_axil_arready), .s_axil_rdata_o(s_axil_rdata), .s_axil_rresp_o(s_axil_rresp),
    .s_axil_rvalid_o(s_axil_rvalid), .s_axil_rready_i(s_axil_rready),
    .rx_irq_o(rx_irq), .tx_irq_o(tx_irq));

  axi_rules #(.BUS_W(BUS_W)) u_rules (
    .clk, .rst, .awaddr(m_axi_awaddr), .awlen(m_axi_awlen), .awvalid(m_axi_awvalid), .awready(m_axi_awready), .wdata(m_axi_wdata), .wstrb(m_axi_wstrb),
    .wlast(m_axi_wlast), .wvalid(m_axi_wvalid), .wready(m_axi_wready), .bresp(m_axi_bresp), .bvalid(m_axi_bvalid), .bready(m_axi_bready),
    .araddr(m_axi_araddr), .arlen(m_axi_arlen), .arvalid(m_axi_arvalid), .arready(m_axi_arready), .rdata(m_axi_rdata), .rresp(m_axi_rresp), .rlast(m_axi_rlast),
    .rvalid(m_axi_rvalid), .rready(m_axi_rready));
endmodule

`default_nettype wire
