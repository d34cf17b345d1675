// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite: accesses to one block of registers are answered here, all others go on to `m_axil_*`. So blocks stand one behind the other, each with
/// one of these, the core last.
///
/// A write is `wr_o` for one clock with address, data and strobes; a read is `rd_o` for one clock with its address, whose value is taken from `rd_data_i` in
/// that clock. Responses of the block are OKAY. With LAST, addresses from BASE on that are not the block's read 0 and take writes without effect, instead of going on.
/// One write and one read are under way at a time; they do not wait for each other. Latency: 3 clocks for the block's own, 2 more than the next one's for others.
/// Resources: about 2 x ADDR_W + 140 flip-flops.
module bpf_axil_split #(
  parameter int unsigned ADDR_W = 20,
  parameter int unsigned BASE = 65536,     // address of the block, a multiple of BYTES
  parameter int unsigned BYTES = 4096,     // a power of two
  parameter bit          LAST = 1'b0,      // from BASE on everything is answered here
  localparam int unsigned OWN_W = $clog2(BYTES)
) (
  input  logic              clk_i,
  input  logic              rst_i,         // synchronous, active high
  input  logic [ADDR_W-1:0] s_axil_awaddr_i,
  input  logic              s_axil_awvalid_i,
  output logic              s_axil_awready_o,
  input  logic [31:0]       s_axil_wdata_i,
  input  logic [3:0]        s_axil_wstrb_i,
  input  logic              s_axil_wvalid_i,
  output logic              s_axil_wready_o,
  output logic [1:0]        s_axil_bresp_o,
  output logic              s_axil_bvalid_o,
  input  logic              s_axil_bready_i,
  input  logic [ADDR_W-1:0] s_axil_araddr_i,
  input  logic              s_axil_arvalid_i,
  output logic              s_axil_arready_o,
  output logic [31:0]       s_axil_rdata_o,
  output logic [1:0]        s_axil_rresp_o,
  output logic              s_axil_rvalid_o,
  input  logic              s_axil_rready_i,
  output logic [ADDR_W-1:0] m_axil_awaddr_o,
  output logic              m_axil_awvalid_o,
  input  logic              m_axil_awready_i,
  output logic [31:0]       m_axil_wdata_o,
  output logic [3:0]        m_axil_wstrb_o,
  output logic              m_axil_wvalid_o,
  input  logic              m_axil_wready_i,
  input  logic [1:0]        m_axil_bresp_i,
  input  logic              m_axil_bvalid_i,
  output logic              m_axil_bready_o,
  output logic [ADDR_W-1:0] m_axil_araddr_o,
  output logic              m_axil_arvalid_o,
  input  logic              m_axil_arready_i,
  input  logic [31:0]       m_axil_rdata_i,
  input  logic [1:0]        m_axil_rresp_i,
  input  logic              m_axil_rvalid_i,
  output logic              m_axil_rready_o,
  // the block
  output logic              wr_o,
  output logic [OWN_W-1:2]  wr_addr_o,
  output logic [31:0]       wr_data_o,
  output logic [3:0]        wr_strb_o,
  output logic              rd_o,
  output logic [OWN_W-1:2]  rd_addr_o,
  input  logic [31:0]       rd_data_i
);
  if (OWN_W >= ADDR_W || (1 << OWN_W) != BYTES || BASE % BYTES != 0) begin : g_check
    $fatal(1, "bpf_axil_split: BYTES must be a power of two below 2**ADDR_W, BASE a multiple of it");
  end

  localparam logic [ADDR_W-OWN_W-1:0] PAGE = (ADDR_W-OWN_W)'(BASE / BYTES);

  // ---- writes: address and data are taken together; what is held goes to both ----
  logic write, wr_page, wr_here, wr_q, wr_next_q, aw_left_q, w_left_q, b_q;

  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && !wr_q && !wr_next_q && !b_q;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign wr_page          = m_axil_awaddr_o[ADDR_W-1:OWN_W] == PAGE;
  assign wr_here          = LAST ? s_axil_awaddr_i[ADDR_W-1:OWN_W] >= PAGE : s_axil_awaddr_i[ADDR_W-1:OWN_W] == PAGE;
  assign wr_o             = wr_q && wr_page;
  assign wr_addr_o        = m_axil_awaddr_o[OWN_W-1:2];
  assign wr_data_o        = m_axil_wdata_o;
  assign wr_strb_o        = m_axil_wstrb_o;
  assign m_axil_awvalid_o = aw_left_q;
  assign m_axil_wvalid_o  = w_left_q;
  assign m_axil_bready_o  = wr_next_q;
  assign s_axil_bvalid_o  = b_q;

  always_ff @(posedge clk_i) begin
    wr_q <= write && wr_here;
    if (write) begin
      m_axil_awaddr_o <= s_axil_awaddr_i;
      m_axil_wdata_o  <= s_axil_wdata_i;
      m_axil_wstrb_o  <= s_axil_wstrb_i;
      s_axil_bresp_o  <= 2'd0;
    end
    if (wr_next_q && m_axil_bvalid_i) s_axil_bresp_o <= m_axil_bresp_i;
    aw_left_q <= (write && !wr_here) || (aw_left_q && !m_axil_awready_i);
    w_left_q  <= (write && !wr_here) || (w_left_q && !m_axil_wready_i);
    wr_next_q <= (write && !wr_here) || (wr_next_q && !m_axil_bvalid_i);
    b_q       <= wr_q || (wr_next_q && m_axil_bvalid_i) || (b_q && !s_axil_bready_i);
    if (rst_i) begin
      wr_q      <= 1'b0;
      aw_left_q <= 1'b0;
      w_left_q  <= 1'b0;
      wr_next_q <= 1'b0;
      b_q       <= 1'b0;
    end
  end

  // ---- reads ----
  logic read, rd_page, rd_here, rd_q, rd_next_q, ar_left_q, r_q;

  assign read             = s_axil_arvalid_i && !rd_q && !rd_next_q && !r_q;
  assign s_axil_arready_o = read;
  assign rd_page          = m_axil_araddr_o[ADDR_W-1:OWN_W] == PAGE;
  assign rd_here          = LAST ? s_axil_araddr_i[ADDR_W-1:OWN_W] >= PAGE : s_axil_araddr_i[ADDR_W-1:OWN_W] == PAGE;
  assign rd_o             = rd_q && rd_page;
  assign rd_addr_o        = m_axil_araddr_o[OWN_W-1:2];
  assign m_axil_arvalid_o = ar_left_q;
  assign m_axil_rready_o  = rd_next_q;
  assign s_axil_rvalid_o  = r_q;

  always_ff @(posedge clk_i) begin
    rd_q <= read && rd_here;
    if (read) m_axil_araddr_o <= s_axil_araddr_i;
    if (rd_q) begin
      s_axil_rdata_o <= rd_page ? rd_data_i : 32'd0;
      s_axil_rresp_o <= 2'd0;
    end else if (rd_next_q && m_axil_rvalid_i) begin
      s_axil_rdata_o <= m_axil_rdata_i;
      s_axil_rresp_o <= m_axil_rresp_i;
    end
    ar_left_q <= (read && !rd_here) || (ar_left_q && !m_axil_arready_i);
    rd_next_q <= (read && !rd_here) || (rd_next_q && !m_axil_rvalid_i);
    r_q       <= rd_q || (rd_next_q && m_axil_rvalid_i) || (r_q && !s_axil_rready_i);
    if (rst_i) begin
      rd_q      <= 1'b0;
      ar_left_q <= 1'b0;
      rd_next_q <= 1'b0;
      r_q       <= 1'b0;
    end
  end
endmodule

`default_nettype wire
