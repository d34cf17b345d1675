// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Frees the buckets of a hash table after reset or a new seed, and makes the secret of its hash from the seed meanwhile.
///
/// `clear_o` with each bucket number for one clock. The secret is the output of xorshift128 (Marsaglia), its first 16 words left out, shifted in 32
/// bits per clock; a seed of zero is taken as one. `ready_o` is low for max(BUCKETS, 16 + SECRET_W / 32) + 32 clocks: longer than any
/// operation that was inside takes to leave.
/// Resources: SECRET_W + 128 flip-flops.
module bpf_map_clear #(
  parameter int unsigned BUCKETS = 16,
  parameter int unsigned SECRET_W = 43,
  localparam int unsigned IDX_W = (BUCKETS > 1) ? $clog2(BUCKETS) : 1
) (
  input  logic                clk_i,
  input  logic                rst_i,
  input  logic [127:0]        seed_i,
  input  logic                seed_load_i,     // 1 clock
  output logic [SECRET_W-1:0] secret_o,
  output logic                clear_o,
  output logic [IDX_W-1:0]    clear_idx_o,
  output logic                ready_o
);
  localparam int unsigned WORDS = (SECRET_W + 31) / 32;
  localparam int unsigned SECRET_CLOCKS = 16 + WORDS;
  localparam int unsigned CLOCKS = ((BUCKETS > SECRET_CLOCKS) ? BUCKETS : SECRET_CLOCKS) + 32;
  localparam int unsigned CNT_W = $clog2(CLOCKS + 1);

  logic [CNT_W-1:0]    count_q;
  logic [127:0]        state_q;                // x, y, z, w from the lowest word
  logic [31:0]         t, next;
  logic [32*WORDS-1:0] secret_q;
  logic                unused_secret;

  assign t    = state_q[31:0] ^ {state_q[20:0], 11'd0};
  assign next = state_q[127:96] ^ {19'd0, state_q[127:115]} ^ t ^ {8'd0, t[31:8]};
  assign secret_o      = secret_q[SECRET_W-1:0];
  assign unused_secret = ^secret_q;

  always_ff @(posedge clk_i) begin
    if (rst_i || seed_load_i) begin
      count_q <= '0;
      state_q <= {seed_i[127:1], seed_i[0] || seed_i == '0};
    end else if (!ready_o) begin
      count_q <= count_q + 1'b1;
      state_q <= {next, state_q[127:32]};
      if (32'(count_q) < SECRET_CLOCKS) secret_q <= (32*WORDS)'({secret_q, next});
    end
    ready_o <= !rst_i && !seed_load_i && 32'(count_q) >= CLOCKS;
  end

  assign clear_o     = !ready_o && 32'(count_q) < BUCKETS;
  assign clear_idx_o = IDX_W'(count_q);
endmodule

`default_nettype wire
