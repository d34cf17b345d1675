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

`default_nettype wire
