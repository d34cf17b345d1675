// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What each token is told of time and chance: a nanosecond clock and a generator of random numbers.
///
/// The clock gains TIME_RATE (nanoseconds, 24 bits behind the point) in each clock, and TIME_STEP more with each token.
/// The generator is a 64-bit xorshift (13, 7, 17), one step per token; the number is its upper half. Both outputs belong to
/// the token that is valid in the same clock: `token_valid_i` and the outputs go to the pipeline together.
/// Registers (see bpf_csr), a bit of `reg_we_i` for each word: TIME low, high, TIME_RATE, TIME_STEP, RANDOM low, high. Of two words the high one is
/// written first and takes effect with the low one. A generator state of 0 becomes 1.
/// After reset the time is 0 and the rate the parameter's.
/// Resources: about 250 flip-flops, a 64-bit and a 24-bit adder.
module bpf_arrival #(
  parameter logic [31:0] TIME_RATE = 32'h0400_0000  // 4 ns: 250 MHz
) (
  input  logic        clk_i,
  input  logic        rst_i,             // synchronous, active high
  input  logic        token_valid_i,
  output logic [63:0] time_o,            // nanoseconds
  output logic [31:0] random_o,
  // registers
  input  logic [5:0]  reg_we_i,
  input  logic [31:0] reg_wdata_i,
  output logic [31:0] rate_o,
  output logic [31:0] step_o
);
  logic [63:0] time_q, state_q, x, y, z;
  logic [31:0] high_q, rate_q, step_q;
  logic [32:0] gain_q;                   // rate and step together, whole nanoseconds
  logic [23:0] part_q;
  logic        carry_q;

  assign time_o   = time_q;
  assign random_o = state_q[63:32];
  assign rate_o   = rate_q;
  assign step_o   = step_q;

  assign x = state_q ^ (state_q << 13);
  assign y = x ^ (x >> 7);
  assign z = y ^ (y << 17);

  always_ff @(posedge clk_i) begin
    {carry_q, part_q} <= {1'b0, part_q} + {1'b0, rate_q[23:0]};
    gain_q <= 33'(step_q) + 33'(rate_q[31:24]);
    time_q <= time_q + (token_valid_i ? 64'(gain_q) : 64'(rate_q[31:24])) + 64'(carry_q);
    if (token_valid_i) state_q <= z;
    if (reg_we_i[0]) time_q <= {high_q, reg_wdata_i};
    if (reg_we_i[1] || reg_we_i[5]) high_q <= reg_wdata_i;
    if (reg_we_i[2]) rate_q <= reg_wdata_i;
    if (reg_we_i[3]) step_q <= reg_wdata_i;
    if (reg_we_i[4]) state_q <= {high_q, reg_wdata_i[31:1], reg_wdata_i[0] || {high_q, reg_wdata_i} == '0};
    if (rst_i) begin
      time_q  <= '0;
      part_q  <= '0;
      carry_q <= 1'b0;
      rate_q  <= TIME_RATE;
      step_q  <= '0;
      state_q <= 64'h9E37_79B9_7F4A_7C15;
    end
  end
endmodule

`default_nettype wire
