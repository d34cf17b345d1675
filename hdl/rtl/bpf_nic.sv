// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A NIC with one port and two program slots, from the MAC to the host's memory. Blocks, registers, life of a frame, switches: docs/src/nic.md.
///
/// MAC -> bpf_rx_gate -> bpf_slot_pair -> bpf_nic_steer -> bpf_dma -> host; bpf_tap looks on; XDP_TX, redirects to the port and the host's own frames -> MAC.
/// The modules `bpf_slot_a` and `bpf_slot_b` are the programs. Nothing here stops the MAC: what finds no room is dropped whole and counted.
/// Resources: see docs/src/nic.md.
module bpf_nic #(
  parameter int unsigned BUS_W = 512,          // 64, 128, 256 or 512, the slots' too
  parameter int unsigned DATA_QUEUES = 4,      // receive queues for frames, 1..14; then one for events, one for the tap
  parameter int unsigned TX_QUEUES = 4,        // 1..16
  parameter int unsigned SLOTS = (BUS_W < 512) ? 2 * BUS_W : 512, // as bpf_dma's
  parameter int unsigned OUTSTANDING = BUS_W,
  parameter int unsigned GATE_BYTES = 32768,   // of frames before the slots
  parameter int unsigned MAX_FRAME = 9216,     // the slots'
  parameter int unsigned TAP_WORDS = 512,      // beats of the tap at the entry; half of them at each exit
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned RX_QUEUES = DATA_QUEUES + 2
) (
  input  logic                 clk_i,
  input  logic                 rst_i,          // synchronous, active high
  // from the MAC: frames without FCS; never refused
  input  logic [BUS_W-1:0]     rx_tdata_i,
  input  logic [BUSB-1:0]      rx_tkeep_i,
  input  logic                 rx_tvalid_i,
  input  logic                 rx_tlast_i,
  input  logic                 rx_bad_i,       // with the last beat
  input  logic [15:0]          rx_queue_i,     // with the last beat: rx_queue_index of the program
  // to the MAC
  output logic [BUS_W-1:0]     tx_tdata_o,
  output logic [BUSB-1:0]      tx_tkeep_o,
  output logic                 tx_tvalid_o,
  input  logic                 tx_tready_i,
  output logic                 tx_tlast_o,
  output logic                 tx_bad_o,       // with the last beat: the frame is damaged, the MAC must not send it as a good one
  // host memory
  output logic [63:0]          m_axi_awaddr_o,
  output logic [7:0]           m_axi_awlen_o,
  output logic                 m_axi_awvalid_o,
  input  logic                 m_axi_awready_i,
  output logic [BUS_W-1:0]     m_axi_wdata_o,
  output logic [BUSB-1:0]      m_axi_wstrb_o,
  output logic                 m_axi_wlast_o,
  output logic                 m_axi_wvalid_o,
  input  logic                 m_axi_wready_i,
  input  logic [1:0]           m_axi_bresp_i,
  input  logic                 m_axi_bvalid_i,
  output logic                 m_axi_bready_o,
  output logic [63:0]          m_axi_araddr_o,
  output logic [7:0]           m_axi_arlen_o,
  output logic                 m_axi_arvalid_o,
  input  logic                 m_axi_arready_i,
  input  logic [BUS_W-1:0]     m_axi_rdata_i,
  input  logic [1:0]           m_axi_rresp_i,
  input  logic                 m_axi_rlast_i,
  input  logic                 m_axi_rvalid_i,
  output logic                 m_axi_rready_o,
  // AXI4-Lite registers
  input  logic [19:0]          s_axil_awaddr_i,
  input  logic                 s_axil_awvalid_i,
  output logic                 s_axil_awready_o,
  input  logic [31:0]          s_axil_wdata_i,
  input  logic [3:0]           s_axil_wstrb_i,
  input  logic                 s_axil_wvalid_i,
  output logic                 s_axil_wready_o,
  output logic [1:0]           s_axil_bresp_o,
  output logic                 s_axil_bvalid_o,
  input  logic                 s_axil_bready_i,
  input  logic [19:0]          s_axil_araddr_i,
  input  logic                 s_axil_arvalid_i,
  output logic                 s_axil_arready_o,
  output logic [31:0]          s_axil_rdata_o,
  output logic [1:0]           s_axil_rresp_o,
  output logic                 s_axil_rvalid_o,
  input  logic                 s_axil_rready_i,
  // interrupts, levels
  output logic [RX_QUEUES-1:0] rx_irq_o,
  output logic [TX_QUEUES-1:0] tx_irq_o
);
  if (DATA_QUEUES < 1 || DATA_QUEUES > 14) begin : g_check
    $fatal(1, "bpf_nic: DATA_QUEUES must be 1..14");
  end

  // ---- registers: this block, the tap, the slots, then by page slot A, slot B, DMA ----
  logic [19:0]        c0_awaddr, c0_araddr;
  logic [31:0]        c0_wdata, c0_rdata;
  logic [3:0]         c0_wstrb;
  logic [1:0]         c0_bresp, c0_rresp;
  logic               c0_awvalid, c0_awready, c0_wvalid, c0_wready, c0_bvalid, c0_bready, c0_arvalid, c0_arready, c0_rvalid, c0_rready;
  logic [19:0]        c1_awaddr, c1_araddr;
  logic [31:0]        c1_wdata, c1_rdata;
  logic [3:0]         c1_wstrb;
  logic [1:0]         c1_bresp, c1_rresp;
  logic               c1_awvalid, c1_awready, c1_wvalid, c1_wready, c1_bvalid, c1_bready, c1_arvalid, c1_arready, c1_rvalid, c1_rready;
  logic [19:0]        c2_awaddr, c2_araddr;
  logic [31:0]        c2_wdata, c2_rdata;
  logic [3:0]         c2_wstrb;
  logic [1:0]         c2_bresp, c2_rresp;
  logic               c2_awvalid, c2_awready, c2_wvalid, c2_wready, c2_bvalid, c2_bready, c2_arvalid, c2_arready, c2_rvalid, c2_rready;
  logic               by_rx_queue, rx_good, rx_bad, rx_size, rx_full, no_port, to_host_q, record_q, sent_q, own_q;
  logic [15:0]        ifindex;

  bpf_nic_regs u_regs (
    .clk_i, .rst_i, .config_data_queues_i(8'(DATA_QUEUES)), .config_tx_queues_i(8'(TX_QUEUES)), .config_bus_bits_i(16'(BUS_W)),
    .control_by_rx_queue_o(by_rx_queue), .ifindex_o(ifindex), .rx_bad_i(rx_bad), .rx_size_i(rx_size), .rx_full_i(rx_full), .rx_frames_i(rx_good),
    .no_port_i(no_port), .to_host_i(to_host_q), .records_i(record_q), .tx_frames_i(sent_q), .tx_host_i(own_q),
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o,
    .s_axil_rready_i, .m_axil_awaddr_o(c0_awaddr), .m_axil_awvalid_o(c0_awvalid), .m_axil_awready_i(c0_awready), .m_axil_wdata_o(c0_wdata),
    .m_axil_wstrb_o(c0_wstrb), .m_axil_wvalid_o(c0_wvalid), .m_axil_wready_i(c0_wready), .m_axil_bresp_i(c0_bresp), .m_axil_bvalid_i(c0_bvalid),
    .m_axil_bready_o(c0_bready), .m_axil_araddr_o(c0_araddr), .m_axil_arvalid_o(c0_arvalid), .m_axil_arready_i(c0_arready), .m_axil_rdata_i(c0_rdata),
    .m_axil_rresp_i(c0_rresp), .m_axil_rvalid_i(c0_rvalid), .m_axil_rready_o(c0_rready));

  logic [15:0] awaddr, araddr;
  logic [2:0]  awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] wdata;
  logic [95:0] rdata;
  logic [3:0]  wstrb;
  logic [5:0]  bresp, rresp;

  bpf_axil_demux #(.OUTPUTS(3), .PAGES({4'd3, 4'd2, 4'd0})) u_demux (
    .clk_i, .rst_i,
    .s_axil_awaddr_i(c2_awaddr), .s_axil_awvalid_i(c2_awvalid), .s_axil_awready_o(c2_awready), .s_axil_wdata_i(c2_wdata), .s_axil_wstrb_i(c2_wstrb),
    .s_axil_wvalid_i(c2_wvalid), .s_axil_wready_o(c2_wready), .s_axil_bresp_o(c2_bresp), .s_axil_bvalid_o(c2_bvalid), .s_axil_bready_i(c2_bready),
    .s_axil_araddr_i(c2_araddr), .s_axil_arvalid_i(c2_arvalid), .s_axil_arready_o(c2_arready), .s_axil_rdata_o(c2_rdata), .s_axil_rresp_o(c2_rresp),
    .s_axil_rvalid_o(c2_rvalid), .s_axil_rready_i(c2_rready), .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready),
    .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid), .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid),
    .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid), .m_axil_arready_i(arready), .m_axil_rdata_i(rdata),
    .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  // ---- from the MAC ----
  logic [BUS_W-1:0] in_tdata, pass_tdata, back_tdata, redirect_tdata, event_tdata, tap_tdata, host_tdata;
  logic [BUSB-1:0]  in_tkeep, pass_tkeep, back_tkeep, redirect_tkeep, event_tkeep, tap_tkeep;
  logic             in_tvalid, in_tready, in_tlast, pass_tvalid, pass_tready, pass_tlast, back_tvalid, back_tready, back_tlast;
  logic             redirect_tvalid, redirect_tready, redirect_tlast, event_tvalid, event_tready, event_tlast, tap_tvalid, tap_tready, tap_tlast;
  logic             host_tvalid, host_tready, host_tlast, host_bad, entry, mon_valid, pass_bad, back_bad, redirect_bad, event_bad;
  logic [15:0]      in_length, in_queue, tap_length, mon_length, host_tdest;
  logic [63:0]      pass_tuser, back_tuser, redirect_tuser, host_tuser;
  logic [1:0]       redirect_tid, mon_tid, host_tid;
  logic [31:0]      redirect_tdest, event_tuser, mon_tdest;
  logic [2:0]       mon_action;

  bpf_rx_gate #(.BUS_W(BUS_W), .BYTES(GATE_BYTES), .MAX_FRAME(MAX_FRAME)) u_gate (
    .clk_i, .rst_i, .s_axis_tdata_i(rx_tdata_i), .s_axis_tkeep_i(rx_tkeep_i), .s_axis_tvalid_i(rx_tvalid_i), .s_axis_tlast_i(rx_tlast_i),
    .s_axis_bad_i(rx_bad_i), .s_axis_queue_i(rx_queue_i), .m_axis_tdata_o(in_tdata), .m_axis_tkeep_o(in_tkeep), .m_axis_tvalid_o(in_tvalid),
    .m_axis_tready_i(in_tready), .m_axis_tlast_o(in_tlast), .m_axis_length_o(in_length), .m_axis_queue_o(in_queue),
    .good_o(rx_good), .bad_o(rx_bad), .size_o(rx_size), .full_o(rx_full));

  // ---- the programs ----
  bpf_slot_pair #(.BUS_W(BUS_W)) u_slots (
    .clk_i, .rst_i, .s_axis_tdata_i(in_tdata), .s_axis_tkeep_i(in_tkeep), .s_axis_tvalid_i(in_tvalid), .s_axis_tready_o(in_tready), .s_axis_tlast_i(in_tlast),
    .s_axis_tuser_i({in_queue, ifindex}), .s_axis_length_i(in_length), .entry_o(entry),
    .m_axis_pass_tdata_o(pass_tdata), .m_axis_pass_tkeep_o(pass_tkeep), .m_axis_pass_tvalid_o(pass_tvalid), .m_axis_pass_tready_i(pass_tready),
    .m_axis_pass_tlast_o(pass_tlast), .m_axis_pass_bad_o(pass_bad), .m_axis_pass_tuser_o(pass_tuser), .m_axis_tx_tdata_o(back_tdata), .m_axis_tx_tkeep_o(back_tkeep),
    .m_axis_tx_tvalid_o(back_tvalid), .m_axis_tx_tready_i(back_tready), .m_axis_tx_tlast_o(back_tlast), .m_axis_tx_bad_o(back_bad), .m_axis_tx_tuser_o(back_tuser),
    .m_axis_redirect_tdata_o(redirect_tdata), .m_axis_redirect_tkeep_o(redirect_tkeep), .m_axis_redirect_tvalid_o(redirect_tvalid),
    .m_axis_redirect_tready_i(redirect_tready), .m_axis_redirect_tlast_o(redirect_tlast), .m_axis_redirect_bad_o(redirect_bad), .m_axis_redirect_tuser_o(redirect_tuser),
    .m_axis_event_tdata_o(event_tdata), .m_axis_event_tkeep_o(event_tkeep), .m_axis_event_tvalid_o(event_tvalid), .m_axis_event_tready_i(event_tready),
    .m_axis_event_tlast_o(event_tlast), .m_axis_event_bad_o(event_bad), .m_axis_event_tuser_o(event_tuser), .m_axis_redirect_tid_o(redirect_tid), .m_axis_redirect_tdest_o(redirect_tdest),
    .mon_valid_o(mon_valid), .mon_action_o(mon_action), .mon_length_o(mon_length), .mon_tid_o(mon_tid), .mon_tdest_o(mon_tdest), .s_axil_awaddr_i(c1_awaddr),
    .s_axil_awvalid_i(c1_awvalid), .s_axil_awready_o(c1_awready), .s_axil_wdata_i(c1_wdata), .s_axil_wstrb_i(c1_wstrb), .s_axil_wvalid_i(c1_wvalid),
    .s_axil_wready_o(c1_wready), .s_axil_bresp_o(c1_bresp), .s_axil_bvalid_o(c1_bvalid), .s_axil_bready_i(c1_bready), .s_axil_araddr_i(c1_araddr),
    .s_axil_arvalid_i(c1_arvalid), .s_axil_arready_o(c1_arready), .s_axil_rdata_o(c1_rdata), .s_axil_rresp_o(c1_rresp), .s_axil_rvalid_o(c1_rvalid),
    .s_axil_rready_i(c1_rready), .m_axil_awaddr_o(c2_awaddr), .m_axil_awvalid_o(c2_awvalid), .m_axil_awready_i(c2_awready), .m_axil_wdata_o(c2_wdata),
    .m_axil_wstrb_o(c2_wstrb), .m_axil_wvalid_o(c2_wvalid), .m_axil_wready_i(c2_wready), .m_axil_bresp_i(c2_bresp), .m_axil_bvalid_i(c2_bvalid),
    .m_axil_bready_o(c2_bready), .m_axil_araddr_o(c2_araddr), .m_axil_arvalid_o(c2_arvalid), .m_axil_arready_i(c2_arready), .m_axil_rdata_i(c2_rdata),
    .m_axil_rresp_i(c2_rresp), .m_axil_rvalid_i(c2_rvalid), .m_axil_rready_o(c2_rready), .s_window_awaddr_i({2{awaddr}}), .s_window_awvalid_i(awvalid[1:0]),
    .s_window_awready_o(awready[1:0]), .s_window_wdata_i({2{wdata}}), .s_window_wstrb_i({2{wstrb}}), .s_window_wvalid_i(wvalid[1:0]),
    .s_window_wready_o(wready[1:0]), .s_window_bresp_o(bresp[3:0]), .s_window_bvalid_o(bvalid[1:0]), .s_window_bready_i(bready[1:0]),
    .s_window_araddr_i({2{araddr}}), .s_window_arvalid_i(arvalid[1:0]), .s_window_arready_o(arready[1:0]), .s_window_rdata_o(rdata[63:0]),
    .s_window_rresp_o(rresp[3:0]), .s_window_rvalid_o(rvalid[1:0]), .s_window_rready_i(rready[1:0]));

  // ---- the tap ----
  bpf_tap #(.BUS_W(BUS_W), .ENTRY_WORDS(TAP_WORDS), .EXIT_WORDS(TAP_WORDS / 2)) u_tap (
    .clk_i, .rst_i, .valid_i({redirect_tvalid && redirect_tready, back_tvalid && back_tready, pass_tvalid && pass_tready, entry}),
    .tdata_i({redirect_tdata, back_tdata, pass_tdata, in_tdata}), .tkeep_i({redirect_tkeep, back_tkeep, pass_tkeep, in_tkeep}),
    .tlast_i({redirect_tlast, back_tlast, pass_tlast, in_tlast}), .exit_bad_i({redirect_bad, back_bad, pass_bad}), .entry_tuser_i({in_queue, ifindex}),
    .exit_tuser_i({redirect_tuser, back_tuser, pass_tuser}), .redirect_tid_i(redirect_tid), .redirect_tdest_i(redirect_tdest),
    .mon_valid_i(mon_valid), .mon_action_i(mon_action), .mon_length_i(mon_length), .mon_tid_i(mon_tid), .mon_tdest_i(mon_tdest),
    .m_axis_tdata_o(tap_tdata), .m_axis_tkeep_o(tap_tkeep), .m_axis_tvalid_o(tap_tvalid), .m_axis_tready_i(tap_tready), .m_axis_tlast_o(tap_tlast),
    .m_axis_tuser_o(tap_length),
    .s_axil_awaddr_i(c0_awaddr), .s_axil_awvalid_i(c0_awvalid), .s_axil_awready_o(c0_awready), .s_axil_wdata_i(c0_wdata), .s_axil_wstrb_i(c0_wstrb),
    .s_axil_wvalid_i(c0_wvalid), .s_axil_wready_o(c0_wready), .s_axil_bresp_o(c0_bresp), .s_axil_bvalid_o(c0_bvalid), .s_axil_bready_i(c0_bready),
    .s_axil_araddr_i(c0_araddr), .s_axil_arvalid_i(c0_arvalid), .s_axil_arready_o(c0_arready), .s_axil_rdata_o(c0_rdata), .s_axil_rresp_o(c0_rresp),
    .s_axil_rvalid_o(c0_rvalid), .s_axil_rready_i(c0_rready), .m_axil_awaddr_o(c1_awaddr), .m_axil_awvalid_o(c1_awvalid), .m_axil_awready_i(c1_awready),
    .m_axil_wdata_o(c1_wdata), .m_axil_wstrb_o(c1_wstrb), .m_axil_wvalid_o(c1_wvalid), .m_axil_wready_i(c1_wready), .m_axil_bresp_i(c1_bresp),
    .m_axil_bvalid_i(c1_bvalid), .m_axil_bready_o(c1_bready), .m_axil_araddr_o(c1_araddr), .m_axil_arvalid_o(c1_arvalid), .m_axil_arready_i(c1_arready),
    .m_axil_rdata_i(c1_rdata), .m_axil_rresp_i(c1_rresp), .m_axil_rvalid_i(c1_rvalid), .m_axil_rready_o(c1_rready));

  // ---- to the host ----
  logic port_tvalid, port_tready, inside_q;

  bpf_nic_steer #(.BUS_W(BUS_W), .DATA_QUEUES(DATA_QUEUES), .MAX_FRAME(MAX_FRAME + 256)) u_steer (
    .clk_i, .rst_i, .by_rx_queue_i(by_rx_queue), .ifindex_i(ifindex),
    .pass_tdata_i(pass_tdata), .pass_tkeep_i(pass_tkeep), .pass_tvalid_i(pass_tvalid), .pass_tready_o(pass_tready), .pass_tlast_i(pass_tlast), .pass_bad_i(pass_bad),
    .pass_tuser_i(pass_tuser), .redirect_tdata_i(redirect_tdata), .redirect_tkeep_i(redirect_tkeep), .redirect_tvalid_i(redirect_tvalid),
    .redirect_tready_o(redirect_tready), .redirect_tlast_i(redirect_tlast), .redirect_bad_i(redirect_bad), .redirect_tuser_i(redirect_tuser), .redirect_tid_i(redirect_tid),
    .redirect_tdest_i(redirect_tdest), .event_tdata_i(event_tdata), .event_tkeep_i(event_tkeep), .event_tvalid_i(event_tvalid), .event_tready_o(event_tready),
    .event_tlast_i(event_tlast), .event_bad_i(event_bad), .tap_tdata_i(tap_tdata), .tap_tkeep_i(tap_tkeep), .tap_tvalid_i(tap_tvalid), .tap_tready_o(tap_tready),
    .tap_tlast_i(tap_tlast), .event_length_i(event_tuser[15:0]), .tap_length_i(tap_length), .port_tvalid_o(port_tvalid), .port_tready_i(port_tready),
    .no_port_o(no_port), .host_tdata_o(host_tdata), .host_tvalid_o(host_tvalid), .host_tready_i(host_tready), .host_tlast_o(host_tlast), .host_bad_o(host_bad),
    .host_tuser_o(host_tuser), .host_tid_o(host_tid), .host_tdest_o(host_tdest));

  logic [BUS_W-1:0] own_tdata, port_tdata;
  logic [BUSB-1:0]  own_tkeep, port_tkeep;
  logic             own_tvalid, own_tready, own_tlast, sent_tvalid, sent_tready, sent_tlast, sent_bad, is_own;
  logic [47:0]      own_tuser;

  bpf_dma #(.BUS_W(BUS_W), .RX_QUEUES(RX_QUEUES), .TX_QUEUES(TX_QUEUES), .SLOTS(SLOTS), .OUTSTANDING(OUTSTANDING), .MAX_FRAME(MAX_FRAME)) u_dma (
    .clk_i, .rst_i, .s_axis_rx_tdata_i(host_tdata), .s_axis_rx_tvalid_i(host_tvalid), .s_axis_rx_tready_o(host_tready), .s_axis_rx_tlast_i(host_tlast), .s_axis_rx_bad_i(host_bad),
    .s_axis_rx_tuser_i(host_tuser), .s_axis_rx_tid_i(host_tid), .s_axis_rx_tdest_i(host_tdest),
    .m_axis_tx_tdata_o(own_tdata), .m_axis_tx_tkeep_o(own_tkeep), .m_axis_tx_tvalid_o(own_tvalid), .m_axis_tx_tready_i(own_tready),
    .m_axis_tx_tlast_o(own_tlast), .m_axis_tx_tuser_o(own_tuser),
    .m_axi_awaddr_o, .m_axi_awlen_o, .m_axi_awvalid_o, .m_axi_awready_i, .m_axi_wdata_o, .m_axi_wstrb_o, .m_axi_wlast_o, .m_axi_wvalid_o, .m_axi_wready_i,
    .m_axi_bresp_i, .m_axi_bvalid_i, .m_axi_bready_o, .m_axi_araddr_o, .m_axi_arlen_o, .m_axi_arvalid_o, .m_axi_arready_i, .m_axi_rdata_i, .m_axi_rresp_i,
    .m_axi_rlast_i, .m_axi_rvalid_i, .m_axi_rready_o, .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid[2]), .s_axil_awready_o(awready[2]),
    .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid[2]), .s_axil_wready_o(wready[2]), .s_axil_bresp_o(bresp[5:4]),
    .s_axil_bvalid_o(bvalid[2]), .s_axil_bready_i(bready[2]), .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid[2]), .s_axil_arready_o(arready[2]),
    .s_axil_rdata_o(rdata[95:64]), .s_axil_rresp_o(rresp[5:4]), .s_axil_rvalid_o(rvalid[2]), .s_axil_rready_i(rready[2]), .rx_irq_o, .tx_irq_o);

  // ---- to the MAC: XDP_TX and redirects to the port, then the host's own ----
  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(1), .MAX_FRAME(MAX_FRAME + 256)) u_back (
    .clk_i, .rst_i, .a_axis_tdata_i(back_tdata), .a_axis_tkeep_i(back_tkeep), .a_axis_tvalid_i(back_tvalid), .a_axis_tready_o(back_tready),
    .a_axis_tlast_i(back_tlast), .a_axis_tuser_i(back_bad),
    .b_axis_tdata_i(redirect_tdata), .b_axis_tkeep_i(redirect_tkeep), .b_axis_tvalid_i(port_tvalid), .b_axis_tready_o(port_tready),
    .b_axis_tlast_i(redirect_tlast), .b_axis_tuser_i(redirect_bad),
    .m_axis_tdata_o(port_tdata), .m_axis_tkeep_o(port_tkeep), .m_axis_tvalid_o(sent_tvalid), .m_axis_tready_i(sent_tready), .m_axis_tlast_o(sent_tlast),
    .m_axis_tuser_o(sent_bad));

  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(2), .MAX_FRAME(MAX_FRAME + 256)) u_mac (
    .clk_i, .rst_i, .a_axis_tdata_i(port_tdata), .a_axis_tkeep_i(port_tkeep), .a_axis_tvalid_i(sent_tvalid), .a_axis_tready_o(sent_tready),
    .a_axis_tlast_i(sent_tlast), .a_axis_tuser_i({1'b0, sent_bad}),
    .b_axis_tdata_i(own_tdata), .b_axis_tkeep_i(own_tkeep), .b_axis_tvalid_i(own_tvalid), .b_axis_tready_o(own_tready), .b_axis_tlast_i(own_tlast),
    .b_axis_tuser_i(2'b10),
    .m_axis_tdata_o(tx_tdata_o), .m_axis_tkeep_o(tx_tkeep_o), .m_axis_tvalid_o(tx_tvalid_o), .m_axis_tready_i(tx_tready_i), .m_axis_tlast_o(tx_tlast_o),
    .m_axis_tuser_o({is_own, tx_bad_o}));

  // ---- statistics ----
  logic host_first, sent;
  assign host_first = host_tvalid && host_tready && !inside_q;
  assign sent       = tx_tvalid_o && tx_tready_i && tx_tlast_o && !tx_bad_o;

  always_ff @(posedge clk_i) begin
    if (host_tvalid && host_tready) inside_q <= !host_tlast;
    to_host_q <= host_first && host_tid != 2'd1 && !rst_i;
    record_q  <= host_first && host_tid == 2'd1 && !rst_i;
    sent_q    <= sent && !rst_i;
    own_q     <= sent && is_own && !rst_i;
    if (rst_i) inside_q <= 1'b0;
  end

  logic unused_bits;
  assign unused_bits = ^{event_tuser[31:16], own_tuser};
endmodule

`default_nettype wire
