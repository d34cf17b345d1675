// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A load of BYTES packet bytes at a computed offset far behind the window, from a copy of the packet buffer of its own.
///
/// One load per clock, unaligned and across two beats. It is written with the very beats that go to bpf_packet_buffer
/// and keeps the same ring, but only those byte lanes that a load can need: with a STRIDE above BYTES a fraction of the
/// packet. The few bytes of the next beat that a load can run into are kept a second time, in a memory that is read one
/// beat further on; there is none when PHASE + BYTES <= STRIDE.
/// A beat written in clock t is seen by loads presented in clock t or later. bpf_ingress gives a token 1 clock or more
/// after it stored the beat with byte token_length - 1, so all bytes below token_length can be loaded as soon as the
/// token is there; the others of the packet only with FULL_LENGTH (then there are none). The beats stay until the
/// splice takes the result of the packet, thus longer than any load that the result waits for.
/// Latency: 3 clocks: address sum, RAM, selection among BUS_W / 8 / STRIDE places for each byte of the result.
/// Resources: 8 * BUFFER_BYTES * min(BYTES, STRIDE) / STRIDE bits of block RAM, BUFFER_BYTES / (BUS_W/8) words of
/// 8 * (PHASE + BYTES - STRIDE) bits for the second memory, and 8 * BYTES selectors. Data only, but for the write pointer.
module bpf_far_load #(
  parameter int unsigned BUS_W = 512,          // 64, 128, 256 or 512
  parameter int unsigned BUFFER_BYTES = 32768, // BYTES of bpf_packet_buffer
  parameter int unsigned BYTES = 4,            // of the load, 1..8
  parameter int unsigned STRIDE = 1,           // 1, 2, 4 or 8: every offset is PHASE modulo STRIDE
  parameter int unsigned PHASE = 0             // 0..STRIDE-1
) (
  input  logic               clk_i,
  input  logic               rst_i,            // synchronous, active high: the write pointer only
  // as at bpf_packet_buffer, in the same clocks
  input  logic               wr_valid_i,
  input  logic [BUS_W-1:0]   wr_data_i,
  // the load
  input  logic [15:0]        start_i,          // token_start_o of the packet
  input  logic [15:0]        offset_i,         // byte offset in the packet; PHASE modulo STRIDE
  output logic [8*BYTES-1:0] data_o            // register, 3 clocks later; byte i at [8*i +: 8]; unspecified outside the packet
);
  localparam int unsigned BUSB = BUS_W / 8;
  localparam int unsigned WORDS = BUFFER_BYTES / BUSB;
  localparam int unsigned AW = $clog2(WORDS);
  localparam int unsigned PLACES = BUSB / STRIDE;      // where a load can begin in a beat
  localparam int unsigned PLACE_W = (PLACES > 1) ? $clog2(PLACES) : 1;
  localparam int unsigned GROUP = (BYTES < STRIDE) ? BYTES : STRIDE;                     // lanes kept per place
  localparam int unsigned CUT = (PHASE + GROUP > STRIDE) ? PHASE + GROUP - STRIDE : 0;   // less in the last place
  localparam int unsigned KEPT = PLACES * GROUP - CUT; // lanes kept per beat
  localparam int unsigned SPILL = (PHASE + BYTES > STRIDE) ? PHASE + BYTES - STRIDE : 0; // bytes of the next beat
  localparam int unsigned NEXT_W = (SPILL == 0) ? 1 : 8 * SPILL;

  if (BUS_W != 64 && BUS_W != 128 && BUS_W != 256 && BUS_W != 512) begin : g_check_1
    $fatal(1, "bpf_far_load: BUS_W must be 64, 128, 256 or 512");
  end
  if ((1 << $clog2(BUFFER_BYTES)) != BUFFER_BYTES || WORDS < 2 || WORDS > 65536) begin : g_check_2
    $fatal(1, "bpf_far_load: BUFFER_BYTES must be a power of two, 2..65536 beats");
  end
  if (BYTES < 1 || BYTES > 8) begin : g_check_3
    $fatal(1, "bpf_far_load: BYTES must be 1..8");
  end
  if ((STRIDE != 1 && STRIDE != 2 && STRIDE != 4 && STRIDE != 8) || PHASE >= STRIDE) begin : g_check_4
    $fatal(1, "bpf_far_load: STRIDE must be 1, 2, 4 or 8 and PHASE below it");
  end

  // ---- write: the lanes kept, place by place ----
  logic [AW-1:0]     wptr_q;
  logic [8*KEPT-1:0] kept;
  logic              unused_bits;      // the lanes not kept, the upper bits of start_i

  for (genvar n = 0; n < KEPT; n++) begin : g_kept
    assign kept[8*n +: 8] = wr_data_i[8*((n / GROUP) * STRIDE + PHASE + n % GROUP) +: 8];
  end
  assign unused_bits = ^{wr_data_i, start_i};

  always_ff @(posedge clk_i) begin
    if (rst_i) wptr_q <= '0;
    else if (wr_valid_i) wptr_q <= wptr_q + 1'b1;
  end

  // ---- clock 0: the beat of the first byte, and its place in it ----
  logic [AW-1:0]      beat, addr_q;
  logic [PLACE_W-1:0] place1_q, place2_q;

  assign beat = AW'(offset_i >> $clog2(BUSB));

  always_ff @(posedge clk_i) begin
    addr_q   <= AW'(start_i) + beat;
    place1_q <= PLACE_W'(offset_i >> $clog2(STRIDE));
    place2_q <= place1_q;
  end

  // ---- clock 1: read. What is being written is never wanted: loads follow the writes ----
  (* no_rw_check *)
  logic [8*KEPT-1:0] mem [0:WORDS-1];
  logic [8*KEPT-1:0] this_q;
  logic [NEXT_W-1:0] next_q;          // the first SPILL bytes of the next beat

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) mem[wptr_q] <= kept;
  end

  always_ff @(posedge clk_i) this_q <= mem[addr_q];

  if (SPILL == 0) begin : g_within
    logic unused_next;
    assign next_q      = 1'b0;
    assign unused_next = next_q;
  end else begin : g_spill
    (* no_rw_check *)
    logic [NEXT_W-1:0] next_mem [0:WORDS-1];
    logic [AW-1:0]     next_addr_q;

    always_ff @(posedge clk_i) begin
      if (wr_valid_i) next_mem[wptr_q] <= wr_data_i[NEXT_W-1:0];
    end

    always_ff @(posedge clk_i) begin
      next_addr_q <= AW'(start_i) + beat + 1'b1;
      next_q      <= next_mem[next_addr_q];
    end
  end

  // ---- clock 2: select, each byte of the result by itself ----
  for (genvar k = 0; k < BYTES; k++) begin : g_byte
    logic [8*PLACES-1:0] choice;

    for (genvar i = 0; i < PLACES; i++) begin : g_place
      localparam int unsigned LANE = i * STRIDE + PHASE + k;

      if (LANE < BUSB) begin : g_this
        assign choice[8*i +: 8] = this_q[8*(((LANE - PHASE) / STRIDE) * GROUP + (LANE - PHASE) % STRIDE) +: 8];
      end else begin : g_next
        assign choice[8*i +: 8] = next_q[8*(LANE - BUSB) +: 8];
      end
    end

    if (PLACES == 1) begin : g_one
      always_ff @(posedge clk_i) data_o[8*k +: 8] <= choice;
    end else begin : g_many
      always_ff @(posedge clk_i) data_o[8*k +: 8] <= choice[8*place2_q +: 8];
    end
  end

  if (PLACES == 1) begin : g_no_place
    logic unused_place;
    assign unused_place = ^place2_q;
  end
endmodule

`default_nettype wire
