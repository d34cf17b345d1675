// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bits of a bloom filter: packets only ever set some, any number in a clock, and look at any number.
///
/// A bit is an entry of one byte at the ports, of which bit 0 is stored. Each write port has RAMs of its own, one for each read port, and
/// a bit is set if it is in the RAM of any write port. So nothing is read to be written.
/// Pipeline contract: as bpf_map_array's: an index presented in clock t-2 gives its bit in clock t, including every write presented in
/// clocks <= t-1. The pipeline writes ones, whatever `wr_data_i` says. An index >= ENTRIES must not be written and reads as unspecified.
/// Host port: as bpf_map_array's, whose times it has. The host uses only clocks in which the pipeline does not write. What it writes is stored for
/// the first write port and cleared for the others, so that it may clear bits, too.
/// Reset does not touch the contents.
/// Resources: WRITE_PORTS x READ_PORTS x ENTRIES bits of RAM, and for each pair two comparisons of an index.
module bpf_map_bits #(
  parameter int unsigned ENTRIES = 4096,
  parameter int unsigned READ_PORTS = 1,       // >= 1
  parameter int unsigned WRITE_PORTS = 1,      // >= 0
  localparam int unsigned IDX_W = (ENTRIES > 1) ? $clog2(ENTRIES) : 1,
  localparam int unsigned WP = (WRITE_PORTS == 0) ? 1 : WRITE_PORTS
) (
  input  logic                        clk_i,
  input  logic                        rst_i,        // synchronous, active high: control only
  // pipeline
  input  logic [READ_PORTS*IDX_W-1:0] rd_idx_i,     // port p at [p*IDX_W +: IDX_W]
  output logic [READ_PORTS*8-1:0]     rd_data_o,    // 2 clocks later: 0 or 1
  input  logic [WP-1:0]               wr_en_i,
  input  logic [WP-1:0]               wr_be_i,
  input  logic [WP*IDX_W-1:0]         wr_idx_i,
  input  logic [WP*8-1:0]             wr_data_i,
  // host
  input  logic                        host_req_i,   // level until the acknowledge
  input  logic                        host_we_i,
  input  logic [IDX_W-1:0]            host_idx_i,
  input  logic [7:0]                  host_wdata_i, // bit 0
  output logic                        host_ack_o,   // 1 clock
  output logic [7:0]                  host_rdata_o, // with host_ack_o of a read
  input  logic                        host_block_i, // hold back host writes
  output logic                        host_stall_o  // waited 256 clocks: ask the ingress for a gap
);
  if (ENTRIES < 1 || READ_PORTS < 1) begin : g_check_1
    $fatal(1, "bpf_map_bits: ENTRIES and READ_PORTS must be at least 1");
  end

  logic unused_data;
  assign unused_data = ^{wr_data_i, host_wdata_i[7:1]};

  // ---- what is written in this clock: ones of the pipeline, else what the host says ----
  logic [WP-1:0]       set, write, value;
  logic [WP*IDX_W-1:0] idx;
  logic                host_pend, host_go, host_write;

  assign set        = (WRITE_PORTS == 0) ? '0 : wr_en_i & wr_be_i;
  assign host_go    = host_pend && set == '0 && !(host_we_i && host_block_i);
  assign host_write = host_go && host_we_i;
  assign write      = set | {WP{host_write}};

  always_comb begin
    idx   = wr_idx_i;
    value = '1;
    if (set == '0) begin
      idx      = {WP{host_idx_i}};
      value    = '0;
      value[0] = host_wdata_i[0];
    end
  end

  if (WRITE_PORTS == 0) begin : g_read_only
    logic unused_write;
    assign unused_write = ^{wr_en_i, wr_be_i, wr_idx_i};
  end

  // Presented one clock ago, being written to the RAMs.
  logic [WP-1:0]       w1_write_q, w1_value_q;
  logic [WP*IDX_W-1:0] w1_idx_q;

  // The RAMs must not be written by what this register powers up with.
  initial w1_write_q = '0;

  always_ff @(posedge clk_i) begin
    w1_write_q <= rst_i ? '0 : write;
    w1_value_q <= value;
    w1_idx_q   <= idx;
  end

  // ---- RAMs: of write port w for read port p ----
  logic [WP-1:0] host_ram_q;

  for (genvar p = 0; p < READ_PORTS; p++) begin : g_port
    logic [IDX_W-1:0] rd_idx, idx_q;
    logic [WP-1:0]    ram_q, now, during, clears_q;
    logic             set_q, out_q, late;

    assign rd_idx = rd_idx_i[p*IDX_W +: IDX_W];
    assign rd_data_o[8*p +: 8] = {7'd0, out_q};

    for (genvar w = 0; w < WP; w++) begin : g_write
      // Reading what is being written is never used. Many copies of some thousand bits would be tables as memory.
      (* no_rw_check, ram_style = (ENTRIES > 1024) ? "block" : "auto" *)
      logic mem [0:ENTRIES-1];

`ifdef SYNTHESIS
      // Larger ones become block RAM, which powers up as zero.
      if (ENTRIES <= 1024) begin : g_small
        initial begin
          for (int unsigned i = 0; i < ENTRIES; i++) mem[i] = '0;
        end
      end
`else
      initial begin
        for (int unsigned i = 0; i < ENTRIES; i++) mem[i] = '0;
      end
`endif

      always_ff @(posedge clk_i) if (w1_write_q[w]) mem[w1_idx_q[w*IDX_W +: IDX_W]] <= w1_value_q[w];
      always_ff @(posedge clk_i) ram_q[w] <= mem[rd_idx];

      if (p == 0) begin : g_host_read
        always_ff @(posedge clk_i) if (!w1_write_q[w]) host_ram_q[w] <= mem[w1_idx_q[w*IDX_W +: IDX_W]];
      end

      // Ones presented 3, 2 and 1 clocks before the bit is used. A clear is seen when it is in the RAM.
      assign during[w] = w1_write_q[w] && w1_idx_q[w*IDX_W +: IDX_W] == rd_idx;
      assign now[w]    = write[w] && value[w] && idx[w*IDX_W +: IDX_W] == rd_idx;
      always_ff @(posedge clk_i) clears_q[w] <= during[w];
    end

    always_comb begin
      late = 1'b0;
      for (int unsigned w = 0; w < WP; w++) begin
        if (write[w] && value[w] && idx[w*IDX_W +: IDX_W] == idx_q) late = 1'b1;
      end
    end

    always_ff @(posedge clk_i) begin
      idx_q <= rd_idx;
      set_q <= |(during & w1_value_q) || |now;
      out_q <= |(ram_q & ~clears_q) || set_q || late;
    end
  end

  // ---- host port ----
  logic [3:0] state_q;       // one-hot: 0 the address is in w1, 1 the RAM has read, 2 acknowledge, 3 wait for the drop
  logic [8:0] wait_q;

  assign host_pend  = host_req_i && state_q == '0;
  assign host_ack_o = state_q[2];

  always_ff @(posedge clk_i) begin
    state_q[0] <= host_go && !host_we_i;
    state_q[1] <= state_q[0];
    state_q[2] <= state_q[1] || host_write;
    state_q[3] <= state_q[2] && host_req_i;
    wait_q     <= !host_pend ? '0 : wait_q[8] ? wait_q : wait_q + 1'b1;
    if (rst_i) begin
      state_q <= '0;
      wait_q  <= '0;
    end
    host_rdata_o <= {7'd0, |host_ram_q};
    host_stall_o <= host_pend && wait_q[8];
  end
endmodule

`default_nettype wire
