// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Store-and-forward FIFO of frames between two clock domains: a frame is read when all of it was written and it is good.
///
/// A frame that ends with `wr_bad_i`, or for which there was no room, leaves no trace; the latter is told by `dropped_o`. The writer is never
/// stopped. The pointer that the reader sees follows the end of the last good frame by one word a clock, so that each of its steps changes one bit of its gray
/// code. So once a frame's first word can be read, its others can be as fast as the writer's clock ticks.
/// Reading takes two clocks a word: a choice between comparisons before the memory's enable would be the slowest path of a gigabit port.
/// Both resets must be active together, each for some clocks of its own domain; a clock may stand still meanwhile.
/// Latency, from the last write to `rd_valid_o` of a frame's first word on an empty FIFO: 3 clocks of the writer, then 6 of the reader.
/// Resources: WIDTH x DEPTH bits of RAM, WIDTH + about 12 x clog2(DEPTH) flip-flops.
module bpf_frame_fifo #(
  parameter int unsigned WIDTH = 68,           // bits of a word, what marks its last included
  parameter int unsigned DEPTH = 512           // words, a power of two >= 8
) (
  input  logic             wr_clk_i,
  input  logic             wr_rst_i,           // synchronous, active high
  input  logic             wr_valid_i,
  input  logic [WIDTH-1:0] wr_data_i,
  input  logic             wr_last_i,
  input  logic             wr_bad_i,           // with wr_last_i
  output logic             dropped_o,          // pulse: a good frame found no room
  input  logic             rd_clk_i,
  input  logic             rd_rst_i,           // synchronous, active high
  output logic             rd_valid_o,
  input  logic             rd_ready_i,
  output logic [WIDTH-1:0] rd_data_o
);
  localparam int unsigned AW = $clog2(DEPTH);

  if (DEPTH < 8 || (1 << AW) != DEPTH) begin : g_check_1
    $fatal(1, "bpf_frame_fifo: DEPTH must be a power of two, at least 8");
  end

  (* no_rw_check *)
  logic [WIDTH-1:0] mem [0:DEPTH-1];

  // ---- writer: where the next word goes, where the last good frame ends, how far the reader may see ----
  logic [AW:0] wr_q, good_q, shown_q, shown_gray_q, rd_gray, rd_bin, rd_seen_q;
  logic        lost_q, room_q, write;

  assign write = wr_valid_i && room_q && !lost_q;

  always_ff @(posedge wr_clk_i) begin
    if (write) mem[wr_q[AW-1:0]] <= wr_data_i;
  end

  always_ff @(posedge wr_clk_i) begin
    dropped_o <= 1'b0;
    if (wr_valid_i) begin
      lost_q <= !wr_last_i && (lost_q || !room_q);
      if (wr_last_i && (wr_bad_i || !write)) begin
        wr_q      <= good_q;
        dropped_o <= !wr_bad_i;
      end else if (write) begin
        wr_q <= wr_q + 1'b1;
        if (wr_last_i) good_q <= wr_q + 1'b1;
      end
    end
    if (shown_q != good_q) shown_q <= shown_q + 1'b1;
    shown_gray_q <= shown_q ^ (shown_q >> 1);
    rd_seen_q    <= rd_bin;
    // Two words are kept free: one is under way when this is found out, the other is rounded away.
    room_q       <= (wr_q - rd_seen_q) < (AW+1)'(DEPTH - 2);
    if (wr_rst_i) begin
      wr_q         <= '0;
      good_q       <= '0;
      shown_q      <= '0;
      shown_gray_q <= '0;
      rd_seen_q    <= '0;
      lost_q       <= 1'b0;
      room_q       <= 1'b1;
      dropped_o    <= 1'b0;
    end
  end

  // Gray to binary, each bit by itself.
  for (genvar i = 0; i <= AW; i++) begin : g_binary
    assign rd_bin[i] = ^(rd_gray >> i);
  end

  // ---- reader: gray codes of this word and the next, the number of the one behind; RAM, then a register ----
  logic [AW:0]      rd_q, rd_second_q, rd_gray_q, rd_next_gray_q, shown_gray;
  logic             pending_q, ram_valid_q, out_valid_q, fetch, take;
  logic [WIDTH-1:0] ram_q, out_q;

  bpf_sync #(.WIDTH(AW + 1)) u_to_writer (.clk_i(wr_clk_i), .d_i(rd_gray_q), .q_o(rd_gray));
  bpf_sync #(.WIDTH(AW + 1)) u_to_reader (.clk_i(rd_clk_i), .d_i(shown_gray_q), .q_o(shown_gray));

  assign take       = !out_valid_q || rd_ready_i;
  assign fetch      = pending_q && (!ram_valid_q || take);
  assign rd_valid_o = out_valid_q;
  assign rd_data_o  = out_q;

  always_ff @(posedge rd_clk_i) begin
    if (fetch) ram_q <= mem[rd_q[AW-1:0]];
  end

  always_ff @(posedge rd_clk_i) begin
    if (take) out_q <= ram_q;
  end

  always_ff @(posedge rd_clk_i) begin
    pending_q <= !fetch && rd_gray_q != shown_gray;
    if (fetch) begin
      rd_q           <= rd_q + 1'b1;
      rd_second_q    <= rd_second_q + 1'b1;
      rd_gray_q      <= rd_next_gray_q;
      rd_next_gray_q <= rd_second_q ^ (rd_second_q >> 1);
    end
    if (fetch) ram_valid_q <= 1'b1;
    else if (take) ram_valid_q <= 1'b0;
    if (take) out_valid_q <= ram_valid_q;
    if (rd_rst_i) begin
      rd_q           <= '0;
      rd_second_q    <= (AW+1)'(2);
      rd_gray_q      <= '0;
      rd_next_gray_q <= (AW+1)'(1);
      pending_q      <= 1'b0;
      ram_valid_q    <= 1'b0;
      out_valid_q    <= 1'b0;
    end
  end
endmodule

`default_nettype wire
