// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Multiplication, division and remainder of the eBPF machine, several clocks each.
///
/// Division by zero gives 0 and leaves a remainder's dividend as it is; signed quotients are cut towards zero, and the most negative number divided
/// by -1 is itself (RFC 9669 section 4.1). Operands are taken with `start_i`; `done_o` is one clock long, `result_o` is there with it.
/// Clocks from start to done: 5 for a product, 34 for a quotient of 32 bits, 66 for one of 64.
/// Resources: one 32 x 32 multiplier, about 260 flip-flops.
module bpf_engine_math (
  input  logic        clk_i,
  input  logic        rst_i,       // synchronous, active high
  input  logic        start_i,
  input  logic [1:0]  kind_i,      // 0 product, 1 quotient, 2 remainder
  input  logic        wide_i,      // 64 bits; otherwise the result is zero-extended
  input  logic        signed_i,
  input  logic [63:0] a_i,
  input  logic [63:0] b_i,
  output logic        done_o,
  output logic [63:0] result_o
);
  // ---- operands without sign, of 32 bits in the lower half ----
  logic        a_minus, b_minus;
  logic [63:0] a_size, b_size;
  assign a_minus = signed_i && (wide_i ? a_i[63] : a_i[31]);
  assign b_minus = signed_i && (wide_i ? b_i[63] : b_i[31]);
  always_comb begin
    a_size = a_minus ? -a_i : a_i;
    b_size = b_minus ? -b_i : b_i;
    if (!wide_i) begin
      a_size[63:32] = '0;
      b_size[63:32] = '0;
    end
  end

  logic        busy_q, wide_q, product_q, rest_q, minus_q;
  logic [6:0]  left_q;             // steps that are left
  logic [63:0] high_q, low_q, b_q; // remainder so far; dividend, and quotient from below

  // ---- products: low x low, then the two crosses ----
  logic [31:0] x, y;
  logic [63:0] part_q;
  always_comb begin
    unique case (left_q[1:0])
      2'd3:    {x, y} = {low_q[31:0], b_q[31:0]};
      2'd2:    {x, y} = {low_q[63:32], b_q[31:0]};
      default: {x, y} = {low_q[31:0], b_q[63:32]};
    endcase
  end

  // ---- one step of a division ----
  logic [64:0] trial, next;
  assign trial = {high_q, wide_q ? low_q[63] : low_q[31]};
  assign next  = trial - {1'b0, b_q};

  logic [63:0] value;
  always_comb begin
    value = product_q ? high_q : rest_q ? high_q : low_q;
    if (minus_q) value = -value;
    if (!wide_q) value[63:32] = '0;
  end
  assign result_o = value;

  always_ff @(posedge clk_i) begin
    done_o <= 1'b0;
    part_q <= {32'd0, x} * {32'd0, y};
    if (start_i) begin
      busy_q    <= 1'b1;
      wide_q    <= wide_i;
      product_q <= kind_i == 2'd0;
      rest_q    <= kind_i == 2'd2;
      left_q    <= (kind_i == 2'd0) ? 7'd3 : wide_i ? 7'd64 : 7'd32;
      high_q    <= '0;
      low_q     <= (kind_i == 2'd0) ? a_i : a_size;
      b_q       <= (kind_i == 2'd0) ? b_i : b_size;
      minus_q   <= (kind_i == 2'd1 && a_minus != b_minus) || (kind_i == 2'd2 && a_minus);
    end else if (busy_q && product_q) begin
      unique case (left_q[1:0])
        2'd3:    high_q <= '0;
        2'd2:    high_q <= part_q;
        default: high_q <= {high_q[63:32] + part_q[31:0], high_q[31:0]};
      endcase
      left_q <= left_q - 1'b1;
      // The last cross is in part_q one clock after its step.
      if (left_q == 7'd0) begin
        busy_q <= 1'b0;
        done_o <= 1'b1;
      end
    end else if (busy_q && left_q != '0) begin
      left_q <= left_q - 1'b1;
      high_q <= next[64] ? trial[63:0] : next[63:0];
      low_q  <= {low_q[62:0], !next[64]};
    end else if (busy_q) begin
      busy_q <= 1'b0;
      done_o <= 1'b1;
      // By zero each step takes 0 away: the remainder is the dividend, the quotient is to be 0.
      if (b_q == '0) low_q <= '0;
    end
    if (rst_i) begin
      busy_q <= 1'b0;
      done_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
