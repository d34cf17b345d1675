// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A compiled core with the tap on all its ports, for the harness: ports as the core's, but the stream of events is the tap's, and registers from 0x8000 on are too.
module tapped_core (
  input  logic              clk,
  input  logic              rst,
  input  logic [@BUS@-1:0]  s_axis_tdata,
  input  logic [@BUS@/8-1:0] s_axis_tkeep,
  input  logic              s_axis_tvalid,
  output logic              s_axis_tready,
  input  logic              s_axis_tlast,
  input  logic [31:0]       s_axis_tuser,
  output logic [@BUS@-1:0]  m_axis_pass_tdata,
  output logic [@BUS@/8-1:0] m_axis_pass_tkeep,
  output logic              m_axis_pass_tvalid,
  input  logic              m_axis_pass_tready,
  output logic              m_axis_pass_tlast,
  output logic [63:0]       m_axis_pass_tuser,
  output logic [@BUS@-1:0]  m_axis_tx_tdata,
  output logic [@BUS@/8-1:0] m_axis_tx_tkeep,
  output logic              m_axis_tx_tvalid,
  input  logic              m_axis_tx_tready,
  output logic              m_axis_tx_tlast,
  output logic [63:0]       m_axis_tx_tuser,
  output logic [@BUS@-1:0]  m_axis_redirect_tdata,
  output logic [@BUS@/8-1:0] m_axis_redirect_tkeep,
  output logic              m_axis_redirect_tvalid,
  input  logic              m_axis_redirect_tready,
  output logic              m_axis_redirect_tlast,
  output logic [63:0]       m_axis_redirect_tuser,
  output logic [1:0]        m_axis_redirect_tid,
  output logic [31:0]       m_axis_redirect_tdest,
  output logic [@BUS@-1:0]  m_axis_event_tdata,
  output logic [@BUS@/8-1:0] m_axis_event_tkeep,
  output logic              m_axis_event_tvalid,
  input  logic              m_axis_event_tready,
  output logic              m_axis_event_tlast,
  output logic [31:0]       m_axis_event_tuser,
  input  logic [15:0]       s_axil_awaddr,
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
  input  logic              s_axil_arvalid,
  output logic              s_axil_arready,
  output logic [31:0]       s_axil_rdata,
  output logic [1:0]        s_axil_rresp,
  output logic              s_axil_rvalid,
  input  logic              s_axil_rready,
  output logic              mon_valid,
  output logic [2:0]        mon_action,
  output logic [15:0]       mon_length,
  output logic [1:0]        mon_tid,
  output logic [31:0]       mon_tdest
);
  // A page of the tap's registers, at 0x8000 here.
  function automatic logic [19:0] place(input logic [15:0] address);
    place = address[15] ? {8'h11, address[11:0]} : {4'd0, address};
  endfunction

  logic [19:0]        awaddr, araddr;
  logic               awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0]        wdata, rdata, unused_event_tuser;
  logic [3:0]         wstrb;
  logic [1:0]         bresp, rresp;
  logic [@BUS@-1:0]   unused_event_tdata;
  logic [@BUS@/8-1:0] unused_event_tkeep;
  logic               unused_event_tvalid, unused_event_tlast;
  logic [15:0]        copy_bytes;

  bpf_core u_core (
    .clk, .rst, .s_axis_tdata, .s_axis_tkeep, .s_axis_tvalid, .s_axis_tready, .s_axis_tlast, .s_axis_tuser,
    .m_axis_pass_tdata, .m_axis_pass_tkeep, .m_axis_pass_tvalid, .m_axis_pass_tready, .m_axis_pass_tlast, .m_axis_pass_tuser,
    .m_axis_tx_tdata, .m_axis_tx_tkeep, .m_axis_tx_tvalid, .m_axis_tx_tready, .m_axis_tx_tlast, .m_axis_tx_tuser,
    .m_axis_redirect_tdata, .m_axis_redirect_tkeep, .m_axis_redirect_tvalid, .m_axis_redirect_tready, .m_axis_redirect_tlast, .m_axis_redirect_tuser,
    .m_axis_redirect_tid, .m_axis_redirect_tdest,
    .m_axis_event_tdata(unused_event_tdata), .m_axis_event_tkeep(unused_event_tkeep), .m_axis_event_tvalid(unused_event_tvalid), .m_axis_event_tready(1'b1),
    .m_axis_event_tlast(unused_event_tlast), .m_axis_event_tuser(unused_event_tuser),
    .s_axil_awaddr(awaddr[15:0]), .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_wdata(wdata), .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid),
    .s_axil_wready(wready), .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(bready), .s_axil_araddr(araddr[15:0]), .s_axil_arvalid(arvalid),
    .s_axil_arready(arready), .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(rready),
    .mon_valid, .mon_action, .mon_length, .mon_tid, .mon_tdest);

  bpf_tap #(.BUS_W(@BUS@), .ENTRY_WORDS(16384), .EXIT_WORDS(16384)) u_tap (
    .clk_i(clk), .rst_i(rst),
    .valid_i({m_axis_redirect_tvalid && m_axis_redirect_tready, m_axis_tx_tvalid && m_axis_tx_tready, m_axis_pass_tvalid && m_axis_pass_tready, s_axis_tvalid && s_axis_tready}),
    .tdata_i({m_axis_redirect_tdata, m_axis_tx_tdata, m_axis_pass_tdata, s_axis_tdata}),
    .tkeep_i({m_axis_redirect_tkeep, m_axis_tx_tkeep, m_axis_pass_tkeep, s_axis_tkeep}),
    .tlast_i({m_axis_redirect_tlast, m_axis_tx_tlast, m_axis_pass_tlast, s_axis_tlast}), .exit_bad_i('0),
    .entry_tuser_i(s_axis_tuser), .exit_tuser_i({m_axis_redirect_tuser, m_axis_tx_tuser, m_axis_pass_tuser}),
    .redirect_tid_i(m_axis_redirect_tid), .redirect_tdest_i(m_axis_redirect_tdest),
    .mon_valid_i(mon_valid), .mon_action_i(mon_action), .mon_length_i(mon_length), .mon_tid_i(mon_tid), .mon_tdest_i(mon_tdest),
    .m_axis_tdata_o(m_axis_event_tdata), .m_axis_tkeep_o(m_axis_event_tkeep), .m_axis_tvalid_o(m_axis_event_tvalid), .m_axis_tready_i(m_axis_event_tready),
    .m_axis_tlast_o(m_axis_event_tlast), .m_axis_tuser_o(copy_bytes),
    .s_axil_awaddr_i(place(s_axil_awaddr)), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_awready_o(s_axil_awready), .s_axil_wdata_i(s_axil_wdata),
    .s_axil_wstrb_i(s_axil_wstrb), .s_axil_wvalid_i(s_axil_wvalid), .s_axil_wready_o(s_axil_wready), .s_axil_bresp_o(s_axil_bresp),
    .s_axil_bvalid_o(s_axil_bvalid), .s_axil_bready_i(s_axil_bready), .s_axil_araddr_i(place(s_axil_araddr)), .s_axil_arvalid_i(s_axil_arvalid),
    .s_axil_arready_o(s_axil_arready), .s_axil_rdata_o(s_axil_rdata), .s_axil_rresp_o(s_axil_rresp), .s_axil_rvalid_o(s_axil_rvalid), .s_axil_rready_i(s_axil_rready),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
    .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
    .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  assign m_axis_event_tuser = {16'd0, copy_bytes};
endmodule

`default_nettype wire
