// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// OpenNIC's 250 MHz box: the core between the packet adapters (MAC) and the QDMA's functions (host). Port i and function i belong together.
///
/// `bpf_shell` does the work; this adapts to the shell's side bands (tuser_size on every beat, tuser_src and tuser_dst one-hot: bits 15:6 ports, 3:0
/// functions), its reset handshake, and its register bus, which is without wstrb and in the 125 MHz clock.
/// Registers, byte offsets in the box (BAR 2, 0x100000): 0x00000 the core's, 0x10000 those of bpf_shell_regs.
/// Frames from the host leave by their function's port whatever their tuser_dst says, as in the shell's own plug-in.
module bpf_250mhz #(
  parameter int NUM_QDMA = 1,                  // only 1
  parameter int NUM_INTF = 1                   // ports = functions
) (
  input  wire                       s_axil_awvalid,
  input  wire                [31:0] s_axil_awaddr,
  output wire                       s_axil_awready,
  input  wire                       s_axil_wvalid,
  input  wire                [31:0] s_axil_wdata,
  output wire                       s_axil_wready,
  output wire                       s_axil_bvalid,
  output wire                 [1:0] s_axil_bresp,
  input  wire                       s_axil_bready,
  input  wire                       s_axil_arvalid,
  input  wire                [31:0] s_axil_araddr,
  output wire                       s_axil_arready,
  output wire                       s_axil_rvalid,
  output wire                [31:0] s_axil_rdata,
  output wire                 [1:0] s_axil_rresp,
  input  wire                       s_axil_rready,

  input  wire     [NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tvalid,
  input  wire [512*NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tdata,
  input  wire  [64*NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tkeep,
  input  wire     [NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tlast,
  input  wire  [16*NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tuser_size,
  input  wire  [16*NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tuser_src,
  input  wire  [16*NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tuser_dst,
  output wire     [NUM_INTF*NUM_QDMA-1:0] s_axis_qdma_h2c_tready,

  output wire     [NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tvalid,
  output wire [512*NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tdata,
  output wire  [64*NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tkeep,
  output wire     [NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tlast,
  output wire  [16*NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tuser_size,
  output wire  [16*NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tuser_src,
  output wire  [16*NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tuser_dst,
  input  wire     [NUM_INTF*NUM_QDMA-1:0] m_axis_qdma_c2h_tready,

  output wire     [NUM_INTF-1:0] m_axis_adap_tx_250mhz_tvalid,
  output wire [512*NUM_INTF-1:0] m_axis_adap_tx_250mhz_tdata,
  output wire  [64*NUM_INTF-1:0] m_axis_adap_tx_250mhz_tkeep,
  output wire     [NUM_INTF-1:0] m_axis_adap_tx_250mhz_tlast,
  output wire  [16*NUM_INTF-1:0] m_axis_adap_tx_250mhz_tuser_size,
  output wire  [16*NUM_INTF-1:0] m_axis_adap_tx_250mhz_tuser_src,
  output wire  [16*NUM_INTF-1:0] m_axis_adap_tx_250mhz_tuser_dst,
  input  wire     [NUM_INTF-1:0] m_axis_adap_tx_250mhz_tready,

  input  wire     [NUM_INTF-1:0] s_axis_adap_rx_250mhz_tvalid,
  input  wire [512*NUM_INTF-1:0] s_axis_adap_rx_250mhz_tdata,
  input  wire  [64*NUM_INTF-1:0] s_axis_adap_rx_250mhz_tkeep,
  input  wire     [NUM_INTF-1:0] s_axis_adap_rx_250mhz_tlast,
  input  wire  [16*NUM_INTF-1:0] s_axis_adap_rx_250mhz_tuser_size,
  input  wire  [16*NUM_INTF-1:0] s_axis_adap_rx_250mhz_tuser_src,
  input  wire  [16*NUM_INTF-1:0] s_axis_adap_rx_250mhz_tuser_dst,
  output wire     [NUM_INTF-1:0] s_axis_adap_rx_250mhz_tready,

  input  wire                    mod_rstn,     // axil_aclk, one clock low or more
  output wire                    mod_rst_done,

  input  wire                    axil_aclk,    // 125 MHz
  input  wire                    axis_aclk     // 250 MHz
);
  if (NUM_QDMA != 1) begin : g_check_1
    $fatal(1, "bpf_250mhz: only one QDMA");
  end
  if (NUM_INTF > 4) begin : g_check_2
    $fatal(1, "bpf_250mhz: the shell has at most four functions");
  end

  // ---- reset: asked for by a low mod_rstn, held for 100 clocks, then reported as done ----
  localparam logic [6:0] RESET_CLOCKS = 7'd100;

  logic [6:0] reset_left_q;
  logic       axil_rst_q;
  (* ASYNC_REG = "TRUE" *) logic [2:0] axis_rst_q;

  // The bitstream begins in reset.
  initial begin
    reset_left_q = RESET_CLOCKS;
    axil_rst_q   = 1'b1;
    axis_rst_q   = '1;
  end

  always_ff @(posedge axil_aclk) begin
    if (!mod_rstn) reset_left_q <= RESET_CLOCKS;
    else if (reset_left_q != 7'd0) reset_left_q <= reset_left_q - 7'd1;
    axil_rst_q <= !mod_rstn || reset_left_q != 7'd0;
  end
  always_ff @(posedge axis_aclk) axis_rst_q <= {axis_rst_q[1:0], axil_rst_q};

  assign mod_rst_done = !axil_rst_q;

  // ---- registers: to the 250 MHz clock ----
  logic [19:0] awaddr, araddr;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] wdata, rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;

  bpf_axil_cross #(.ADDR_W(20)) u_cross (
    .s_clk_i(axil_aclk), .s_rst_i(axil_rst_q),
    .s_axil_awaddr_i(s_axil_awaddr[19:0]), .s_axil_awvalid_i(s_axil_awvalid), .s_axil_awready_o(s_axil_awready), .s_axil_wdata_i(s_axil_wdata),
    .s_axil_wstrb_i(4'hF), .s_axil_wvalid_i(s_axil_wvalid), .s_axil_wready_o(s_axil_wready), .s_axil_bresp_o(s_axil_bresp), .s_axil_bvalid_o(s_axil_bvalid),
    .s_axil_bready_i(s_axil_bready), .s_axil_araddr_i(s_axil_araddr[19:0]), .s_axil_arvalid_i(s_axil_arvalid), .s_axil_arready_o(s_axil_arready),
    .s_axil_rdata_o(s_axil_rdata), .s_axil_rresp_o(s_axil_rresp), .s_axil_rvalid_o(s_axil_rvalid), .s_axil_rready_i(s_axil_rready),
    .m_clk_i(axis_aclk), .m_rst_i(axis_rst_q[2]),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb),
    .m_axil_wvalid_o(wvalid), .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready),
    .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid), .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp),
    .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  // ---- frames ----
  logic [NUM_INTF-1:0]    own, unused_steer;
  logic [32*NUM_INTF-1:0] own_user, sent_user;  // size, src
  logic [16*NUM_INTF-1:0] length, unused_queue;

  bpf_shell #(.PORTS(NUM_INTF), .BUS_W(512), .USER_W(32), .MIN_TX(60), .QUEUES(0), .SHELL(32'd1)) u_shell (
    .clk_i(axis_aclk), .rst_i(axis_rst_q[2]),
    .rx_tdata_i(s_axis_adap_rx_250mhz_tdata), .rx_tkeep_i(s_axis_adap_rx_250mhz_tkeep), .rx_tvalid_i(s_axis_adap_rx_250mhz_tvalid),
    .rx_tready_o(s_axis_adap_rx_250mhz_tready), .rx_tlast_i(s_axis_adap_rx_250mhz_tlast),
    .host_tdata_o(m_axis_qdma_c2h_tdata), .host_tkeep_o(m_axis_qdma_c2h_tkeep), .host_tvalid_o(m_axis_qdma_c2h_tvalid),
    .host_tready_i(m_axis_qdma_c2h_tready), .host_tlast_o(m_axis_qdma_c2h_tlast), .host_length_o(m_axis_qdma_c2h_tuser_size),
    .host_steer_o(unused_steer), .host_queue_o(unused_queue),
    .own_tdata_i(s_axis_qdma_h2c_tdata), .own_tkeep_i(s_axis_qdma_h2c_tkeep), .own_tvalid_i(s_axis_qdma_h2c_tvalid),
    .own_tready_o(s_axis_qdma_h2c_tready), .own_tlast_i(s_axis_qdma_h2c_tlast), .own_tuser_i(own_user),
    .tx_tdata_o(m_axis_adap_tx_250mhz_tdata), .tx_tkeep_o(m_axis_adap_tx_250mhz_tkeep), .tx_tvalid_o(m_axis_adap_tx_250mhz_tvalid),
    .tx_tready_i(m_axis_adap_tx_250mhz_tready), .tx_tlast_o(m_axis_adap_tx_250mhz_tlast), .tx_own_o(own), .tx_tuser_o(sent_user), .tx_length_o(length),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb),
    .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready),
    .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready));

  for (genvar i = 0; i < NUM_INTF; i++) begin : g_side_band
    assign own_user[32*i +: 32] = {s_axis_qdma_h2c_tuser_src[16*i +: 16], s_axis_qdma_h2c_tuser_size[16*i +: 16]};
    assign m_axis_adap_tx_250mhz_tuser_size[16*i +: 16] = own[i] ? sent_user[32*i +: 16] : length[16*i +: 16];
    assign m_axis_adap_tx_250mhz_tuser_src[16*i +: 16]  = sent_user[32*i + 16 +: 16];
    assign m_axis_adap_tx_250mhz_tuser_dst[16*i +: 16]  = 16'h1 << (6 + i);
    assign m_axis_qdma_c2h_tuser_src[16*i +: 16]        = 16'h1 << (6 + i);
    assign m_axis_qdma_c2h_tuser_dst[16*i +: 16]        = 16'h1 << i;
  end

  // The core measures frames itself; addresses beyond the box do not come.
  logic unused_side_band;
  assign unused_side_band = ^{s_axis_adap_rx_250mhz_tuser_size, s_axis_adap_rx_250mhz_tuser_src, s_axis_adap_rx_250mhz_tuser_dst,
                              s_axis_qdma_h2c_tuser_dst, s_axil_awaddr[31:20], s_axil_araddr[31:20]};
endmodule

`default_nettype wire
