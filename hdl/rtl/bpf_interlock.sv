// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Guards a critical section of STAGES pipeline stages: a token waits while a token with its key is inside.
///
/// Sits behind an elastic token FIFO: the FIFO's head is offered (`in_valid_i`), it enters the section in every clock
/// with `in_valid_i && go_o`, and the stages of the section run free. A token that entered in clock t keeps tokens of the
/// same key out in clocks t+1 .. t+STAGES-1, so the first one that follows it enters in clock t+STAGES. Tokens
/// with `in_uses_i` low neither wait for a key nor block one, but no token overtakes the head. Tokens with `in_keeps_i` low wait as
/// others do but keep none out: they change nothing of what the section guards (or only what is safe in every clock).
/// STAGES = 1 never blocks. For a section without a key (one entry) tie `in_key_i` to a constant with KEY_W = 1.
/// Worst case: one token per STAGES clocks (all on one key and keeping others out); otherwise one per clock. `go_o` is combinational.
/// Resources: (STAGES - 1) x (KEY_W + 1) flip-flops and STAGES - 1 comparators.
module bpf_interlock #(
  parameter int unsigned STAGES = 4,           // clocks from entering to the last write being visible, >= 1
  parameter int unsigned KEY_W = 8             // >= 1
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high: section empty
  input  logic             in_valid_i,         // a token is at the entrance
  input  logic             in_uses_i,          // it accesses the map in this section
  input  logic             in_keeps_i,         // and keeps others out
  input  logic [KEY_W-1:0] in_key_i,           // its key or index
  output logic             go_o,               // it may enter (meaningless without in_valid_i)
  output logic             busy_o              // a user token is entering, or one that keeps others out is inside
);
  if (STAGES < 1 || KEY_W < 1) begin : g_check
    $fatal(1, "bpf_interlock: STAGES and KEY_W must be at least 1");
  end

  if (STAGES == 1) begin : g_free
    logic unused_inputs;
    assign unused_inputs = ^{clk_i, rst_i, in_key_i, in_keeps_i};
    assign go_o   = 1'b1;
    assign busy_o = in_valid_i && in_uses_i;
  end else begin : g_track
    localparam int unsigned N = STAGES - 1;
    logic [N-1:0]       user_q;                // user_q[0]: entered one clock ago
    logic [N*KEY_W-1:0] key_q;
    logic               conflict, enter, keeps;

    always_comb begin
      conflict = 1'b0;
      for (int unsigned i = 0; i < N; i++) begin
        if (user_q[i] && key_q[i*KEY_W +: KEY_W] == in_key_i) conflict = 1'b1;
      end
    end

    assign go_o   = !(conflict && in_uses_i);
    assign enter  = in_valid_i && in_uses_i && !conflict;
    assign keeps  = enter && in_keeps_i;
    assign busy_o = enter || user_q != '0;

    if (N == 1) begin : g_one
      always_ff @(posedge clk_i) begin
        key_q  <= in_key_i;
        user_q <= keeps && !rst_i;
      end
    end else begin : g_many
      always_ff @(posedge clk_i) begin
        key_q  <= {key_q[(N-1)*KEY_W-1:0], in_key_i};
        user_q <= rst_i ? '0 : {user_q[N-2:0], keeps};
      end
    end
  end
endmodule

`default_nettype wire
