// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What comes in by XGMII goes out by it, past a gate that holds whole good frames: bpf_xgmii_rx, bpf_frame_gate, bpf_xgmii_tx. With `hold` the gate fills; `fault` is a word that is late (one bit) or a
/// frame that is bad at its end (two).
module xgmii_top (
  input  logic        clk,
  input  logic        rst,
  input  logic [63:0] xgmii_rxd,
  input  logic [7:0]  xgmii_rxc,
  output logic [63:0] xgmii_txd,
  output logic [7:0]  xgmii_txc,
  input  logic        hold,
  input  logic [1:0]  fault,
  output logic [31:0] good,
  output logic [31:0] bad,
  output logic [31:0] full,
  output logic [31:0] sent
);
  logic [63:0] rx_data, tx_data;
  logic [7:0]  rx_keep, tx_keep;
  logic        rx_valid, rx_last, rx_bad, tx_valid, tx_ready, tx_last, good_frame, bad_frame, gate_bad, gate_full, frame, inside_q, shown, late;

  bpf_xgmii_rx u_rx (
    .clk_i(clk), .rst_i(rst), .xgmii_rxd_i(xgmii_rxd), .xgmii_rxc_i(xgmii_rxc), .valid_o(rx_valid), .data_o(rx_data), .keep_o(rx_keep), .last_o(rx_last), .bad_o(rx_bad),
    .good_frame_o(good_frame), .bad_frame_o(bad_frame));
  bpf_frame_gate #(.BUS_W(64), .WORDS(4096)) u_gate (
    .clk_i(clk), .rst_i(rst), .s_axis_tdata_i(rx_data), .s_axis_tkeep_i(rx_keep), .s_axis_tvalid_i(rx_valid), .s_axis_tlast_i(rx_last), .s_axis_bad_i(rx_bad),
    .m_axis_tdata_o(tx_data), .m_axis_tkeep_o(tx_keep), .m_axis_tvalid_o(tx_valid), .m_axis_tready_i(tx_ready && shown), .m_axis_tlast_o(tx_last),
    .bad_o(gate_bad), .full_o(gate_full));

  // The first fault comes in the second word of a frame that has one.
  assign late  = fault[0] && inside_q;
  assign shown = tx_valid && !late && (inside_q || !hold);
  bpf_xgmii_tx u_tx (
    .clk_i(clk), .rst_i(rst), .valid_i(shown), .ready_o(tx_ready), .data_i(tx_data), .keep_i(tx_keep), .last_i(tx_last), .bad_i(fault[1]),
    .xgmii_txd_o(xgmii_txd), .xgmii_txc_o(xgmii_txc), .frame_o(frame));

  always_ff @(posedge clk) begin
    if (shown && tx_ready) inside_q <= !tx_last;
    good <= good + 32'(good_frame);
    bad  <= bad + 32'(bad_frame);
    full <= full + 32'(gate_full);
    sent <= sent + 32'(frame);
    if (rst) {inside_q, good, bad, full, sent} <= '0;
  end
endmodule

`default_nettype wire
