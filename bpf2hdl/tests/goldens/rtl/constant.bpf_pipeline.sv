// SPDX-License-Identifier: Apache-2.0
// Made by bpf2hdl 0.1.0 from program `xdp_drop`; do not edit. To make it again:
//   bpf2hdl compile PROG -o DIR --prog xdp_drop --target xcup --clock 250 --bus 512 --optimize latency
`default_nettype none

/// The program `xdp_drop` as a pipeline of 1 stage.
///
/// A token enters stage 0 with `token_valid_i` and moves on by one stage each clock; nothing is ever refused. Names:
/// `sK_...` belongs to stage K, `_q` is a register at its input; `pkt_A_B` are packet bytes A to B as received; the
/// number behind an operation is its node.
/// Latency from token to result: 0 clocks. Registers: 0 bits.
module bpf_pipeline (
  input  logic clk_i,
  input  logic rst_i,           // synchronous, active high: the pipeline is empty
  input  logic token_valid_i,   // a token is in stage 0
  output logic result_valid_o,  // the token in the last stage is done
  output logic result_o         // see `result` below
);

  // -- stage 0 ------------------------------------------------------------------------------------------------------

  // -- result -------------------------------------------------------------------------------------------------------
  // Only what varies: the core adds the constant bits behind the result queue.
  assign result_valid_o = token_valid_i;
  assign result_o = 1'b0;

  // -- bits that nothing reads --------------------------------------------------------------------------------------
  logic unused_bits;
  assign unused_bits = ^{clk_i, rst_i};
endmodule

`default_nettype wire
