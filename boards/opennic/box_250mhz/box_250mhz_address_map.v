// SPDX-License-Identifier: Apache-2.0

// Register addresses of the 250 MHz box (PCIe BAR 2, 0x100000 to 0x1FFFFF), offsets in the box:
//
//   0x00000 .. 0x0FFFF  the core: docs/src/registers.md
//   0x10000 .. 0x1FFFF  the wrapper: bpf_shell_regs
//
// One slave decodes both, so these are wires, and the box needs no crossbar. The shell hands over addresses that begin at the box.
module box_250mhz_address_map (
  input         s_axil_awvalid,
  input  [31:0] s_axil_awaddr,
  output        s_axil_awready,
  input         s_axil_wvalid,
  input  [31:0] s_axil_wdata,
  output        s_axil_wready,
  output        s_axil_bvalid,
  output  [1:0] s_axil_bresp,
  input         s_axil_bready,
  input         s_axil_arvalid,
  input  [31:0] s_axil_araddr,
  output        s_axil_arready,
  output        s_axil_rvalid,
  output [31:0] s_axil_rdata,
  output  [1:0] s_axil_rresp,
  input         s_axil_rready,

  output        m_axil_bpf_awvalid,
  output [31:0] m_axil_bpf_awaddr,
  input         m_axil_bpf_awready,
  output        m_axil_bpf_wvalid,
  output [31:0] m_axil_bpf_wdata,
  input         m_axil_bpf_wready,
  input         m_axil_bpf_bvalid,
  input   [1:0] m_axil_bpf_bresp,
  output        m_axil_bpf_bready,
  output        m_axil_bpf_arvalid,
  output [31:0] m_axil_bpf_araddr,
  input         m_axil_bpf_arready,
  input         m_axil_bpf_rvalid,
  input  [31:0] m_axil_bpf_rdata,
  input   [1:0] m_axil_bpf_rresp,
  output        m_axil_bpf_rready,

  input         aclk,
  input         aresetn
);
  assign m_axil_bpf_awvalid = s_axil_awvalid;
  assign m_axil_bpf_awaddr  = s_axil_awaddr;
  assign s_axil_awready     = m_axil_bpf_awready;
  assign m_axil_bpf_wvalid  = s_axil_wvalid;
  assign m_axil_bpf_wdata   = s_axil_wdata;
  assign s_axil_wready      = m_axil_bpf_wready;
  assign s_axil_bvalid      = m_axil_bpf_bvalid;
  assign s_axil_bresp       = m_axil_bpf_bresp;
  assign m_axil_bpf_bready  = s_axil_bready;
  assign m_axil_bpf_arvalid = s_axil_arvalid;
  assign m_axil_bpf_araddr  = s_axil_araddr;
  assign s_axil_arready     = m_axil_bpf_arready;
  assign s_axil_rvalid      = m_axil_bpf_rvalid;
  assign s_axil_rdata       = m_axil_bpf_rdata;
  assign s_axil_rresp       = m_axil_bpf_rresp;
  assign m_axil_bpf_rready  = s_axil_rready;

  wire unused;
  assign unused = aclk ^ aresetn;
endmodule
