// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Reads runs of bytes over AXI4; gives the beats as they come, in the order of the runs.
///
/// `beat_*` can not be refused: who asks has room. A run without bytes gives one `beat_valid_o` with `beat_none_o` and `beat_last_o`.
/// Latency: 4 clocks from a run to ARVALID, 1 from R. Up to OUTSTANDING bursts are under way.
/// Resources: BUS_W + about 150 flip-flops, (TAG_W + 3) x OUTSTANDING bits of RAM.
module bpf_dma_read #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned TAG_W = 8,
  parameter int unsigned OUTSTANDING = 512,    // a power of two >= 4
  localparam int unsigned KL = $clog2(BUS_W / 8)
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic             run_valid_i,
  output logic             run_ready_o,
  input  logic [63:0]      run_addr_i,
  input  logic [15:0]      run_bytes_i,
  input  logic [TAG_W-1:0] run_tag_i,
  output logic             beat_valid_o,
  output logic             beat_none_o,
  output logic [BUS_W-1:0] beat_data_o,        // as on the bus: the run's first byte at the lane of its address
  output logic             beat_first_o,       // of the run
  output logic             beat_last_o,
  output logic             beat_error_o,       // with the last: one of its beats came with SLVERR or DECERR
  output logic [TAG_W-1:0] beat_tag_o,
  // AXI4
  output logic [63:0]      m_axi_araddr_o,
  output logic [7:0]       m_axi_arlen_o,
  output logic             m_axi_arvalid_o,
  input  logic             m_axi_arready_i,
  input  logic [BUS_W-1:0] m_axi_rdata_i,
  input  logic [1:0]       m_axi_rresp_i,
  input  logic             m_axi_rlast_i,
  input  logic             m_axi_rvalid_i,
  output logic             m_axi_rready_o
);
  logic             valid, step, none, last, ar_ready, tag_ready, unused_idle_0, unused_idle_1, unused_first, unused_spill;
  logic [63:0]      addr;
  logic [7:0]       beats_m1;
  logic [TAG_W-1:0] tag;
  logic [KL-1:0]    unused_offset, unused_end;

  assign step = valid && ar_ready && tag_ready;

  bpf_dma_split #(.BUS_W(BUS_W), .TAG_W(TAG_W)) u_split (
    .clk_i, .rst_i, .run_valid_i, .run_ready_o, .run_addr_i, .run_bytes_i, .run_tag_i,
    .valid_o(valid), .ready_i(ar_ready && tag_ready), .none_o(none), .addr_o(addr), .beats_m1_o(beats_m1), .first_o(unused_first), .last_o(last),
    .offset_o(unused_offset), .end_o(unused_end), .spill_o(unused_spill), .tag_o(tag));

  bpf_fifo #(.WIDTH(72), .DEPTH(16)) u_ar (
    .clk_i, .rst_i, .wr_valid_i(step && !none), .wr_ready_o(ar_ready), .wr_data_i({beats_m1, addr}),
    .rd_valid_o(m_axi_arvalid_o), .rd_ready_i(m_axi_arready_i), .rd_data_o({m_axi_arlen_o, m_axi_araddr_o}), .idle_o(unused_idle_0));

  logic             way_valid, way_pop, way_none, way_last, beat, inside_q, error_q;
  logic [TAG_W-1:0] way_tag;

  bpf_fifo #(.WIDTH(TAG_W + 2), .DEPTH(OUTSTANDING)) u_under_way (
    .clk_i, .rst_i, .wr_valid_i(step), .wr_ready_o(tag_ready), .wr_data_i({none, last, tag}),
    .rd_valid_o(way_valid), .rd_ready_i(way_pop), .rd_data_o({way_none, way_last, way_tag}), .idle_o(unused_idle_1));

  assign m_axi_rready_o = way_valid && !way_none;
  assign beat           = way_valid && (way_none || m_axi_rvalid_i);
  assign way_pop        = way_valid && (way_none || (m_axi_rvalid_i && m_axi_rlast_i));

  always_ff @(posedge clk_i) begin
    beat_valid_o <= beat && !rst_i;
    beat_none_o  <= way_none;
    beat_data_o  <= m_axi_rdata_i;
    beat_first_o <= !inside_q;
    beat_last_o  <= way_pop && way_last;
    beat_error_o <= error_q || (m_axi_rresp_i[1] && !way_none);
    beat_tag_o   <= way_tag;
    if (beat) begin
      inside_q <= !(way_pop && way_last);
      error_q  <= !(way_pop && way_last) && (error_q || m_axi_rresp_i[1]);
    end
    if (rst_i) begin
      inside_q <= 1'b0;
      error_q  <= 1'b0;
    end
  end

  logic unused_bits;
  assign unused_bits = m_axi_rresp_i[0];
endmodule

`default_nettype wire
