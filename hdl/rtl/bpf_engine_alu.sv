// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Arithmetic, moves, byte swaps and comparisons of the eBPF machine in one clock (RFC 9669); no multiplication or division.
///
/// Combinational. `code_i` is bits 7:4 of the opcode. Of a move, `offset_i` of 8, 16 or 32 extends the sign of so many bits; of a byte
/// swap, `imm_i` is the number of bits, `source_i` the bit BPF_X, `wide_i` says that it is one without condition.
module bpf_engine_alu (
  input  logic [3:0]  code_i,
  input  logic        wide_i,      // 64 bits; otherwise the result is zero-extended
  input  logic        source_i,
  input  logic [5:0]  offset_i,
  input  logic [6:0]  imm_i,
  input  logic [63:0] a_i,
  input  logic [63:0] b_i,
  output logic [63:0] result_o,
  output logic        taken_o      // of a jump
);
  // ---- one adder: sums, differences, negation ----
  logic        minus;
  logic [63:0] left, right, sum;
  assign minus = code_i != 4'h0;
  assign left  = (code_i == 4'h8) ? 64'd0 : a_i;
  assign right = (code_i == 4'h8) ? ~a_i : minus ? ~b_i : b_i;
  assign sum   = left + right + 64'(minus);

  // ---- one shifter to the right; to the left it is between two reversals ----
  logic [5:0]  amount;
  logic        sign;
  logic [63:0] forward, turned, shifted, back;
  assign amount  = wide_i ? b_i[5:0] : {1'b0, b_i[4:0]};
  assign sign    = code_i == 4'hC && (wide_i ? a_i[63] : a_i[31]);
  assign forward = wide_i ? a_i : {{32{sign}}, a_i[31:0]};
  always_comb begin
    for (int unsigned i = 0; i < 64; i++) turned[i] = a_i[63 - i];
    for (int unsigned i = 0; i < 64; i++) back[i] = shifted[63 - i];
  end
  assign shifted = 64'($signed({sign, (code_i == 4'h6) ? turned : forward}) >>> amount);

  // ---- moves with sign, byte swaps ----
  logic [63:0] moved, swapped;
  logic        swap;
  always_comb begin
    unique case (offset_i)
      6'd8:    moved = {{56{b_i[7]}}, b_i[7:0]};
      6'd16:   moved = {{48{b_i[15]}}, b_i[15:0]};
      6'd32:   moved = {{32{b_i[31]}}, b_i[31:0]};
      default: moved = b_i;
    endcase
    swap = wide_i || source_i;
    unique case (imm_i)
      7'd16:   swapped = {48'd0, swap ? {a_i[7:0], a_i[15:8]} : a_i[15:0]};
      7'd32:   swapped = {32'd0, swap ? {a_i[7:0], a_i[15:8], a_i[23:16], a_i[31:24]} : a_i[31:0]};
      default: swapped = swap ? {a_i[7:0], a_i[15:8], a_i[23:16], a_i[31:24], a_i[39:32], a_i[47:40], a_i[55:48], a_i[63:56]} : a_i;
    endcase
  end

  logic [63:0] value;
  always_comb begin
    unique case (code_i)
      4'h4:       value = a_i | b_i;
      4'h5:       value = a_i & b_i;
      4'h6:       value = back;
      4'h7, 4'hC: value = shifted;
      4'hA:       value = a_i ^ b_i;
      4'hB:       value = moved;
      4'hD:       value = swapped;
      default:    value = sum;     // add, sub, neg
    endcase
    result_o = (wide_i || code_i == 4'hD) ? value : {32'd0, value[31:0]};
  end

  // ---- comparisons: of 32 bits, both sides are shifted up ----
  logic [63:0] x, y;
  logic        equal, below, less;
  assign x     = wide_i ? a_i : {a_i[31:0], 32'd0};
  assign y     = wide_i ? b_i : {b_i[31:0], 32'd0};
  assign equal = x == y;
  assign below = x < y;
  assign less  = (x[63] != y[63]) ? x[63] : below;
  always_comb begin
    unique case (code_i)
      4'h1:    taken_o = equal;
      4'h2:    taken_o = !below && !equal;
      4'h3:    taken_o = !below;
      4'h4:    taken_o = (x & y) != '0;
      4'h5:    taken_o = !equal;
      4'h6:    taken_o = !less && !equal;
      4'h7:    taken_o = !less;
      4'hA:    taken_o = below;
      4'hB:    taken_o = below || equal;
      4'hC:    taken_o = less;
      4'hD:    taken_o = less || equal;
      default: taken_o = 1'b1;
    endcase
  end
endmodule

`default_nettype wire
