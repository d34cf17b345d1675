// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One gigabit port: GMII on one side, frames as AXI4-Streams of 64 bits in the core's clock on the other. Whole good frames only.
///
/// Three clocks: the PHY's, that of sending, the core's, which must tick faster than 31.3 MHz to keep up with a sender. Bad frames end here; so do frames
/// that find no room, on the way in (the core has stalled) and on the way out (more is sent to the port than a gigabit). Nobody is ever stopped.
/// Resources: 4 block RAMs of 18 Kbit at the default depths.
module bpf_gmii_port #(
  parameter int unsigned MAX_FRAME = 1536,     // bytes received, without FCS
  parameter int unsigned RX_WORDS = 512,       // of 8 bytes, a power of two
  parameter int unsigned TX_WORDS = 512
) (
  input  logic        rx_clk_i,                // 125 MHz, from the PHY
  input  logic        rx_rst_i,
  input  logic [7:0]  gmii_rxd_i,
  input  logic        gmii_rx_dv_i,
  input  logic        gmii_rx_er_i,
  input  logic        tx_clk_i,                // 125 MHz
  input  logic        tx_rst_i,
  output logic [7:0]  gmii_txd_o,
  output logic        gmii_tx_en_o,
  output logic        gmii_tx_er_o,
  input  logic        clk_i,                   // the core's
  input  logic        rst_i,
  output logic [63:0] m_axis_tdata_o,          // received
  output logic [7:0]  m_axis_tkeep_o,
  output logic        m_axis_tvalid_o,
  input  logic        m_axis_tready_i,
  output logic        m_axis_tlast_o,
  input  logic [63:0] s_axis_tdata_i,          // to be sent; never refused
  input  logic [7:0]  s_axis_tkeep_i,
  input  logic        s_axis_tvalid_i,
  input  logic        s_axis_tlast_i,
  output logic [4:0]  event_o                  // pulses: {sent without room, sent, received without room, bad, good}
);
  localparam int unsigned WIDTH = 64 + 3 + 1;  // data, bytes minus 1, last

  // ---- received: bytes to words ----
  logic        rx_valid, rx_last, rx_bad, rx_good_frame, rx_bad_frame, rx_lost, word_valid_q, word_last_q, word_bad_q;
  logic [7:0]  rx_data;
  logic [63:0] word_q;
  logic [2:0]  lane_q, word_count_q, m_count;
  logic [WIDTH-1:0] rx_word;

  bpf_mac_rx #(.MAX_FRAME(MAX_FRAME)) u_rx (
    .clk_i(rx_clk_i), .rst_i(rx_rst_i), .gmii_rxd_i, .gmii_rx_dv_i, .gmii_rx_er_i,
    .valid_o(rx_valid), .data_o(rx_data), .last_o(rx_last), .bad_o(rx_bad), .good_frame_o(rx_good_frame), .bad_frame_o(rx_bad_frame));

  always_ff @(posedge rx_clk_i) begin
    if (rx_valid) begin
      word_q[8*lane_q +: 8] <= rx_data;
      lane_q                <= rx_last ? 3'd0 : lane_q + 3'd1;
    end
    word_count_q <= lane_q;
    word_last_q  <= rx_last;
    word_bad_q   <= rx_bad;
    word_valid_q <= rx_valid && (rx_last || lane_q == 3'd7) && !rx_rst_i;
    if (rx_rst_i) lane_q <= '0;
  end

  bpf_frame_fifo #(.WIDTH(WIDTH), .DEPTH(RX_WORDS)) u_rx_fifo (
    .wr_clk_i(rx_clk_i), .wr_rst_i(rx_rst_i), .wr_valid_i(word_valid_q), .wr_data_i({word_last_q, word_count_q, word_q}),
    .wr_last_i(word_last_q), .wr_bad_i(word_bad_q), .dropped_o(rx_lost),
    .rd_clk_i(clk_i), .rd_rst_i(rst_i), .rd_valid_o(m_axis_tvalid_o), .rd_ready_i(m_axis_tready_i), .rd_data_o(rx_word));

  assign {m_axis_tlast_o, m_count, m_axis_tdata_o} = rx_word;
  assign m_axis_tkeep_o = 8'hFF >> (3'd7 - m_count);

  // ---- to be sent: tkeep to a count; whole frames in the core's clock, then across: a block RAM's output is too slow for 125 MHz ----
  logic        tx_valid, tx_ready, tx_last, tx_lost, tx_frame;
  logic [2:0]  s_count, tx_count;
  logic [63:0] tx_data;
  logic        whole_valid, whole_ready;
  logic [WIDTH-1:0] whole_word;

  always_comb begin
    s_count = '0;
    for (int unsigned i = 1; i < 8; i++) if (s_axis_tkeep_i[i]) s_count = 3'(i);
  end

  bpf_frame_fifo #(.WIDTH(WIDTH), .DEPTH(TX_WORDS)) u_tx_fifo (
    .wr_clk_i(clk_i), .wr_rst_i(rst_i), .wr_valid_i(s_axis_tvalid_i), .wr_data_i({s_axis_tlast_i, s_count, s_axis_tdata_i}),
    .wr_last_i(s_axis_tlast_i), .wr_bad_i(1'b0), .dropped_o(tx_lost),
    .rd_clk_i(clk_i), .rd_rst_i(rst_i), .rd_valid_o(whole_valid), .rd_ready_i(whole_ready), .rd_data_o(whole_word));

  bpf_async_fifo #(.WIDTH(WIDTH)) u_tx_cross (
    .wr_clk_i(clk_i), .wr_rst_i(rst_i), .wr_valid_i(whole_valid), .wr_ready_o(whole_ready), .wr_data_i(whole_word),
    .rd_clk_i(tx_clk_i), .rd_rst_i(tx_rst_i), .rd_valid_o(tx_valid), .rd_ready_i(tx_ready), .rd_data_o({tx_last, tx_count, tx_data}));

  bpf_mac_tx u_tx (
    .clk_i(tx_clk_i), .rst_i(tx_rst_i), .valid_i(tx_valid), .ready_o(tx_ready), .data_i(tx_data), .count_m1_i(tx_count), .last_i(tx_last),
    .gmii_txd_o, .gmii_tx_en_o, .gmii_tx_er_o, .frame_o(tx_frame));

  // ---- events, in the core's clock ----
  bpf_pulse_sync u_good (.src_clk_i(rx_clk_i), .src_rst_i(rx_rst_i), .pulse_i(rx_good_frame), .dst_clk_i(clk_i), .pulse_o(event_o[0]));
  bpf_pulse_sync u_bad  (.src_clk_i(rx_clk_i), .src_rst_i(rx_rst_i), .pulse_i(rx_bad_frame), .dst_clk_i(clk_i), .pulse_o(event_o[1]));
  bpf_pulse_sync u_lost (.src_clk_i(rx_clk_i), .src_rst_i(rx_rst_i), .pulse_i(rx_lost), .dst_clk_i(clk_i), .pulse_o(event_o[2]));
  bpf_pulse_sync u_sent (.src_clk_i(tx_clk_i), .src_rst_i(tx_rst_i), .pulse_i(tx_frame), .dst_clk_i(clk_i), .pulse_o(event_o[3]));
  assign event_o[4] = tx_lost;
endmodule

`default_nettype wire
