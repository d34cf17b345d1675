// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Cuts runs of bytes into AXI4 bursts: of at most 256 beats, not across 4 KiB (AXI4 specification, A3.4.1). One burst per clock.
///
/// A run without bytes makes one record with `none_o`: it keeps its place in the order, without an access.
/// Latency: 1 clock. Resources: about 100 + TAG_W flip-flops, two 16-bit additions.
module bpf_dma_split #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned TAG_W = 8,            // whatever goes with a run
  localparam int unsigned KL = $clog2(BUS_W / 8)
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic             run_valid_i,
  output logic             run_ready_o,
  input  logic [63:0]      run_addr_i,
  input  logic [15:0]      run_bytes_i,
  input  logic [TAG_W-1:0] run_tag_i,
  output logic             valid_o,            // a burst, or a run without
  input  logic             ready_i,
  output logic             none_o,
  output logic [63:0]      addr_o,             // of the first beat, aligned to the bus
  output logic [7:0]       beats_m1_o,
  output logic             first_o,            // of its run
  output logic             last_o,
  output logic [KL-1:0]    offset_o,           // lane of the run's first byte, with each burst
  output logic [KL-1:0]    end_o,              // lane of the burst's last byte
  output logic             spill_o,            // the run takes a beat more than its bytes would when aligned
  output logic [TAG_W-1:0] tag_o
);
  localparam int unsigned BLOCK = (32 * BUS_W < 4096) ? 32 * BUS_W : 4096;
  localparam int unsigned BW = $clog2(BLOCK);

  if (BUS_W != 64 && BUS_W != 128 && BUS_W != 256 && BUS_W != 512) begin : g_check
    $fatal(1, "bpf_dma_split: BUS_W must be 64, 128, 256 or 512");
  end

  logic        take;
  logic [63:0] addr_q;
  logic [15:0] left_q, bytes, to_block, lanes, end_lane;
  logic [KL:0] spread;

  assign run_ready_o = !valid_o || (ready_i && last_o);
  assign take        = run_valid_i && run_ready_o;

  assign to_block   = 16'(BLOCK) - 16'(addr_q[BW-1:0]);
  assign last_o     = left_q <= to_block;
  assign bytes      = last_o ? left_q : to_block;
  assign lanes      = 16'(addr_q[KL-1:0]) + bytes;
  assign end_lane   = lanes - 16'd1;
  assign end_o      = end_lane[KL-1:0];
  assign beats_m1_o = end_lane[KL +: 8];
  assign addr_o     = {addr_q[63:KL], {KL{1'b0}}};
  assign spread     = {1'b0, run_addr_i[KL-1:0]} + {1'b0, KL'(run_bytes_i - 16'd1)};

  always_ff @(posedge clk_i) begin
    if (take) begin
      addr_q   <= run_addr_i;
      left_q   <= run_bytes_i;
      none_o   <= run_bytes_i == 16'd0;
      first_o  <= 1'b1;
      offset_o <= run_addr_i[KL-1:0];
      spill_o  <= spread[KL] && run_bytes_i != 16'd0;
      tag_o    <= run_tag_i;
    end else if (valid_o && ready_i) begin
      addr_q  <= addr_q + 64'(bytes);
      left_q  <= left_q - bytes;
      first_o <= 1'b0;
    end
    if (rst_i) valid_o <= 1'b0;
    else if (run_ready_o) valid_o <= run_valid_i;
  end

  logic unused_bits;
  assign unused_bits = ^{end_lane, spread};
endmodule

`default_nettype wire
