// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Array map in block RAM: reads of 2 clocks, one write port with byte enables, exact forwarding, a host port.
///
/// Pipeline contract: an index presented in clock t-2 gives its data in clock t, including every write presented in
/// clocks <= t-1 (FORWARD = 1). A read-modify-write that presents its write in the clock in which it consumes the data is
/// therefore exact at one token per clock, also when all hit one entry. An index >= ENTRIES must not be written and
/// reads as unspecified.
/// Each read port has its own replica of the RAM; replica 0 is a true dual port RAM, whose other port is shared by the
/// writes and the host's reads.
/// Host port: hold `host_req_i` and its operands until `host_ack_o` (1 clock, with the data of a read), then drop
/// `host_req_i` for at least one clock. The host uses only clocks in which the pipeline does not write; its write is
/// forwarded as the pipeline's are, so neither loses the other. Host writes also wait while `host_block_i` (tokens are
/// between a read and its write over several stages). After 256 clocks of waiting `host_stall_o` asks for a gap in
/// the tokens, until the access is done. Host access without waiting: 4 clocks for a read, 2 for a write.
/// Reset does not touch the contents.
/// An index may come late in its clock: it goes to registers and to the RAM's address only, comparisons are a clock later.
/// Resources: READ_PORTS x ENTRIES x VALUE_W bits of RAM, and per read port 2 x VALUE_W flip-flops.
module bpf_map_array #(
  parameter int unsigned ENTRIES = 256,
  parameter int unsigned VALUE_W = 64,         // bits per entry, a multiple of 8
  parameter int unsigned READ_PORTS = 1,       // >= 1
  parameter int unsigned WRITE = 1,            // 0: the pipeline never writes (the host still may)
  parameter int unsigned FORWARD = 1,          // 0: a read sees the writes presented up to 2 clocks before its index; one 1 clock before is undefined
  parameter INIT_FILE = "",                    // $readmemh file with the first contents; "" is all zero
  localparam int unsigned IDX_W = (ENTRIES > 1) ? $clog2(ENTRIES) : 1,
  localparam int unsigned BE_W = VALUE_W / 8
) (
  input  logic                          clk_i,
  input  logic                          rst_i,        // synchronous, active high: control only
  // pipeline
  input  logic [READ_PORTS*IDX_W-1:0]   rd_idx_i,     // port p at [p*IDX_W +: IDX_W]
  output logic [READ_PORTS*VALUE_W-1:0] rd_data_o,    // 2 clocks later
  input  logic                          wr_en_i,
  input  logic [BE_W-1:0]               wr_be_i,
  input  logic [IDX_W-1:0]              wr_idx_i,
  input  logic [VALUE_W-1:0]            wr_data_i,
  // host
  input  logic                          host_req_i,   // level until the acknowledge
  input  logic                          host_we_i,
  input  logic [IDX_W-1:0]              host_idx_i,
  input  logic [VALUE_W-1:0]            host_wdata_i,
  output logic                          host_ack_o,   // 1 clock
  output logic [VALUE_W-1:0]            host_rdata_o, // with host_ack_o of a read
  input  logic                          host_block_i, // hold back host writes
  output logic                          host_stall_o  // waited 256 clocks: ask the ingress for a gap
);
  // Bits per memory. A file fills one memory with whole entries.
  localparam int unsigned LANE_W = (INIT_FILE != "") ? VALUE_W : 64;
  localparam int unsigned LANES = (VALUE_W + LANE_W - 1) / LANE_W;

  if (ENTRIES < 1 || READ_PORTS < 1) begin : g_check_1
    $fatal(1, "bpf_map_array: ENTRIES and READ_PORTS must be at least 1");
  end
  if (VALUE_W < 8 || VALUE_W % 8 != 0) begin : g_check_2
    $fatal(1, "bpf_map_array: VALUE_W must be a multiple of 8");
  end

  // ---- the write that is presented in this clock: the pipeline's, else the host's ----
  logic               pipe_we, host_pend, host_go;
  logic [BE_W-1:0]    wr_be;
  logic [IDX_W-1:0]   wr_idx;
  logic [VALUE_W-1:0] wr_data;

  assign pipe_we = (WRITE != 0) && wr_en_i;
  assign host_go = host_pend && !pipe_we && !(host_we_i && host_block_i);
  assign wr_be   = pipe_we ? wr_be_i : {BE_W{host_go && host_we_i}};
  assign wr_idx  = pipe_we ? wr_idx_i : host_idx_i;
  assign wr_data = pipe_we ? wr_data_i : host_wdata_i;

  if (WRITE == 0) begin : g_read_only
    logic unused_write;
    assign unused_write = ^{wr_en_i, wr_be_i, wr_idx_i, wr_data_i};
  end

  // Presented one clock ago (being written to the RAM) and two clocks ago (just written).
  logic [BE_W-1:0]    w1_be_q, w2_be_q;
  logic [IDX_W-1:0]   w1_idx_q, w2_idx_q;
  logic [VALUE_W-1:0] w1_data_q, w2_data_q;

  // The RAM must not be written by what this register powers up with: FPGA registers start with their initial value.
  initial w1_be_q = '0;

  always_ff @(posedge clk_i) begin
    w1_be_q   <= rst_i ? '0 : wr_be;
    w1_idx_q  <= wr_idx;
    w1_data_q <= wr_data;
    w2_be_q   <= w1_be_q;
    w2_idx_q  <= w1_idx_q;
    w2_data_q <= w1_data_q;
  end

  // ---- RAM replicas and forwarding ----
  logic [VALUE_W-1:0] host_ram_q;

  for (genvar p = 0; p < READ_PORTS; p++) begin : g_port
    logic [IDX_W-1:0]   idx, idx_q;
    logic [VALUE_W-1:0] ram_q, out_q, merged;

    assign idx = rd_idx_i[p*IDX_W +: IDX_W];

    // One memory per lane: tools take quadratic time over the byte enables of one very wide memory.
    for (genvar l = 0; l < LANES; l++) begin : g_lane
      localparam int unsigned LO = l * LANE_W;
      localparam int unsigned W = (LO + LANE_W > VALUE_W) ? VALUE_W - LO : LANE_W;
      // Reading what is being written is never used: those bytes are forwarded.
      // Block RAM from 512 entries on, also where only the host's port is left; the tool's choice for what may be UltraRAM.
      (* no_rw_check, ram_style = (ENTRIES >= 512 && ENTRIES * VALUE_W < 4194304) ? "block" : "auto" *)
      logic [W-1:0] mem [0:ENTRIES-1];

      if (INIT_FILE != "") begin : g_init_file
        initial $readmemh(INIT_FILE, mem);
      end else begin : g_init_zero
        // Synthesis tools unroll this: only for sizes that might not become block RAM, which powers up as zero anyway.
