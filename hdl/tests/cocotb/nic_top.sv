// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_nic with the names that the models of cocotbext-axi look for, and the rules of AXI4 watched. It writes down what becomes of each frame, in order: `fates.log` a letter for each at the
/// gate (G good, B bad, S size, F full), `places.log` one for each good frame at the slots (A, B, P passed, D dropped).
module nic_top #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned DATA_QUEUES = 3,
  parameter int unsigned TX_QUEUES = 2,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic              clk,
  input  logic              rst,
  input  logic [BUS_W-1:0]  s_axis_rx_tdata,
  input  logic [BUSB-1:0]   s_axis_rx_tkeep,
  input  logic              s_axis_rx_tvalid,
  output logic              s_axis_rx_tready,
  input  logic              s_axis_rx_tlast,
  input  logic [16:0]       s_axis_rx_tuser,  // bad, queue
  output logic [BUS_W-1:0]  m_axis_tx_tdata,
  output logic [BUSB-1:0]   m_axis_tx_tkeep,
  output logic              m_axis_tx_tvalid,
  input  logic              m_axis_tx_tready,
  output logic              m_axis_tx_tlast,
  output logic              m_axis_tx_tuser,  // bad
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
  input  logic [19:0]       s_axil_awaddr,
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
  input  logic [19:0]       s_axil_araddr,
  input  logic [2:0]        s_axil_arprot,
  input  logic              s_axil_arvalid,
  output logic              s_axil_arready,
  output logic [31:0]       s_axil_rdata,
  output logic [1:0]        s_axil_rresp,
  output logic              s_axil_rvalid,
  input  logic              s_axil_rready,
  output logic              crowded,          // a MAC that obeys flow control would pause now
  output logic              irq
);
  logic [DATA_QUEUES+1:0] rx_irq;
  logic [TX_QUEUES-1:0]   tx_irq;

  assign irq = |rx_irq || |tx_irq;
  assign {m_axi_awid, m_axi_arid} = '0;
  assign m_axi_awsize  = 3'($clog2(BUSB));
  assign m_axi_arsize  = 3'($clog2(BUSB));
  assign m_axi_awburst = 2'b01;
  assign m_axi_arburst = 2'b01;
  assign s_axis_rx_tready = 1'b1;

  bpf_nic #(.BUS_W(BUS_W), .DATA_QUEUES(DATA_QUEUES), .TX_QUEUES(TX_QUEUES)) u_nic (
    .clk_i(clk), .rst_i(rst), .rx_tdata_i(s_axis_rx_tdata), .rx_tkeep_i(s_axis_rx_tkeep), .rx_tvalid_i(s_axis_rx_tvalid), .rx_tlast_i(s_axis_rx_tlast),
    .rx_bad_i(s_axis_rx_tuser[16]), .rx_queue_i(s_axis_rx_tuser[15:0]),
    .tx_tdata_o(m_axis_tx_tdata), .tx_tkeep_o(m_axis_tx_tkeep), .tx_tvalid_o(m_axis_tx_tvalid), .tx_tready_i(m_axis_tx_tready), .tx_tlast_o(m_axis_tx_tlast), .tx_bad_o(m_axis_tx_tuser),
    .m_axi_awaddr_o(m_axi_awaddr), .m_axi_awlen_o(m_axi_awlen), .m_axi_awvalid_o(m_axi_awvalid), .m_axi_awready_i(m_axi_awready), .m_axi_wdata_o(m_axi_wdata),
    .m_axi_wstrb_o(m_axi_wstrb), .m_axi_wlast_o(m_axi_wlast), .m_axi_wvalid_o(m_axi_wvalid), .m_axi_wready_i(m_axi_wready), .m_axi_bresp_i(m_axi_bresp),
    .m_axi_bvalid_i(m_axi_bvalid), .m_axi_bready_o(m_axi_bready), .m_axi_araddr_o(m_axi_araddr), .m_axi_arlen_o(m_axi_arlen), .m_axi_arvalid_o(m_axi_arvalid),
    .m_axi_arready_i(m_axi_arready), .m_axi_rdata_i(m_axi_rdata), .m_axi_rresp_i(m_axi_rresp), .m_axi_rlast_i(m_axi_rlast), .m_axi_rvalid_i(m_axi_rvalid),
    .m_axi_rready_o(m_axi_rready), .s_axil_awaddr_i(s_axil_awaddr), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_awready_o(s_axil_awready),
    .s_axil_wdata_i(s_axil_wdata), .s_axil_wstrb_i(s_axil_wstrb), .s_axil_wvalid_i(s_axil_wvalid), .s_axil_wready_o(s_axil_wready),
    .s_axil_bresp_o(s_axil_bresp), .s_axil_bvalid_o(s_axil_bvalid), .s_axil_bready_i(s_axil_bready), .s_axil_araddr_i(s_axil_araddr),
    .s_axil_arvalid_i(s_axil_arvalid), .s_axil_arready_o(s_axil_arready), .s_axil_rdata_o(s_axil_rdata), .s_axil_rresp_o(s_axil_rresp),
    .s_axil_rvalid_o(s_axil_rvalid), .s_axil_rready_i(s_axil_rready), .rx_irq_o(rx_irq), .tx_irq_o(tx_irq));

  // Half of the beats that the gate holds.
  logic [$clog2(32768 / BUSB):0] held;
  assign held = u_nic.u_gate.u_gate.write_q - u_nic.u_gate.u_gate.read_q;
  always_ff @(posedge clk) crowded <= !rst && 32'(held) > 16384 / BUSB;

  int fates, places;
  initial begin
    fates  = $fopen("fates.log", "w");
    places = $fopen("places.log", "w");
  end
  always_ff @(posedge clk) if (!rst) begin
    if (u_nic.rx_good) $fwrite(fates, "G");
    if (u_nic.rx_bad) $fwrite(fates, "B");
    if (u_nic.rx_size) $fwrite(fates, "S");
    if (u_nic.rx_full) $fwrite(fates, "F");
    if (u_nic.u_slots.u_slots.take && u_nic.u_slots.u_slots.first) begin
      unique case (u_nic.u_slots.u_slots.where)
        2'd1: $fwrite(places, "%s", u_nic.u_slots.u_slots.slot ? "B" : "A");
        2'd2: $fwrite(places, "P");
        default: $fwrite(places, "D");
      endcase
    end
  end
  final begin
    $fclose(fates);
    $fclose(places);
  end

  axi_rules #(.BUS_W(BUS_W)) u_rules (
    .clk, .rst, .awaddr(m_axi_awaddr), .awlen(m_axi_awlen), .awvalid(m_axi_awvalid), .awready(m_axi_awready), .wdata(m_axi_wdata), .wstrb(m_axi_wstrb),
    .wlast(m_axi_wlast), .wvalid(m_axi_wvalid), .wready(m_axi_wready), .bresp(m_axi_bresp), .bvalid(m_axi_bvalid), .bready(m_axi_bready),
    .araddr(m_axi_araddr), .arlen(m_axi_arlen), .arvalid(m_axi_arvalid), .arready(m_axi_arready), .rdata(m_axi_rdata), .rresp(m_axi_rresp), .rlast(m_axi_rlast),
    .rvalid(m_axi_rvalid), .rready(m_axi_rready));
endmodule

`default_nettype wire
