// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Which of two program slots gets the frames, and the switch from one to the other: no more frames into the old one, until all of its verdicts are there and its STATUS has said
/// twice that it is idle; then until the new one says that it is idle and clears nothing; then until no frame is left beside the slots. Only then frames go into the new one.
/// A slot that is isolated while it runs is left at once, without being asked, when its frames are accounted (`settled_i`), even for itself: then it starts again when it is released.
///
/// `to_o` is where a frame that begins goes. What becomes of frames meanwhile: docs/src/nic.md.
/// Resources: about 120 flip-flops.
module bpf_slot_switch (
  input  logic        clk_i,
  input  logic        rst_i,                   // synchronous, active high
  // registers
  input  logic [1:0]  select_i,                // 1 A, 2 B, else none
  input  logic [1:0]  policy_none_i,
  input  logic [1:0]  policy_late_i,
  input  logic [31:0] limit_i,
  input  logic [1:0]  isolate_i,
  output logic [1:0]  running_o,
  output logic        done_o,
  output logic        draining_o,
  output logic        starting_o,
  output logic        late_o,
  output logic [31:0] last_o,
  output logic        switched_o,              // pulses
  output logic        became_late_o,
  // the slots
  output logic        slot_o,                  // the one in question: 0 A, 1 B
  output logic        serve_o,                 // its outputs are taken
  output logic        cut_o,                   // it is left because it is isolated; until it is left
  output logic [1:0]  to_o,                    // 0 nowhere, 1 into the slot, 2 to the host, 3 dropped
  input  logic        settled_i,               // no frame is half in a slot, slot_o owes no verdict
  input  logic        aside_i,                 // a frame is on its way beside the slots
  output logic [1:0]  ask_o,
  input  logic [1:0]  polled_i,                // pulses: STATUS was read
  input  logic [1:0]  idle_i,
  input  logic [1:0]  clearing_i
);
  localparam logic [1:0] STOP = 2'd0, SLOT = 2'd1, HOST = 2'd2, DROP = 2'd3;
  localparam logic [1:0] PASSES = 2'd1, DROPS = 2'd2; // values of POLICY
  typedef enum logic [2:0] {NONE, RUN, DRAIN, START, OPEN} state_t;
  state_t      state_q;
  logic        slot_q, seen_q, late_q, was_late_q, cut_q, leave, wanted, other, polled, idle, clearing, switching;
  logic [31:0] timer_q;
  logic [1:0]  policy;

  assign wanted    = select_i == 2'd1 || select_i == 2'd2;
  assign other     = !wanted || select_i[1] != slot_q;
  assign switching = state_q == DRAIN || state_q == START || state_q == OPEN;
  assign polled    = polled_i[slot_q];
  assign idle      = idle_i[slot_q];
  assign clearing  = clearing_i[slot_q];
  assign slot_o    = slot_q;
  assign serve_o   = state_q == RUN || state_q == DRAIN;
  assign cut_o     = serve_o && (isolate_i[slot_q] || cut_q);
  assign leave     = state_q == DRAIN && settled_i && (cut_o || (polled && idle && seen_q));
  assign late_o    = late_q && switching;

  always_comb begin
    ask_o         = '0;
    ask_o[slot_q] = (state_q == DRAIN && settled_i && !cut_o) || state_q == START;
    policy        = (state_q == NONE) ? policy_none_i : policy_late_i;
    to_o          = STOP;
    if (state_q == RUN && !cut_o) to_o = SLOT;
    else if ((state_q == NONE && !wanted) || ((state_q == DRAIN || state_q == START) && late_q)) begin
      if (policy == PASSES) to_o = HOST;
      else if (policy == DROPS) to_o = DROP;
    end
  end

  assign running_o  = (state_q != RUN || cut_o) ? 2'd0 : slot_q ? 2'd2 : 2'd1;
  assign done_o     = (state_q == RUN && !other && !cut_o) || (state_q == NONE && !wanted);
  assign draining_o = state_q == DRAIN;
  assign starting_o = state_q == START || state_q == OPEN;

  always_ff @(posedge clk_i) begin
    switched_o    <= 1'b0;
    became_late_o <= 1'b0;
    seen_q        <= 1'b0;
    if (switching && timer_q != '1) timer_q <= timer_q + 32'd1;
    late_q <= switching && timer_q >= limit_i;
    if (late_q && switching && !was_late_q) begin
      was_late_q    <= 1'b1;
      became_late_o <= 1'b1;
    end
    unique case (state_q)
      NONE:
        if (wanted) begin
          state_q <= START;
          slot_q  <= select_i[1];
        end
      RUN: if (other || cut_o) state_q <= DRAIN;
      DRAIN: begin
        seen_q <= settled_i && (polled ? idle : seen_q);
        if (leave) begin
          state_q <= wanted ? START : NONE;
          slot_q  <= wanted ? select_i[1] : slot_q;
          if (!wanted) begin
            switched_o <= 1'b1;
            last_o     <= timer_q;
          end
          seen_q <= 1'b0;
        end
      end
      START:
        if (!wanted) state_q <= NONE;
        else if (other) slot_q <= select_i[1];
        else if (polled && idle && !clearing) state_q <= OPEN;
      OPEN:
        if (other || isolate_i[slot_q]) state_q <= START;
        else if (settled_i && !aside_i) begin
          state_q    <= RUN;
          switched_o <= 1'b1;
          last_o     <= timer_q;
        end
      default: state_q <= NONE;
    endcase
    cut_q <= cut_o && !leave;
    if (state_q == NONE || state_q == RUN) begin
      timer_q    <= '0;
      was_late_q <= 1'b0;
    end
    if (rst_i) begin
      state_q       <= NONE;
      slot_q        <= 1'b0;
      last_o        <= '0;
      late_q        <= 1'b0;
      cut_q         <= 1'b0;
      switched_o    <= 1'b0;
      became_late_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
