// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Keyed hash of a map key: three bucket numbers and a tag, one key per clock.
///
/// The key is cut into limbs of 17 + 26 bits; each half is added to its part of the secret and the halves of a limb are
/// multiplied (NH of UMAC: for any two keys chosen without knowing the secret the sums of products agree with probability
/// 2^-17 at most). The sum of all products is then mixed by a layer of quadratic terms and two circulant XOR
/// layers, so that keys in arithmetic progression do not give buckets in arithmetic progression.
/// A bucket number is (10 bits x M) / 1024 above LOW bits, for a table of BUCKETS = M x 2^LOW buckets per choice.
/// Latency: CLOCKS = 4, plus 1 with more than one limb, plus 1 with more than four.
/// Resources: per limb one DSP of 26 x 17 bits and 43 bits of adder; about 200 LUTs of mixing.
module bpf_hash_function #(
  parameter int unsigned KEY_W = 32,           // 8..512 bits
  parameter int unsigned BUCKETS = 16,         // per choice; at most 15, or M x 2^LOW with 8 <= M <= 15
  parameter int unsigned TAG_W = 16,           // at most 16
  localparam int unsigned LIMBS = (KEY_W + 42) / 43,
  localparam int unsigned IDX_W = (BUCKETS > 1) ? $clog2(BUCKETS) : 1
) (
  input  logic                clk_i,
  input  logic [43*LIMBS-1:0] secret_i,        // stable while keys are inside
  input  logic [KEY_W-1:0]    key_i,
  output logic [3*IDX_W-1:0]  bucket_o,        // CLOCKS later; choice c at [c*IDX_W +: IDX_W]
  output logic [TAG_W-1:0]    tag_o
);
  localparam int unsigned LOW = (BUCKETS > 15) ? $clog2(BUCKETS + 1) - 4 : 0;
  localparam int unsigned M = BUCKETS >> LOW;
  localparam int unsigned QUADS = (LIMBS + 3) / 4;

  if (KEY_W < 8 || KEY_W > 512 || BUCKETS < 1 || BUCKETS != M << LOW || M > 15 || TAG_W > 16) begin : g_check
    $fatal(1, "bpf_hash_function: KEY_W, BUCKETS or TAG_W out of range");
  end

  // ---- products ----
  logic [43*LIMBS-1:0] padded;
  logic [43*LIMBS-1:0] product_q;

  assign padded = (43*LIMBS)'(key_i);

  for (genvar l = 0; l < LIMBS; l++) begin : g_limb
    logic [16:0] low_q;
    logic [25:0] high_q;

    always_ff @(posedge clk_i) begin
      low_q  <= padded[43*l +: 17] + secret_i[43*l +: 17];
      high_q <= padded[43*l + 17 +: 26] + secret_i[43*l + 17 +: 26];
      product_q[43*l +: 43] <= {17'd0, high_q} * {26'd0, low_q};
    end
  end

  // ---- their sum, four terms per clock ----
  logic [47:0] sum;

  if (LIMBS == 1) begin : g_sum_0
    assign sum = {5'd0, product_q};
  end else begin : g_sum
    logic [172*QUADS-1:0] terms;
    logic [48*QUADS-1:0]  quad_q;

    assign terms = (172*QUADS)'(product_q);

    for (genvar q = 0; q < QUADS; q++) begin : g_quad
      always_ff @(posedge clk_i) begin
        quad_q[48*q +: 48] <= (48'(terms[172*q +: 43]) + 48'(terms[172*q + 43 +: 43]))
                              + (48'(terms[172*q + 86 +: 43]) + 48'(terms[172*q + 129 +: 43]));
      end
    end

    if (QUADS == 1) begin : g_one
      assign sum = quad_q;
    end else begin : g_more
      logic [47:0] total, total_q;
      always_comb begin
        total = '0;
        for (int unsigned q = 0; q < QUADS; q++) total = total + quad_q[48*q +: 48];
      end
      always_ff @(posedge clk_i) total_q <= total;
      assign sum = total_q;
    end
  end

  // ---- mixing ----
  logic [47:0] u, v, w, v_q, w_q;
  logic        unused_mix;

  assign u = sum ^ ({sum[4:0], sum[47:5]} & {sum[30:0], sum[47:31]}) ^ ({sum[10:0], sum[47:11]} & {sum[22:0], sum[47:23]});
  assign v = u ^ {u[6:0], u[47:7]} ^ {u[18:0], u[47:19]} ^ {u[28:0], u[47:29]} ^ {u[40:0], u[47:41]};
  assign w = u ^ {u[3:0], u[47:4]} ^ {u[12:0], u[47:13]} ^ {u[34:0], u[47:35]} ^ {u[43:0], u[47:44]};
  assign unused_mix = ^{v_q, w_q, words};

  logic [71:0] words;
  assign words = {w_q[23:0], v_q};

  always_ff @(posedge clk_i) begin
    v_q   <= v;
    w_q   <= w;
    tag_o <= w_q[24 +: TAG_W];
  end

  for (genvar c = 0; c < 3; c++) begin : g_choice
    if (BUCKETS == 1) begin : g_one
      assign bucket_o[c] = 1'b0;
    end else begin : g_range
      logic [13:0] scaled;
      logic        unused_scaled;
      assign scaled = {4'd0, words[24*c +: 10]} * 14'(M);
      assign unused_scaled = ^scaled;
      if (LOW == 0) begin : g_high
        always_ff @(posedge clk_i) bucket_o[c*IDX_W +: IDX_W] <= scaled[10 +: IDX_W];
      end else begin : g_both
        always_ff @(posedge clk_i) bucket_o[c*IDX_W +: IDX_W] <= IDX_W'({scaled[13:10], words[24*c + 10 +: LOW]});
      end
    end
  end
endmodule

`default_nettype wire
