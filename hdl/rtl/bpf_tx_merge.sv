// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Merges two AXI4-Streams of frames into one: TX of the core (a) and the host's own (b), or any two.
///
/// Frames stay whole and each input keeps its order; nothing is lost: who is not served waits. Fair in beats, not in frames: while both
/// have a frame, the one that has sent fewer beats goes first, so that each gets half of the output whatever the sizes of its
/// frames, to the longest frame. An input that was silent has saved up one longest frame at most. One that is
/// alone has all of the output. No clock is lost between frames.
/// Neither tvalid nor tready depends on the other side's in the same clock. Latency: 1 clock.
/// Resources: 2 x (BUS_W + BUS_W/8 + 1 + USER_W) flip-flops, as many selectors, a small adder.
module bpf_tx_merge #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned USER_W = 64,          // whatever goes with each beat
  parameter int unsigned MAX_FRAME = 9472,     // bytes; longer frames get more than their half
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  input  logic [BUS_W-1:0]  a_axis_tdata_i,
  input  logic [BUSB-1:0]   a_axis_tkeep_i,
  input  logic              a_axis_tvalid_i,
  output logic              a_axis_tready_o,
  input  logic              a_axis_tlast_i,
  input  logic [USER_W-1:0] a_axis_tuser_i,
  input  logic [BUS_W-1:0]  b_axis_tdata_i,
  input  logic [BUSB-1:0]   b_axis_tkeep_i,
  input  logic              b_axis_tvalid_i,
  output logic              b_axis_tready_o,
  input  logic              b_axis_tlast_i,
  input  logic [USER_W-1:0] b_axis_tuser_i,
  output logic [BUS_W-1:0]  m_axis_tdata_o,
  output logic [BUSB-1:0]   m_axis_tkeep_o,
  output logic              m_axis_tvalid_o,
  input  logic              m_axis_tready_i,
  output logic              m_axis_tlast_o,
  output logic [USER_W-1:0] m_axis_tuser_o
);
  localparam int unsigned WIDTH = BUS_W + BUSB + 1 + USER_W;
  localparam int unsigned SAVED = (MAX_FRAME + BUSB - 1) / BUSB;
  localparam int unsigned LEAD_W = $clog2(SAVED + 1) + 1;

  // ---- whose turn it is: the frame that is under way, else the only one, else whoever is behind ----
  logic                     inside_q, on_b_q, on_b, valid, last, room, take;
  logic signed [LEAD_W-1:0] lead_q;            // beats that a has sent more than b
  logic [WIDTH-1:0]         beat;

  assign on_b  = inside_q ? on_b_q : (b_axis_tvalid_i && (!a_axis_tvalid_i || lead_q > 0 || (lead_q == 0 && !on_b_q)));
  assign valid = on_b ? b_axis_tvalid_i : a_axis_tvalid_i;
  assign last  = on_b ? b_axis_tlast_i : a_axis_tlast_i;
  assign take  = valid && room;
  assign beat  = on_b ? {b_axis_tuser_i, b_axis_tlast_i, b_axis_tkeep_i, b_axis_tdata_i}
                      : {a_axis_tuser_i, a_axis_tlast_i, a_axis_tkeep_i, a_axis_tdata_i};
  assign a_axis_tready_o = room && !on_b;
  assign b_axis_tready_o = room && on_b;

  always_ff @(posedge clk_i) begin
    if (take) begin
      inside_q <= !last;
      on_b_q   <= on_b;
      if (on_b && lead_q > -LEAD_W'(signed'(SAVED))) lead_q <= lead_q - LEAD_W'(2'sd1);
      if (!on_b && lead_q < LEAD_W'(signed'(SAVED))) lead_q <= lead_q + LEAD_W'(2'sd1);
    end
    if (rst_i) begin
      inside_q <= 1'b0;
      on_b_q   <= 1'b1;
      lead_q   <= '0;
    end
  end

  // ---- two registers: room does not depend on tready in this clock ----
  logic [WIDTH-1:0] out_q, spare_q;
  logic             out_valid_q, spare_valid_q, leaves;

  assign room   = !spare_valid_q;
  assign leaves = !out_valid_q || m_axis_tready_i;

  always_ff @(posedge clk_i) begin
    if (leaves) out_q <= spare_valid_q ? spare_q : beat;
    if (room) spare_q <= beat;
    if (rst_i) begin
      out_valid_q   <= 1'b0;
      spare_valid_q <= 1'b0;
    end else begin
      if (leaves) out_valid_q <= spare_valid_q || take;
      spare_valid_q <= !leaves && (spare_valid_q || take);
    end
  end

  assign m_axis_tvalid_o = out_valid_q;
  assign {m_axis_tuser_o, m_axis_tlast_o, m_axis_tkeep_o, m_axis_tdata_o} = out_q;
endmodule

`default_nettype wire
