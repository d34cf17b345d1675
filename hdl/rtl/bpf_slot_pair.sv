// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Two program slots with their cores: bpf_slots, and in it the modules `bpf_slot_a` and `bpf_slot_b`, which have the ports of `bpf_core`. They come from
/// `bpf2hdl compile --module bpf_slot_a` (or `_b`), or are anything else with these ports and a core's registers.
/// Resources: bpf_slots and the cores.
module bpf_slot_pair #(
  parameter int unsigned BUS_W = 512,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic                       clk_i,
  input  logic                       rst_i,   // synchronous, active high
  // frames in: as the core's s_axis, and how long they are
  input  logic [BUS_W-1:0]           s_axis_tdata_i,
  input  logic [BUSB-1:0]            s_axis_tkeep_i,
  input  logic                       s_axis_tvalid_i,
  output logic                       s_axis_tready_o,
  input  logic                       s_axis_tlast_i,
  input  logic [31:0]                s_axis_tuser_i,
  input  logic [15:0]                s_axis_length_i, // every beat: bytes of the frame
  output logic                       entry_o, // a beat goes into a slot, in this clock
  // out: as the core's
  output logic [BUS_W-1:0]           m_axis_pass_tdata_o,
  output logic [BUSB-1:0]            m_axis_pass_tkeep_o,
  output logic                       m_axis_pass_tvalid_o,
  input  logic                       m_axis_pass_tready_i,
  output logic                       m_axis_pass_tlast_o,
  output logic                       m_axis_pass_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [63:0]                m_axis_pass_tuser_o,
  output logic [BUS_W-1:0]           m_axis_tx_tdata_o,
  output logic [BUSB-1:0]            m_axis_tx_tkeep_o,
  output logic                       m_axis_tx_tvalid_o,
  input  logic                       m_axis_tx_tready_i,
  output logic                       m_axis_tx_tlast_o,
  output logic                       m_axis_tx_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [63:0]                m_axis_tx_tuser_o,
  output logic [BUS_W-1:0]           m_axis_redirect_tdata_o,
  output logic [BUSB-1:0]            m_axis_redirect_tkeep_o,
  output logic                       m_axis_redirect_tvalid_o,
  input  logic                       m_axis_redirect_tready_i,
  output logic                       m_axis_redirect_tlast_o,
  output logic                       m_axis_redirect_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [63:0]                m_axis_redirect_tuser_o,
  output logic [1:0]                m_axis_redirect_tid_o,
  output logic [31:0]                m_axis_redirect_tdest_o,
  output logic [BUS_W-1:0]           m_axis_event_tdata_o,
  output logic [BUSB-1:0]            m_axis_event_tkeep_o,
  output logic                       m_axis_event_tvalid_o,
  input  logic                       m_axis_event_tready_i,
  output logic                       m_axis_event_tlast_o,
  output logic                       m_axis_event_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [31:0]                m_axis_event_tuser_o,
  output logic                       mon_valid_o,
  output logic [2:0]                 mon_action_o,
  output logic [15:0]                mon_length_o,
  output logic [1:0]                 mon_tid_o,
  output logic [31:0]                mon_tdest_o,
  // AXI4-Lite: the registers of the slots; others go on
  input  logic [19:0]                s_axil_awaddr_i,
  input  logic                       s_axil_awvalid_i,
  output logic                       s_axil_awready_o,
  input  logic [31:0]                s_axil_wdata_i,
  input  logic [3:0]                 s_axil_wstrb_i,
  input  logic                       s_axil_wvalid_i,
  output logic                       s_axil_wready_o,
  output logic [1:0]                 s_axil_bresp_o,
  output logic                       s_axil_bvalid_o,
  input  logic                       s_axil_bready_i,
  input  logic [19:0]                s_axil_araddr_i,
  input  logic                       s_axil_arvalid_i,
  output logic                       s_axil_arready_o,
  output logic [31:0]                s_axil_rdata_o,
  output logic [1:0]                 s_axil_rresp_o,
  output logic                       s_axil_rvalid_o,
  input  logic                       s_axil_rready_i,
  output logic [19:0]                m_axil_awaddr_o,
  output logic                       m_axil_awvalid_o,
  input  logic                       m_axil_awready_i,
  output logic [31:0]                m_axil_wdata_o,
  output logic [3:0]                 m_axil_wstrb_o,
  output logic                       m_axil_wvalid_o,
  input  logic                       m_axil_wready_i,
  input  logic [1:0]                 m_axil_bresp_i,
  input  logic                       m_axil_bvalid_i,
  output logic                       m_axil_bready_o,
  output logic [19:0]                m_axil_araddr_o,
  output logic                       m_axil_arvalid_o,
  input  logic                       m_axil_arready_i,
  input  logic [31:0]                m_axil_rdata_i,
  input  logic [1:0]                 m_axil_rresp_i,
  input  logic                       m_axil_rvalid_i,
  output logic                       m_axil_rready_o,
  // AXI4-Lite: the windows of the host to the slots; A has the lower half
  input  logic [31:0]                s_window_awaddr_i,
  input  logic [1:0]                 s_window_awvalid_i,
  output logic [1:0]                 s_window_awready_o,
  input  logic [63:0]                s_window_wdata_i,
  input  logic [7:0]                 s_window_wstrb_i,
  input  logic [1:0]                 s_window_wvalid_i,
  output logic [1:0]                 s_window_wready_o,
  output logic [3:0]                 s_window_bresp_o,
  output logic [1:0]                 s_window_bvalid_o,
  input  logic [1:0]                 s_window_bready_i,
  input  logic [31:0]                s_window_araddr_i,
  input  logic [1:0]                 s_window_arvalid_i,
  output logic [1:0]                 s_window_arready_o,
  output logic [63:0]                s_window_rdata_o,
  output logic [3:0]                 s_window_rresp_o,
  output logic [1:0]                 s_window_rvalid_o,
  input  logic [1:0]                 s_window_rready_i
);
  logic [BUS_W-1:0]   slot_tdata;
  logic [BUSB-1:0]    slot_tkeep;
  logic [1:0]         slot_tvalid, slot_tready;
  logic               slot_tlast;
  logic [31:0]        slot_tuser;
  logic [1:0]         slot_rst;
  logic [2*BUS_W-1:0] pass_tdata, tx_tdata, redirect_tdata, event_tdata;
  logic [2*BUSB-1:0]  pass_tkeep, tx_tkeep, redirect_tkeep, event_tkeep;
  logic [1:0]         pass_tvalid, pass_tready, pass_tlast, tx_tvalid, tx_tready, tx_tlast, redirect_tvalid, redirect_tready, redirect_tlast;
  logic [1:0]         event_tvalid, event_tready, event_tlast, mon_valid;
  logic [127:0]       pass_tuser, tx_tuser, redirect_tuser;
  logic [63:0]        event_tuser, redirect_tdest, mon_tdest;
  logic [3:0]         redirect_tid, mon_tid;
  logic [5:0]         mon_action;
  logic [31:0]        mon_length, awaddr, araddr;
  logic [1:0]         awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [63:0]        wdata, rdata;
  logic [7:0]         wstrb;
  logic [3:0]         bresp, rresp;

  bpf_slots #(.BUS_W(BUS_W)) u_slots (
    .clk_i, .rst_i, .s_axis_tdata_i, .s_axis_tkeep_i, .s_axis_tvalid_i, .s_axis_tready_o, .s_axis_tlast_i, .s_axis_tuser_i, .s_axis_length_i, .entry_o,
    .slot_rst_o(slot_rst), .slot_tdata_o(slot_tdata), .slot_tkeep_o(slot_tkeep), .slot_tvalid_o(slot_tvalid), .slot_tready_i(slot_tready), .slot_tlast_o(slot_tlast),
    .slot_tuser_o(slot_tuser), .slot_pass_tdata_i(pass_tdata), .slot_pass_tkeep_i(pass_tkeep), .slot_pass_tvalid_i(pass_tvalid),
    .slot_pass_tready_o(pass_tready), .slot_pass_tlast_i(pass_tlast), .slot_pass_tuser_i(pass_tuser), .slot_tx_tdata_i(tx_tdata), .slot_tx_tkeep_i(tx_tkeep),
    .slot_tx_tvalid_i(tx_tvalid), .slot_tx_tready_o(tx_tready), .slot_tx_tlast_i(tx_tlast), .slot_tx_tuser_i(tx_tuser), .slot_redirect_tdata_i(redirect_tdata),
    .slot_redirect_tkeep_i(redirect_tkeep), .slot_redirect_tvalid_i(redirect_tvalid), .slot_redirect_tready_o(redirect_tready),
    .slot_redirect_tlast_i(redirect_tlast), .slot_redirect_tuser_i(redirect_tuser), .slot_redirect_tid_i(redirect_tid), .slot_redirect_tdest_i(redirect_tdest),
    .slot_event_tdata_i(event_tdata), .slot_event_tkeep_i(event_tkeep), .slot_event_tvalid_i(event_tvalid), .slot_event_tready_o(event_tready),
    .slot_event_tlast_i(event_tlast), .slot_event_tuser_i(event_tuser), .slot_mon_valid_i(mon_valid), .slot_mon_action_i(mon_action),
    .slot_mon_length_i(mon_length), .slot_mon_tid_i(mon_tid), .slot_mon_tdest_i(mon_tdest), .m_axis_pass_tdata_o, .m_axis_pass_tkeep_o, .m_axis_pass_tvalid_o,
    .m_axis_pass_tready_i, .m_axis_pass_tlast_o, .m_axis_pass_bad_o, .m_axis_pass_tuser_o, .m_axis_tx_tdata_o, .m_axis_tx_tkeep_o, .m_axis_tx_tvalid_o, .m_axis_tx_tready_i,
    .m_axis_tx_tlast_o, .m_axis_tx_bad_o, .m_axis_tx_tuser_o, .m_axis_redirect_tdata_o, .m_axis_redirect_tkeep_o, .m_axis_redirect_tvalid_o, .m_axis_redirect_tready_i,
    .m_axis_redirect_tlast_o, .m_axis_redirect_bad_o, .m_axis_redirect_tuser_o, .m_axis_redirect_tid_o, .m_axis_redirect_tdest_o, .m_axis_event_tdata_o, .m_axis_event_tkeep_o,
    .m_axis_event_tvalid_o, .m_axis_event_tready_i, .m_axis_event_tlast_o, .m_axis_event_bad_o, .m_axis_event_tuser_o, .mon_valid_o, .mon_action_o, .mon_length_o, .mon_tid_o,
    .mon_tdest_o, .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o,
    .s_axil_rready_i, .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i,
    .m_axil_bresp_i, .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i,
    .m_axil_rvalid_i, .m_axil_rready_o, .s_window_awaddr_i, .s_window_awvalid_i, .s_window_awready_o, .s_window_wdata_i, .s_window_wstrb_i, .s_window_wvalid_i,
    .s_window_wready_o, .s_window_bresp_o, .s_window_bvalid_o, .s_window_bready_i, .s_window_araddr_i, .s_window_arvalid_i, .s_window_arready_o,
    .s_window_rdata_o, .s_window_rresp_o, .s_window_rvalid_o, .s_window_rready_i, .slot_axil_awaddr_o(awaddr), .slot_axil_awvalid_o(awvalid),
    .slot_axil_awready_i(awready), .slot_axil_wdata_o(wdata), .slot_axil_wstrb_o(wstrb), .slot_axil_wvalid_o(wvalid), .slot_axil_wready_i(wready),
    .slot_axil_bresp_i(bresp), .slot_axil_bvalid_i(bvalid), .slot_axil_bready_o(bready), .slot_axil_araddr_o(araddr), .slot_axil_arvalid_o(arvalid),
    .slot_axil_arready_i(arready), .slot_axil_rdata_i(rdata), .slot_axil_rresp_i(rresp), .slot_axil_rvalid_i(rvalid), .slot_axil_rready_o(rready));

  bpf_slot_a u_a (
    .clk(clk_i), .rst(slot_rst[0]), .s_axis_tdata(slot_tdata), .s_axis_tkeep(slot_tkeep), .s_axis_tvalid(slot_tvalid[0]), .s_axis_tready(slot_tready[0]),
    .s_axis_tlast(slot_tlast), .s_axis_tuser(slot_tuser),
    .m_axis_pass_tdata(pass_tdata[BUS_W*0 +: BUS_W]), .m_axis_pass_tkeep(pass_tkeep[BUSB*0 +: BUSB]), .m_axis_pass_tvalid(pass_tvalid[0]),
    .m_axis_pass_tready(pass_tready[0]), .m_axis_pass_tlast(pass_tlast[0]), .m_axis_pass_tuser(pass_tuser[0 +: 64]),
    .m_axis_tx_tdata(tx_tdata[BUS_W*0 +: BUS_W]), .m_axis_tx_tkeep(tx_tkeep[BUSB*0 +: BUSB]), .m_axis_tx_tvalid(tx_tvalid[0]),
    .m_axis_tx_tready(tx_tready[0]), .m_axis_tx_tlast(tx_tlast[0]), .m_axis_tx_tuser(tx_tuser[0 +: 64]),
    .m_axis_redirect_tdata(redirect_tdata[BUS_W*0 +: BUS_W]), .m_axis_redirect_tkeep(redirect_tkeep[BUSB*0 +: BUSB]), .m_axis_redirect_tvalid(redirect_tvalid[0]),
    .m_axis_redirect_tready(redirect_tready[0]), .m_axis_redirect_tlast(redirect_tlast[0]), .m_axis_redirect_tuser(redirect_tuser[0 +: 64]),
    .m_axis_redirect_tid(redirect_tid[0 +: 2]), .m_axis_redirect_tdest(redirect_tdest[0 +: 32]),
    .m_axis_event_tdata(event_tdata[BUS_W*0 +: BUS_W]), .m_axis_event_tkeep(event_tkeep[BUSB*0 +: BUSB]), .m_axis_event_tvalid(event_tvalid[0]),
    .m_axis_event_tready(event_tready[0]), .m_axis_event_tlast(event_tlast[0]), .m_axis_event_tuser(event_tuser[0 +: 32]),
    .s_axil_awaddr(awaddr[0 +: 16]), .s_axil_awvalid(awvalid[0]), .s_axil_awready(awready[0]), .s_axil_wdata(wdata[0 +: 32]),
    .s_axil_wstrb(wstrb[0 +: 4]), .s_axil_wvalid(wvalid[0]), .s_axil_wready(wready[0]), .s_axil_bresp(bresp[0 +: 2]), .s_axil_bvalid(bvalid[0]),
    .s_axil_bready(bready[0]), .s_axil_araddr(araddr[0 +: 16]), .s_axil_arvalid(arvalid[0]), .s_axil_arready(arready[0]),
    .s_axil_rdata(rdata[0 +: 32]), .s_axil_rresp(rresp[0 +: 2]), .s_axil_rvalid(rvalid[0]), .s_axil_rready(rready[0]),
    .mon_valid(mon_valid[0]), .mon_action(mon_action[0 +: 3]), .mon_length(mon_length[0 +: 16]), .mon_tid(mon_tid[0 +: 2]),
    .mon_tdest(mon_tdest[0 +: 32]));

  bpf_slot_b u_b (
    .clk(clk_i), .rst(slot_rst[1]), .s_axis_tdata(slot_tdata), .s_axis_tkeep(slot_tkeep), .s_axis_tvalid(slot_tvalid[1]), .s_axis_tready(slot_tready[1]),
    .s_axis_tlast(slot_tlast), .s_axis_tuser(slot_tuser),
    .m_axis_pass_tdata(pass_tdata[BUS_W*1 +: BUS_W]), .m_axis_pass_tkeep(pass_tkeep[BUSB*1 +: BUSB]), .m_axis_pass_tvalid(pass_tvalid[1]),
    .m_axis_pass_tready(pass_tready[1]), .m_axis_pass_tlast(pass_tlast[1]), .m_axis_pass_tuser(pass_tuser[64 +: 64]),
    .m_axis_tx_tdata(tx_tdata[BUS_W*1 +: BUS_W]), .m_axis_tx_tkeep(tx_tkeep[BUSB*1 +: BUSB]), .m_axis_tx_tvalid(tx_tvalid[1]),
    .m_axis_tx_tready(tx_tready[1]), .m_axis_tx_tlast(tx_tlast[1]), .m_axis_tx_tuser(tx_tuser[64 +: 64]),
    .m_axis_redirect_tdata(redirect_tdata[BUS_W*1 +: BUS_W]), .m_axis_redirect_tkeep(redirect_tkeep[BUSB*1 +: BUSB]), .m_axis_redirect_tvalid(redirect_tvalid[1]),
    .m_axis_redirect_tready(redirect_tready[1]), .m_axis_redirect_tlast(redirect_tlast[1]), .m_axis_redirect_tuser(redirect_tuser[64 +: 64]),
    .m_axis_redirect_tid(redirect_tid[2 +: 2]), .m_axis_redirect_tdest(redirect_tdest[32 +: 32]),
    .m_axis_event_tdata(event_tdata[BUS_W*1 +: BUS_W]), .m_axis_event_tkeep(event_tkeep[BUSB*1 +: BUSB]), .m_axis_event_tvalid(event_tvalid[1]),
    .m_axis_event_tready(event_tready[1]), .m_axis_event_tlast(event_tlast[1]), .m_axis_event_tuser(event_tuser[32 +: 32]),
    .s_axil_awaddr(awaddr[16 +: 16]), .s_axil_awvalid(awvalid[1]), .s_axil_awready(awready[1]), .s_axil_wdata(wdata[32 +: 32]),
    .s_axil_wstrb(wstrb[4 +: 4]), .s_axil_wvalid(wvalid[1]), .s_axil_wready(wready[1]), .s_axil_bresp(bresp[2 +: 2]), .s_axil_bvalid(bvalid[1]),
    .s_axil_bready(bready[1]), .s_axil_araddr(araddr[16 +: 16]), .s_axil_arvalid(arvalid[1]), .s_axil_arready(arready[1]),
    .s_axil_rdata(rdata[32 +: 32]), .s_axil_rresp(rresp[2 +: 2]), .s_axil_rvalid(rvalid[1]), .s_axil_rready(rready[1]),
    .mon_valid(mon_valid[1]), .mon_action(mon_action[3 +: 3]), .mon_length(mon_length[16 +: 16]), .mon_tid(mon_tid[2 +: 2]),
    .mon_tdest(mon_tdest[32 +: 32]));
endmodule

`default_nettype wire
