// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// NetFPGA-PLUS's output port lookup with the core in it: in the place of nic_output_port_lookup, between input arbiter and output queues.
///
/// One stream in, one out: tuser[15:0] is a frame's length, [23:16] where it came from, [31:24] where it goes, one bit each: bit 2p port p of the MAC, bit 2p+1
/// interface p of the host. Only the first beat's tuser is looked at; on the way out each beat of a frame has it, and bits above 31 are 0.
/// What comes from the MAC goes through the core, what comes from the host to its port, as in the reference design; a frame that names neither goes to port 0,
/// likewise. A frame of the core leaves with the port in [23:16] that it came by if it goes to the host, else with 0.
/// Registers, byte offsets from the block's base: 0x00000 the core's, 0x10000 those of bpf_shell_regs.
/// Latency beyond bpf_shell's: 2 clocks. Resources: bpf_shell and 2*PORTS-1 bpf_tx_merge.
module bpf_output_port_lookup #(
  parameter C_M_AXIS_DATA_WIDTH = 512,         // 512
  parameter C_S_AXIS_DATA_WIDTH = 512,
  parameter C_M_AXIS_TUSER_WIDTH = 128,
  parameter C_S_AXIS_TUSER_WIDTH = 128,
  parameter SRC_PORT_POS = 16,
  parameter DST_PORT_POS = 24,
  parameter C_S_AXI_DATA_WIDTH = 32,           // 32
  parameter C_S_AXI_ADDR_WIDTH = 32,           // 17 or more
  parameter C_BASEADDR = 32'h00000000,         // a multiple of 128 KiB: the block sees offsets
  parameter int unsigned PORTS = 2             // of the MAC, as many interfaces of the host; 1 or 2
) (
  input  wire                                axis_aclk,
  input  wire                                axis_resetn,

  output wire      [C_M_AXIS_DATA_WIDTH-1:0] m_axis_tdata,
  output wire    [C_M_AXIS_DATA_WIDTH/8-1:0] m_axis_tkeep,
  output wire     [C_M_AXIS_TUSER_WIDTH-1:0] m_axis_tuser,
  output wire                                m_axis_tvalid,
  input  wire                                m_axis_tready,
  output wire                                m_axis_tlast,

  input  wire      [C_S_AXIS_DATA_WIDTH-1:0] s_axis_tdata,
  input  wire    [C_S_AXIS_DATA_WIDTH/8-1:0] s_axis_tkeep,
  input  wire     [C_S_AXIS_TUSER_WIDTH-1:0] s_axis_tuser,
  input  wire                                s_axis_tvalid,
  output wire                                s_axis_tready,
  input  wire                                s_axis_tlast,

  input  wire                                S_AXI_ACLK,
  input  wire                                S_AXI_ARESETN,
  input  wire       [C_S_AXI_ADDR_WIDTH-1:0] S_AXI_AWADDR,
  input  wire                                S_AXI_AWVALID,
  input  wire       [C_S_AXI_DATA_WIDTH-1:0] S_AXI_WDATA,
  input  wire     [C_S_AXI_DATA_WIDTH/8-1:0] S_AXI_WSTRB,
  input  wire                                S_AXI_WVALID,
  input  wire                                S_AXI_BREADY,
  input  wire       [C_S_AXI_ADDR_WIDTH-1:0] S_AXI_ARADDR,
  input  wire                                S_AXI_ARVALID,
  input  wire                                S_AXI_RREADY,
  output wire                                S_AXI_ARREADY,
  output wire       [C_S_AXI_DATA_WIDTH-1:0] S_AXI_RDATA,
  output wire                          [1:0] S_AXI_RRESP,
  output wire                                S_AXI_RVALID,
  output wire                                S_AXI_WREADY,
  output wire                          [1:0] S_AXI_BRESP,
  output wire                                S_AXI_BVALID,
  output wire                                S_AXI_AWREADY
);
  if (C_M_AXIS_DATA_WIDTH != 512 || C_S_AXIS_DATA_WIDTH != 512) begin : g_check_1
    $fatal(1, "bpf_output_port_lookup: the data path must be 512 bits wide");
  end
  if (C_M_AXIS_TUSER_WIDTH < 32 || C_S_AXIS_TUSER_WIDTH < 32 || SRC_PORT_POS != 16 || DST_PORT_POS != 24) begin : g_check_2
    $fatal(1, "bpf_output_port_lookup: tuser is length, source at bit 16, destination at bit 24");
  end
  if (C_S_AXI_DATA_WIDTH != 32 || C_S_AXI_ADDR_WIDTH < 17) begin : g_check_3
    $fatal(1, "bpf_output_port_lookup: the registers take 17 bits of address and 32 of data");
  end
  if (C_BASEADDR % 32'h20000 != 0) begin : g_check_4
    $fatal(1, "bpf_output_port_lookup: the base address must be a multiple of 128 KiB");
  end
  if (PORTS < 1 || PORTS > 2) begin : g_check_5
    $fatal(1, "bpf_output_port_lookup: one or two ports");
  end

  localparam int unsigned BUS_W = 512;
  localparam int unsigned BUSB = BUS_W / 8;
  localparam int unsigned OWN_W = 24;          // source, length

  logic rst, axi_rst;
  assign rst     = !axis_resetn;
  assign axi_rst = !S_AXI_ARESETN;

  // ---- registers: to the clock of the data path ----
  logic [16:0] awaddr, araddr;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] wdata, rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;

  bpf_axil_cross #(.ADDR_W(17)) u_cross (
    .s_clk_i(S_AXI_ACLK), .s_rst_i(axi_rst),
    .s_axil_awaddr_i(S_AXI_AWADDR[16:0]), .s_axil_awvalid_i(S_AXI_AWVALID), .s_axil_awready_o(S_AXI_AWREADY), .s_axil_wdata_i(S_AXI_WDATA),
    .s_axil_wstrb_i(S_AXI_WSTRB), .s_axil_wvalid_i(S_AXI_WVALID), .s_axil_wready_o(S_AXI_WREADY), .s_axil_bresp_o(S_AXI_BRESP), .s_axil_bvalid_o(S_AXI_BVALID),
    .s_axil_bready_i(S_AXI_BREADY), .s_axil_araddr_i(S_AXI_ARADDR[16:0]), .s_axil_arvalid_i(S_AXI_ARVALID), .s_axil_arready_o(S_AXI_ARREADY),
    .s_axil_rdata_o(S_AXI_RDATA), .s_axil_rresp_o(S_AXI_RRESP), .s_axil_rvalid_o(S_AXI_RVALID), .s_axil_rready_i(S_AXI_RREADY),
    .m_clk_i(axis_aclk), .m_rst_i(rst),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb),
    .m_axil_wvalid_o(wvalid), .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready),
    .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid), .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp),
    .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  // ---- in: whose frame it is ----
  logic             inside_q;
  logic [23:0]      first, first_q;            // of tuser, of the frame's first beat: source, length
  logic [PORTS-1:0] from_port, from_host, rx_tready, own_tready;

  assign first = inside_q ? first_q : s_axis_tuser[23:0];
  always_comb begin
    from_port = '0;
    from_host = '0;
    for (int unsigned p = 0; p < PORTS; p++) begin
      if (from_port == '0 && from_host == '0) begin
        from_port[p] = first[16 + 2*p];
        from_host[p] = !first[16 + 2*p] && first[17 + 2*p];
      end
    end
    if (from_port == '0 && from_host == '0) from_host[0] = 1'b1;
  end
  assign s_axis_tready = ((from_port & rx_tready) | (from_host & own_tready)) != '0;

  always_ff @(posedge axis_aclk) begin
    if (s_axis_tvalid && s_axis_tready) begin
      inside_q <= !s_axis_tlast;
      first_q  <= first;
    end
    if (rst) inside_q <= 1'b0;
  end

  // ---- the core and its queues ----
  logic [PORTS*BUS_W-1:0] host_tdata, tx_tdata;
  logic [PORTS*BUSB-1:0]  host_tkeep, tx_tkeep;
  logic [PORTS-1:0]       host_tvalid, host_tready, host_tlast, tx_tvalid, tx_tready, tx_tlast, own, unused_steer;
  logic [PORTS*16-1:0]    host_length, tx_length, unused_queue;
  logic [PORTS*OWN_W-1:0] own_user;

  bpf_shell #(.PORTS(PORTS), .BUS_W(BUS_W), .USER_W(OWN_W), .MIN_TX(60), .QUEUES(0), .SHELL(32'd4)) u_shell (
    .clk_i(axis_aclk), .rst_i(rst),
    .rx_tdata_i({PORTS{s_axis_tdata}}), .rx_tkeep_i({PORTS{s_axis_tkeep}}), .rx_tvalid_i(from_port & {PORTS{s_axis_tvalid}}), .rx_tready_o(rx_tready),
    .rx_tlast_i({PORTS{s_axis_tlast}}),
    .host_tdata_o(host_tdata), .host_tkeep_o(host_tkeep), .host_tvalid_o(host_tvalid), .host_tready_i(host_tready), .host_tlast_o(host_tlast),
    .host_length_o(host_length), .host_steer_o(unused_steer), .host_queue_o(unused_queue),
    .own_tdata_i({PORTS{s_axis_tdata}}), .own_tkeep_i({PORTS{s_axis_tkeep}}), .own_tvalid_i(from_host & {PORTS{s_axis_tvalid}}), .own_tready_o(own_tready),
    .own_tlast_i({PORTS{s_axis_tlast}}), .own_tuser_i({PORTS{first}}),
    .tx_tdata_o(tx_tdata), .tx_tkeep_o(tx_tkeep), .tx_tvalid_o(tx_tvalid), .tx_tready_i(tx_tready), .tx_tlast_o(tx_tlast), .tx_own_o(own),
    .tx_tuser_o(own_user), .tx_length_o(tx_length),
    .s_axil_awaddr_i({3'd0, awaddr}), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb),
    .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready),
    .s_axil_araddr_i({3'd0, araddr}), .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready));

  // ---- out: all into one stream ----
  logic [2*PORTS*32-1:0] user;                 // destination, source, length
  logic [31:0]           sent_user;

  for (genvar p = 0; p < PORTS; p++) begin : g_side_band
    assign user[32*p +: 32]           = {8'd2 << (2*p), 8'd1 << (2*p), host_length[16*p +: 16]};
    assign user[32*(PORTS + p) +: 32] = {8'd1 << (2*p), own[p] ? own_user[OWN_W*p +: OWN_W] : {8'd0, tx_length[16*p +: 16]}};
  end

  bpf_shell_join #(.INPUTS(2*PORTS), .BUS_W(BUS_W), .USER_W(32), .MAX_FRAME(9216 + 256)) u_join (
    .clk_i(axis_aclk), .rst_i(rst), .s_tdata_i({tx_tdata, host_tdata}), .s_tkeep_i({tx_tkeep, host_tkeep}), .s_tvalid_i({tx_tvalid, host_tvalid}),
    .s_tready_o({tx_tready, host_tready}), .s_tlast_i({tx_tlast, host_tlast}), .s_tuser_i(user), .m_tdata_o(m_axis_tdata), .m_tkeep_o(m_axis_tkeep),
    .m_tvalid_o(m_axis_tvalid), .m_tready_i(m_axis_tready), .m_tlast_o(m_axis_tlast), .m_tuser_o(sent_user));
  assign m_axis_tuser = C_M_AXIS_TUSER_WIDTH'(sent_user);

  // The core measures frames itself.
  logic unused_inputs;
  assign unused_inputs = ^{s_axis_tuser[C_S_AXIS_TUSER_WIDTH-1:24], S_AXI_AWADDR[C_S_AXI_ADDR_WIDTH-1:16], S_AXI_ARADDR[C_S_AXI_ADDR_WIDTH-1:16]};
endmodule

`default_nettype wire
