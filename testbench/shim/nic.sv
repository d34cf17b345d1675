// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// Of slot S: this module's ports, what they tell the program, and what the program says.
`define B2H_SLOT_PORTS(S) \
  output logic             S``_rst, \
  output logic [BUS_W-1:0] S``_s_axis_tdata, \
  output logic [BUSB-1:0]  S``_s_axis_tkeep, \
  output logic             S``_s_axis_tvalid, \
  output logic             S``_s_axis_tlast, \
  output logic [31:0]      S``_s_axis_tuser, \
  output logic             S``_m_axis_pass_tready, \
  output logic             S``_m_axis_tx_tready, \
  output logic             S``_m_axis_redirect_tready, \
  output logic             S``_m_axis_event_tready, \
  output logic [15:0]      S``_s_axil_awaddr, \
  output logic             S``_s_axil_awvalid, \
  output logic [31:0]      S``_s_axil_wdata, \
  output logic [3:0]       S``_s_axil_wstrb, \
  output logic             S``_s_axil_wvalid, \
  output logic             S``_s_axil_bready, \
  output logic [15:0]      S``_s_axil_araddr, \
  output logic             S``_s_axil_arvalid, \
  output logic             S``_s_axil_rready, \
  input  logic             S``_s_axis_tready, \
  input  logic [BUS_W-1:0] S``_m_axis_pass_tdata, \
  input  logic [BUSB-1:0]  S``_m_axis_pass_tkeep, \
  input  logic             S``_m_axis_pass_tvalid, \
  input  logic             S``_m_axis_pass_tlast, \
  input  logic [63:0]      S``_m_axis_pass_tuser, \
  input  logic [BUS_W-1:0] S``_m_axis_tx_tdata, \
  input  logic [BUSB-1:0]  S``_m_axis_tx_tkeep, \
  input  logic             S``_m_axis_tx_tvalid, \
  input  logic             S``_m_axis_tx_tlast, \
  input  logic [63:0]      S``_m_axis_tx_tuser, \
  input  logic [BUS_W-1:0] S``_m_axis_redirect_tdata, \
  input  logic [BUSB-1:0]  S``_m_axis_redirect_tkeep, \
  input  logic             S``_m_axis_redirect_tvalid, \
  input  logic             S``_m_axis_redirect_tlast, \
  input  logic [63:0]      S``_m_axis_redirect_tuser, \
  input  logic [BUS_W-1:0] S``_m_axis_event_tdata, \
  input  logic [BUSB-1:0]  S``_m_axis_event_tkeep, \
  input  logic             S``_m_axis_event_tvalid, \
  input  logic             S``_m_axis_event_tlast, \
  input  logic [31:0]      S``_m_axis_event_tuser, \
  input  logic [1:0]       S``_m_axis_redirect_tid, \
  input  logic [31:0]      S``_m_axis_redirect_tdest, \
  input  logic             S``_s_axil_awready, \
  input  logic             S``_s_axil_wready, \
  input  logic [1:0]       S``_s_axil_bresp, \
  input  logic             S``_s_axil_bvalid, \
  input  logic             S``_s_axil_arready, \
  input  logic [31:0]      S``_s_axil_rdata, \
  input  logic [1:0]       S``_s_axil_rresp, \
  input  logic             S``_s_axil_rvalid, \
  input  logic             S``_mon_valid, \
  input  logic [2:0]       S``_mon_action, \
  input  logic [15:0]      S``_mon_length, \
  input  logic [1:0]       S``_mon_tid, \
  input  logic [31:0]      S``_mon_tdest
`define B2H_TO_SOCKET(S) \
  assign S``_rst                    = u_nic.u_slots.u_``S.rst; \
  assign S``_s_axis_tdata           = u_nic.u_slots.u_``S.s_axis_tdata; \
  assign S``_s_axis_tkeep           = u_nic.u_slots.u_``S.s_axis_tkeep; \
  assign S``_s_axis_tvalid          = u_nic.u_slots.u_``S.s_axis_tvalid; \
  assign S``_s_axis_tlast           = u_nic.u_slots.u_``S.s_axis_tlast; \
  assign S``_s_axis_tuser           = u_nic.u_slots.u_``S.s_axis_tuser; \
  assign S``_m_axis_pass_tready     = u_nic.u_slots.u_``S.m_axis_pass_tready; \
  assign S``_m_axis_tx_tready       = u_nic.u_slots.u_``S.m_axis_tx_tready; \
  assign S``_m_axis_redirect_tready = u_nic.u_slots.u_``S.m_axis_redirect_tready; \
  assign S``_m_axis_event_tready    = u_nic.u_slots.u_``S.m_axis_event_tready; \
  assign S``_s_axil_awaddr          = u_nic.u_slots.u_``S.s_axil_awaddr; \
  assign S``_s_axil_awvalid         = u_nic.u_slots.u_``S.s_axil_awvalid; \
  assign S``_s_axil_wdata           = u_nic.u_slots.u_``S.s_axil_wdata; \
  assign S``_s_axil_wstrb           = u_nic.u_slots.u_``S.s_axil_wstrb; \
  assign S``_s_axil_wvalid          = u_nic.u_slots.u_``S.s_axil_wvalid; \
  assign S``_s_axil_bready          = u_nic.u_slots.u_``S.s_axil_bready; \
  assign S``_s_axil_araddr          = u_nic.u_slots.u_``S.s_axil_araddr; \
  assign S``_s_axil_arvalid         = u_nic.u_slots.u_``S.s_axil_arvalid; \
  assign S``_s_axil_rready          = u_nic.u_slots.u_``S.s_axil_rready;
