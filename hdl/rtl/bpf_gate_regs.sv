// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of the gate for bad frames of LiteX, beside the wrapper's: decoder, what is read, plain registers.
///
/// AXI4-Lite; what is not the block's goes on to `m_axil_*`, see bpf_axil_split. `*_we_o` and `*_rd_o` are pulses, with `wr_*_o`, `rd_*_o` beside them.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_gate_regs (
  input  logic        clk_i,
  input  logic        rst_i,  // synchronous, active high
  input  logic [19:0] s_axil_awaddr_i,
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [3:0]  s_axil_wstrb_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  output logic [1:0]  s_axil_bresp_o,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  input  logic [19:0] s_axil_araddr_i,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [19:0] m_axil_awaddr_o,
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [31:0] m_axil_wdata_o,
  output logic [3:0]  m_axil_wstrb_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  input  logic [1:0]  m_axil_bresp_i,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  output logic [19:0] m_axil_araddr_o,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  input  logic [31:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o,
  input  logic        bad_i,  // pulse
  input  logic        full_i  // pulse
);
  logic        wr, rd;
  logic [11:2] wr_addr, rd_addr;
  logic [31:0] wr_data, rd_data;
  logic [3:0]  wr_strb;
  logic        unused_bus;
  assign unused_bus = ^{wr, wr_addr, wr_data, wr_strb, rd_addr, rd};

  bpf_axil_split #(.ADDR_W(20), .BASE(32'h1f000), .BYTES(4096), .LAST(0)) u_split (
    .clk_i, .rst_i,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i, .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i, .m_axil_rready_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_data_o(wr_data), .wr_strb_o(wr_strb), .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data));

  logic [31:0] bad_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) bad_q <= '0;
    else if (bad_i) bad_q <= bad_q + 32'd1;
  end

  logic [31:0] full_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) full_q <= '0;
    else if (full_i) full_q <= full_q + 32'd1;
  end


  always_comb begin
    unique casez (rd_addr)
      10'h0: rd_data = bad_q;  // 0x00 BAD
      10'h1: rd_data = full_q;  // 0x04 FULL
      default: rd_data = 32'd0;
    endcase
  end
endmodule

`default_nettype wire
