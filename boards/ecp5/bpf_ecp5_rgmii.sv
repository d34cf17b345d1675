// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// RGMII to GMII for Lattice ECP5, 1000 Mbit/s only: both edges of 125 MHz in the pads' registers.
///
/// RGMII wants each clock about 2 ns behind its data; who delays it, PHY, board or FPGA, is the board's business: RX_DELAY and TX_DELAY are steps of
/// 25 ps, the former on the data that come, so that they meet the next edge of a clock that is not delayed, the latter on the clock that goes.
/// (RGMII 2.0, HP, 2002; Lattice FPGA-TN-02035, high-speed I/O of ECP5.)
module bpf_ecp5_rgmii #(
  parameter int unsigned RX_DELAY = 0,
  parameter int unsigned TX_DELAY = 0
) (
  input  logic       rx_clk_i,                 // the pad, on a clock net
  input  logic       rx_rst_i,
  input  logic [3:0] rgmii_rxd_i,
  input  logic       rgmii_rx_ctl_i,
  output logic [7:0] gmii_rxd_o,
  output logic       gmii_rx_dv_o,
  output logic       gmii_rx_er_o,
  output logic [3:0] link_o,                   // in-band status: {full duplex, speed[1:0], up}
  input  logic       tx_clk_i,
  input  logic       tx_rst_i,
  input  logic [7:0] gmii_txd_i,
  input  logic       gmii_tx_en_i,
  input  logic       gmii_tx_er_i,
  output logic       rgmii_tx_clk_o,
  output logic [3:0] rgmii_txd_o,
  output logic       rgmii_tx_ctl_o
);
  // ---- receive: {ctl, data} ----
  logic [4:0] rx_pad, rx_late, rx_rise, rx_fall;

  assign rx_pad = {rgmii_rx_ctl_i, rgmii_rxd_i};

  for (genvar i = 0; i < 5; i++) begin : g_rx
    DELAYG #(.DEL_MODE("SCLK_ALIGNED"), .DEL_VALUE(RX_DELAY)) u_delay (.A(rx_pad[i]), .Z(rx_late[i]));
    IDDRX1F u_ddr (.D(rx_late[i]), .SCLK(rx_clk_i), .RST(rx_rst_i), .Q0(rx_rise[i]), .Q1(rx_fall[i]));
  end

  assign gmii_rxd_o   = {rx_fall[3:0], rx_rise[3:0]};
  assign gmii_rx_dv_o = rx_rise[4];
  assign gmii_rx_er_o = rx_rise[4] ^ rx_fall[4];

  always_ff @(posedge rx_clk_i) begin
    if (!gmii_rx_dv_o && !gmii_rx_er_o) link_o <= rx_rise[3:0];
    if (rx_rst_i) link_o <= '0;
  end

  // ---- send: {clock, ctl, data} ----
  logic [5:0] tx_rise, tx_fall, tx_ddr, tx_pad;

  assign tx_rise = {1'b1, gmii_tx_en_i, gmii_txd_i[3:0]};
  assign tx_fall = {1'b0, gmii_tx_en_i ^ gmii_tx_er_i, gmii_txd_i[7:4]};

  for (genvar i = 0; i < 6; i++) begin : g_tx
    ODDRX1F u_ddr (.D0(tx_rise[i]), .D1(tx_fall[i]), .SCLK(tx_clk_i), .RST(tx_rst_i), .Q(tx_ddr[i]));
    DELAYG #(.DEL_MODE("SCLK_ALIGNED"), .DEL_VALUE((i == 5) ? TX_DELAY : 0)) u_delay (.A(tx_ddr[i]), .Z(tx_pad[i]));
  end

  assign {rgmii_tx_clk_o, rgmii_tx_ctl_o, rgmii_txd_o} = tx_pad;
endmodule

`default_nettype wire
