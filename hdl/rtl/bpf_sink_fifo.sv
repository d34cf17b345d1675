// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Output FIFO of one sink (PASS, TX or REDIRECT): admits whole packets and drives an AXI4-Stream.
///
/// The splice asks with `need_m1_i` (beats of the packet minus one, see bpf_admission); when `fits_o`, it may pulse `reserve_i` and then
/// write exactly that many beats, at any pace, without further handshake. tkeep is made from the length at the output.
/// tvalid never depends on tready; data are stable while waiting. One beat per clock in and out.
/// Latency: 3 clocks from a write to tvalid. Keeps full rate when BYTES/(BUS_W/8) >= ceil(MAX_FRAME/(BUS_W/8)) + 16.
/// Resources: (BUS_W + 50 + TARGET_W) x BYTES/(BUS_W/8) bits of block RAM, as many flip-flops as one word.
module bpf_sink_fifo #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned BYTES = 16384,        // a power of two
  parameter int unsigned MAX_FRAME = 9216,
  parameter int unsigned TARGET_W = 0,         // bits that go with each frame to its output; 0: none
  parameter int unsigned AHEAD = 0,            // as bpf_admission's
  localparam int unsigned TARGETS = (TARGET_W == 0) ? 1 : TARGET_W,
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB)
) (
  input  logic              clk_i,
  input  logic              rst_i,
  // admission
  input  logic [LEFT_W-1:0] next_m1_i,         // with AHEAD, as are the next two: beats minus 1 of the packet that comes next
  input  logic              waits_i,           // the packet that wants to start waits until it fits
  input  logic              single_i,          // if it fits, the next one comes
  input  logic [LEFT_W-1:0] need_m1_i,         // beats of the packet that wants to start, minus 1
  output logic              fits_o,            // there is room for all of it
  input  logic              reserve_i,         // it starts now
  // beats from the splice
  input  logic              wr_valid_i,
  input  logic [BUS_W-1:0]  wr_data_i,
  input  logic              wr_last_i,
  input  logic [15:0]       wr_length_i,       // of the packet, on every beat
  input  logic              wr_modified_i,     // on every beat
  input  logic [31:0]       wr_source_i,       // on every beat
  input  logic [TARGETS-1:0] wr_target_i,      // on every beat
  // AXI4-Stream out
  output logic [BUS_W-1:0]  m_axis_tdata_o,
  output logic [BUSB-1:0]   m_axis_tkeep_o,
  output logic              m_axis_tvalid_o,
  input  logic              m_axis_tready_i,
  output logic              m_axis_tlast_o,
  output logic [63:0]       m_axis_tuser_o,    // [15:0] length, [16] modified, [63:32] source
  output logic [TARGETS-1:0] target_o,         // on every beat; zero when TARGET_W is 0
  output logic              idle_o             // nothing inside or under way
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned WORDS = BYTES / BUSB;

  if ((1 << $clog2(BYTES)) != BYTES) begin : g_check_1
    $fatal(1, "bpf_sink_fifo: BYTES must be a power of two");
  end
  if (BYTES < MAX_FRAME + 16 * BUSB) begin : g_check_2
    $fatal(1, "bpf_sink_fifo: BYTES must hold MAX_FRAME and 16 beats");
  end

  // A beat is given back one clock after it left.
  logic pop_q, empty;

  bpf_admission #(.WORDS(WORDS), .NEED_W(LEFT_W), .AHEAD(AHEAD)) u_admission (
    .clk_i,
    .rst_i,
    .next_m1_i,
    .waits_i,
    .single_i,
    .need_m1_i,
    .fits_o,
    .reserve_i,
    .given_i (pop_q),
    .empty_o (empty)
  );

  always_ff @(posedge clk_i) begin
    pop_q  <= m_axis_tvalid_o && m_axis_tready_i && !rst_i;
    idle_o <= empty;
  end

  logic        last, unused_wr_ready, unused_fifo_idle;
  logic [15:0] length;
  logic [31:0] source;
  logic        modified;

  localparam int unsigned WIDTH = BUS_W + 50 + TARGET_W;
  logic [WIDTH-1:0] wr_word, rd_word;

  bpf_fifo #(.WIDTH(WIDTH), .DEPTH(WORDS), .OUTPUT_REG(1)) u_fifo (
    .clk_i,
    .rst_i,
    .wr_valid_i,
    .wr_ready_o (unused_wr_ready),
    .wr_data_i  (wr_word),
    .rd_valid_o (m_axis_tvalid_o),
    .rd_ready_i (m_axis_tready_i),
    .rd_data_o  (rd_word),
    .idle_o     (unused_fifo_idle)
  );

  assign {source, modified, length, last, m_axis_tdata_o} = rd_word[BUS_W+49:0];
  if (TARGET_W == 0) begin : g_no_target
    logic unused_target;
    assign unused_target = ^wr_target_i;
    assign wr_word  = {wr_source_i, wr_modified_i, wr_length_i, wr_last_i, wr_data_i};
    assign target_o = '0;
  end else begin : g_target
    assign wr_word  = {wr_target_i, wr_source_i, wr_modified_i, wr_length_i, wr_last_i, wr_data_i};
    assign target_o = rd_word[WIDTH-1 -: TARGETS];
  end

  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) begin
      m_axis_tkeep_o[i] = !last || length[KL-1:0] == '0 || KL'(i) < length[KL-1:0];
    end
  end
  assign m_axis_tlast_o = last;
  assign m_axis_tuser_o = {source, 15'd0, modified, length};
endmodule

`default_nettype wire