`ifdef SYNTHESIS
        if (ENTRIES <= 512) begin : g_small
          initial begin
            for (int unsigned i = 0; i < ENTRIES; i++) mem[i] = '0;
          end
        end
`else
        initial begin
          for (int unsigned i = 0; i < ENTRIES; i++) mem[i] = '0;
        end
`endif
      end

      always_ff @(posedge clk_i) begin
        for (int unsigned b = 0; b < W / 8; b++) begin
          if (w1_be_q[LO/8 + b]) mem[w1_idx_q][8*b +: 8] <= w1_data_q[LO + 8*b +: 8];
        end
      end

      always_ff @(posedge clk_i) ram_q[LO +: W] <= mem[idx];

      if (p == 0) begin : g_host_read
        always_ff @(posedge clk_i) if (w1_be_q == '0) host_ram_q[LO +: W] <= mem[w1_idx_q];
      end
    end

    if (FORWARD != 0) begin : g_forward
      // Per byte: take the write presented 3, 2, 1 clocks before the data is consumed. The last one's match is found a clock early.
      logic [BE_W-1:0] sel3, sel2, sel1_q;

      assign sel3 = w2_be_q & {BE_W{w2_idx_q == idx_q}};
      assign sel2 = w1_be_q & {BE_W{w1_idx_q == idx_q}};

      always_ff @(posedge clk_i) begin
        idx_q  <= idx;
        sel1_q <= wr_be & {BE_W{wr_idx == idx_q}};
      end

      always_comb begin
        for (int unsigned b = 0; b < BE_W; b++) begin
          merged[8*b +: 8] = sel2[b] ? w1_data_q[8*b +: 8] : sel3[b] ? w2_data_q[8*b +: 8] : ram_q[8*b +: 8];
          rd_data_o[p*VALUE_W + 8*b +: 8] = sel1_q[b] ? w1_data_q[8*b +: 8] : out_q[8*b +: 8];
        end
      end
    end else begin : g_no_forward
      logic unused_forward;
      assign unused_forward = ^{w2_be_q, w2_idx_q, w2_data_q};
      assign idx_q  = idx;
      assign merged = ram_q;
      assign rd_data_o[p*VALUE_W +: VALUE_W] = out_q;
      logic unused_idx;
      assign unused_idx = ^idx_q;
    end

    always_ff @(posedge clk_i) out_q <= merged;
  end

  // ---- host port ----
  logic [3:0] state_q;       // one-hot: 0 the address is in w1, 1 the RAM has read, 2 acknowledge, 3 wait for the drop
  logic [8:0] wait_q;

  assign host_pend  = host_req_i && state_q == '0;
  assign host_ack_o = state_q[2];

  always_ff @(posedge clk_i) begin
    state_q[0] <= host_go && !host_we_i;
    state_q[1] <= state_q[0];
    state_q[2] <= state_q[1] || (host_go && host_we_i);
    state_q[3] <= state_q[2] && host_req_i;
    wait_q     <= !host_pend ? '0 : wait_q[8] ? wait_q : wait_q + 1'b1;
    if (rst_i) begin
      state_q <= '0;
      wait_q  <= '0;
    end
    host_rdata_o <= host_ram_q;
    host_stall_o <= host_pend && wait_q[8];
  end
endmodule

`default_nettype wire
