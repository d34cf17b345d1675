// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Copies the first beats of packets, for records that bring bytes of them, from a copy of the packet buffer of its own to a FIFO.
///
/// A job is presented with the token that leaves the pipeline, when all beats of its packet are stored. One beat per clock; nothing
/// refuses a beat (bpf_event_room), so jobs never wait for the host. Where a packet's copies take longer than it took to arrive (several records with
/// bytes, or many packets that were waiting for a map), the input may be held up: `ring_room_o` is low while the writer is about to reach beats
/// that are still wanted.
/// Latency from a job to its first beat: 4 clocks.
/// Resources: 8 * BUFFER_BYTES bits of block RAM, JOBS x (16 + LANES * COUNT_W) bits.
module bpf_event_copy #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned LANES = 1,             // copies that a packet may want
  parameter int unsigned JOBS = 64,             // that can wait, a power of two
  parameter int unsigned BUFFER_BYTES = 32768,  // BYTES of bpf_packet_buffer
  localparam int unsigned COUNT_W = 17 - $clog2(BUS_W / 8)
) (
  input  logic                     clk_i,
  input  logic                     rst_i,         // synchronous, active high
  // as at bpf_packet_buffer, in the same clocks
  input  logic                     wr_valid_i,
  input  logic [BUS_W-1:0]         wr_data_i,
  output logic                     ring_room_o,   // register: the buffer may be written
  // a job
  input  logic                     job_valid_i,
  input  logic [15:0]              start_i,       // token_start_o of the packet
  input  logic [LANES*COUNT_W-1:0] beats_i,       // by copy; not all of them 0
  output logic                     beat_valid_o,
  output logic [BUS_W-1:0]         beat_o,
  output logic                     idle_o
);
  localparam int unsigned WORDS = BUFFER_BYTES / (BUS_W / 8);
  localparam int unsigned AW = $clog2(WORDS);

  if ((1 << AW) != WORDS || WORDS < 64 || WORDS > 32768) begin : g_check
    $fatal(1, "bpf_event_copy: BUFFER_BYTES must be a power of two, 64..32768 beats");
  end

  logic                     head_valid, take, valid_q, last, jobs_idle, unused_ready;
  logic [15:0]              head_start, start_q;
  logic [LANES*COUNT_W-1:0] head_beats, beats_q;
  logic [LANES-1:0]         todo, pick, rest, left_q;
  logic [COUNT_W-1:0]       count, beat_q;

  bpf_fifo #(.WIDTH(16 + LANES * COUNT_W), .DEPTH(JOBS)) u_jobs (
    .clk_i,
    .rst_i,
    .wr_valid_i (job_valid_i),
    .wr_ready_o (unused_ready),
    .wr_data_i  ({start_i, beats_i}),
    .rd_valid_o (head_valid),
    .rd_ready_i (take),
    .rd_data_o  ({head_start, head_beats}),
    .idle_o     (jobs_idle)
  );

  // ---- the first copy that is left, beat by beat ----
  always_comb begin
    count = '0;
    for (int unsigned k = 0; k < LANES; k++) begin
      todo[k] = left_q[k] && beats_q[COUNT_W*k +: COUNT_W] != '0;
      if (pick[k]) count = count | beats_q[COUNT_W*k +: COUNT_W];
    end
  end

  assign pick   = todo & (~todo + 1'b1);
  assign last   = beat_q + 1'b1 == count;
  assign rest   = last ? todo & ~pick : todo;
  assign take   = !valid_q || rest == '0;
  assign idle_o = jobs_idle && !valid_q && !beat_valid_o;

  always_ff @(posedge clk_i) begin
    if (take) begin
      start_q <= head_start;
      beats_q <= head_beats;
    end
    left_q <= take ? '1 : rest;
    beat_q <= (take || last) ? '0 : beat_q + 1'b1;
    if (rst_i) valid_q <= 1'b0;
    else if (take) valid_q <= head_valid;
  end

  // ---- the copy of the packet buffer. What is being written is never wanted: tokens follow their beats ----
  (* no_rw_check *)
  logic [BUS_W-1:0] mem [0:WORDS-1];
  logic [15:0]      wptr_q, oldest, used, at;
  logic             unused_at;

  assign oldest = valid_q ? start_q : head_start;
  assign used   = wptr_q - oldest;
  assign at     = start_q + 16'(beat_q);
  assign unused_at = ^at[15:AW];

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) mem[wptr_q[AW-1:0]] <= wr_data_i;
  end

  always_ff @(posedge clk_i) beat_o <= mem[at[AW-1:0]];

  always_ff @(posedge clk_i) begin
    if (rst_i) wptr_q <= '0;
    else if (wr_valid_i) wptr_q <= wptr_q + 1'b1;
    beat_valid_o <= valid_q && todo != '0 && !rst_i;
    ring_room_o  <= !(valid_q || head_valid) || used <= 16'(WORDS - 16);
  end
endmodule

`default_nettype wire
