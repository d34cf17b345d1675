// SPDX-License-Identifier: Apache-2.0
// Included by the shell in the body of box_250mhz: one register slave has all of the box.
wire        axil_bpf_awvalid;
wire [31:0] axil_bpf_awaddr;
wire        axil_bpf_awready;
wire        axil_bpf_wvalid;
wire [31:0] axil_bpf_wdata;
wire        axil_bpf_wready;
wire        axil_bpf_bvalid;
wire  [1:0] axil_bpf_bresp;
wire        axil_bpf_bready;
wire        axil_bpf_arvalid;
wire [31:0] axil_bpf_araddr;
wire        axil_bpf_arready;
wire        axil_bpf_rvalid;
wire [31:0] axil_bpf_rdata;
wire  [1:0] axil_bpf_rresp;
wire        axil_bpf_rready;

box_250mhz_address_map address_map_inst (
  .s_axil_awvalid     (s_axil_awvalid),
  .s_axil_awaddr      (s_axil_awaddr),
  .s_axil_awready     (s_axil_awready),
  .s_axil_wvalid      (s_axil_wvalid),
  .s_axil_wdata       (s_axil_wdata),
  .s_axil_wready      (s_axil_wready),
  .s_axil_bvalid      (s_axil_bvalid),
  .s_axil_bresp       (s_axil_bresp),
  .s_axil_bready      (s_axil_bready),
  .s_axil_arvalid     (s_axil_arvalid),
  .s_axil_araddr      (s_axil_araddr),
  .s_axil_arready     (s_axil_arready),
  .s_axil_rvalid      (s_axil_rvalid),
  .s_axil_rdata       (s_axil_rdata),
  .s_axil_rresp       (s_axil_rresp),
  .s_axil_rready      (s_axil_rready),

  .m_axil_bpf_awvalid (axil_bpf_awvalid),
  .m_axil_bpf_awaddr  (axil_bpf_awaddr),
  .m_axil_bpf_awready (axil_bpf_awready),
  .m_axil_bpf_wvalid  (axil_bpf_wvalid),
  .m_axil_bpf_wdata   (axil_bpf_wdata),
  .m_axil_bpf_wready  (axil_bpf_wready),
  .m_axil_bpf_bvalid  (axil_bpf_bvalid),
  .m_axil_bpf_bresp   (axil_bpf_bresp),
  .m_axil_bpf_bready  (axil_bpf_bready),
  .m_axil_bpf_arvalid (axil_bpf_arvalid),
  .m_axil_bpf_araddr  (axil_bpf_araddr),
  .m_axil_bpf_arready (axil_bpf_arready),
  .m_axil_bpf_rvalid  (axil_bpf_rvalid),
  .m_axil_bpf_rdata   (axil_bpf_rdata),
  .m_axil_bpf_rresp   (axil_bpf_rresp),
  .m_axil_bpf_rready  (axil_bpf_rready),

  .aclk               (axil_aclk),
  .aresetn            (internal_box_rstn)
);
