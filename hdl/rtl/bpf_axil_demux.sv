// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite from one host to OUTPUTS slaves, each with pages of 64 KiB: output i has page PAGES[4i +: 4] of the address. Other addresses read 0 and take writes without effect.
///
/// One write and one read are under way at a time; they do not wait for each other. Latency: 2 clocks more than the slave's, 2 for others.
/// Resources: about 140 flip-flops.
module bpf_axil_demux #(
  parameter int unsigned OUTPUTS = 3,
  parameter logic [4*OUTPUTS-1:0] PAGES = {4'd3, 4'd2, 4'd0}
) (
  input  logic                  clk_i,
  input  logic                  rst_i,         // synchronous, active high
  input  logic [19:0]           s_axil_awaddr_i,
  input  logic                  s_axil_awvalid_i,
  output logic                  s_axil_awready_o,
  input  logic [31:0]           s_axil_wdata_i,
  input  logic [3:0]            s_axil_wstrb_i,
  input  logic                  s_axil_wvalid_i,
  output logic                  s_axil_wready_o,
  output logic [1:0]            s_axil_bresp_o,
  output logic                  s_axil_bvalid_o,
  input  logic                  s_axil_bready_i,
  input  logic [19:0]           s_axil_araddr_i,
  input  logic                  s_axil_arvalid_i,
  output logic                  s_axil_arready_o,
  output logic [31:0]           s_axil_rdata_o,
  output logic [1:0]            s_axil_rresp_o,
  output logic                  s_axil_rvalid_o,
  input  logic                  s_axil_rready_i,
  // to the slaves; address, data and strobes are the same for all
  output logic [15:0]           m_axil_awaddr_o,
  output logic [OUTPUTS-1:0]    m_axil_awvalid_o,
  input  logic [OUTPUTS-1:0]    m_axil_awready_i,
  output logic [31:0]           m_axil_wdata_o,
  output logic [3:0]            m_axil_wstrb_o,
  output logic [OUTPUTS-1:0]    m_axil_wvalid_o,
  input  logic [OUTPUTS-1:0]    m_axil_wready_i,
  input  logic [2*OUTPUTS-1:0]  m_axil_bresp_i,
  input  logic [OUTPUTS-1:0]    m_axil_bvalid_i,
  output logic [OUTPUTS-1:0]    m_axil_bready_o,
  output logic [15:0]           m_axil_araddr_o,
  output logic [OUTPUTS-1:0]    m_axil_arvalid_o,
  input  logic [OUTPUTS-1:0]    m_axil_arready_i,
  input  logic [32*OUTPUTS-1:0] m_axil_rdata_i,
  input  logic [2*OUTPUTS-1:0]  m_axil_rresp_i,
  input  logic [OUTPUTS-1:0]    m_axil_rvalid_i,
  output logic [OUTPUTS-1:0]    m_axil_rready_o
);
  logic [OUTPUTS-1:0] wr_to, rd_to, wr_q, rd_q;  // whom the access under way is for
  logic               write, read, b_q, r_q, wr_none_q, rd_none_q;
  logic [1:0]         bresp, rresp;
  logic [31:0]        rdata;

  always_comb begin
    for (int unsigned i = 0; i < OUTPUTS; i++) begin
      wr_to[i] = s_axil_awaddr_i[19:16] == PAGES[4*i +: 4];
      rd_to[i] = s_axil_araddr_i[19:16] == PAGES[4*i +: 4];
    end
    bresp = '0;
    rresp = '0;
    rdata = '0;
    for (int unsigned i = 0; i < OUTPUTS; i++) begin
      if (wr_q[i]) bresp = m_axil_bresp_i[2*i +: 2];
      if (rd_q[i]) rresp = m_axil_rresp_i[2*i +: 2];
      if (rd_q[i]) rdata = m_axil_rdata_i[32*i +: 32];
    end
  end

  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && wr_q == '0 && !wr_none_q && !b_q;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_bvalid_o  = b_q;
  assign m_axil_bready_o  = wr_q;
  assign read             = s_axil_arvalid_i && rd_q == '0 && !rd_none_q && !r_q;
  assign s_axil_arready_o = read;
  assign s_axil_rvalid_o  = r_q;
  assign m_axil_rready_o  = rd_q;

  always_ff @(posedge clk_i) begin
    wr_none_q <= write && wr_to == '0;
    rd_none_q <= read && rd_to == '0;
    if (write) begin
      m_axil_awaddr_o <= s_axil_awaddr_i[15:0];
      m_axil_wdata_o  <= s_axil_wdata_i;
      m_axil_wstrb_o  <= s_axil_wstrb_i;
      wr_q            <= wr_to;
    end else if ((wr_q & m_axil_bvalid_i) != '0) begin
      wr_q           <= '0;
      s_axil_bresp_o <= bresp;
    end
    if (wr_none_q) s_axil_bresp_o <= 2'd0;
    m_axil_awvalid_o <= write ? wr_to : m_axil_awvalid_o & ~m_axil_awready_i;
    m_axil_wvalid_o  <= write ? wr_to : m_axil_wvalid_o & ~m_axil_wready_i;
    b_q <= wr_none_q || (wr_q & m_axil_bvalid_i) != '0 || (b_q && !s_axil_bready_i);
    if (read) begin
      m_axil_araddr_o <= s_axil_araddr_i[15:0];
      rd_q            <= rd_to;
    end else if ((rd_q & m_axil_rvalid_i) != '0) begin
      rd_q           <= '0;
      s_axil_rdata_o <= rdata;
      s_axil_rresp_o <= rresp;
    end
    if (rd_none_q) begin
      s_axil_rdata_o <= '0;
      s_axil_rresp_o <= 2'd0;
    end
    m_axil_arvalid_o <= read ? rd_to : m_axil_arvalid_o & ~m_axil_arready_i;
    r_q <= rd_none_q || (rd_q & m_axil_rvalid_i) != '0 || (r_q && !s_axil_rready_i);
    if (rst_i) begin
      wr_q             <= '0;
      rd_q             <= '0;
      wr_none_q        <= 1'b0;
      rd_none_q        <= 1'b0;
      b_q              <= 1'b0;
      r_q              <= 1'b0;
      m_axil_awvalid_o <= '0;
      m_axil_wvalid_o  <= '0;
      m_axil_arvalid_o <= '0;
    end
  end
endmodule

`default_nettype wire
