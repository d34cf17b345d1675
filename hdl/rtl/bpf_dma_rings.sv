// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// All queues of one direction: fetches their descriptors, gives them to frames, collects their completions and writes those.
///
/// A frame takes the descriptor of a queue with `take_i` in a clock in which that queue is ready; the descriptor is there a clock later. Completions come back in the order of each
/// queue's takes; the phase is put in here. One take and one completion per clock. A fetch of 8 takes 4 clocks.
/// Resources: a bpf_dma_ring for each queue, bpf_dma_descriptors, bpf_dma_completions.
module bpf_dma_rings #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned QUEUES = 4,           // 1..16
  parameter int unsigned SLOTS = 512,          // descriptors and completions of each queue on the chip, a power of two
  localparam int unsigned QW = (QUEUES > 1) ? $clog2(QUEUES) : 1
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  // registers
  input  logic              reg_write_i,
  input  logic [3:0]        reg_queue_i,
  input  logic [3:0]        reg_word_i,
  input  logic [31:0]       reg_wdata_i,
  output logic [31:0]       reg_rdata_o,
  input  logic [15:0]       delay_i,
  input  logic              tick_i,
  input  logic [QUEUES-1:0] irq_clear_i,
  output logic [QUEUES-1:0] irq_pending_o,
  // frames
  output logic [QUEUES-1:0] running_o,
  output logic [QUEUES-1:0] ready_o,
  output logic [QUEUES-1:0] posted_o,
  output logic [QUEUES-1:0] wait_o,
  input  logic              take_i,
  input  logic [QW-1:0]     take_queue_i,
  input  logic [QUEUES-1:0] drop_i,
  output logic [127:0]      descriptor_o,
  input  logic              done_valid_i,
  input  logic [QW-1:0]     done_queue_i,
  input  logic [63:0]       done_data_i,       // bit 26: error; bit 31 is not used
  input  logic              done_bad_i,        // the error is the descriptor's
  input  logic              done_cut_i,        // it is the frame's, and does not stop the queue
  // fetches: asked for, and their beats
  output logic              fetch_valid_o,
  input  logic              fetch_ready_i,
  output logic [63:0]       fetch_addr_o,
  output logic [15:0]       fetch_bytes_o,
  output logic [QW-1:0]     fetch_queue_o,
  output logic [15:0]       fetch_index_o,
  output logic [3:0]        fetch_count_o,
  input  logic              beat_valid_i,
  input  logic [BUS_W-1:0]  beat_data_i,
  input  logic              beat_first_i,
  input  logic              beat_last_i,
  input  logic              beat_error_i,
  input  logic [QW-1:0]     beat_queue_i,
  input  logic [15:0]       beat_index_i,
  input  logic [3:0]        beat_count_i,
  // completions: runs and words for the bus, and their responses
  output logic              run_valid_o,
  input  logic              run_ready_i,
  output logic [63:0]       run_addr_o,
  output logic [15:0]       run_bytes_o,
  output logic [QW-1:0]     run_queue_o,
  output logic [3:0]        run_count_o,
  output logic              word_valid_o,
  input  logic              word_ready_i,
  output logic [BUS_W-1:0]  word_data_o,
  input  logic              written_valid_i,
  input  logic              written_error_i,
  input  logic [QW-1:0]     written_queue_i,
  input  logic [3:0]        written_count_i
);
  if (QUEUES < 1 || QUEUES > 16) begin : g_check
    $fatal(1, "bpf_dma_rings: QUEUES must be 1..16");
  end

  logic [QUEUES-1:0]    fetch_ask, write_ask, write_asked, done_phase;
  logic [64*QUEUES-1:0] fetch_addr, write_addr;
  logic [16*QUEUES-1:0] fetch_index, write_index, take_index, done_index;
  logic [4*QUEUES-1:0]  fetch_count, write_count;
  logic [32*QUEUES-1:0] rdata;
  logic [3:0]           write_asked_count;
  logic                 fetch_busy;

  for (genvar q = 0; q < QUEUES; q++) begin : g_queue
    logic mine;
    assign mine = reg_queue_i == 4'(q);

    bpf_dma_ring #(.SLOTS(SLOTS)) u_ring (
      .clk_i, .rst_i, .reg_write_i(reg_write_i && mine), .reg_word_i, .reg_wdata_i, .reg_rdata_o(rdata[32*q +: 32]), .delay_i,
      .running_o(running_o[q]), .ready_o(ready_o[q]), .posted_o(posted_o[q]), .wait_o(wait_o[q]),
      .take_i(take_i && take_queue_i == QW'(q)), .drop_i(drop_i[q]), .take_index_o(take_index[16*q +: 16]),
      .fetch_ask_o(fetch_ask[q]), .fetch_addr_o(fetch_addr[64*q +: 64]), .fetch_index_o(fetch_index[16*q +: 16]), .fetch_count_o(fetch_count[4*q +: 4]),
      .fetch_busy_i(fetch_busy && fetch_queue_o == QW'(q)),
      .fetched_ask_i((fetch_valid_o && fetch_ready_i && fetch_queue_o == QW'(q)) ? fetch_count_o : 4'd0),
      .fetched_i((beat_valid_i && beat_last_i && beat_queue_i == QW'(q)) ? beat_count_i : 4'd0), .fetched_error_i(beat_error_i),
      .done_i(done_valid_i && done_queue_i == QW'(q)), .done_error_i(done_data_i[26] && !done_cut_i), .done_bad_i, .done_index_o(done_index[16*q +: 16]), .done_phase_o(done_phase[q]),
      .write_ask_o(write_ask[q]), .write_addr_o(write_addr[64*q +: 64]), .write_index_o(write_index[16*q +: 16]), .write_count_o(write_count[4*q +: 4]),
      .written_ask_i(write_asked[q] ? write_asked_count : 4'd0),
      .written_i((written_valid_i && written_queue_i == QW'(q)) ? written_count_i : 4'd0), .written_error_i,
      .tick_i, .irq_clear_i(irq_clear_i[q]), .irq_pending_o(irq_pending_o[q]));
  end

  always_comb begin
    reg_rdata_o = '0;
    for (int unsigned q = 0; q < QUEUES; q++) if (reg_queue_i == 4'(q)) reg_rdata_o = rdata[32*q +: 32];
  end

  // ---- fetches: whose turn, what, the request, a pause until the queue has moved on ----
  typedef enum logic [1:0] {PICK, LOOK, ASK, REST} state_t;
  state_t        state_q;
  logic          any, pick;
  logic [QW-1:0] turn;

  bpf_dma_pick #(.COUNT(QUEUES)) u_pick (.clk_i, .rst_i, .asks_i(fetch_ask), .any_o(any), .index_o(turn), .served_i(pick));

  assign pick          = state_q == PICK && any;
  assign fetch_busy    = state_q == LOOK || state_q == ASK;
  assign fetch_valid_o = state_q == ASK;
  assign fetch_bytes_o = {8'd0, fetch_count_o, 4'd0};

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      PICK: if (pick) begin
        state_q       <= LOOK;
        fetch_queue_o <= turn;
      end
      LOOK: begin
        state_q       <= ASK;
        fetch_addr_o  <= fetch_addr[64*fetch_queue_o +: 64];
        fetch_index_o <= fetch_index[16*fetch_queue_o +: 16];
        fetch_count_o <= fetch_count[4*fetch_queue_o +: 4];
      end
      ASK: if (fetch_ready_i) state_q <= REST;
      default: state_q <= PICK;
    endcase
    if (rst_i) state_q <= PICK;
  end

  bpf_dma_descriptors #(.BUS_W(BUS_W), .QUEUES(QUEUES), .SLOTS(SLOTS)) u_descriptors (
    .clk_i, .wr_valid_i(beat_valid_i), .wr_data_i(beat_data_i), .wr_first_i(beat_first_i), .wr_queue_i(beat_queue_i), .wr_index_i(beat_index_i),
    .wr_count_i(beat_count_i), .rd_en_i(take_i), .rd_queue_i(take_queue_i), .rd_index_i(take_index[16*take_queue_i +: 16]), .rd_data_o(descriptor_o));

  // ---- completions ----
  logic [63:0] done_data;
  assign done_data = {done_data_i[63:32], done_phase[done_queue_i], done_data_i[30:0]};

  bpf_dma_completions #(.BUS_W(BUS_W), .QUEUES(QUEUES), .SLOTS(SLOTS)) u_completions (
    .clk_i, .rst_i, .done_valid_i, .done_queue_i, .done_index_i(done_index[16*done_queue_i +: 16]), .done_data_i(done_data),
    .ask_valid_i(write_ask), .ask_addr_i(write_addr), .ask_index_i(write_index), .ask_count_i(write_count), .asked_o(write_asked), .asked_count_o(write_asked_count),
    .run_valid_o, .run_ready_i, .run_addr_o, .run_queue_o, .run_count_o, .word_valid_o, .word_ready_i, .word_data_o);
  assign run_bytes_o = {9'd0, run_count_o, 3'd0};

  logic unused_bits;
  assign unused_bits = done_data_i[31];
endmodule

`default_nettype wire
