// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Unsigned divider that does one division at a time: what bpf_divider gives, when it gives it, for a fraction of its logic.
///
/// Restoring division, BITS_PER_CLOCK quotient bits a clock. Operands are taken with `start_i`; the results are there
/// ceil(WIDTH / BITS_PER_CLOCK) clocks later, in that clock only. By RFC 9669 section 4.1 a division by zero gives quotient 0, and the
/// dividend as remainder.
/// Resources: BITS_PER_CLOCK subtractions of WIDTH + 1 bits, about 3 x WIDTH flip-flops. Data only, nothing is reset.
module bpf_divider_serial #(
  parameter int unsigned WIDTH = 32,           // bits of the operands and of the results, 1..64
  parameter int unsigned BITS_PER_CLOCK = 2    // >= 1
) (
  input  logic             clk_i,
  input  logic             start_i,            // at most once in ceil(WIDTH / BITS_PER_CLOCK) clocks
  input  logic [WIDTH-1:0] dividend_i,
  input  logic [WIDTH-1:0] divisor_i,
  output logic [WIDTH-1:0] quotient_o,         // register
  output logic [WIDTH-1:0] remainder_o         // register
);
  localparam int unsigned CLOCKS = (WIDTH + BITS_PER_CLOCK - 1) / BITS_PER_CLOCK;
  // Zeros stand before the dividend, so that each clock does as many bits.
  localparam int unsigned ALL = CLOCKS * BITS_PER_CLOCK;

  if (WIDTH < 1 || WIDTH > 64 || BITS_PER_CLOCK < 1) begin : g_check
    $fatal(1, "bpf_divider_serial: WIDTH must be 1..64 and BITS_PER_CLOCK at least 1");
  end

  logic [WIDTH-1:0] remainder_q, divisor_q, divisor;
  logic [ALL-1:0]   bits_q;                      // the rest of the dividend above, the quotient so far below
  logic             usable;

  assign divisor = start_i ? divisor_i : divisor_q;
  assign usable  = divisor != '0;

  for (genvar k = 0; k < BITS_PER_CLOCK; k++) begin : g_bit
    logic [WIDTH-1:0] remainder_in, remainder_out;
    logic [ALL-1:0]   bits_in, bits_out;
    logic [WIDTH:0]   trial, rest;               // the remainder with the next bit of the dividend; less the divisor
    logic             fits;

    if (k == 0) begin : g_in_first
      assign remainder_in = start_i ? '0 : remainder_q;
      assign bits_in      = start_i ? ALL'(dividend_i) : bits_q;
    end else begin : g_in_next
      assign remainder_in = g_bit[k-1].remainder_out;
      assign bits_in      = g_bit[k-1].bits_out;
    end

    assign trial         = {remainder_in, bits_in[ALL-1]};
    assign rest          = trial - {1'b0, divisor};
    assign fits          = !rest[WIDTH] && usable;
    assign remainder_out = fits ? rest[WIDTH-1:0] : trial[WIDTH-1:0];
    assign bits_out      = ALL'({bits_in, fits});
  end

  always_ff @(posedge clk_i) begin
    remainder_q <= g_bit[BITS_PER_CLOCK-1].remainder_out;
    bits_q      <= g_bit[BITS_PER_CLOCK-1].bits_out;
    divisor_q   <= divisor;
  end

  assign quotient_o  = bits_q[WIDTH-1:0];
  assign remainder_o = remainder_q;
endmodule

`default_nettype wire
