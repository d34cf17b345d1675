// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The descriptors of all queues that are on the chip: beats as read from memory in, one descriptor per clock out.
///
/// A fetch is 1 to 8 descriptors that lie in one block of 8. Its first beat is the one that holds its first descriptor.
/// Latency: 1 clock for a read. Resources: 128 x QUEUES x SLOTS bits of RAM, 128 flip-flops.
module bpf_dma_descriptors #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned QUEUES = 4,
  parameter int unsigned SLOTS = 512,          // of each queue, a power of two >= 16
  localparam int unsigned QW = (QUEUES > 1) ? $clog2(QUEUES) : 1
) (
  input  logic             clk_i,
  // beats of fetches
  input  logic             wr_valid_i,
  input  logic [BUS_W-1:0] wr_data_i,
  input  logic             wr_first_i,
  input  logic [QW-1:0]    wr_queue_i,
  input  logic [15:0]      wr_index_i,         // of the fetch's first descriptor
  input  logic [3:0]       wr_count_i,         // of the fetch, 1..8
  // one descriptor
  input  logic             rd_en_i,
  input  logic [QW-1:0]    rd_queue_i,
  input  logic [15:0]      rd_index_i,
  output logic [127:0]     rd_data_o           // a clock later
);
  localparam int unsigned LANES = (BUS_W < 128) ? 1 : BUS_W / 128;
  localparam int unsigned LL = $clog2(LANES);
  localparam int unsigned SW = $clog2(SLOTS);
  localparam int unsigned LINES = SLOTS / LANES;
  localparam int unsigned AW = QW + SW - LL;

  // ---- which descriptors of the block the beat holds ----
  logic [3:0]          line_q, line;           // descriptor of lane 0, as a place in the block
  logic                half_q, half, whole;
  logic [LANES*128-1:0] data;
  logic [AW-1:0]       wr_addr;
  logic [LANES-1:0]    wr_en;
  logic [15:0]         place;

  assign line = wr_first_i ? ({1'b0, wr_index_i[2:0]} & ~4'(LANES - 1)) : line_q;
  assign half = !wr_first_i && half_q;

  if (BUS_W < 128) begin : g_halves
    logic [63:0] low_q;
    always_ff @(posedge clk_i) if (wr_valid_i && !half) low_q <= wr_data_i;
    assign data  = {wr_data_i, low_q};
    assign whole = half;
  end else begin : g_wholes
    assign data  = wr_data_i;
    assign whole = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) begin
      half_q <= !half;
      line_q <= whole ? line + 4'(LANES) : line;
    end
  end

  assign place   = {wr_index_i[15:3], line[2:0]};
  assign wr_addr = {wr_queue_i, place[SW-1:LL]};

  for (genvar l = 0; l < LANES; l++) begin : g_lane
    logic [3:0] at;
    assign at       = line + 4'(l);
    assign wr_en[l] = wr_valid_i && whole && at >= {1'b0, wr_index_i[2:0]} && at < {1'b0, wr_index_i[2:0]} + wr_count_i;

    (* no_rw_check *)
    logic [127:0] mem [0:(1 << QW)*LINES-1];
    logic [127:0] rd_q;
    always_ff @(posedge clk_i) if (wr_en[l]) mem[wr_addr] <= data[128*l +: 128];
    always_ff @(posedge clk_i) if (rd_en_i) rd_q <= mem[{rd_queue_i, rd_index_i[SW-1:LL]}];
  end

  // ---- the lane that was read ----
  if (LANES == 1) begin : g_one
    assign rd_data_o = g_lane[0].rd_q;
  end else begin : g_select
    logic [LL-1:0]        lane_q;
    logic [LANES*128-1:0] all;
    for (genvar l = 0; l < LANES; l++) begin : g_all
      assign all[128*l +: 128] = g_lane[l].rd_q;
    end
    always_ff @(posedge clk_i) if (rd_en_i) lane_q <= rd_index_i[LL-1:0];
    assign rd_data_o = all[128*lane_q +: 128];
  end

  logic unused_bits;
  assign unused_bits = ^{place, wr_index_i, rd_index_i};
endmodule

`default_nettype wire
