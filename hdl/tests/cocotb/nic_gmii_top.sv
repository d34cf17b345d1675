// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// nic_top with 64 bits at a gigabit MAC (bpf_mac_rx, bpf_mac_tx), for cocotbext-eth's models of GMII; one clock. Bad checksums are found by the MAC at a frame's end, when the NIC has it already.
module nic_gmii_top #(
  parameter int unsigned BUS_W = 64,
  parameter int unsigned DATA_QUEUES = 3,
  parameter int unsigned TX_QUEUES = 2,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic              clk,
  input  logic              rst,
  input  logic [7:0]        gmii_rxd,
  input  logic              gmii_rx_dv,
  input  logic              gmii_rx_er,
  output logic [7:0]        gmii_txd,
  output logic              gmii_tx_en,
  output logic              gmii_tx_er,
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
  // ---- received: bytes to words ----
  logic        valid, last, bad, word_valid_q, word_last_q, word_bad_q, unused_good, unused_bad, unused_ready;
  logic [7:0]  data, word_keep_q;
  logic [63:0] word_q;
  logic [2:0]  lane_q;

  bpf_mac_rx u_rx (
    .clk_i(clk), .rst_i(rst), .gmii_rxd_i(gmii_rxd), .gmii_rx_dv_i(gmii_rx_dv), .gmii_rx_er_i(gmii_rx_er), .valid_o(valid), .data_o(data), .last_o(last),
    .bad_o(bad), .good_frame_o(unused_good), .bad_frame_o(unused_bad));

  always_ff @(posedge clk) begin
    if (valid) begin
      word_q[8*lane_q +: 8] <= data;
      lane_q                <= last ? 3'd0 : lane_q + 3'd1;
    end
    word_keep_q  <= 8'hFF >> (3'd7 - lane_q);
    word_last_q  <= last;
    word_bad_q   <= bad;
    word_valid_q <= valid && (last || lane_q == 3'd7) && !rst;
    if (rst) lane_q <= '0;
  end

  // ---- to be sent: whole frames, then word by word ----
  logic [63:0] tx_tdata, out_tdata;
  logic [7:0]  tx_tkeep, out_tkeep;
  logic        tx_tvalid, tx_tready, tx_tlast, tx_bad, out_tvalid, out_tready, out_tlast, inside_q, unused_frame, unused_full, unused_tx_bad;
  logic [10:0] held;
  logic [2:0]  count;

  assign held      = u_out.write_q - u_out.read_q;
  assign tx_tready = inside_q || held < 11'd512;
  always_ff @(posedge clk) begin
    if (tx_tvalid && tx_tready) inside_q <= !tx_tlast;
    if (rst) inside_q <= 1'b0;
  end
  always_comb begin
    count = '0;
    for (int unsigned i = 1; i < 8; i++) if (out_tkeep[i]) count = 3'(i);
  end

  bpf_frame_gate #(.BUS_W(64), .WORDS(1024)) u_out (
    .clk_i(clk), .rst_i(rst), .s_axis_tdata_i(tx_tdata), .s_axis_tkeep_i(tx_tkeep), .s_axis_tvalid_i(tx_tvalid && tx_tready), .s_axis_tlast_i(tx_tlast),
    .s_axis_bad_i(tx_bad), .m_axis_tdata_o(out_tdata), .m_axis_tkeep_o(out_tkeep), .m_axis_tvalid_o(out_tvalid), .m_axis_tready_i(out_tready),
    .m_axis_tlast_o(out_tlast), .bad_o(unused_tx_bad), .full_o(unused_full));
  bpf_mac_tx u_tx (
    .clk_i(clk), .rst_i(rst), .valid_i(out_tvalid), .ready_o(out_tready), .data_i(out_tdata), .count_m1_i(count), .last_i(out_tlast),
    .gmii_txd_o(gmii_txd), .gmii_tx_en_o(gmii_tx_en), .gmii_tx_er_o(gmii_tx_er), .frame_o(unused_frame));

  nic_top #(.BUS_W(64), .DATA_QUEUES(DATA_QUEUES), .TX_QUEUES(TX_QUEUES)) u_top (
    .clk, .rst, .s_axis_rx_tdata(word_q), .s_axis_rx_tkeep(word_keep_q), .s_axis_rx_tvalid(word_valid_q), .s_axis_rx_tready(unused_ready),
    .s_axis_rx_tlast(word_last_q), .s_axis_rx_tuser({word_bad_q, 16'd0}), .m_axis_tx_tdata(tx_tdata), .m_axis_tx_tkeep(tx_tkeep), .m_axis_tx_tvalid(tx_tvalid),
    .m_axis_tx_tready(tx_tready), .m_axis_tx_tlast(tx_tlast), .m_axis_tx_tuser(tx_bad),
    .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awvalid, .m_axi_awready, .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast,
    .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready, .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize,
    .m_axi_arburst, .m_axi_arvalid, .m_axi_arready, .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready, .s_axil_awaddr,
    .s_axil_awprot, .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready, .s_axil_bresp, .s_axil_bvalid,
    .s_axil_bready, .s_axil_araddr, .s_axil_arprot, .s_axil_arvalid, .s_axil_arready, .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready, .crowded,
    .irq);
endmodule

`default_nettype wire
