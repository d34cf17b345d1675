// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Pipelined multiplier: the low WIDTH bits of a product, one result per clock.
///
/// Operands are cut into limbs of 16 bits. The first stage holds the products of limbs (one DSP block each), the stages
/// behind it an adder tree with one register rank per level. So no stage holds more than one DSP block or one addition of
/// WIDTH bits.
/// Latency in clocks, L = ceil(WIDTH / 16) limbs: 1 + ceil(log2(L * (L + 1) / 2)); that is 1, 3, 4, 5 for up to 16, 32, 48, 64
/// bits (`rtl::multiplier_latency` in the compiler).
/// Resources: L * (L + 1) / 2 DSP blocks (1, 3, 6, 10) and as many additions less one. Data only, nothing is reset.
module bpf_multiplier #(
  parameter int unsigned WIDTH = 32            // bits of the operands and of the result, 1..64
) (
  input  logic             clk_i,
  input  logic [WIDTH-1:0] a_i,
  input  logic [WIDTH-1:0] b_i,
  output logic [WIDTH-1:0] product_o           // register
);
  localparam int unsigned LIMBS = (WIDTH + 15) / 16;
  localparam int unsigned TERMS = LIMBS * (LIMBS + 1) / 2;
  localparam int unsigned LEVELS = $clog2(TERMS);

  if (WIDTH < 1 || WIDTH > 64) begin : g_check
    $fatal(1, "bpf_multiplier: WIDTH must be 1..64");
  end

  logic [16*LIMBS-1:0] a, b;

  assign a = (16*LIMBS)'(a_i);
  assign b = (16*LIMBS)'(b_i);

  // ---- products of limbs, at their places ----
  logic [TERMS*WIDTH-1:0] term_q;

  for (genvar i = 0; i < LIMBS; i++) begin : g_a
    for (genvar j = 0; j < LIMBS - i; j++) begin : g_b
      localparam int unsigned TERM = i * LIMBS - (i * (i - 1)) / 2 + j;

      always_ff @(posedge clk_i) begin
        term_q[TERM*WIDTH +: WIDTH] <= WIDTH'(64'(32'(a[16*i +: 16]) * 32'(b[16*j +: 16])) << (16 * (i + j)));
      end
    end
  end

  // ---- adder tree: level v has ceil(TERMS / 2^v) sums ----
  for (genvar v = 0; v <= LEVELS; v++) begin : g_level
    localparam int unsigned SUMS = (TERMS + (1 << v) - 1) >> v;
    logic [SUMS*WIDTH-1:0] sum;

    if (v == 0) begin : g_terms
      assign sum = term_q;
    end else begin : g_add
      localparam int unsigned BELOW = (TERMS + (1 << (v - 1)) - 1) >> (v - 1);
      logic [SUMS*WIDTH-1:0] sum_q;

      for (genvar k = 0; k < SUMS; k++) begin : g_sum
        if (2 * k + 1 < BELOW) begin : g_two
          always_ff @(posedge clk_i) begin
            sum_q[k*WIDTH +: WIDTH] <= g_level[v-1].sum[2*k*WIDTH +: WIDTH] + g_level[v-1].sum[(2*k+1)*WIDTH +: WIDTH];
          end
        end else begin : g_one
          always_ff @(posedge clk_i) sum_q[k*WIDTH +: WIDTH] <= g_level[v-1].sum[2*k*WIDTH +: WIDTH];
        end
      end

      assign sum = sum_q;
    end
  end

  assign product_o = g_level[LEVELS].sum;
endmodule

`default_nettype wire
