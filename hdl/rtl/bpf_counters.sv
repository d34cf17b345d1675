// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The 64-bit counters of the core, in a small RAM behind one pipelined adder.
///
/// Each event adds to a short accumulator; every 32 clocks each accumulator is folded into its 64-bit word, two
/// 32-bit additions in two stages. Any event rate up to one of each kind per clock is exact.
/// Index order: the register map's (rx, aborted, drop, pass, tx, redirect: packets and bytes; pass_lost, tx_lost,
/// stall cycles, cycles, redirect_lost, event_records, event_lost; 19 to 31 read zero). Actions above 4 count as ABORTED.
/// A read waits for its counter's turn (at most 32 clocks) and includes all events up to 36 clocks before the answer.
/// Reset and `clear_i` set all to zero within 64 clocks; events in that time may be lost.
/// Resources: 32 x 64 bits of LUT RAM, about 380 flip-flops; no long carry chain.
module bpf_counters (
  input  logic        clk_i,
  input  logic        rst_i,            // synchronous, active high
  input  logic        clear_i,          // pulse
  input  logic        rx_valid_i,
  input  logic [15:0] rx_length_i,
  input  logic        verdict_valid_i,
  input  logic [2:0]  verdict_action_i,
  input  logic [15:0] verdict_length_i,
  input  logic        pass_lost_i,
  input  logic        tx_lost_i,
  input  logic        redirect_lost_i,
  input  logic        event_record_i,
  input  logic [7:0]  event_lost_i,     // so many in this clock
  input  logic        stall_i,
  input  logic        rd_req_i,         // level until and with rd_ack_o
  input  logic [4:0]  rd_index_i,
  output logic        rd_ack_o,         // 1 clock, with rd_value_o
  output logic [63:0] rd_value_o
);
  localparam int unsigned COUNTERS = 19;
  localparam int unsigned ACC_W = 21;   // 32 lengths of 16 bits

  // ---- stage 1: events, registered ----
  logic [COUNTERS-1:0] event_q;         // by counter; 15 counts clocks
  logic [15:0] rx_length_q, verdict_length_q;
  logic [7:0]  event_lost_q;
  logic [4:0]  action;                  // one-hot

  always_comb begin
    for (int unsigned a = 1; a < 5; a++) action[a] = verdict_valid_i && verdict_action_i == 3'(a);
    action[0] = verdict_valid_i && (verdict_action_i == 3'd0 || verdict_action_i > 3'd4);
  end

  always_ff @(posedge clk_i) begin
    event_q[1:0] <= {2{rx_valid_i}};
    for (int unsigned a = 0; a < 5; a++) event_q[2 + 2*a +: 2] <= {2{action[a]}};
    event_q[18:12]   <= {event_lost_i != '0, event_record_i, redirect_lost_i, 1'b1, stall_i, tx_lost_i, pass_lost_i};
    rx_length_q      <= rx_length_i;
    verdict_length_q <= verdict_length_i;
    event_lost_q     <= event_lost_i;
    if (rst_i) event_q <= '0;
  end

  // ---- stage 2: accumulators; the one whose turn it is restarts ----
  logic [4:0]          turn_q;
  logic [32*ACC_W-1:0] acc;

  for (genvar k = 0; k < 32; k++) begin : g_acc
    if (k >= COUNTERS) begin : g_none
      assign acc[k*ACC_W +: ACC_W] = '0;
    end else begin : g_sum
      localparam bit BYTES = (k < 12) && (k % 2 == 1);
      localparam int unsigned W = BYTES ? ACC_W : (k == 18) ? 14 : 6;
      logic [W-1:0] sum_q, add;
      if (BYTES) begin : g_bytes
        logic [15:0] length;
        assign length = (k == 1) ? rx_length_q : verdict_length_q;
        assign add    = event_q[k] ? W'(length) : '0;
      end else if (k == 18) begin : g_lost
        assign add = event_q[k] ? W'(event_lost_q) : '0;
      end else begin : g_packets
        assign add = W'(event_q[k]);
      end
      always_ff @(posedge clk_i) sum_q <= (rst_i ? '0 : turn_q == 5'(k) ? '0 : sum_q) + add;
      assign acc[k*ACC_W +: ACC_W] = ACC_W'(sum_q);
    end
  end

  // ---- stages 3 to 5: read, add low, add high, write back ----
  logic [63:0]      mem [0:31];
  logic [63:0]      old_q, sum2_q;
  logic [ACC_W-1:0] add_q;
  logic [4:0]       turn1_q, turn2_q, turn3_q;
  logic             zero1_q, zero2_q, carry_q;
  logic [31:0]      low_q, high_q;
  logic [5:0]       clear_left_q;       // turns still to be cleared

  always_ff @(posedge clk_i) begin
    turn_q  <= rst_i ? '0 : turn_q + 1'b1;
    turn1_q <= turn_q;
    turn2_q <= turn1_q;
    turn3_q <= turn2_q;
    if (rst_i || clear_i) clear_left_q <= 6'd32;
    else if (clear_left_q != '0) clear_left_q <= clear_left_q - 1'b1;

    old_q   <= mem[turn_q];
    add_q   <= acc[turn_q*ACC_W +: ACC_W];
    zero1_q <= clear_left_q != '0 || rst_i;

    {carry_q, low_q} <= {1'b0, old_q[31:0]} + 33'(add_q);
    high_q           <= old_q[63:32];
    zero2_q          <= zero1_q;

    sum2_q <= zero2_q ? '0 : {high_q + 32'(carry_q), low_q};
  end

  always_ff @(posedge clk_i) begin
    mem[turn3_q] <= sum2_q;
  end

  // ---- read: when the index comes by ----
  assign rd_ack_o   = rd_req_i && turn3_q == rd_index_i;
  assign rd_value_o = sum2_q;
endmodule

`default_nettype wire
