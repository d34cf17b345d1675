// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Small array map in flip-flops: combinational reads, any number of write ports, a host port.
///
/// A write is visible from the next clock on. Several writes to one entry in one clock: per byte, the later port number wins.
/// Reset restores INIT. An index >= ENTRIES reads as zero and writes nothing.
/// Host port: as bpf_map_array's. A host write waits for a clock in which write port 0 is free and no other
/// port writes the same entry, and while `host_block_i`. Host access without waiting: 2 clocks.
/// Resources: ENTRIES x VALUE_W flip-flops, and a multiplexer of ENTRIES per read port.
module bpf_map_regs #(
  parameter int unsigned ENTRIES = 1,
  parameter int unsigned VALUE_W = 64,         // bits per entry, a multiple of 8
  parameter int unsigned READ_PORTS = 1,       // >= 0
  parameter int unsigned WRITE_PORTS = 1,      // >= 0
  parameter logic [ENTRIES*VALUE_W-1:0] INIT = '0,  // entry e at [e*VALUE_W +: VALUE_W]
  localparam int unsigned IDX_W = (ENTRIES > 1) ? $clog2(ENTRIES) : 1,
  localparam int unsigned BE_W = VALUE_W / 8,
  localparam int unsigned RP = (READ_PORTS == 0) ? 1 : READ_PORTS,
  localparam int unsigned WP = (WRITE_PORTS == 0) ? 1 : WRITE_PORTS
) (
  input  logic                  clk_i,
  input  logic                  rst_i,        // synchronous, active high: contents = INIT
  // pipeline
  input  logic [RP*IDX_W-1:0]   rd_idx_i,     // port p at [p*IDX_W +: IDX_W]
  output logic [RP*VALUE_W-1:0] rd_data_o,    // in the same clock
  input  logic [WP-1:0]         wr_en_i,
  input  logic [WP*BE_W-1:0]    wr_be_i,
  input  logic [WP*IDX_W-1:0]   wr_idx_i,
  input  logic [WP*VALUE_W-1:0] wr_data_i,
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
    $fatal(1, "bpf_map_regs: ENTRIES must be at least 1");
  end
  if (VALUE_W < 8 || VALUE_W % 8 != 0) begin : g_check_2
    $fatal(1, "bpf_map_regs: VALUE_W must be a multiple of 8");
  end

  logic [ENTRIES*VALUE_W-1:0] value_q;
  logic                       host_pend, host_go, host_hit, host_write;
  logic [VALUE_W-1:0]         host_value;

  // The host's write takes the place of port 0's.
  logic [WP-1:0]         we;
  logic [WP*BE_W-1:0]    be;
  logic [WP*IDX_W-1:0]   widx;
  logic [WP*VALUE_W-1:0] wdata;

  always_comb begin
    we    = (WRITE_PORTS == 0) ? '0 : wr_en_i;
    be    = wr_be_i;
    widx  = wr_idx_i;
    wdata = wr_data_i;
    if (!we[0]) begin
      be[BE_W-1:0]       = '1;
      widx[IDX_W-1:0]    = host_idx_i;
      wdata[VALUE_W-1:0] = host_wdata_i;
    end
    if (host_write) we[0] = 1'b1;
  end

  // ---- entries ----
  for (genvar e = 0; e < ENTRIES; e++) begin : g_entry
    logic [VALUE_W-1:0] next;

    always_comb begin
      next = value_q[e*VALUE_W +: VALUE_W];
      for (int unsigned p = 0; p < WP; p++) begin
        for (int unsigned b = 0; b < BE_W; b++) begin
          if (we[p] && be[p*BE_W + b] && widx[p*IDX_W +: IDX_W] == IDX_W'(e)) begin
            next[8*b +: 8] = wdata[p*VALUE_W + 8*b +: 8];
          end
        end
      end
    end

    always_ff @(posedge clk_i) begin
      value_q[e*VALUE_W +: VALUE_W] <= rst_i ? INIT[e*VALUE_W +: VALUE_W] : next;
    end
  end

  if (WRITE_PORTS == 0) begin : g_read_only
    logic unused_write;
    assign unused_write = ^wr_en_i;
  end

  // ---- reads: a tree of choices for each port, the host's behind the others ----
  localparam int unsigned PLACES = 1 << IDX_W;

  for (genvar p = 0; p <= RP; p++) begin : g_read
    logic [IDX_W-1:0]            idx;
    logic [2*PLACES*VALUE_W-1:0] node;  // node n chooses between 2n and 2n + 1; the entries are at PLACES

    always_comb begin
      node = '0;
      node[PLACES*VALUE_W +: ENTRIES*VALUE_W] = value_q;
      for (int unsigned level = 0; level < IDX_W; level++) begin
        for (int unsigned n = PLACES >> (level + 1); n < PLACES >> level; n++) begin
          node[n*VALUE_W +: VALUE_W] = idx[level] ? node[(2*n+1)*VALUE_W +: VALUE_W] : node[2*n*VALUE_W +: VALUE_W];
        end
      end
    end

    if (p == RP) begin : g_host
      assign idx        = host_idx_i;
      assign host_value = node[VALUE_W +: VALUE_W];
    end else begin : g_port
      assign idx = rd_idx_i[p*IDX_W +: IDX_W];
      assign rd_data_o[p*VALUE_W +: VALUE_W] = node[VALUE_W +: VALUE_W];
    end
  end

  // ---- host port ----
  logic       ack_q, drop_q;
  logic [8:0] wait_q;

  always_comb begin
    host_hit = 1'b0;
    for (int unsigned p = 0; p < WP; p++) begin
      if (WRITE_PORTS != 0 && wr_en_i[p] && (p == 0 || wr_idx_i[p*IDX_W +: IDX_W] == host_idx_i)) host_hit = 1'b1;
    end
  end

  assign host_pend  = host_req_i && !ack_q && !drop_q;
  assign host_go    = host_pend && !(host_we_i && (host_block_i || host_hit));
  assign host_write = host_go && host_we_i;
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
