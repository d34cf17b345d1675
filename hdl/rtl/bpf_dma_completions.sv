// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The completions of all queues that are not yet in memory: one in per clock, up to 8 of a queue out as words for the bus.
///
/// `ask_*`: 1 to 8 completions that lie in one block of 8; their words come at `word_*` in order, each byte at the lane of its address. Taken only when there is room for
/// all of them. `asked_o` is high in the clock in which the last of them is read, at the earliest that of `run_ready_i`.
/// Latency: 4 clocks from `ask_valid_i` to `word_valid_o`. A block takes 4 clocks, or 3 and one for each word.
/// Resources: 64 x QUEUES x SLOTS bits of RAM, BUS_W x 16 bits of LUT RAM, BUS_W flip-flops.
module bpf_dma_completions #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned QUEUES = 4,
  parameter int unsigned SLOTS = 512,          // of each queue, a power of two >= 16
  localparam int unsigned QW = (QUEUES > 1) ? $clog2(QUEUES) : 1
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  input  logic              done_valid_i,
  input  logic [QW-1:0]     done_queue_i,
  input  logic [15:0]       done_index_i,
  input  logic [63:0]       done_data_i,
  // what each queue would write next
  input  logic [QUEUES-1:0] ask_valid_i,
  input  logic [64*QUEUES-1:0] ask_addr_i,
  input  logic [16*QUEUES-1:0] ask_index_i,
  input  logic [4*QUEUES-1:0] ask_count_i,
  output logic [QUEUES-1:0] asked_o,           // one queue's is carried out
  output logic [3:0]        asked_count_o,
  // to the bus
  output logic              run_valid_o,
  input  logic              run_ready_i,
  output logic [63:0]       run_addr_o,
  output logic [QW-1:0]     run_queue_o,
  output logic [3:0]        run_count_o,
  output logic              word_valid_o,
  input  logic              word_ready_i,
  output logic [BUS_W-1:0]  word_data_o
);
  localparam int unsigned LANES = BUS_W / 64;
  localparam int unsigned LL = $clog2(LANES);
  localparam int unsigned SW = $clog2(SLOTS);
  localparam int unsigned LINES = SLOTS / LANES;
  localparam int unsigned AW = QW + SW - LL;

  // ---- whose turn, what, the words of it, a pause until the queue has moved on ----
  typedef enum logic [1:0] {PICK, LOOK, READ, REST} state_t;
  state_t        state_q;
  logic          any, pick, room, read, last;
  logic [QW-1:0] turn;
  logic [15:0]   index_q;
  logic [3:0]    beat_q, beats_m1;
  logic [4:0]    inside_q;                     // words asked for and not yet taken
  logic [4:0]    ends;
  logic [63:0]   addr_q;
  logic [3:0]    count_q;

  bpf_dma_pick #(.COUNT(QUEUES)) u_pick (.clk_i, .rst_i, .asks_i(ask_valid_i), .any_o(any), .index_o(turn), .served_i(pick));

  assign room        = inside_q <= 5'd8;
  assign pick        = state_q == PICK && any && room;
  assign ends        = 5'(index_q[2:0]) + 5'(count_q) - 5'd1;
  assign beats_m1    = 4'((ends >> LL) - (5'(index_q[2:0]) >> LL));
  assign last        = beat_q == beats_m1;
  assign run_valid_o = state_q == READ && last;
  assign read        = state_q == READ && (!last || run_ready_i);
  assign run_addr_o  = addr_q;
  assign run_count_o = count_q;
  assign asked_count_o = count_q;

  always_comb begin
    asked_o = '0;
    asked_o[run_queue_o] = read && last;
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      PICK: if (pick) begin
        state_q     <= LOOK;
        run_queue_o <= turn;
      end
      LOOK: begin
        state_q <= READ;
        addr_q  <= ask_addr_i[64*run_queue_o +: 64];
        index_q <= ask_index_i[16*run_queue_o +: 16];
        count_q <= ask_count_i[4*run_queue_o +: 4];
        beat_q  <= '0;
      end
      READ: if (read) begin
        beat_q <= beat_q + 4'd1;
        if (last) state_q <= REST;
      end
      default: state_q <= PICK;
    endcase
    inside_q <= inside_q + 5'(read) - 5'(word_valid_o && word_ready_i);
    if (rst_i) begin
      state_q  <= PICK;
      inside_q <= '0;
    end
  end

  // ---- one memory a lane ----
  logic [AW-1:0]    rd_addr;
  logic [15:0]      rd_index;
  logic [3:0]       place;
  logic [BUS_W-1:0] line;
  logic             line_valid_q, unused_ready, unused_idle;

  assign place    = 4'(4'({1'b0, index_q[2:0]}) >> LL) + beat_q;
  assign rd_index = {index_q[15:3], 3'd0} + (16'(place) << LL);
  assign rd_addr  = {run_queue_o, rd_index[SW-1:LL]};

  for (genvar l = 0; l < LANES; l++) begin : g_lane
    logic mine;
    if (LANES == 1) begin : g_only
      assign mine = 1'b1;
    end else begin : g_one_of
      assign mine = done_index_i[LL-1:0] == LL'(l);
    end

    (* no_rw_check *)
    logic [63:0] mem [0:(1 << QW)*LINES-1];
    logic [63:0] rd_q;
    always_ff @(posedge clk_i) if (done_valid_i && mine) mem[{done_queue_i, done_index_i[SW-1:LL]}] <= done_data_i;
    always_ff @(posedge clk_i) rd_q <= mem[rd_addr];
    assign line[64*l +: 64] = rd_q;
  end

  always_ff @(posedge clk_i) line_valid_q <= read && !rst_i;

  bpf_fifo #(.WIDTH(BUS_W), .DEPTH(16)) u_words (
    .clk_i, .rst_i, .wr_valid_i(line_valid_q), .wr_ready_o(unused_ready), .wr_data_i(line),
    .rd_valid_o(word_valid_o), .rd_ready_i(word_ready_i), .rd_data_o(word_data_o), .idle_o(unused_idle));

  logic unused_bits;
  assign unused_bits = ^{done_index_i, rd_index};
endmodule

`default_nettype wire
