// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The registers of a shell's wrapper, and the way to those of the core: AXI4-Lite addresses below 0x10000 are the core's, these begin at 0x10000.
///
/// | offset | name | access | meaning |
/// |---|---|---|---|
/// | 0x00 | MAGIC | RO | 0x42324853, "B2HS" |
/// | 0x04 | VERSION | RO | 1 |
/// | 0x08 | PORTS | RO | ports of the MAC, as many interfaces of the host |
/// | 0x0C | CONTROL | RW | bit 0 `lossless`: queues of the outputs (with several ports) wait for room instead of losing frames |
/// | 0x10 | SHELL | RO | 1 OpenNIC, 2 Corundum, 3 LiteX |
/// | 0x14 | NO_PORT | RO | frames lost because they named an interface that is none of IFINDEX |
/// | 0x18 | NO_SOCKET | RO | frames lost because they named an AF_XDP socket and the shell takes no queue |
/// | 0x20 + 4p | IFINDEX | RW | number of port p as the program knows it, 16 bits; after reset p + 1 |
/// | 0x40 + 4p | HOST_LOST | RO | frames for the host's interface p that found no room in its queue |
/// | 0x60 + 4p | PORT_LOST | RO | the same for port p of the MAC |
///
/// Counters wrap at 2^32. Other addresses read 0; responses are OKAY. wstrb is only passed to the core.
/// One write and one read are under way at a time. Latency: 4 clocks for a read, and the core's own.
module bpf_shell_regs #(
  parameter int unsigned PORTS = 1,            // 1..8
  parameter logic [31:0] SHELL = 0
) (
  input  logic                clk_i,
  input  logic                rst_i,           // synchronous, active high
  output logic [16*PORTS-1:0] ifindex_o,
  output logic                lossless_o,
  input  logic                no_port_i,       // pulses
  input  logic                no_socket_i,
  input  logic [PORTS-1:0]    host_lost_i,
  input  logic [PORTS-1:0]    port_lost_i,
  // from the host
  input  logic [19:0]         s_axil_awaddr_i,
  input  logic                s_axil_awvalid_i,
  output logic                s_axil_awready_o,
  input  logic [31:0]         s_axil_wdata_i,
  input  logic [3:0]          s_axil_wstrb_i,
  input  logic                s_axil_wvalid_i,
  output logic                s_axil_wready_o,
  output logic [1:0]          s_axil_bresp_o,
  output logic                s_axil_bvalid_o,
  input  logic                s_axil_bready_i,
  input  logic [19:0]         s_axil_araddr_i,
  input  logic                s_axil_arvalid_i,
  output logic                s_axil_arready_o,
  output logic [31:0]         s_axil_rdata_o,
  output logic [1:0]          s_axil_rresp_o,
  output logic                s_axil_rvalid_o,
  input  logic                s_axil_rready_i,
  // to the core
  output logic [15:0]         m_axil_awaddr_o,
  output logic                m_axil_awvalid_o,
  input  logic                m_axil_awready_i,
  output logic [31:0]         m_axil_wdata_o,
  output logic [3:0]          m_axil_wstrb_o,
  output logic                m_axil_wvalid_o,
  input  logic                m_axil_wready_i,
  input  logic [1:0]          m_axil_bresp_i,
  input  logic                m_axil_bvalid_i,
  output logic                m_axil_bready_o,
  output logic [15:0]         m_axil_araddr_o,
  output logic                m_axil_arvalid_o,
  input  logic                m_axil_arready_i,
  input  logic [31:0]         m_axil_rdata_i,
  input  logic [1:0]          m_axil_rresp_i,
  input  logic                m_axil_rvalid_i,
  output logic                m_axil_rready_o
);
  localparam logic [31:0] MAGIC = 32'h42324853;

  // ---- writes: address and data are taken together, then they are the core's or ours ----
  logic        write, core_wr_q, aw_left_q, w_left_q, b_q;
  logic [19:0] wr_addr;

  assign wr_addr          = s_axil_awaddr_i;
  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && !core_wr_q && !b_q;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign m_axil_awvalid_o = aw_left_q;
  assign m_axil_wvalid_o  = w_left_q;
  assign m_axil_bready_o  = core_wr_q;
  assign s_axil_bvalid_o  = b_q;

  always_ff @(posedge clk_i) begin
    if (write) begin
      m_axil_awaddr_o <= s_axil_awaddr_i[15:0];
      m_axil_wdata_o  <= s_axil_wdata_i;
      m_axil_wstrb_o  <= s_axil_wstrb_i;
      core_wr_q       <= wr_addr[19:16] == 4'd0;
      aw_left_q       <= wr_addr[19:16] == 4'd0;
      w_left_q        <= wr_addr[19:16] == 4'd0;
      b_q             <= wr_addr[19:16] != 4'd0;
      s_axil_bresp_o  <= 2'd0;
    end
    if (aw_left_q && m_axil_awready_i) aw_left_q <= 1'b0;
    if (w_left_q && m_axil_wready_i) w_left_q <= 1'b0;
    if (core_wr_q && m_axil_bvalid_i) begin
      core_wr_q      <= 1'b0;
      b_q            <= 1'b1;
      s_axil_bresp_o <= m_axil_bresp_i;
    end
    if (b_q && s_axil_bready_i) b_q <= 1'b0;
    if (rst_i) begin
      core_wr_q <= 1'b0;
      aw_left_q <= 1'b0;
      w_left_q  <= 1'b0;
      b_q       <= 1'b0;
    end
  end

  // ---- reads ----
  logic        read, core_rd_q, ar_left_q, own_rd_q, r_q;
  logic [3:0]  page_q;
  logic [31:0] own;

  assign read             = s_axil_arvalid_i && !core_rd_q && !own_rd_q && !r_q;
  assign s_axil_arready_o = read;
  assign m_axil_arvalid_o = ar_left_q;
  assign m_axil_rready_o  = core_rd_q;
  assign s_axil_rvalid_o  = r_q;

  always_ff @(posedge clk_i) begin
    if (read) begin
      m_axil_araddr_o <= s_axil_araddr_i[15:0];
      page_q          <= s_axil_araddr_i[19:16];
      core_rd_q       <= s_axil_araddr_i[19:16] == 4'd0;
      ar_left_q       <= s_axil_araddr_i[19:16] == 4'd0;
      own_rd_q        <= s_axil_araddr_i[19:16] != 4'd0;
    end
    if (ar_left_q && m_axil_arready_i) ar_left_q <= 1'b0;
    if (core_rd_q && m_axil_rvalid_i) begin
      core_rd_q      <= 1'b0;
      r_q            <= 1'b1;
      s_axil_rdata_o <= m_axil_rdata_i;
      s_axil_rresp_o <= m_axil_rresp_i;
    end
    if (own_rd_q) begin
      own_rd_q       <= 1'b0;
      r_q            <= 1'b1;
      s_axil_rdata_o <= (page_q == 4'd1) ? own : 32'd0;
      s_axil_rresp_o <= 2'd0;
    end
    if (r_q && s_axil_rready_i) r_q <= 1'b0;
    if (rst_i) begin
      core_rd_q <= 1'b0;
      ar_left_q <= 1'b0;
      own_rd_q  <= 1'b0;
      r_q       <= 1'b0;
    end
  end

  // ---- the registers ----
  logic [31:0] no_port_q, no_socket_q;
  logic [31:0] host_lost_q [0:PORTS-1];
  logic [31:0] port_lost_q [0:PORTS-1];
  logic        own_write;

  assign own_write = write && wr_addr[19:16] == 4'd1;

  always_ff @(posedge clk_i) begin
    if (own_write && wr_addr[15:0] == 16'h000C) lossless_o <= s_axil_wdata_i[0];
    if (no_port_i) no_port_q <= no_port_q + 32'd1;
    if (no_socket_i) no_socket_q <= no_socket_q + 32'd1;
    if (rst_i) begin
      lossless_o  <= 1'b0;
      no_port_q   <= '0;
      no_socket_q <= '0;
    end
  end

  for (genvar p = 0; p < PORTS; p++) begin : g_port
    always_ff @(posedge clk_i) begin
      if (own_write && wr_addr[15:0] == 16'h0020 + 16'(4 * p)) ifindex_o[16*p +: 16] <= s_axil_wdata_i[15:0];
      if (host_lost_i[p]) host_lost_q[p] <= host_lost_q[p] + 32'd1;
      if (port_lost_i[p]) port_lost_q[p] <= port_lost_q[p] + 32'd1;
      if (rst_i) begin
        ifindex_o[16*p +: 16] <= 16'(p + 1);
        host_lost_q[p]        <= '0;
        port_lost_q[p]        <= '0;
      end
    end
  end

  always_comb begin
    own = '0;
    case (m_axil_araddr_o)
      16'h0000: own = MAGIC;
      16'h0004: own = 32'd1;
      16'h0008: own = 32'(PORTS);
      16'h000C: own = {31'd0, lossless_o};
      16'h0010: own = SHELL;
      16'h0014: own = no_port_q;
      16'h0018: own = no_socket_q;
      default: begin
        for (int unsigned p = 0; p < PORTS; p++) begin
          if (m_axil_araddr_o == 16'h0020 + 16'(4 * p)) own = {16'd0, ifindex_o[16*p +: 16]};
          if (m_axil_araddr_o == 16'h0040 + 16'(4 * p)) own = host_lost_q[p];
          if (m_axil_araddr_o == 16'h0060 + 16'(4 * p)) own = port_lost_q[p];
        end
      end
    endcase
  end
endmodule

`default_nettype wire
