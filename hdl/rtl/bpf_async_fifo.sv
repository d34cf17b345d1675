// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Small first-word-fall-through FIFO between two clock domains, in LUT RAM: for a reader whose clock is too fast for a block RAM's output.
///
/// Reading takes two clocks a word (see bpf_frame_fifo). Both resets must be active together, each for some clocks of its own domain; a clock may stand still meanwhile.
/// Latency, from the write to `rd_valid_o` on an empty FIFO: 1 clock of the writer, then 4 of the reader.
/// Resources: WIDTH x DEPTH bits of LUT RAM, WIDTH flip-flops.
module bpf_async_fifo #(
  parameter int unsigned WIDTH = 68,
  parameter int unsigned DEPTH = 16            // a power of two >= 4
) (
  input  logic             wr_clk_i,
  input  logic             wr_rst_i,           // synchronous, active high
  input  logic             wr_valid_i,
  output logic             wr_ready_o,
  input  logic [WIDTH-1:0] wr_data_i,
  input  logic             rd_clk_i,
  input  logic             rd_rst_i,           // synchronous, active high
  output logic             rd_valid_o,
  input  logic             rd_ready_i,
  output logic [WIDTH-1:0] rd_data_o
);
  localparam int unsigned AW = $clog2(DEPTH);

  if (DEPTH < 4 || (1 << AW) != DEPTH) begin : g_check_1
    $fatal(1, "bpf_async_fifo: DEPTH must be a power of two, at least 4");
  end

  (* no_rw_check, ram_style = "distributed" *)
  logic [WIDTH-1:0] mem [0:DEPTH-1];
  logic [AW:0]      wr_q, wr_next, wr_gray_q, rd_gray_seen, rd_q, rd_next, rd_gray_q, wr_gray_seen;
  logic             write, pending_q, out_valid_q, fetch;
  logic [WIDTH-1:0] out_q;

  bpf_sync #(.WIDTH(AW + 1)) u_to_writer (.clk_i(wr_clk_i), .d_i(rd_gray_q), .q_o(rd_gray_seen));
  bpf_sync #(.WIDTH(AW + 1)) u_to_reader (.clk_i(rd_clk_i), .d_i(wr_gray_q), .q_o(wr_gray_seen));

  // Full: the gray codes differ in their two highest bits only.
  assign wr_ready_o = wr_gray_q != (rd_gray_seen ^ ((AW+1)'(3) << (AW - 1)));
  assign write      = wr_valid_i && wr_ready_o;
  assign wr_next    = wr_q + 1'b1;
  assign rd_next    = rd_q + 1'b1;
  assign fetch      = pending_q && (!out_valid_q || rd_ready_i);

  always_ff @(posedge wr_clk_i) begin
    if (write) mem[wr_q[AW-1:0]] <= wr_data_i;
  end

  always_ff @(posedge wr_clk_i) begin
    if (write) begin
      wr_q      <= wr_next;
      wr_gray_q <= wr_next ^ (wr_next >> 1);
    end
    if (wr_rst_i) begin
      wr_q      <= '0;
      wr_gray_q <= '0;
    end
  end

  always_ff @(posedge rd_clk_i) begin
    if (fetch) out_q <= mem[rd_q[AW-1:0]];
  end

  always_ff @(posedge rd_clk_i) begin
    pending_q <= !fetch && rd_gray_q != wr_gray_seen;
    if (fetch) begin
      rd_q        <= rd_next;
      rd_gray_q   <= rd_next ^ (rd_next >> 1);
      out_valid_q <= 1'b1;
    end else if (rd_ready_i) begin
      out_valid_q <= 1'b0;
    end
    if (rd_rst_i) begin
      rd_q        <= '0;
      rd_gray_q   <= '0;
      pending_q   <= 1'b0;
      out_valid_q <= 1'b0;
    end
  end

  assign rd_valid_o = out_valid_q;
  assign rd_data_o  = out_q;
endmodule

`default_nettype wire
