// SPDX-License-Identifier: Apache-2.0
// The hardware library around the test pipeline of hdl/tests/bpf_test_core.sv, with the ports of a generated core.
`default_nettype none
module bpf_core #(
  parameter int BUS = @BUS@
) (
  input  logic clk, input logic rst,
  input  logic [BUS-1:0] s_axis_tdata, input logic [BUS/8-1:0] s_axis_tkeep, input logic s_axis_tvalid,
  output logic s_axis_tready, input logic s_axis_tlast, input logic [31:0] s_axis_tuser,
  output logic [BUS-1:0] m_axis_pass_tdata, output logic [BUS/8-1:0] m_axis_pass_tkeep,
  output logic m_axis_pass_tvalid, input logic m_axis_pass_tready, output logic m_axis_pass_tlast,
  output logic [31:0] m_axis_pass_tuser,
  output logic [BUS-1:0] m_axis_tx_tdata, output logic [BUS/8-1:0] m_axis_tx_tkeep,
  output logic m_axis_tx_tvalid, input logic m_axis_tx_tready, output logic m_axis_tx_tlast,
  output logic [31:0] m_axis_tx_tuser,
  output logic [BUS-1:0] m_axis_redirect_tdata, output logic [BUS/8-1:0] m_axis_redirect_tkeep,
  output logic m_axis_redirect_tvalid, input logic m_axis_redirect_tready, output logic m_axis_redirect_tlast,
  output logic [31:0] m_axis_redirect_tuser, output logic [1:0] m_axis_redirect_tid, output logic [31:0] m_axis_redirect_tdest,
  output logic [BUS-1:0] m_axis_event_tdata, output logic [BUS/8-1:0] m_axis_event_tkeep,
  output logic m_axis_event_tvalid, input logic m_axis_event_tready, output logic m_axis_event_tlast,
  output logic [31:0] m_axis_event_tuser,
  input  logic [15:0] s_axil_awaddr, input logic s_axil_awvalid, output logic s_axil_awready,
  input  logic [31:0] s_axil_wdata, input logic [3:0] s_axil_wstrb, input logic s_axil_wvalid, output logic s_axil_wready,
  output logic [1:0] s_axil_bresp, output logic s_axil_bvalid, input logic s_axil_bready,
  input  logic [15:0] s_axil_araddr, input logic s_axil_arvalid, output logic s_axil_arready,
  output logic [31:0] s_axil_rdata, output logic [1:0] s_axil_rresp, output logic s_axil_rvalid, input logic s_axil_rready,
  output logic mon_valid, output logic [2:0] mon_action, output logic [15:0] mon_length,
  output logic [1:0] mon_tid, output logic [31:0] mon_tdest
);
  logic unused_token, unused_pass_lost, unused_tx_lost, unused_redirect_lost, unused_idle;
  logic [511:0] unused_window;
  logic [15:0] unused_length, unused_ifindex, unused_queue, unused_start;
  logic unused_event;
  assign {m_axis_event_tdata, m_axis_event_tkeep, m_axis_event_tvalid, m_axis_event_tlast, m_axis_event_tuser} = '0;
  assign unused_event = m_axis_event_tready;
  bpf_test_core #(.BUS_W(BUS), .WINDOW_BYTES(64), .EDIT_BYTES(64)) u_core (
    .*, .hold(1'b0), .token_valid(unused_token), .token_window(unused_window), .token_length(unused_length),
    .token_ifindex(unused_ifindex), .token_rx_queue(unused_queue), .token_start(unused_start),
    .pass_lost(unused_pass_lost), .tx_lost(unused_tx_lost), .redirect_lost(unused_redirect_lost), .idle(unused_idle));
endmodule
`default_nettype wire
