// SPDX-License-Identifier: Apache-2.0
// What the shell's body of box_250mhz uses besides the plug-in's files: a reset of 100 clocks after a low mod_rstn. Written for the tests from the
// behaviour of the shell's module of this name.
module generic_reset #(
  parameter int NUM_INPUT_CLK = 1,
  parameter int RESET_DURATION = 100
) (
  input  wire                      mod_rstn,
  output wire                      mod_rst_done,
  input  wire  [NUM_INPUT_CLK-1:0] clk,
  output logic [NUM_INPUT_CLK-1:0] rstn
);
  int unsigned left_q;
  logic        done_q;

  initial begin
    left_q = 0;
    done_q = 1'b0;
  end

  always_ff @(posedge clk[0]) begin
    if (!mod_rstn) begin
      left_q <= RESET_DURATION;
      done_q <= 1'b0;
    end else if (left_q != 0) begin
      left_q <= left_q - 1;
      done_q <= left_q == 1;
    end
  end

  assign mod_rst_done = done_q;
  assign rstn         = {NUM_INPUT_CLK{left_q == 0}};
endmodule
