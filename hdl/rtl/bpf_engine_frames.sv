// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Frames between the streams and the engine's memory, 8 bytes a clock, one at a time.
///
/// In: a frame may begin while `open_i`; it is put at byte HEAD of the memory. `rx_done_o` says that it is there; length, source and `rx_oversize_o` (longer
/// than MAX_FRAME; only its first bytes are there) stand until the next one. Out: `tx_start_i` with place and length makes beats; `tx_busy_o` falls with the last.
/// Clocks: a frame of n bytes takes n/8 rounded up and 2 more, either way.
/// Resources: 2 x BUS_W flip-flops, about 150 more.
module bpf_engine_frames #(
  parameter int unsigned BUS_W = 512,          // 64, 128, 256 or 512
  parameter int unsigned MAX_FRAME = 9216,     // bytes
  parameter int unsigned HEAD = 256,           // a multiple of 8
  parameter int unsigned AW = 16,              // address bits of the memory
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  // AXI4-Stream from the MAC
  input  logic [BUS_W-1:0] s_axis_tdata_i,
  input  logic [BUSB-1:0]  s_axis_tkeep_i,
  input  logic             s_axis_tvalid_i,
  output logic             s_axis_tready_o,
  input  logic             s_axis_tlast_i,
  input  logic [31:0]      s_axis_tuser_i,
  input  logic             open_i,
  output logic             rx_busy_o,          // part of a frame is inside
  output logic             rx_done_o,          // 1 clock
  output logic [15:0]      rx_length_o,
  output logic [31:0]      rx_source_o,
  output logic             rx_oversize_o,
  // out
  input  logic             tx_start_i,         // 1 clock, while not tx_busy_o
  input  logic [AW-1:0]    tx_addr_i,
  input  logic [15:0]      tx_length_i,        // at least 1
  output logic             tx_busy_o,
  output logic             beat_valid_o,
  output logic [BUS_W-1:0] beat_data_o,
  output logic             beat_last_o,
  // memory, granted at once
  output logic             mem_req_o,
  output logic             mem_we_o,
  output logic [AW-1:0]    mem_addr_o,
  output logic [63:0]      mem_wdata_o,
  input  logic [63:0]      mem_rdata_i
);
  localparam int unsigned LANES = BUS_W / 64;
  localparam int unsigned KL = $clog2(BUSB);

  // ---- in: a beat is kept until its last word is written ----
  logic             have_q, last_q, first_q, over_q, lane_last, take, write, done_q;
  logic [BUS_W-1:0] data_q;
  logic [3:0]       lane_q, lanes_q, lanes_d;  // word; words of the beat less 1
  logic [KL:0]      count;                     // bytes of the beat offered
  logic [15:0]      length_q, place_q, grown;  // bytes taken; bytes written

  always_comb begin
    count = (KL+1)'(1);
    for (int unsigned i = 0; i < BUSB; i++) begin
      if (s_axis_tkeep_i[i] || !s_axis_tlast_i) count = (KL+1)'(i + 1);
    end
  end
  assign lanes_d   = 4'((count - 1'b1) >> 3);
  assign lane_last = lane_q == lanes_q;
  assign s_axis_tready_o = (have_q) ? lane_last && !last_q : (open_i || !first_q) && !done_q;
  assign take      = s_axis_tvalid_i && s_axis_tready_o;
  assign write     = have_q && 32'(place_q) < MAX_FRAME;
  assign grown     = (first_q ? 16'd0 : length_q) + 16'(count);
  assign rx_busy_o = have_q || !first_q || done_q;
  assign rx_done_o = done_q;
  assign rx_length_o   = length_q;
  assign rx_oversize_o = over_q;

  always_ff @(posedge clk_i) begin
    done_q <= have_q && lane_last && last_q;
    if (take) begin
      data_q   <= s_axis_tdata_i;
      last_q   <= s_axis_tlast_i;
      lanes_q  <= lanes_d;
      lane_q   <= '0;
      first_q  <= s_axis_tlast_i;
      if (first_q) rx_source_o <= s_axis_tuser_i;
      // An oversize frame keeps the length of what fits.
      over_q   <= (!first_q && over_q) || 32'(grown) > MAX_FRAME;
      if ((first_q || !over_q) && 32'(grown) <= MAX_FRAME) length_q <= grown;
    end else if (have_q) begin
      data_q <= data_q >> 64;
      lane_q <= lane_q + 1'b1;
    end
    if (take) have_q <= 1'b1;
    else if (lane_last) have_q <= 1'b0;
    if (done_q) place_q <= '0;
    else if (write) place_q <= place_q + 16'd8;
    if (rst_i) begin
      have_q  <= 1'b0;
      first_q <= 1'b1;
      done_q  <= 1'b0;
      place_q <= '0;
    end
  end

  // ---- out: a word is read in each clock, and comes into the beat in the next one ----
  logic             reading_q, arrives_q, ends_q, full_q;
  logic [AW-1:0]    addr_q;
  logic [12:0]      left_q;                    // words to read less 1
  logic [3:0]       into_q;                    // the word of the beat that arrives
  logic [BUS_W-1:0] beat_q;
  logic             beat_end_q;

  assign tx_busy_o    = reading_q || arrives_q || full_q;
  assign beat_valid_o = full_q;
  assign beat_data_o  = beat_q;
  assign beat_last_o  = beat_end_q;

  always_ff @(posedge clk_i) begin
    if (tx_start_i) begin
      reading_q <= 1'b1;
      addr_q    <= tx_addr_i;
      left_q    <= 13'((tx_length_i - 16'd1) >> 3);
    end else if (reading_q) begin
      addr_q    <= addr_q + AW'(8);
      left_q    <= left_q - 1'b1;
      reading_q <= left_q != '0;
    end
    arrives_q <= reading_q && !rst_i;
    ends_q    <= left_q == '0;
    full_q    <= arrives_q && (ends_q || 32'(into_q) == LANES - 1) && !rst_i;
    if (arrives_q) begin
      for (int unsigned i = 0; i < LANES; i++) if (into_q == 4'(i)) beat_q[64*i +: 64] <= mem_rdata_i;
      into_q     <= (ends_q || 32'(into_q) == LANES - 1) ? 4'd0 : into_q + 1'b1;
      beat_end_q <= ends_q;
    end
    if (rst_i) begin
      reading_q <= 1'b0;
      into_q    <= '0;
    end
  end

  assign mem_req_o   = write || reading_q;
  assign mem_we_o    = write;
  assign mem_addr_o  = write ? AW'(HEAD) + AW'(place_q) : addr_q;
  assign mem_wdata_o = data_q[63:0];
endmodule

`default_nettype wire
