// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The core between the MAC ports and the host's interfaces of a NIC; what all shells' wrappers have in common.
///
/// Port p of the MAC and interface p of the host belong together. All frames go through one core in the order in which they arrive, so that
/// a program has one set of maps whatever port a packet came by; with several ports, they share the core's one beat a clock.
/// PASS goes to the host's interface of the port that the frame came by, TX to that port, a redirect to an interface to that port (the program's
/// numbers of interfaces are registers, see bpf_shell_regs), a redirect to a CPU to the host's interface, one to an AF_XDP socket as well where the
/// host can be told a queue (QUEUES), else it is dropped and counted. The core's frames and the host's own share each port, half of the beats for each.
/// With several ports each output has a queue of whole frames, so that a port that waits does not stop another; what finds no room there is lost and
/// counted, or waits with CONTROL.lossless (of these registers). With one port the core's own output queues do that.
/// A frame of the core that is shorter than MIN_TX leaves by a port with zeros behind it, as a driver pads. Of two ports with one number the first is meant.
/// Records of events are not taken: the core counts them as lost.
/// Latency beyond the core's: 1 clock to the host, 2 to a port; with several ports 4 more for the queue of an output, and 1 for each level of the join at the input.
/// Resources: for each port three bpf_tx_merge and, with several ports, two bpf_sink_fifo.
module bpf_shell #(
  parameter int unsigned PORTS = 1,            // 1..8
  parameter int unsigned BUS_W = 512,          // the core's
  parameter int unsigned USER_W = 1,           // goes with each beat of the host's own frames
  parameter int unsigned MIN_TX = 60,          // bytes; 0: frames leave as they are. Needs a bus that holds as many
  parameter int unsigned QUEUES = 0,           // 1: the host's interfaces take the queue that a redirect names
  parameter int unsigned QUEUE_BYTES = 16384,  // of each output, with several ports
  parameter int unsigned MAX_FRAME = 9216,     // the core's
  parameter logic [31:0] SHELL = 0,            // number of the shell, for the host
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic                      clk_i,
  input  logic                      rst_i,     // synchronous, active high
  // frames from the MAC: whole, good, without FCS; byte 0 is tdata[7:0], tkeep is contiguous
  input  logic [PORTS*BUS_W-1:0]    rx_tdata_i,
  input  logic [PORTS*BUSB-1:0]     rx_tkeep_i,
  input  logic [PORTS-1:0]          rx_tvalid_i,
  output logic [PORTS-1:0]          rx_tready_o,
  input  logic [PORTS-1:0]          rx_tlast_i,
  // to the host
  output logic [PORTS*BUS_W-1:0]    host_tdata_o,
  output logic [PORTS*BUSB-1:0]     host_tkeep_o,
  output logic [PORTS-1:0]          host_tvalid_o,
  input  logic [PORTS-1:0]          host_tready_i,
  output logic [PORTS-1:0]          host_tlast_o,
  output logic [PORTS*16-1:0]       host_length_o, // bytes of the frame, on every beat
  output logic [PORTS-1:0]          host_steer_o,  // the program named a queue: a CPU or a socket
  output logic [PORTS*16-1:0]       host_queue_o,
  // the host's own frames
  input  logic [PORTS*BUS_W-1:0]    own_tdata_i,
  input  logic [PORTS*BUSB-1:0]     own_tkeep_i,
  input  logic [PORTS-1:0]          own_tvalid_i,
  output logic [PORTS-1:0]          own_tready_o,
  input  logic [PORTS-1:0]          own_tlast_i,
  input  logic [PORTS*USER_W-1:0]   own_tuser_i,
  // to the MAC
  output logic [PORTS*BUS_W-1:0]    tx_tdata_o,
  output logic [PORTS*BUSB-1:0]     tx_tkeep_o,
  output logic [PORTS-1:0]          tx_tvalid_o,
  input  logic [PORTS-1:0]          tx_tready_i,
  output logic [PORTS-1:0]          tx_tlast_o,
  output logic [PORTS-1:0]          tx_own_o,      // a frame of the host's own
  output logic [PORTS*USER_W-1:0]   tx_tuser_o,    // of the host's own; else 0
  output logic [PORTS*16-1:0]       tx_length_o,   // bytes of a frame of the core, on every beat
  // AXI4-Lite: the core's registers, then those of bpf_shell_regs
  input  logic [19:0]               s_axil_awaddr_i,
  input  logic                      s_axil_awvalid_i,
  output logic                      s_axil_awready_o,
  input  logic [31:0]               s_axil_wdata_i,
  input  logic [3:0]                s_axil_wstrb_i,
  input  logic                      s_axil_wvalid_i,
  output logic                      s_axil_wready_o,
  output logic [1:0]                s_axil_bresp_o,
  output logic                      s_axil_bvalid_o,
  input  logic                      s_axil_bready_i,
  input  logic [19:0]               s_axil_araddr_i,
  input  logic                      s_axil_arvalid_i,
  output logic                      s_axil_arready_o,
  output logic [31:0]               s_axil_rdata_o,
  output logic [1:0]                s_axil_rresp_o,
  output logic                      s_axil_rvalid_o,
  input  logic                      s_axil_rready_i
);
  if (PORTS < 1 || PORTS > 8) begin : g_check_1
    $fatal(1, "bpf_shell: PORTS must be 1..8");
  end
  if (MIN_TX > BUSB) begin : g_check_2
    $fatal(1, "bpf_shell: MIN_TX must fit one beat");
  end

  localparam int unsigned TO_HOST_W = 1 + 16 + 16;  // steer, queue, length

  // ---- frames in ----
  logic [BUS_W-1:0] in_tdata;
  logic [BUSB-1:0]  in_tkeep;
  logic             in_tvalid, in_tready, in_tlast;
  logic [15:0]      in_ifindex;
  logic [16*PORTS-1:0] ifindex;

  bpf_shell_join #(.INPUTS(PORTS), .BUS_W(BUS_W), .USER_W(16), .MAX_FRAME(MAX_FRAME)) u_join (
    .clk_i, .rst_i, .s_tdata_i(rx_tdata_i), .s_tkeep_i(rx_tkeep_i), .s_tvalid_i(rx_tvalid_i), .s_tready_o(rx_tready_o), .s_tlast_i(rx_tlast_i),
    .s_tuser_i(ifindex), .m_tdata_o(in_tdata), .m_tkeep_o(in_tkeep), .m_tvalid_o(in_tvalid), .m_tready_i(in_tready), .m_tlast_o(in_tlast),
    .m_tuser_o(in_ifindex));

  // ---- the core ----
  logic [BUS_W-1:0] pass_tdata, back_tdata, redirect_tdata, unused_event_tdata;
  logic [BUSB-1:0]  pass_tkeep, back_tkeep, redirect_tkeep, unused_event_tkeep;
  logic             pass_tvalid, pass_tready, pass_tlast, back_tvalid, back_tready, back_tlast, redirect_tvalid, redirect_tready, redirect_tlast;
  logic [63:0]      pass_tuser, back_tuser, redirect_tuser;
  logic [1:0]       redirect_tid;
  logic [31:0]      redirect_tdest, unused_event_tuser;
  logic             unused_event_tvalid, unused_event_tlast, unused_mon_valid;
  logic [2:0]       unused_mon_action;
  logic [15:0]      unused_mon_length;
  logic [1:0]       unused_mon_tid;
  logic [31:0]      unused_mon_tdest;
  logic [19:0]      core_awaddr, core_araddr;
  logic             unused_core_addr;
  logic             core_awvalid, core_awready, core_wvalid, core_wready, core_bvalid, core_bready, core_arvalid, core_arready, core_rvalid, core_rready;
  logic [31:0]      core_wdata, core_rdata;
  logic [3:0]       core_wstrb;
  logic [1:0]       core_bresp, core_rresp;

  bpf_core u_core (
    .clk(clk_i), .rst(rst_i),
    .s_axis_tdata(in_tdata), .s_axis_tkeep(in_tkeep), .s_axis_tvalid(in_tvalid), .s_axis_tready(in_tready), .s_axis_tlast(in_tlast),
    .s_axis_tuser({16'd0, in_ifindex}),
    .m_axis_pass_tdata(pass_tdata), .m_axis_pass_tkeep(pass_tkeep), .m_axis_pass_tvalid(pass_tvalid), .m_axis_pass_tready(pass_tready),
    .m_axis_pass_tlast(pass_tlast), .m_axis_pass_tuser(pass_tuser),
    .m_axis_tx_tdata(back_tdata), .m_axis_tx_tkeep(back_tkeep), .m_axis_tx_tvalid(back_tvalid), .m_axis_tx_tready(back_tready),
    .m_axis_tx_tlast(back_tlast), .m_axis_tx_tuser(back_tuser),
    .m_axis_redirect_tdata(redirect_tdata), .m_axis_redirect_tkeep(redirect_tkeep), .m_axis_redirect_tvalid(redirect_tvalid),
    .m_axis_redirect_tready(redirect_tready), .m_axis_redirect_tlast(redirect_tlast), .m_axis_redirect_tuser(redirect_tuser),
    .m_axis_redirect_tid(redirect_tid), .m_axis_redirect_tdest(redirect_tdest),
    .m_axis_event_tdata(unused_event_tdata), .m_axis_event_tkeep(unused_event_tkeep), .m_axis_event_tvalid(unused_event_tvalid),
    .m_axis_event_tready(1'b0), .m_axis_event_tlast(unused_event_tlast), .m_axis_event_tuser(unused_event_tuser),
    .s_axil_awaddr(core_awaddr[15:0]), .s_axil_awvalid(core_awvalid), .s_axil_awready(core_awready), .s_axil_wdata(core_wdata), .s_axil_wstrb(core_wstrb),
    .s_axil_wvalid(core_wvalid), .s_axil_wready(core_wready), .s_axil_bresp(core_bresp), .s_axil_bvalid(core_bvalid), .s_axil_bready(core_bready),
    .s_axil_araddr(core_araddr[15:0]), .s_axil_arvalid(core_arvalid), .s_axil_arready(core_arready), .s_axil_rdata(core_rdata), .s_axil_rresp(core_rresp),
    .s_axil_rvalid(core_rvalid), .s_axil_rready(core_rready),
    .mon_valid(unused_mon_valid), .mon_action(unused_mon_action), .mon_length(unused_mon_length), .mon_tid(unused_mon_tid), .mon_tdest(unused_mon_tdest));

  // The registers answer for everything that is not the core's.
  assign unused_core_addr = ^{core_awaddr[19:16], core_araddr[19:16]};

  logic unused_tuser;
  assign unused_tuser = ^{pass_tuser[63:48], pass_tuser[31:16], back_tuser[63:48], back_tuser[31:16], redirect_tuser[63:48], redirect_tuser[31:16]};

  // ---- where to: the port that a frame came by, or that a redirect names ----
  logic [PORTS-1:0] pass_to, back_to, redirect_to_host, redirect_to_port, pass_ready, back_ready, redirect_ready_host, redirect_ready_port;
  logic             steer, socket, no_port, no_socket;

  assign steer  = redirect_tid == 2'd2 || (QUEUES != 0 && redirect_tid == 2'd3);
  assign socket = QUEUES == 0 && redirect_tid == 2'd3;
  // Of two ports with one number the first is meant.
  always_comb begin
    pass_to          = '0;
    back_to          = '0;
    redirect_to_host = '0;
    redirect_to_port = '0;
    for (int unsigned p = 0; p < PORTS; p++) begin
      if (pass_to == '0 && pass_tuser[47:32] == ifindex[16*p +: 16]) pass_to[p] = 1'b1;
      if (back_to == '0 && back_tuser[47:32] == ifindex[16*p +: 16]) back_to[p] = 1'b1;
      if (steer && redirect_to_host == '0 && redirect_tuser[47:32] == ifindex[16*p +: 16]) redirect_to_host[p] = 1'b1;
      if (redirect_tid == 2'd1 && redirect_to_port == '0 && redirect_tdest == {16'd0, ifindex[16*p +: 16]}) redirect_to_port[p] = 1'b1;
    end
  end

  // A frame without a place to go is taken and counted.
  assign pass_tready     = (pass_to & ~pass_ready) == '0;
  assign back_tready     = (back_to & ~back_ready) == '0;
  assign redirect_tready = (redirect_to_host & ~redirect_ready_host) == '0 && (redirect_to_port & ~redirect_ready_port) == '0;

  assign no_port   = (pass_tvalid && pass_tlast && pass_to == '0) || (back_tvalid && back_tlast && back_to == '0)
                     || (redirect_tvalid && redirect_tlast && !socket && redirect_to_host == '0 && redirect_to_port == '0);
  assign no_socket = redirect_tvalid && redirect_tlast && socket;

  // ---- outputs ----
  logic [PORTS-1:0] host_lost, port_lost;
  logic             lossless;

  for (genvar p = 0; p < PORTS; p++) begin : g_port
    // frames of the core to the host
    bpf_shell_output #(.BUS_W(BUS_W), .USER_W(TO_HOST_W), .QUEUE((PORTS > 1) ? 1 : 0), .QUEUE_BYTES(QUEUE_BYTES), .MAX_FRAME(MAX_FRAME)) u_host (
      .clk_i, .rst_i, .lossless_i(lossless), .lost_o(host_lost[p]),
      .a_tdata_i(pass_tdata), .a_tkeep_i(pass_tkeep), .a_tvalid_i(pass_tvalid && pass_to[p]), .a_tready_o(pass_ready[p]),
      .a_tlast_i(pass_tlast), .a_tuser_i({17'd0, pass_tuser[15:0]}),
      .b_tdata_i(redirect_tdata), .b_tkeep_i(redirect_tkeep), .b_tvalid_i(redirect_tvalid && redirect_to_host[p]),
      .b_tready_o(redirect_ready_host[p]), .b_tlast_i(redirect_tlast), .b_tuser_i({1'b1, redirect_tdest[15:0], redirect_tuser[15:0]}),
      .m_tdata_o(host_tdata_o[BUS_W*p +: BUS_W]), .m_tkeep_o(host_tkeep_o[BUSB*p +: BUSB]), .m_tvalid_o(host_tvalid_o[p]), .m_tready_i(host_tready_i[p]),
      .m_tlast_o(host_tlast_o[p]), .m_tuser_o({host_steer_o[p], host_queue_o[16*p +: 16], host_length_o[16*p +: 16]}));

    // frames of the core to the port
    logic [BUS_W-1:0] sent_tdata, padded_tdata;
    logic [BUSB-1:0]  sent_tkeep, padded_tkeep;
    logic             sent_tvalid, sent_tready, sent_tlast;
    logic [15:0]      sent_length, padded_length;

    bpf_shell_output #(.BUS_W(BUS_W), .USER_W(16), .QUEUE((PORTS > 1) ? 1 : 0), .QUEUE_BYTES(QUEUE_BYTES), .MAX_FRAME(MAX_FRAME)) u_sent (
      .clk_i, .rst_i, .lossless_i(lossless), .lost_o(port_lost[p]),
      .a_tdata_i(back_tdata), .a_tkeep_i(back_tkeep), .a_tvalid_i(back_tvalid && back_to[p]), .a_tready_o(back_ready[p]),
      .a_tlast_i(back_tlast), .a_tuser_i(back_tuser[15:0]),
      .b_tdata_i(redirect_tdata), .b_tkeep_i(redirect_tkeep), .b_tvalid_i(redirect_tvalid && redirect_to_port[p]),
      .b_tready_o(redirect_ready_port[p]), .b_tlast_i(redirect_tlast), .b_tuser_i(redirect_tuser[15:0]),
      .m_tdata_o(sent_tdata), .m_tkeep_o(sent_tkeep), .m_tvalid_o(sent_tvalid), .m_tready_i(sent_tready), .m_tlast_o(sent_tlast), .m_tuser_o(sent_length));

    // A frame shorter than MIN_TX is one beat.
    if (MIN_TX == 0) begin : g_as_it_is
      assign padded_tdata  = sent_tdata;
      assign padded_tkeep  = sent_tkeep;
      assign padded_length = sent_length;
    end else begin : g_pad
      logic runt;
      assign runt          = sent_length < 16'(MIN_TX);
      assign padded_length = runt ? 16'(MIN_TX) : sent_length;
      always_comb begin
        for (int unsigned i = 0; i < BUSB; i++) begin
          padded_tkeep[i]        = sent_tkeep[i] || (runt && i < MIN_TX);
          padded_tdata[8*i +: 8] = sent_tkeep[i] ? sent_tdata[8*i +: 8] : 8'd0;
        end
      end
    end

    bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(1 + USER_W + 16), .MAX_FRAME(MAX_FRAME + 256)) u_merge (
      .clk_i, .rst_i,
      .a_axis_tdata_i(padded_tdata), .a_axis_tkeep_i(padded_tkeep), .a_axis_tvalid_i(sent_tvalid), .a_axis_tready_o(sent_tready),
      .a_axis_tlast_i(sent_tlast), .a_axis_tuser_i({1'b0, {USER_W{1'b0}}, padded_length}),
      .b_axis_tdata_i(own_tdata_i[BUS_W*p +: BUS_W]), .b_axis_tkeep_i(own_tkeep_i[BUSB*p +: BUSB]), .b_axis_tvalid_i(own_tvalid_i[p]),
      .b_axis_tready_o(own_tready_o[p]), .b_axis_tlast_i(own_tlast_i[p]), .b_axis_tuser_i({1'b1, own_tuser_i[USER_W*p +: USER_W], 16'd0}),
      .m_axis_tdata_o(tx_tdata_o[BUS_W*p +: BUS_W]), .m_axis_tkeep_o(tx_tkeep_o[BUSB*p +: BUSB]), .m_axis_tvalid_o(tx_tvalid_o[p]),
      .m_axis_tready_i(tx_tready_i[p]), .m_axis_tlast_o(tx_tlast_o[p]),
      .m_axis_tuser_o({tx_own_o[p], tx_tuser_o[USER_W*p +: USER_W], tx_length_o[16*p +: 16]}));
  end

  // ---- registers ----
  bpf_shell_regs #(.PORTS(PORTS)) u_regs (
    .clk_i, .rst_i, .ports_i(32'(PORTS)), .shell_i(SHELL), .ifindex_o(ifindex), .control_lossless_o(lossless), .no_port_i(no_port), .no_socket_i(no_socket), .host_lost_i(host_lost), .port_lost_i(port_lost),
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o,
    .s_axil_rready_i,
    .m_axil_awaddr_o(core_awaddr), .m_axil_awvalid_o(core_awvalid), .m_axil_awready_i(core_awready), .m_axil_wdata_o(core_wdata), .m_axil_wstrb_o(core_wstrb),
    .m_axil_wvalid_o(core_wvalid), .m_axil_wready_i(core_wready), .m_axil_bresp_i(core_bresp), .m_axil_bvalid_i(core_bvalid), .m_axil_bready_o(core_bready),
    .m_axil_araddr_o(core_araddr), .m_axil_arvalid_o(core_arvalid), .m_axil_arready_i(core_arready), .m_axil_rdata_i(core_rdata), .m_axil_rresp_i(core_rresp),
    .m_axil_rvalid_i(core_rvalid), .m_axil_rready_o(core_rready));
endmodule

`default_nettype wire
