// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A board at its pins, for the models in wire_test.py: the sending clocks reach the PHY 2 ns late, as its delay makes them, and the serial line is fast. With UDP defined datagrams at
/// interface 1 take its place.
module wire_bench (
  input  logic       osc,
  input  logic       eth0_rx_clk,
  input  logic       eth0_rx_ctl,
  input  logic [3:0] eth0_rxd,
  output logic       eth0_tx_clk,
  output logic       eth0_tx_ctl,
  output logic [3:0] eth0_txd,
  input  logic       eth1_rx_clk,
  input  logic       eth1_rx_ctl,
  input  logic [3:0] eth1_rxd,
  output logic       eth1_tx_clk,
  output logic       eth1_tx_ctl,
  output logic [3:0] eth1_txd,
  input  logic       uart_rxd,
  output logic       uart_txd
);
  logic tx_clk0, tx_clk1;

`ifdef UDP
  localparam bit Datagrams = 1'b1;
`else
  localparam bit Datagrams = 1'b0;
`endif

  bpf_ecp5_wire #(.CORE_DIV(`CORE_DIV), .UART_CLOCKS(16), .UDP(Datagrams), .UDP_MAC(48'h02_00_C0_A8_01_64), .UDP_IP(32'hC0A8_0164)) u_board (
    .osc_i(osc), .rst_ni(1'b1),
    .rgmii_rx_clk_i({eth1_rx_clk, eth0_rx_clk}), .rgmii_rxd_i({eth1_rxd, eth0_rxd}), .rgmii_rx_ctl_i({eth1_rx_ctl, eth0_rx_ctl}),
    .rgmii_tx_clk_o({tx_clk1, tx_clk0}), .rgmii_txd_o({eth1_txd, eth0_txd}), .rgmii_tx_ctl_o({eth1_tx_ctl, eth0_tx_ctl}),
    .uart_rxd_i(uart_rxd), .uart_txd_o(uart_txd));

  assign #2 eth0_tx_clk = tx_clk0;
  assign #2 eth1_tx_clk = tx_clk1;
endmodule

`default_nettype wire
