// SPDX-License-Identifier: Apache-2.0
`default_nettype none

// What the ECP5 primitives of the boards do, for simulation only (Lattice FPGA-TN-02035, FPGA-TN-02200): no delays of less than a clock, and the PLL's clocks
// come from the test bench.

/// Data of both edges in step with the rising edge: what came with a rising edge and with the falling one behind it.
module IDDRX1F (
  input  logic D,
  input  logic SCLK,
  input  logic RST,
  output logic Q0,
  output logic Q1
);
  logic rise_q, fall_q;

  always_ff @(posedge SCLK) begin
    rise_q <= D && !RST;
    Q0     <= rise_q && !RST;
    Q1     <= fall_q && !RST;
  end
  always_ff @(negedge SCLK) fall_q <= D && !RST;
endmodule

/// Both halves are taken at the rising edge; D0 goes out while the clock is high, D1 while it is low.
module ODDRX1F (
  input  logic D0,
  input  logic D1,
  input  logic SCLK,
  input  logic RST,
  output logic Q
);
  logic rise_q, fall_q;

  always_ff @(posedge SCLK) begin
    rise_q <= D0 && !RST;
    fall_q <= D1 && !RST;
  end
  assign Q = SCLK ? rise_q : fall_q;
endmodule

module DELAYG #(
  parameter DEL_MODE = "SCLK_ALIGNED",
  parameter int unsigned DEL_VALUE = 0
) (
  input  logic A,
  output logic Z
);
  assign Z = A;
endmodule

/// The PLL with its VCO at 500 MHz, as all boards have it: two clocks, locked after a while. Time in nanoseconds.
module EHXPLLL #(
  parameter PLLRST_ENA = "", parameter INTFB_WAKE = "", parameter STDBY_ENABLE = "", parameter DPHASE_SOURCE = "",
  parameter OUTDIVIDER_MUXA = "", parameter OUTDIVIDER_MUXB = "", parameter OUTDIVIDER_MUXC = "", parameter OUTDIVIDER_MUXD = "",
  parameter int unsigned CLKI_DIV = 1, parameter int unsigned CLKFB_DIV = 1, parameter FEEDBK_PATH = "",
  parameter CLKOP_ENABLE = "", parameter int unsigned CLKOP_DIV = 4, parameter int unsigned CLKOP_CPHASE = 0, parameter int unsigned CLKOP_FPHASE = 0,
  parameter CLKOS_ENABLE = "", parameter int unsigned CLKOS_DIV = 8, parameter int unsigned CLKOS_CPHASE = 0, parameter int unsigned CLKOS_FPHASE = 0
) (
  input  logic RST, input logic STDBY, input logic CLKI, input logic CLKFB,
  output logic CLKOP, output logic CLKOS, output logic CLKOS2, output logic CLKOS3,
  input  logic PHASESEL0, input logic PHASESEL1, input logic PHASEDIR, input logic PHASESTEP, input logic PHASELOADREG, input logic PLLWAKESYNC,
  input  logic ENCLKOP, input logic ENCLKOS, input logic ENCLKOS2, input logic ENCLKOS3,
  output logic LOCK, output logic INTLOCK, output logic REFCLK, output logic CLKINTFB
);
  initial begin
    {CLKOP, CLKOS, CLKOS2, CLKOS3, LOCK, INTLOCK, REFCLK, CLKINTFB} = '0;
    #200 LOCK = 1'b1;
  end
  always #(CLKOP_DIV) CLKOP = !CLKOP;          // half a period of the VCO is 1 ns
  always #(CLKOS_DIV) CLKOS = !CLKOS;
endmodule

`default_nettype wire
