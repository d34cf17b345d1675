// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// `bpf_wire` on an ECP5 with two RGMII PHYs: PLL, resets, pads. The top module that `bpf2hdl synth` writes sets the parameters from the board's description.
///
/// The PLL makes 125 MHz for sending (VCO / TX_DIV) and the core's clock (VCO / CORE_DIV) from the board's oscillator;
/// the receivers run on the PHYs' clocks. Every clock domain has its own reset, which is taken back when the PLL has locked.
module bpf_ecp5_wire #(
  parameter int unsigned CLKI_DIV = 1,         // of the oscillator, before the phase comparison
  parameter int unsigned CLKFB_DIV = 5,        // of the 125 MHz
  parameter int unsigned TX_DIV = 4,
  parameter int unsigned CORE_DIV = 8,
  parameter int unsigned RX_DELAY = 0,         // steps of 25 ps
  parameter int unsigned TX_DELAY = 0,
  parameter int unsigned MAX_FRAME = 1536,
  parameter int unsigned UART_CLOCKS = 543,
  parameter bit UDP = 1'b0,                    // datagrams in place of the serial line; the four are as in bpf_wire
  parameter int unsigned UDP_PORT = 0,
  parameter logic [47:0] UDP_MAC = 48'h02_00_C0_A8_01_64,
  parameter logic [31:0] UDP_IP = 32'hC0A8_0164
) (
  input  logic       osc_i,
  input  logic       rst_ni,                   // button; 1 where there is none
  input  logic [1:0] rgmii_rx_clk_i,
  input  logic [7:0] rgmii_rxd_i,              // port 0 is the low half of everything
  input  logic [1:0] rgmii_rx_ctl_i,
  output logic [1:0] rgmii_tx_clk_o,
  output logic [7:0] rgmii_txd_o,
  output logic [1:0] rgmii_tx_ctl_o,
  input  logic       uart_rxd_i,
  output logic       uart_txd_o
);
  logic tx_clk, clk, locked, unused_clkos2, unused_clkos3, unused_intlock, unused_refclk, unused_intfb;

  // Filter settings as Lattice's tool chooses them for this range (Project Trellis, ecppll).
  (* ICP_CURRENT = "12" *) (* LPF_RESISTOR = "8" *) (* MFG_ENABLE_FILTEROPAMP = "1" *) (* MFG_GMCREF_SEL = "2" *)
  EHXPLLL #(
    .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED"),
    .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"),
    .CLKI_DIV(CLKI_DIV), .CLKFB_DIV(CLKFB_DIV), .FEEDBK_PATH("CLKOP"),
    .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(TX_DIV), .CLKOP_CPHASE(TX_DIV - 1), .CLKOP_FPHASE(0),
    .CLKOS_ENABLE("ENABLED"), .CLKOS_DIV(CORE_DIV), .CLKOS_CPHASE(CORE_DIV - 1), .CLKOS_FPHASE(0)
  ) u_pll (
    .RST(1'b0), .STDBY(1'b0), .CLKI(osc_i), .CLKFB(tx_clk), .CLKOP(tx_clk), .CLKOS(clk), .CLKOS2(unused_clkos2), .CLKOS3(unused_clkos3),
    .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0),
    .ENCLKOP(1'b0), .ENCLKOS(1'b0), .ENCLKOS2(1'b0), .ENCLKOS3(1'b0), .LOCK(locked), .INTLOCK(unused_intlock), .REFCLK(unused_refclk), .CLKINTFB(unused_intfb));

  // ---- resets: on at once, off in step with each clock ----
  logic       off;
  logic [3:0] clocks, resets;

  assign off    = !locked || !rst_ni;
  assign clocks = {rgmii_rx_clk_i, tx_clk, clk};

  for (genvar i = 0; i < 4; i++) begin : g_reset
    logic [3:0] shift_q;
    always_ff @(posedge clocks[i] or posedge off) begin
      if (off) shift_q <= '1;
      else shift_q <= {shift_q[2:0], 1'b0};
    end
    assign resets[i] = shift_q[3];
  end

  // ---- pads ----
  logic [15:0] rxd, txd;
  logic [1:0]  rx_dv, rx_er, tx_en, tx_er;
  logic [7:0]  link;

  for (genvar p = 0; p < 2; p++) begin : g_port
    bpf_ecp5_rgmii #(.RX_DELAY(RX_DELAY), .TX_DELAY(TX_DELAY)) u_rgmii (
      .rx_clk_i(rgmii_rx_clk_i[p]), .rx_rst_i(resets[2+p]), .rgmii_rxd_i(rgmii_rxd_i[4*p +: 4]), .rgmii_rx_ctl_i(rgmii_rx_ctl_i[p]),
      .gmii_rxd_o(rxd[8*p +: 8]), .gmii_rx_dv_o(rx_dv[p]), .gmii_rx_er_o(rx_er[p]), .link_o(link[4*p +: 4]),
      .tx_clk_i(tx_clk), .tx_rst_i(resets[1]), .gmii_txd_i(txd[8*p +: 8]), .gmii_tx_en_i(tx_en[p]), .gmii_tx_er_i(tx_er[p]),
      .rgmii_tx_clk_o(rgmii_tx_clk_o[p]), .rgmii_txd_o(rgmii_txd_o[4*p +: 4]), .rgmii_tx_ctl_o(rgmii_tx_ctl_o[p]));
  end

  bpf_wire #(.MAX_FRAME(MAX_FRAME), .UART_CLOCKS(UART_CLOCKS), .UDP(UDP), .UDP_PORT(UDP_PORT), .UDP_MAC(UDP_MAC), .UDP_IP(UDP_IP)) u_wire (
    .clk_i(clk), .rst_i(resets[0]), .tx_clk_i(tx_clk), .tx_rst_i(resets[1]), .rx_clk_i(rgmii_rx_clk_i), .rx_rst_i(resets[3:2]),
    .gmii_rxd_i(rxd), .gmii_rx_dv_i(rx_dv), .gmii_rx_er_i(rx_er), .gmii_txd_o(txd), .gmii_tx_en_o(tx_en), .gmii_tx_er_o(tx_er),
    .link_i(link), .uart_rxd_i, .uart_txd_o);
endmodule

`default_nettype wire
