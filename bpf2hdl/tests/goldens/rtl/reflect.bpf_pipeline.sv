// SPDX-License-Identifier: Apache-2.0
// Made by bpf2hdl 0.1.0 from program `xdp_reflect`; do not edit. To make it again:
//   bpf2hdl compile PROG -o DIR --prog xdp_reflect --target xcup --clock 250 --bus 512 --optimize latency
`default_nettype none

/// The program `xdp_reflect` as a pipeline of 2 stages.
///
/// A token enters stage 0 with `token_valid_i` and moves on by one stage each clock; nothing is ever refused. Names:
/// `sK_...` belongs to stage K, `_q` is a register at its input; `pkt_A_B` are packet bytes A to B as received; the
/// number behind an operation is its node.
/// Latency from token to result: 1 clock. Registers: 98 bits.
module bpf_pipeline (
  input  logic         clk_i,
  input  logic         rst_i,           // synchronous, active high: the pipeline is empty
  input  logic         token_valid_i,   // a token is in stage 0
  input  logic [111:0] token_window_i,  // packet byte i at [8*i +: 8]
  input  logic [15:0]  token_length_i,  // bytes of the frame; if more than 14, perhaps only those so far
  output logic         result_valid_o,  // the token in the last stage is done
  output logic [99:0]  result_o         // see `result` below
);

  // -- stage 0 ------------------------------------------------------------------------------------------------------
  //     5: r2 = 1
  //     7: r2 = 1

  logic s0_ult_1;
  logic s0_eq_2;

  // prog.c:12  x = f(y, 12);
  assign s0_ult_1 = token_length_i < 16'h000e;  // insn 5
  // prog.c:13  x = f(y, 13);
  assign s0_eq_2 = token_window_i[111:96] == 16'h0008;  // insn 7

  // -- stage 1 ------------------------------------------------------------------------------------------------------
  //     7: r2 = 1
  //    14: r2 = 1
  logic        s1_valid_q;
  logic [95:0] s1_pkt_0_11_q;
  logic        s1_ult_1_q;
  logic        s1_eq_2_q;

  always_ff @(posedge clk_i) begin
    s1_valid_q    <= token_valid_i && !rst_i;
    s1_pkt_0_11_q <= token_window_i[95:0];
    s1_ult_1_q    <= s0_ult_1;
    s1_eq_2_q     <= s0_eq_2;
  end

  logic       s1_and_3;
  logic [2:0] s1_sel_4;

  // prog.c:13  x = f(y, 13);
  assign s1_and_3 = ~s1_ult_1_q & s1_eq_2_q;  // insn 7
  // prog.c:17  x = f(y, 17);
  assign s1_sel_4 = s1_and_3 ? 3'h3 : 3'h2;  // insn 14

  // -- result -------------------------------------------------------------------------------------------------------
  // Only what varies: the core adds the constant bits behind the result queue.
  assign result_valid_o = s1_valid_q;
  assign result_o = {
    s1_pkt_0_11_q[47:40],  // [99:92] byte 11
    s1_pkt_0_11_q[39:32],  // [91:84] byte 10
    s1_pkt_0_11_q[31:24],  // [83:76] byte 9
    s1_pkt_0_11_q[23:16],  // [75:68] byte 8
    s1_pkt_0_11_q[15:8],   // [67:60] byte 7
    s1_pkt_0_11_q[7:0],    // [59:52] byte 6
    s1_pkt_0_11_q[95:88],  // [51:44] byte 5
    s1_pkt_0_11_q[87:80],  // [43:36] byte 4
    s1_pkt_0_11_q[79:72],  // [35:28] byte 3
    s1_pkt_0_11_q[71:64],  // [27:20] byte 2
    s1_pkt_0_11_q[63:56],  // [19:12] byte 1
    s1_pkt_0_11_q[55:48],  // [11:4] byte 0
    s1_and_3,              // [3] byte 0 is written
    s1_sel_4               // [2:0] verdict
  };
endmodule

`default_nettype wire
