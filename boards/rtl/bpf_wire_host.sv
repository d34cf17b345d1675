// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The host's end of a bump in the wire: a serial line, or an endpoint for datagrams in the stream of frames from one of the ports.
///
/// Frames pass from `s_axis` to `m_axis`, whole and in order: with datagrams all but those that are for the endpoint, behind `bpf_udp`; with a serial line they are wired
/// through. Answers to datagrams leave by `a_axis`. Either way the host's accesses come out as AXI4-Lite, one at a time.
module bpf_wire_host #(
  parameter bit UDP = 1'b0,                    // datagrams; else the serial line
  parameter logic [47:0] UDP_MAC = 48'h02_00_C0_A8_01_64,  // first byte on top
  parameter logic [31:0] UDP_IP = 32'hC0A8_0164,
  parameter int unsigned UART_CLOCKS = 543     // of clk_i in a bit of the serial line
) (
  input  logic        clk_i,
  input  logic        rst_i,                   // synchronous, active high
  input  logic [63:0] s_axis_tdata_i,
  input  logic [7:0]  s_axis_tkeep_i,
  input  logic        s_axis_tvalid_i,
  output logic        s_axis_tready_o,
  input  logic        s_axis_tlast_i,
  output logic [63:0] m_axis_tdata_o,
  output logic [7:0]  m_axis_tkeep_o,
  output logic        m_axis_tvalid_o,
  input  logic        m_axis_tready_i,
  output logic        m_axis_tlast_o,
  output logic [63:0] a_axis_tdata_o,
  output logic [7:0]  a_axis_tkeep_o,
  output logic        a_axis_tvalid_o,
  input  logic        a_axis_tready_i,
  output logic        a_axis_tlast_o,
  input  logic        uart_rxd_i,
  output logic        uart_txd_o,
  output logic [15:0] m_axil_awaddr_o,
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [31:0] m_axil_wdata_o,
  output logic [3:0]  m_axil_wstrb_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  input  logic [1:0]  m_axil_bresp_i,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  output logic [15:0] m_axil_araddr_o,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  input  logic [31:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o
);
  if (UDP) begin : g_udp
    logic unused_tuser, unused_uart_rxd;

    assign unused_uart_rxd = uart_rxd_i;
    assign uart_txd_o      = 1'b1;             // the line rests

    bpf_udp #(.USER_W(1), .MAC(UDP_MAC), .IP(UDP_IP)) u_udp (
      .clk_i, .rst_i,
      .s_axis_tdata_i, .s_axis_tkeep_i, .s_axis_tvalid_i, .s_axis_tready_o, .s_axis_tlast_i, .s_axis_tuser_i(1'b0),
      .m_axis_tdata_o, .m_axis_tkeep_o, .m_axis_tvalid_o, .m_axis_tready_i, .m_axis_tlast_o, .m_axis_tuser_o(unused_tuser),
      .a_axis_tdata_o, .a_axis_tkeep_o, .a_axis_tvalid_o, .a_axis_tready_i, .a_axis_tlast_o,
      .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i, .m_axil_bvalid_i,
      .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i, .m_axil_rready_o);
  end else begin : g_serial
    logic unused_answers;

    assign {m_axis_tdata_o, m_axis_tkeep_o, m_axis_tvalid_o, m_axis_tlast_o} = {s_axis_tdata_i, s_axis_tkeep_i, s_axis_tvalid_i, s_axis_tlast_i};
    assign s_axis_tready_o = m_axis_tready_i;
    assign {a_axis_tdata_o, a_axis_tkeep_o, a_axis_tvalid_o, a_axis_tlast_o} = '0;
    assign unused_answers = a_axis_tready_i;

    bpf_serial #(.CLOCKS(UART_CLOCKS)) u_serial (
      .clk_i, .rst_i, .rxd_i(uart_rxd_i), .txd_o(uart_txd_o),
      .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i, .m_axil_bvalid_i,
      .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i, .m_axil_rready_o);
  end
endmodule

`default_nettype wire
