// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Holds the frames while their tokens are in the pipeline: a block RAM ring of beats, a queue of frame lengths, and a ring
/// of where the frames came from, which the reader takes when a frame starts, after its length.
///
/// The writer appends beats; the reader (bpf_splice) owns the read pointer, reads at it and moves it on, by any number
/// of beats at once. Room is decided here, with a margin of 8 beats for what the ingress has under way.
/// The length queue can not overflow: each entry belongs to a token in flight, of which there are at most LENGTHS.
/// Latency: a read is 1 clock (RAM output); a length is at the head 3 clocks after its write, in registers.
/// To keep full rate: BYTES / (BUS_W/8) >= ceil(MAX_FRAME / (BUS_W/8)) + N + 24, N = clocks from token to result.
/// Resources: 8 * BYTES + 64 * LENGTHS bits of block RAM, LENGTHS x (33 - log2(BUS_W/8)) bits of RAM for the lengths.
module bpf_packet_buffer #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned BYTES = 32768,        // a power of two
  parameter int unsigned LENGTHS = 64,         // = RESULT_DEPTH, a power of two
  parameter int unsigned MAX_FRAME = 9216,
  localparam int unsigned LEFT_W = 16 - $clog2(BUS_W / 8),
  localparam int unsigned AW = $clog2(BYTES / (BUS_W / 8))
) (
  input  logic             clk_i,
  input  logic             rst_i,
  // from bpf_ingress
  input  logic             wr_valid_i,
  input  logic [BUS_W-1:0] wr_data_i,
  input  logic             wr_len_valid_i,
  input  logic [15:0]      wr_length_i,
  input  logic [LEFT_W-1:0] wr_left_i,        // beats minus 1
  input  logic             wr_oversize_i,
  input  logic [31:0]      wr_source_i,        // 1 clock after wr_len_valid_i
  output logic             room_o,             // register: at least 8 beats of room two clocks ago
  // to bpf_splice
  output logic             len_valid_o,        // the oldest frame is complete
  output logic [15:0]      len_length_o,
  output logic [LEFT_W-1:0] len_left_o,
  output logic             len_oversize_o,
  input  logic             len_pop_i,
  input  logic             source_load_i,      // show the source of the next frame, from the next clock on
  input  logic             source_pop_i,       // and this is the frame that starts; at most two behind the lengths taken
  output logic [31:0]      source_o,
  input  logic [AW:0]      rd_ptr_i,           // read at its low AW bits; beats before it are free
  output logic [BUS_W-1:0] rd_data_o           // 1 clock after rd_ptr_i
);
  localparam int unsigned WORDS = BYTES / (BUS_W / 8);

  if ((1 << $clog2(BYTES)) != BYTES) begin : g_check_1
    $fatal(1, "bpf_packet_buffer: BYTES must be a power of two");
  end
  if (BYTES < MAX_FRAME + 16 * (BUS_W / 8)) begin : g_check_2
    $fatal(1, "bpf_packet_buffer: BYTES must hold MAX_FRAME and 16 beats");
  end

  // An entry is never read in the clock in which it is written.
  (* no_rw_check *)
  logic [BUS_W-1:0] mem [0:WORDS-1];
  logic [AW:0]      wptr_q, used;
  logic             unused_wr_ready, unused_len_idle;

  assign used = wptr_q - rd_ptr_i;

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) mem[wptr_q[AW-1:0]] <= wr_data_i;
  end

  always_ff @(posedge clk_i) begin
    rd_data_o <= mem[rd_ptr_i[AW-1:0]];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) wptr_q <= '0;
    else if (wr_valid_i) wptr_q <= wptr_q + 1'b1;
    room_o <= used <= (AW+1)'(WORDS - 8);
  end

  // ---- sources: entries are written a clock after the lengths and read at least two clocks later ----
  localparam int unsigned SW = $clog2(2 * LENGTHS);

  (* no_rw_check *)
  logic [31:0]   sources [0:2*LENGTHS-1];
  logic [SW-1:0] source_wr_q, source_rd_q;
  logic          source_valid_q;

  always_ff @(posedge clk_i) begin
    if (source_valid_q) sources[source_wr_q] <= wr_source_i;
  end

  always_ff @(posedge clk_i) begin
    if (source_load_i) source_o <= sources[source_rd_q];
  end

  always_ff @(posedge clk_i) begin
    source_valid_q <= wr_len_valid_i && !rst_i;
    if (rst_i) source_wr_q <= '0;
    else if (source_valid_q) source_wr_q <= source_wr_q + 1'b1;
    if (rst_i) source_rd_q <= '0;
    else if (source_pop_i) source_rd_q <= source_rd_q + 1'b1;
  end

  bpf_fifo #(.WIDTH(17 + LEFT_W), .DEPTH(LENGTHS), .OUTPUT_REG(1)) u_lengths (
    .clk_i,
    .rst_i,
    .wr_valid_i (wr_len_valid_i),
    .wr_ready_o (unused_wr_ready),
    .wr_data_i  ({wr_oversize_i, wr_left_i, wr_length_i}),
    .rd_valid_o (len_valid_o),
    .rd_ready_i (len_pop_i),
    .rd_data_o  ({len_oversize_o, len_left_o, len_length_o}),
    .idle_o     (unused_len_idle)
  );
endmodule

`default_nettype wire