`define B2H_FROM_SOCKET(S) \
  assign s_axis_tready          = bpf_nic_sim.S``_s_axis_tready; \
  assign m_axis_pass_tdata      = bpf_nic_sim.S``_m_axis_pass_tdata; \
  assign m_axis_pass_tkeep      = bpf_nic_sim.S``_m_axis_pass_tkeep; \
  assign m_axis_pass_tvalid     = bpf_nic_sim.S``_m_axis_pass_tvalid; \
  assign m_axis_pass_tlast      = bpf_nic_sim.S``_m_axis_pass_tlast; \
  assign m_axis_pass_tuser      = bpf_nic_sim.S``_m_axis_pass_tuser; \
  assign m_axis_tx_tdata        = bpf_nic_sim.S``_m_axis_tx_tdata; \
  assign m_axis_tx_tkeep        = bpf_nic_sim.S``_m_axis_tx_tkeep; \
  assign m_axis_tx_tvalid       = bpf_nic_sim.S``_m_axis_tx_tvalid; \
  assign m_axis_tx_tlast        = bpf_nic_sim.S``_m_axis_tx_tlast; \
  assign m_axis_tx_tuser        = bpf_nic_sim.S``_m_axis_tx_tuser; \
  assign m_axis_redirect_tdata  = bpf_nic_sim.S``_m_axis_redirect_tdata; \
  assign m_axis_redirect_tkeep  = bpf_nic_sim.S``_m_axis_redirect_tkeep; \
  assign m_axis_redirect_tvalid = bpf_nic_sim.S``_m_axis_redirect_tvalid; \
  assign m_axis_redirect_tlast  = bpf_nic_sim.S``_m_axis_redirect_tlast; \
  assign m_axis_redirect_tuser  = bpf_nic_sim.S``_m_axis_redirect_tuser; \
  assign m_axis_event_tdata     = bpf_nic_sim.S``_m_axis_event_tdata; \
  assign m_axis_event_tkeep     = bpf_nic_sim.S``_m_axis_event_tkeep; \
  assign m_axis_event_tvalid    = bpf_nic_sim.S``_m_axis_event_tvalid; \
  assign m_axis_event_tlast     = bpf_nic_sim.S``_m_axis_event_tlast; \
  assign m_axis_event_tuser     = bpf_nic_sim.S``_m_axis_event_tuser; \
  assign m_axis_redirect_tid    = bpf_nic_sim.S``_m_axis_redirect_tid; \
  assign m_axis_redirect_tdest  = bpf_nic_sim.S``_m_axis_redirect_tdest; \
  assign s_axil_awready         = bpf_nic_sim.S``_s_axil_awready; \
  assign s_axil_wready          = bpf_nic_sim.S``_s_axil_wready; \
  assign s_axil_bresp           = bpf_nic_sim.S``_s_axil_bresp; \
  assign s_axil_bvalid          = bpf_nic_sim.S``_s_axil_bvalid; \
  assign s_axil_arready         = bpf_nic_sim.S``_s_axil_arready; \
  assign s_axil_rdata           = bpf_nic_sim.S``_s_axil_rdata; \
  assign s_axil_rresp           = bpf_nic_sim.S``_s_axil_rresp; \
  assign s_axil_rvalid          = bpf_nic_sim.S``_s_axil_rvalid; \
  assign mon_valid              = bpf_nic_sim.S``_mon_valid; \
  assign mon_action             = bpf_nic_sim.S``_mon_action; \
  assign mon_length             = bpf_nic_sim.S``_mon_length; \
  assign mon_tid                = bpf_nic_sim.S``_mon_tid; \
  assign mon_tdest              = bpf_nic_sim.S``_mon_tdest;

/// The NIC with sockets where its program slots are: their ports are this module's, `a_*` and `b_*`, so that whoever clocks the model connects programs that are models of their own, and exchanges
/// them as partial reconfiguration would. `gate_*`, `place_*` and `own` say what becomes of frames inside. Names are those of hdl/tests/cocotb/nic_top.sv, where there are some.
///
/// Sockets read this module's inputs by its name: ports, unlike signals that are made public, cost the simulator no optimisation.
/// A socket whose inputs are 0 is an empty slot, as hdl/tests/empty_slots.
module bpf_nic_sim #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned DATA_QUEUES = 2,
  parameter int unsigned TX_QUEUES = 1,
  parameter int unsigned GATE_BYTES = 32768,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [BUS_W-1:0] rx_tdata,
  input  logic [BUSB-1:0]  rx_tkeep,
  input  logic             rx_tvalid,
  input  logic             rx_tlast,
  input  logic             rx_bad,
  input  logic [15:0]      rx_queue,
  output logic [BUS_W-1:0] tx_tdata,
  output logic [BUSB-1:0]  tx_tkeep,
  output logic             tx_tvalid,
  input  logic             tx_tready,
  output logic             tx_tlast,
  output logic             tx_bad,
  output logic [63:0]      awaddr,
  output logic [7:0]       awlen,
  output logic             awvalid,
  input  logic             awready,
  output logic [BUS_W-1:0] wdata,
  output logic [BUSB-1:0]  wstrb,
  output logic             wlast,
  output logic             wvalid,
  input  logic             wready,
  input  logic [1:0]       bresp,
  input  logic             bvalid,
  output logic             bready,
  output logic [63:0]      araddr,
  output logic [7:0]       arlen,
  output logic             arvalid,
  input  logic             arready,
  input  logic [BUS_W-1:0] rdata,
  input  logic [1:0]       rresp,
  input  logic             rlast,
  input  logic             rvalid,
  output logic             rready,
  input  logic [19:0]      s_axil_awaddr,
  input  logic             s_axil_awvalid,
  output logic             s_axil_awready,
  input  logic [31:0]      s_axil_wdata,
  input  logic             s_axil_wvalid,
  output logic             s_axil_wready,
  output logic [1:0]       s_axil_bresp,
  output logic             s_axil_bvalid,
  input  logic             s_axil_bready,
  input  logic [19:0]      s_axil_araddr,
  input  logic             s_axil_arvalid,
  output logic             s_axil_arready,
  output logic [31:0]      s_axil_rdata,
  output logic [1:0]       s_axil_rresp,
  output logic             s_axil_rvalid,
  input  logic             s_axil_rready,
  output logic [DATA_QUEUES+2-1:0] rx_irq,
  output logic [TX_QUEUES-1:0] tx_irq,
  output logic             gate_good,
  output logic             gate_bad,
  output logic             gate_size,
  output logic             gate_full,
  output logic             gate_leave,
  output logic             place_valid,
  output logic [1:0]       place_where,
  output logic             place_slot,
  output logic             own,
  `B2H_SLOT_PORTS(a),
  `B2H_SLOT_PORTS(b)
);
  bpf_nic #(.BUS_W(BUS_W), .DATA_QUEUES(DATA_QUEUES), .TX_QUEUES(TX_QUEUES), .GATE_BYTES(GATE_BYTES)) u_nic (
    .clk_i(clk), .rst_i(rst), .rx_tdata_i(rx_tdata), .rx_tkeep_i(rx_tkeep), .rx_tvalid_i(rx_tvalid), .rx_tlast_i(rx_tlast), .rx_bad_i(rx_bad), .rx_queue_i(rx_queue),
    .tx_tdata_o(tx_tdata), .tx_tkeep_o(tx_tkeep), .tx_tvalid_o(tx_tvalid), .tx_tready_i(tx_tready), .tx_tlast_o(tx_tlast), .tx_bad_o(tx_bad), .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen),
    .m_axi_awvalid_o(awvalid), .m_axi_wdata_o(wdata), .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast), .m_axi_wvalid_o(wvalid), .m_axi_bready_o(bready), .m_axi_araddr_o(araddr),
    .m_axi_arlen_o(arlen), .m_axi_arvalid_o(arvalid), .m_axi_rready_o(rready), .m_axi_awready_i(awready), .m_axi_wready_i(wready), .m_axi_bresp_i(bresp),
    .m_axi_bvalid_i(bvalid), .m_axi_arready_i(arready), .m_axi_rdata_i(rdata), .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast), .m_axi_rvalid_i(rvalid),
    .s_axil_awaddr_i(s_axil_awaddr), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_wdata_i(s_axil_wdata), .s_axil_wvalid_i(s_axil_wvalid), .s_axil_bready_i(s_axil_bready),
    .s_axil_araddr_i(s_axil_araddr), .s_axil_arvalid_i(s_axil_arvalid), .s_axil_rready_i(s_axil_rready), .s_axil_wstrb_i(4'hF), .s_axil_awready_o(s_axil_awready),
    .s_axil_wready_o(s_axil_wready), .s_axil_bresp_o(s_axil_bresp), .s_axil_bvalid_o(s_axil_bvalid), .s_axil_arready_o(s_axil_arready), .s_axil_rdata_o(s_axil_rdata),
    .s_axil_rresp_o(s_axil_rresp), .s_axil_rvalid_o(s_axil_rvalid), .rx_irq_o(rx_irq), .tx_irq_o(tx_irq));

  assign gate_good   = u_nic.rx_good;
  assign gate_bad    = u_nic.rx_bad;
  assign gate_size   = u_nic.rx_size;
  assign gate_full   = u_nic.rx_full;
  assign gate_leave  = u_nic.in_tvalid && u_nic.in_tready;
  assign place_valid = u_nic.u_slots.u_slots.take && u_nic.u_slots.u_slots.first;
  assign place_where = u_nic.u_slots.u_slots.where;
  assign place_slot  = u_nic.u_slots.u_slots.slot;
  assign own         = u_nic.is_own;

  `B2H_TO_SOCKET(a)
  `B2H_TO_SOCKET(b)
endmodule

/// The sockets.
module bpf_slot_a
`include "slot_ports.svh"
  `B2H_FROM_SOCKET(a)
endmodule

module bpf_slot_b
`include "slot_ports.svh"
  `B2H_FROM_SOCKET(b)
endmodule

`default_nettype wire
