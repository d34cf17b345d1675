// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// First-word-fall-through synchronous FIFO.
///
/// One write and one read per clock are sustained at any fill level. The memory has a registered read (block RAM or
/// LUT RAM, the tool chooses by size); OUTPUT_REG adds a second register behind it.
/// Latency, from the clock of the write to the clock in which `rd_valid_o` rises on an empty FIFO: 2 + OUTPUT_REG.
/// Room: at least DEPTH entries (the output registers hold up to 1 + OUTPUT_REG more).
/// Resources: WIDTH x DEPTH bits of RAM, (1 + OUTPUT_REG) x WIDTH flip-flops (the first rank is inside a block RAM).
module bpf_fifo #(
  parameter int unsigned WIDTH = 32,      // bits per entry, >= 1
  parameter int unsigned DEPTH = 64,      // entries, a power of two >= 4
  parameter int unsigned OUTPUT_REG = 0   // 1: a second output register, for wide or deep block RAM
) (
  input  logic             clk_i,
  input  logic             rst_i,         // synchronous, active high: empties the FIFO
  input  logic             wr_valid_i,    // write wr_data_i; ignored while wr_ready_o is low
  output logic             wr_ready_o,    // there is room for a write
  input  logic [WIDTH-1:0] wr_data_i,
  output logic             rd_valid_o,    // rd_data_o holds the oldest entry
  input  logic             rd_ready_i,    // take it (no effect while rd_valid_o is low)
  output logic [WIDTH-1:0] rd_data_o,
  output logic             idle_o         // nothing inside
);
  localparam int unsigned AW = $clog2(DEPTH);

  if (WIDTH < 1) begin : g_check_1
    $fatal(1, "bpf_fifo: WIDTH must be at least 1");
  end
  if (DEPTH < 4 || (1 << AW) != DEPTH) begin : g_check_2
    $fatal(1, "bpf_fifo: DEPTH must be a power of two, at least 4");
  end

  // An entry is never read in the clock in which it is written.
  (* no_rw_check *)
  logic [WIDTH-1:0] mem [0:DEPTH-1];
  logic [AW:0]      wptr_q, rptr_q;
  logic             wr_en, rd_en, pending;
  logic             ram_valid_q, ram_take;
  logic [WIDTH-1:0] ram_q;

  assign wr_ready_o = (wptr_q ^ rptr_q) != {1'b1, {AW{1'b0}}};
  assign wr_en      = wr_valid_i && wr_ready_o;
  assign pending    = wptr_q != rptr_q;
  assign rd_en      = pending && (!ram_valid_q || ram_take);

  always_ff @(posedge clk_i) begin
    if (wr_en) mem[wptr_q[AW-1:0]] <= wr_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (rd_en) ram_q <= mem[rptr_q[AW-1:0]];
  end

  always_ff @(posedge clk_i) begin
    if (wr_en) wptr_q <= wptr_q + 1'b1;
    if (rd_en) rptr_q <= rptr_q + 1'b1;
    if (rd_en) ram_valid_q <= 1'b1;
    else if (ram_take) ram_valid_q <= 1'b0;
    if (rst_i) begin
      wptr_q      <= '0;
      rptr_q      <= '0;
      ram_valid_q <= 1'b0;
    end
  end

  if (OUTPUT_REG != 0) begin : g_output_reg
    logic             out_valid_q;
    logic [WIDTH-1:0] out_q;

    assign ram_take   = !out_valid_q || rd_ready_i;
    assign rd_valid_o = out_valid_q;
    assign rd_data_o  = out_q;
    assign idle_o     = !pending && !ram_valid_q && !out_valid_q;

    always_ff @(posedge clk_i) begin
      if (ram_take) out_q <= ram_q;
    end

    always_ff @(posedge clk_i) begin
      if (rst_i) out_valid_q <= 1'b0;
      else if (ram_take) out_valid_q <= ram_valid_q;
    end
  end else begin : g_no_output_reg
    assign ram_take   = rd_ready_i;
    assign rd_valid_o = ram_valid_q;
    assign rd_data_o  = ram_q;
    assign idle_o     = !pending && !ram_valid_q;
  end
endmodule

`default_nettype wire
