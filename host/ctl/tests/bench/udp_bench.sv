// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A core behind an endpoint for datagrams: frames of the port go through bpf_udp to the core, its answers come out.
module udp_bench (
  input  logic        clk,
  input  logic        rst,
  input  logic [63:0] rx_data,             // from the port
  input  logic [7:0]  rx_keep,
  input  logic        rx_valid,
  input  logic        rx_last,
  output logic        rx_ready,
  output logic [63:0] tx_data,             // answers
  output logic [7:0]  tx_keep,
  output logic        tx_valid,
  output logic        tx_last
);
  logic [63:0] core_data;
  logic [7:0]  core_keep;
  logic        core_valid, core_ready, core_last;
  logic [31:0] core_user;
  logic [15:0] awaddr, araddr;
  logic [31:0] wdata, rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;

  bpf_udp #(.MAC(48'h02_00_00_00_00_01), .IP(32'h7F00_0001)) u_udp (
    .clk_i(clk), .rst_i(rst),
    .s_axis_tdata_i(rx_data), .s_axis_tkeep_i(rx_keep), .s_axis_tvalid_i(rx_valid), .s_axis_tready_o(rx_ready), .s_axis_tlast_i(rx_last), .s_axis_tuser_i(32'd1),
    .m_axis_tdata_o(core_data), .m_axis_tkeep_o(core_keep), .m_axis_tvalid_o(core_valid), .m_axis_tready_i(core_ready), .m_axis_tlast_o(core_last), .m_axis_tuser_o(core_user),
    .a_axis_tdata_o(tx_data), .a_axis_tkeep_o(tx_keep), .a_axis_tvalid_o(tx_valid), .a_axis_tready_i(1'b1), .a_axis_tlast_o(tx_last),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
    .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
    .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  bpf_core u_core (
    .clk, .rst,
    .s_axis_tdata(core_data), .s_axis_tkeep(core_keep), .s_axis_tvalid(core_valid), .s_axis_tready(core_ready), .s_axis_tlast(core_last), .s_axis_tuser(core_user),
    .m_axis_pass_tready(1'b1), .m_axis_tx_tready(1'b1), .m_axis_redirect_tready(1'b1), .m_axis_event_tready(1'b1),
    .s_axil_awaddr(awaddr), .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_wdata(wdata), .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(bready), .s_axil_araddr(araddr), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(rready));
endmodule

`default_nettype wire
