// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Small array map in RAM made of look-up tables: combinational reads, one write port with byte enables, a host port.
///
/// A write is visible from the next clock on, so a read-modify-write within one clock is exact at one token per clock. An index >= ENTRIES
/// must not be written and reads as unspecified.
/// Host port: as bpf_map_array's. The host uses only clocks in which the pipeline does not write; its writes also wait while
/// `host_block_i`. Host access without waiting: 2 clocks.
/// Reset does not touch the contents, which begin as INIT.
/// Resources (UltraScale+): a table for each bit of an entry up to 32 entries, two up to 64, for one read port and the host; VALUE_W + 12
/// flip-flops.
module bpf_map_lutram #(
  parameter int unsigned ENTRIES = 16,
  parameter int unsigned VALUE_W = 64,         // bits per entry, a multiple of 8
  parameter int unsigned READ_PORTS = 1,       // >= 0
  parameter int unsigned WRITE = 1,            // 0: the pipeline never writes (the host still may)
  parameter int unsigned INIT_W = 0,           // bits of INIT: ENTRIES * VALUE_W, or 0: all entries begin as zero
  parameter logic [((INIT_W == 0) ? 1 : INIT_W)-1:0] INIT = '0,  // entry e at [e*VALUE_W +: VALUE_W]
  localparam int unsigned IDX_W = (ENTRIES > 1) ? $clog2(ENTRIES) : 1,
  localparam int unsigned BE_W = VALUE_W / 8,
  localparam int unsigned RP = (READ_PORTS == 0) ? 1 : READ_PORTS
) (
  input  logic                  clk_i,
  input  logic                  rst_i,        // synchronous, active high: control only
  // pipeline
  input  logic [RP*IDX_W-1:0]   rd_idx_i,     // port p at [p*IDX_W +: IDX_W]
  output logic [RP*VALUE_W-1:0] rd_data_o,    // in the same clock
  input  logic                  wr_en_i,
  input  logic [BE_W-1:0]       wr_be_i,
  input  logic [IDX_W-1:0]      wr_idx_i,
  input  logic [VALUE_W-1:0]    wr_data_i,
  // host
  input  logic                  host_req_i,   // level until the acknowledge
  input  logic                  host_we_i,
  input  logic [IDX_W-1:0]      host_idx_i,
  input  logic [VALUE_W-1:0]    host_wdata_i,
  output logic                  host_ack_o,   // 1 clock
  output logic [VALUE_W-1:0]    host_rdata_o, // with host_ack_o of a read
  input  logic                  host_block_i, // hold back host writes
  output logic                  host_stall_o  // waited 256 clocks: ask the ingress for a gap
);
  if (ENTRIES < 1) begin : g_check_1
    $fatal(1, "bpf_map_lutram: ENTRIES must be at least 1");
  end
  if (INIT_W != 0 && INIT_W != ENTRIES * VALUE_W) begin : g_check_3
    $fatal(1, "bpf_map_lutram: INIT_W must be 0 or ENTRIES * VALUE_W");
  end
  if (VALUE_W < 8 || VALUE_W % 8 != 0) begin : g_check_2
    $fatal(1, "bpf_map_lutram: VALUE_W must be a multiple of 8");
  end

  // ---- the write of this clock: the pipeline's, else the host's ----
  logic               pipe_we, host_pend, host_go;
  logic [BE_W-1:0]    be;
  logic [IDX_W-1:0]   idx;
  logic [VALUE_W-1:0] wdata, host_value;

  assign pipe_we = (WRITE != 0) && wr_en_i;
  // Nothing is written in reset, when what stands in the pipeline's registers may be noise.
  assign be      = rst_i ? '0 : pipe_we ? wr_be_i : {BE_W{host_go && host_we_i}};
  assign idx     = pipe_we ? wr_idx_i : host_idx_i;
  assign wdata   = pipe_we ? wr_data_i : host_wdata_i;

  if (WRITE == 0) begin : g_read_only
    logic unused_write;
    assign unused_write = ^{wr_en_i, wr_be_i, wr_idx_i, wr_data_i};
  end

  // ---- one memory for each byte: a memory of look-up tables has one enable ----
  for (genvar b = 0; b < BE_W; b++) begin : g_byte
    logic [7:0] mem [0:ENTRIES-1];

    if (INIT_W != 0) begin : g_init
      initial begin
        for (int unsigned e = 0; e < ENTRIES; e++) mem[e] = INIT[e*VALUE_W + 8*b +: 8];
      end
    end else begin : g_init_zero
      initial begin
        for (int unsigned e = 0; e < ENTRIES; e++) mem[e] = '0;
      end
    end

    always_ff @(posedge clk_i) if (be[b]) mem[idx] <= wdata[8*b +: 8];

    for (genvar p = 0; p < RP; p++) begin : g_read
      assign rd_data_o[p*VALUE_W + 8*b +: 8] = mem[rd_idx_i[p*IDX_W +: IDX_W]];
    end

    // At the write port's address, which costs no port.
    assign host_value[8*b +: 8] = mem[idx];
  end

  // ---- host port ----
  logic       ack_q, drop_q;
  logic [8:0] wait_q;

  assign host_pend  = host_req_i && !ack_q && !drop_q;
  assign host_go    = host_pend && !pipe_we && !(host_we_i && host_block_i);
  assign host_ack_o = ack_q;

  always_ff @(posedge clk_i) begin
    host_rdata_o <= host_value;
    host_stall_o <= host_pend && wait_q[8];
    ack_q        <= host_go && !rst_i;
    drop_q       <= ack_q && host_req_i && !rst_i;
    wait_q       <= (rst_i || !host_pend) ? '0 : wait_q[8] ? wait_q : wait_q + 1'b1;
  end
endmodule

`default_nettype wire
