// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Frames from a MAC that says late that one is bad: keeps each until its end (bpf_frame_gate) and then knows its length and queue with its first beat.
///
/// Bad frames, those with less than LEAST or more than MAX_FRAME bytes, and those without room leave nothing behind, each with a pulse of its reason. Never refuses a beat; one beat per clock.
/// Latency: 5 clocks from the last beat in to the first one out. Resources: bpf_frame_gate and a FIFO of 32 bits x FRAMES.
module bpf_rx_gate #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned BYTES = 32768,        // of frames, a power of two
  parameter int unsigned FRAMES = 512,         // most frames inside, a power of two >= 8
  parameter int unsigned LEAST = 14,
  parameter int unsigned MAX_FRAME = 9216,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic [BUS_W-1:0] s_axis_tdata_i,
  input  logic [BUSB-1:0]  s_axis_tkeep_i,     // contiguous; all ones before the last beat
  input  logic             s_axis_tvalid_i,    // always taken
  input  logic             s_axis_tlast_i,
  input  logic             s_axis_bad_i,       // with the last beat
  input  logic [15:0]      s_axis_queue_i,     // with the last beat
  output logic [BUS_W-1:0] m_axis_tdata_o,
  output logic [BUSB-1:0]  m_axis_tkeep_o,
  output logic             m_axis_tvalid_o,
  input  logic             m_axis_tready_i,
  output logic             m_axis_tlast_o,
  output logic [15:0]      m_axis_length_o,    // every beat
  output logic [15:0]      m_axis_queue_o,
  output logic             good_o,             // pulses
  output logic             bad_o,
  output logic             size_o,
  output logic             full_o
);
  localparam int unsigned CW = $clog2(FRAMES) + 1;

  // ---- how many bytes ----
  logic             valid_q, last_q, bad_q, begin_q, long_q, wrong_size;
  logic [BUS_W-1:0] data_q;
  logic [BUSB-1:0]  keep_q;
  logic [15:0]      queue_q, before_q, bytes, length;
  logic [16:0]      sum;

  always_comb begin
    bytes = '0;
    for (int unsigned i = 0; i < BUSB; i++) bytes = bytes + 16'(keep_q[i]);
  end
  assign sum        = (begin_q ? 17'd0 : {1'b0, before_q}) + {1'b0, bytes};
  assign length     = sum[15:0];
  assign wrong_size = (long_q && !begin_q) || sum > 17'(MAX_FRAME) || sum < 17'(LEAST);

  always_ff @(posedge clk_i) begin
    valid_q <= s_axis_tvalid_i && !rst_i;
    data_q  <= s_axis_tdata_i;
    keep_q  <= s_axis_tkeep_i;
    last_q  <= s_axis_tlast_i;
    bad_q   <= s_axis_bad_i;
    queue_q <= s_axis_queue_i;
    if (valid_q) begin
      begin_q  <= last_q;
      before_q <= length;
      long_q   <= (long_q && !begin_q) || sum > 17'(MAX_FRAME);
    end
    if (rst_i) begin_q <= 1'b1;
  end

  // ---- the frames; what has become of one is known a clock behind its end ----
  logic          crowded, drop, gate_valid, gate_last, gate_bad, gate_full, known, pop, ended_q, was_bad_q, was_size_q;
  logic [CW-1:0] inside_q;
  logic [15:0]   length_q, end_queue_q;

  assign crowded = inside_q >= CW'(FRAMES - 2);
  assign drop    = bad_q || wrong_size || crowded;
  assign good_o  = ended_q && !gate_bad && !gate_full;
  assign bad_o   = gate_bad && was_bad_q;
  assign size_o  = gate_bad && !was_bad_q && was_size_q;
  assign full_o  = gate_full || (gate_bad && !was_bad_q && !was_size_q);

  bpf_frame_gate #(.BUS_W(BUS_W), .WORDS(BYTES / BUSB)) u_gate (
    .clk_i, .rst_i, .s_axis_tdata_i(data_q), .s_axis_tkeep_i(keep_q), .s_axis_tvalid_i(valid_q), .s_axis_tlast_i(last_q), .s_axis_bad_i(drop),
    .m_axis_tdata_o, .m_axis_tkeep_o, .m_axis_tvalid_o(gate_valid), .m_axis_tready_i(m_axis_tready_i && known), .m_axis_tlast_o(gate_last),
    .bad_o(gate_bad), .full_o(gate_full));

  always_ff @(posedge clk_i) begin
    ended_q     <= valid_q && last_q && !rst_i;
    was_bad_q   <= bad_q;
    was_size_q  <= wrong_size;
    length_q    <= length;
    end_queue_q <= queue_q;
    inside_q    <= inside_q + CW'(good_o) - CW'(pop);
    if (rst_i) inside_q <= '0;
  end

  logic unused_ready, unused_idle;
  bpf_fifo #(.WIDTH(32), .DEPTH(FRAMES)) u_lengths (
    .clk_i, .rst_i, .wr_valid_i(good_o), .wr_ready_o(unused_ready), .wr_data_i({end_queue_q, length_q}),
    .rd_valid_o(known), .rd_ready_i(pop), .rd_data_o({m_axis_queue_o, m_axis_length_o}), .idle_o(unused_idle));

  assign m_axis_tvalid_o = gate_valid && known;
  assign m_axis_tlast_o  = gate_last;
  assign pop             = m_axis_tvalid_o && m_axis_tready_i && gate_last;
endmodule

`default_nettype wire
