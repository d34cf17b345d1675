// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Pipelined unsigned divider: quotient and remainder, one division per clock.
///
/// Restoring division, BITS_PER_STAGE quotient bits between two ranks of registers. By RFC 9669 section 4.1 a division by
/// zero gives quotient 0, and the dividend as remainder.
/// Latency in clocks: ceil(WIDTH / BITS_PER_STAGE) (`rtl::divider_latency` in the compiler).
/// Resources: WIDTH subtractions of WIDTH + 1 bits, latency x (3 x WIDTH + 1) flip-flops. Data only, nothing is reset.
module bpf_divider #(
  parameter int unsigned WIDTH = 32,           // bits of the operands and of the results, 1..64
  parameter int unsigned BITS_PER_STAGE = 2    // >= 1
) (
  input  logic             clk_i,
  input  logic [WIDTH-1:0] dividend_i,
  input  logic [WIDTH-1:0] divisor_i,
  output logic [WIDTH-1:0] quotient_o,         // register
  output logic [WIDTH-1:0] remainder_o         // register
);
  localparam int unsigned STAGES = (WIDTH + BITS_PER_STAGE - 1) / BITS_PER_STAGE;

  if (WIDTH < 1 || WIDTH > 64 || BITS_PER_STAGE < 1) begin : g_check
    $fatal(1, "bpf_divider: WIDTH must be 1..64 and BITS_PER_STAGE at least 1");
  end

  for (genvar s = 0; s < STAGES; s++) begin : g_stage
    localparam int unsigned FIRST = s * BITS_PER_STAGE;
    localparam int unsigned BITS = (FIRST + BITS_PER_STAGE > WIDTH) ? WIDTH - FIRST : BITS_PER_STAGE;

    logic [WIDTH-1:0] remainder, bits, divisor;  // bits: the rest of the dividend above, the quotient so far below
    logic             usable;                    // the divisor is not zero
    logic [WIDTH-1:0] remainder_q, bits_q;

    if (s == 0) begin : g_first
      assign remainder = '0;
      assign bits      = dividend_i;
      assign divisor   = divisor_i;
      assign usable    = divisor_i != '0;
    end else begin : g_next
      assign remainder = g_stage[s-1].remainder_q;
      assign bits      = g_stage[s-1].bits_q;
      assign divisor   = g_stage[s-1].g_carry.divisor_q;
      assign usable    = g_stage[s-1].g_carry.usable_q;
    end

    for (genvar k = 0; k < BITS; k++) begin : g_bit
      logic [WIDTH-1:0] remainder_in, bits_in, remainder_out, bits_out;
      logic [WIDTH:0]   trial, rest;             // the remainder with the next bit of the dividend; less the divisor
      logic             fits;

      if (k == 0) begin : g_in_first
        assign remainder_in = remainder;
        assign bits_in      = bits;
      end else begin : g_in_next
        assign remainder_in = g_bit[k-1].remainder_out;
        assign bits_in      = g_bit[k-1].bits_out;
      end

      assign trial         = {remainder_in, bits_in[WIDTH-1]};
      assign rest          = trial - {1'b0, divisor};
      assign fits          = !rest[WIDTH] && usable;
      assign remainder_out = fits ? rest[WIDTH-1:0] : trial[WIDTH-1:0];
      assign bits_out      = WIDTH'({bits_in, fits});
    end

    always_ff @(posedge clk_i) begin
      remainder_q <= g_bit[BITS-1].remainder_out;
      bits_q      <= g_bit[BITS-1].bits_out;
    end

    if (s + 1 < STAGES) begin : g_carry
      logic [WIDTH-1:0] divisor_q;
      logic             usable_q;

      always_ff @(posedge clk_i) begin
        divisor_q <= divisor;
        usable_q  <= usable;
      end
    end
  end

  assign quotient_o  = g_stage[STAGES-1].bits_q;
  assign remainder_o = g_stage[STAGES-1].remainder_q;
endmodule

`default_nettype wire
