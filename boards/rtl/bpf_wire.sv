// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A bump in the wire: a core between two gigabit ports, with a serial line for the host or an endpoint for datagrams at one of the ports.
///
/// Port 0 is interface 1, port 1 interface 2, receive queue 0. PASS leaves by the other port, TX by the port that the frame came by, REDIRECT by the port whose interface
/// it names; a redirect to anything else (a CPU, a socket, another interface) is dropped and counted as redirected to no port. Records of events are
/// not carried: they are taken and dropped.
/// From the core to the ports goes one stream; a port that is full loses frames and counts them, and never holds up the other port.
module bpf_wire #(
  parameter int unsigned MAX_FRAME = 1536,     // bytes received, without FCS
  parameter int unsigned UART_CLOCKS = 543,    // of clk_i in a bit of the serial line
  parameter bit UDP = 1'b0,                    // datagrams (docs/src/udp.md) in place of the serial line
  parameter int unsigned UDP_PORT = 0,         // port that they come by
  parameter logic [47:0] UDP_MAC = 48'h02_00_C0_A8_01_64,
  parameter logic [31:0] UDP_IP = 32'hC0A8_0164
) (
  input  logic        clk_i,                   // the core's
  input  logic        rst_i,                   // synchronous, active high, as all resets here
  input  logic        tx_clk_i,                // 125 MHz
  input  logic        tx_rst_i,
  input  logic [1:0]  rx_clk_i,                // 125 MHz, one for each port
  input  logic [1:0]  rx_rst_i,
  input  logic [15:0] gmii_rxd_i,              // port 0 is the low half of everything
  input  logic [1:0]  gmii_rx_dv_i,
  input  logic [1:0]  gmii_rx_er_i,
  output logic [15:0] gmii_txd_o,
  output logic [1:0]  gmii_tx_en_o,
  output logic [1:0]  gmii_tx_er_o,
  input  logic [7:0]  link_i,                  // RGMII's in-band status, for the registers only; any clock
  input  logic        uart_rxd_i,
  output logic        uart_txd_o
);
  // ---- ports ----
  logic [127:0] rx_tdata;
  logic [15:0]  rx_tkeep;
  logic [1:0]   rx_tvalid, rx_tready, rx_tlast, out_tvalid;
  logic [63:0]  out_tdata;
  logic [7:0]   out_tkeep;
  logic         out_tlast;
  logic [9:0]   events;
  logic [7:0]   link;

  for (genvar p = 0; p < 2; p++) begin : g_port
    bpf_gmii_port #(.MAX_FRAME(MAX_FRAME)) u_port (
      .rx_clk_i(rx_clk_i[p]), .rx_rst_i(rx_rst_i[p]), .gmii_rxd_i(gmii_rxd_i[8*p +: 8]), .gmii_rx_dv_i(gmii_rx_dv_i[p]), .gmii_rx_er_i(gmii_rx_er_i[p]),
      .tx_clk_i, .tx_rst_i, .gmii_txd_o(gmii_txd_o[8*p +: 8]), .gmii_tx_en_o(gmii_tx_en_o[p]), .gmii_tx_er_o(gmii_tx_er_o[p]),
      .clk_i, .rst_i,
      .m_axis_tdata_o(rx_tdata[64*p +: 64]), .m_axis_tkeep_o(rx_tkeep[8*p +: 8]), .m_axis_tvalid_o(rx_tvalid[p]), .m_axis_tready_i(rx_tready[p]), .m_axis_tlast_o(rx_tlast[p]),
      .s_axis_tdata_i(out_tdata), .s_axis_tkeep_i(out_tkeep), .s_axis_tvalid_i(out_tvalid[p]), .s_axis_tlast_i(out_tlast),
      .event_o(events[5*p +: 5]));
  end

  bpf_sync #(.WIDTH(8)) u_link (.clk_i, .d_i(link_i), .q_o(link));

  // ---- the host: behind a serial line, or its datagrams are taken out of the frames of a port, whose answers go among those that leave ----
  logic [127:0] in_tdata;
  logic [15:0]  in_tkeep, awaddr, araddr;
  logic [1:0]   in_tvalid, in_tready, in_tlast, core_to, out_to, bresp, rresp;
  logic [63:0]  core_tdata;
  logic [7:0]   core_tkeep;
  logic [31:0]  wdata, rdata;
  logic [3:0]   wstrb;
  logic         core_tvalid, core_tready, core_tlast, out_valid;
  logic         awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;

  if (UDP) begin : g_udp
    localparam int unsigned OTHER = 1 - UDP_PORT;
    logic [63:0] answer_tdata;
    logic [7:0]  answer_tkeep;
    logic        answer_tvalid, answer_tready, answer_tlast, unused_tuser, unused_uart_rxd;

    assign unused_uart_rxd = uart_rxd_i;
    assign uart_txd_o      = 1'b1;             // the line rests
    assign in_tdata[64*OTHER +: 64] = rx_tdata[64*OTHER +: 64];
    assign in_tkeep[8*OTHER +: 8]   = rx_tkeep[8*OTHER +: 8];
    assign in_tvalid[OTHER]         = rx_tvalid[OTHER];
    assign in_tlast[OTHER]          = rx_tlast[OTHER];
    assign rx_tready[OTHER]         = in_tready[OTHER];

    bpf_udp #(.USER_W(1), .MAC(UDP_MAC), .IP(UDP_IP)) u_udp (
      .clk_i, .rst_i,
      .s_axis_tdata_i(rx_tdata[64*UDP_PORT +: 64]), .s_axis_tkeep_i(rx_tkeep[8*UDP_PORT +: 8]), .s_axis_tvalid_i(rx_tvalid[UDP_PORT]),
      .s_axis_tready_o(rx_tready[UDP_PORT]), .s_axis_tlast_i(rx_tlast[UDP_PORT]), .s_axis_tuser_i(1'b0),
      .m_axis_tdata_o(in_tdata[64*UDP_PORT +: 64]), .m_axis_tkeep_o(in_tkeep[8*UDP_PORT +: 8]), .m_axis_tvalid_o(in_tvalid[UDP_PORT]),
      .m_axis_tready_i(in_tready[UDP_PORT]), .m_axis_tlast_o(in_tlast[UDP_PORT]), .m_axis_tuser_o(unused_tuser),
      .a_axis_tdata_o(answer_tdata), .a_axis_tkeep_o(answer_tkeep), .a_axis_tvalid_o(answer_tvalid), .a_axis_tready_i(answer_tready), .a_axis_tlast_o(answer_tlast),
      .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
      .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
      .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

    bpf_tx_merge #(.BUS_W(64), .USER_W(2), .MAX_FRAME(2 * MAX_FRAME)) u_answers (
      .clk_i, .rst_i,
      .a_axis_tdata_i(core_tdata), .a_axis_tkeep_i(core_tkeep), .a_axis_tvalid_i(core_tvalid), .a_axis_tready_o(core_tready), .a_axis_tlast_i(core_tlast), .a_axis_tuser_i(core_to),
      .b_axis_tdata_i(answer_tdata), .b_axis_tkeep_i(answer_tkeep), .b_axis_tvalid_i(answer_tvalid), .b_axis_tready_o(answer_tready), .b_axis_tlast_i(answer_tlast), .b_axis_tuser_i(2'd1 << UDP_PORT),
      .m_axis_tdata_o(out_tdata), .m_axis_tkeep_o(out_tkeep), .m_axis_tvalid_o(out_valid), .m_axis_tready_i(1'b1), .m_axis_tlast_o(out_tlast), .m_axis_tuser_o(out_to));
  end else begin : g_serial
    assign {in_tdata, in_tkeep, in_tvalid, in_tlast} = {rx_tdata, rx_tkeep, rx_tvalid, rx_tlast};
    assign rx_tready   = in_tready;
    assign {out_tdata, out_tkeep, out_valid, out_tlast, out_to} = {core_tdata, core_tkeep, core_tvalid, core_tlast, core_to};
    assign core_tready = 1'b1;

    bpf_serial #(.CLOCKS(UART_CLOCKS)) u_serial (
      .clk_i, .rst_i, .rxd_i(uart_rxd_i), .txd_o(uart_txd_o),
      .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
      .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
      .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));
  end

  // ---- into the core ----
  logic [63:0] s_tdata;
  logic [7:0]  s_tkeep;
  logic        s_tvalid, s_tready, s_tlast;
  logic [31:0] s_tuser;

  bpf_tx_merge #(.BUS_W(64), .USER_W(32), .MAX_FRAME(MAX_FRAME)) u_in (
    .clk_i, .rst_i,
    .a_axis_tdata_i(in_tdata[63:0]), .a_axis_tkeep_i(in_tkeep[7:0]), .a_axis_tvalid_i(in_tvalid[0]), .a_axis_tready_o(in_tready[0]), .a_axis_tlast_i(in_tlast[0]), .a_axis_tuser_i(32'd1),
    .b_axis_tdata_i(in_tdata[127:64]), .b_axis_tkeep_i(in_tkeep[15:8]), .b_axis_tvalid_i(in_tvalid[1]), .b_axis_tready_o(in_tready[1]), .b_axis_tlast_i(in_tlast[1]), .b_axis_tuser_i(32'd2),
    .m_axis_tdata_o(s_tdata), .m_axis_tkeep_o(s_tkeep), .m_axis_tvalid_o(s_tvalid), .m_axis_tready_i(s_tready), .m_axis_tlast_o(s_tlast), .m_axis_tuser_o(s_tuser));

  // ---- the core ----
  logic [63:0] pass_tdata, tx_tdata, redirect_tdata, unused_redirect_tuser, unused_event_tdata;
  logic [15:0] pass_ifindex, tx_ifindex, unused_pass_queue, unused_tx_queue;
  logic [31:0] unused_pass_length, unused_tx_length;
  logic [7:0]  pass_tkeep, tx_tkeep, redirect_tkeep, unused_event_tkeep;
  logic        pass_tvalid, tx_tvalid, redirect_tvalid, pass_tready, tx_tready, redirect_tready, pass_tlast, tx_tlast, redirect_tlast;
  logic        unused_event_tvalid, unused_event_tlast, unused_mon_valid;
  logic [1:0]  redirect_tid, unused_mon_tid;
  logic [31:0] redirect_tdest, unused_event_tuser, unused_mon_tdest;
  logic [2:0]  unused_mon_action;
  logic [15:0] unused_mon_length;
  logic [15:0] core_awaddr, core_araddr;
  logic [31:0] core_wdata, core_rdata;
  logic [3:0]  core_wstrb;
  logic [1:0]  core_bresp, core_rresp;
  logic        core_awvalid, core_awready, core_wvalid, core_wready, core_bvalid, core_bready, core_arvalid, core_arready, core_rvalid, core_rready;

  bpf_core u_core (
    .clk(clk_i), .rst(rst_i),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .m_axis_pass_tdata(pass_tdata), .m_axis_pass_tkeep(pass_tkeep), .m_axis_pass_tvalid(pass_tvalid), .m_axis_pass_tready(pass_tready),
    .m_axis_pass_tlast(pass_tlast), .m_axis_pass_tuser({unused_pass_queue, pass_ifindex, unused_pass_length}),
    .m_axis_tx_tdata(tx_tdata), .m_axis_tx_tkeep(tx_tkeep), .m_axis_tx_tvalid(tx_tvalid), .m_axis_tx_tready(tx_tready),
    .m_axis_tx_tlast(tx_tlast), .m_axis_tx_tuser({unused_tx_queue, tx_ifindex, unused_tx_length}),
    .m_axis_redirect_tdata(redirect_tdata), .m_axis_redirect_tkeep(redirect_tkeep), .m_axis_redirect_tvalid(redirect_tvalid),
    .m_axis_redirect_tready(redirect_tready), .m_axis_redirect_tlast(redirect_tlast), .m_axis_redirect_tuser(unused_redirect_tuser),
    .m_axis_redirect_tid(redirect_tid), .m_axis_redirect_tdest(redirect_tdest),
    .m_axis_event_tdata(unused_event_tdata), .m_axis_event_tkeep(unused_event_tkeep), .m_axis_event_tvalid(unused_event_tvalid), .m_axis_event_tready(1'b1),
    .m_axis_event_tlast(unused_event_tlast), .m_axis_event_tuser(unused_event_tuser),
    .s_axil_awaddr(core_awaddr), .s_axil_awvalid(core_awvalid), .s_axil_awready(core_awready), .s_axil_wdata(core_wdata), .s_axil_wstrb(core_wstrb),
    .s_axil_wvalid(core_wvalid), .s_axil_wready(core_wready), .s_axil_bresp(core_bresp), .s_axil_bvalid(core_bvalid), .s_axil_bready(core_bready),
    .s_axil_araddr(core_araddr), .s_axil_arvalid(core_arvalid), .s_axil_arready(core_arready), .s_axil_rdata(core_rdata), .s_axil_rresp(core_rresp),
    .s_axil_rvalid(core_rvalid), .s_axil_rready(core_rready),
    .mon_valid(unused_mon_valid), .mon_action(unused_mon_action), .mon_length(unused_mon_length), .mon_tid(unused_mon_tid), .mon_tdest(unused_mon_tdest));

  // ---- out of the core: where to, then one stream, {port 1, port 0} beside each beat ----
  logic [1:0]  pass_to, tx_to, redirect_to, back_to;
  logic [63:0] back_tdata;
  logic [7:0]  back_tkeep;
  logic        back_tvalid, back_tready, back_tlast, nowhere_q;

  assign pass_to     = {pass_ifindex == 16'd1, pass_ifindex == 16'd2};
  assign tx_to       = {tx_ifindex == 16'd2, tx_ifindex == 16'd1};
  assign redirect_to = {redirect_tdest == 32'd2, redirect_tdest == 32'd1} & {2{redirect_tid == 2'd1}};

  bpf_tx_merge #(.BUS_W(64), .USER_W(2), .MAX_FRAME(2 * MAX_FRAME)) u_back (
    .clk_i, .rst_i,
    .a_axis_tdata_i(tx_tdata), .a_axis_tkeep_i(tx_tkeep), .a_axis_tvalid_i(tx_tvalid), .a_axis_tready_o(tx_tready), .a_axis_tlast_i(tx_tlast), .a_axis_tuser_i(tx_to),
    .b_axis_tdata_i(redirect_tdata), .b_axis_tkeep_i(redirect_tkeep), .b_axis_tvalid_i(redirect_tvalid), .b_axis_tready_o(redirect_tready), .b_axis_tlast_i(redirect_tlast), .b_axis_tuser_i(redirect_to),
    .m_axis_tdata_o(back_tdata), .m_axis_tkeep_o(back_tkeep), .m_axis_tvalid_o(back_tvalid), .m_axis_tready_i(back_tready), .m_axis_tlast_o(back_tlast), .m_axis_tuser_o(back_to));

  bpf_tx_merge #(.BUS_W(64), .USER_W(2), .MAX_FRAME(2 * MAX_FRAME)) u_out (
    .clk_i, .rst_i,
    .a_axis_tdata_i(pass_tdata), .a_axis_tkeep_i(pass_tkeep), .a_axis_tvalid_i(pass_tvalid), .a_axis_tready_o(pass_tready), .a_axis_tlast_i(pass_tlast), .a_axis_tuser_i(pass_to),
    .b_axis_tdata_i(back_tdata), .b_axis_tkeep_i(back_tkeep), .b_axis_tvalid_i(back_tvalid), .b_axis_tready_o(back_tready), .b_axis_tlast_i(back_tlast), .b_axis_tuser_i(back_to),
    .m_axis_tdata_o(core_tdata), .m_axis_tkeep_o(core_tkeep), .m_axis_tvalid_o(core_tvalid), .m_axis_tready_i(core_tready), .m_axis_tlast_o(core_tlast), .m_axis_tuser_o(core_to));

  assign out_tvalid = out_to & {2{out_valid}};

  always_ff @(posedge clk_i) nowhere_q <= out_valid && out_tlast && out_to == 2'b00 && !rst_i;

  // ---- registers ----
  bpf_board_regs #(.PORTS(2)) u_regs (
    .clk_i, .rst_i, .ports_i(32'd2),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid),
    .s_axil_wready_o(wready), .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid),
    .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp), .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready),
    .m_axil_awaddr_o(core_awaddr), .m_axil_awvalid_o(core_awvalid), .m_axil_awready_i(core_awready), .m_axil_wdata_o(core_wdata), .m_axil_wstrb_o(core_wstrb),
    .m_axil_wvalid_o(core_wvalid), .m_axil_wready_i(core_wready), .m_axil_bresp_i(core_bresp), .m_axil_bvalid_i(core_bvalid), .m_axil_bready_o(core_bready),
    .m_axil_araddr_o(core_araddr), .m_axil_arvalid_o(core_arvalid), .m_axil_arready_i(core_arready), .m_axil_rdata_i(core_rdata), .m_axil_rresp_i(core_rresp),
    .m_axil_rvalid_i(core_rvalid), .m_axil_rready_o(core_rready),
    .rx_good_i({events[5], events[0]}), .rx_bad_i({events[6], events[1]}), .rx_lost_i({events[7], events[2]}), .tx_frames_i({events[8], events[3]}),
    .tx_lost_i({events[9], events[4]}), .link_i(link), .nowhere_i(nowhere_q));
endmodule

`default_nettype wire
