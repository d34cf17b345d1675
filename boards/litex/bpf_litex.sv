// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The core between LiteEth's MAC core and what would be connected to it: LiteX streams of `eth_phy_description` (data, last_be one-hot, error a byte) on both sides.
///
/// `mac_sink` takes frames from the MAC core. Its errors come at the end of a frame, so a gate keeps each frame until then and drops the bad ones; it never refuses a beat, because a
/// PHY can not wait: what finds no room is dropped and counted. `bpf_shell` with one port does the rest. The MAC core pads runts itself.
/// Registers: the core's, those of bpf_shell_regs and of bpf_gate_regs.
module bpf_litex #(
  parameter int unsigned DW = 64,              // 64, 128, 256 or 512: the core's bus
  parameter int unsigned GATE_WORDS = 2048,    // beats: at least one longest frame
  localparam int unsigned BYTES = DW / 8
) (
  input  logic             clk,
  input  logic             rst,                // synchronous, active high
  // from the MAC core
  input  logic             mac_sink_valid,
  output logic             mac_sink_ready,
  input  logic             mac_sink_last,
  input  logic [DW-1:0]    mac_sink_data,
  input  logic [BYTES-1:0] mac_sink_last_be,
  input  logic [BYTES-1:0] mac_sink_error,
  // to the MAC core
  output logic             mac_source_valid,
  input  logic             mac_source_ready,
  output logic             mac_source_last,
  output logic [DW-1:0]    mac_source_data,
  output logic [BYTES-1:0] mac_source_last_be,
  output logic [BYTES-1:0] mac_source_error,
  // the host's own frames
  input  logic             host_sink_valid,
  output logic             host_sink_ready,
  input  logic             host_sink_last,
  input  logic [DW-1:0]    host_sink_data,
  input  logic [BYTES-1:0] host_sink_last_be,
  input  logic [BYTES-1:0] host_sink_error,    // not looked at
  // to the host
  output logic             host_source_valid,
  input  logic             host_source_ready,
  output logic             host_source_last,
  output logic [DW-1:0]    host_source_data,
  output logic [BYTES-1:0] host_source_last_be,
  output logic [BYTES-1:0] host_source_error,
  // AXI4-Lite
  input  logic [19:0]      axil_awaddr,
  input  logic             axil_awvalid,
  output logic             axil_awready,
  input  logic [31:0]      axil_wdata,
  input  logic [3:0]       axil_wstrb,
  input  logic             axil_wvalid,
  output logic             axil_wready,
  output logic [1:0]       axil_bresp,
  output logic             axil_bvalid,
  input  logic             axil_bready,
  input  logic [19:0]      axil_araddr,
  input  logic             axil_arvalid,
  output logic             axil_arready,
  output logic [31:0]      axil_rdata,
  output logic [1:0]       axil_rresp,
  output logic             axil_rvalid,
  input  logic             axil_rready
);
  // Bytes up to the last one, of a one-hot last_be; all of them where there is none.
  function automatic logic [BYTES-1:0] keep_of(input logic last, input logic [BYTES-1:0] last_be);
    keep_of = (!last || last_be == '0) ? '1 : (last_be | (last_be - 1'b1));
  endfunction
  function automatic logic [BYTES-1:0] last_be_of(input logic last, input logic [BYTES-1:0] keep);
    last_be_of = last ? (keep & ~(keep >> 1)) : '0;
  endfunction

  // ---- gate: an error anywhere in the frame makes it bad ----
  logic [DW-1:0]    in_data;
  logic [BYTES-1:0] in_keep;
  logic             in_valid, in_ready, in_last, error, error_q, bad, full;

  assign mac_sink_ready = 1'b1;
  assign error          = error_q || (mac_sink_error & keep_of(mac_sink_last, mac_sink_last_be)) != '0;

  always_ff @(posedge clk) begin
    if (mac_sink_valid) error_q <= error && !mac_sink_last;
    if (rst) error_q <= 1'b0;
  end

  bpf_frame_gate #(.BUS_W(DW), .WORDS(GATE_WORDS)) u_gate (
    .clk_i(clk), .rst_i(rst), .s_axis_tdata_i(mac_sink_data), .s_axis_tkeep_i(keep_of(mac_sink_last, mac_sink_last_be)), .s_axis_tvalid_i(mac_sink_valid),
    .s_axis_tlast_i(mac_sink_last), .s_axis_bad_i(error), .m_axis_tdata_o(in_data), .m_axis_tkeep_o(in_keep), .m_axis_tvalid_o(in_valid),
    .m_axis_tready_i(in_ready), .m_axis_tlast_o(in_last), .bad_o(bad), .full_o(full));

  // ---- the core ----
  logic [BYTES-1:0] host_keep, sent_keep;
  logic             unused_steer, unused_own, unused_user;
  logic [15:0]      unused_queue, unused_length, unused_sent_length;
  logic [19:0]      shell_awaddr, shell_araddr;
  logic             shell_awvalid, shell_awready, shell_wvalid, shell_wready, shell_bvalid, shell_bready, shell_arvalid, shell_arready, shell_rvalid, shell_rready;
  logic [31:0]      shell_wdata, shell_rdata;
  logic [3:0]       shell_wstrb;
  logic [1:0]       shell_bresp, shell_rresp;

  bpf_shell #(.PORTS(1), .BUS_W(DW), .USER_W(1), .MIN_TX(0), .QUEUES(0), .SHELL(32'd3)) u_shell (
    .clk_i(clk), .rst_i(rst),
    .rx_tdata_i(in_data), .rx_tkeep_i(in_keep), .rx_tvalid_i(in_valid), .rx_tready_o(in_ready), .rx_tlast_i(in_last),
    .host_tdata_o(host_source_data), .host_tkeep_o(host_keep), .host_tvalid_o(host_source_valid), .host_tready_i(host_source_ready), .host_tlast_o(host_source_last),
    .host_length_o(unused_length), .host_steer_o(unused_steer), .host_queue_o(unused_queue),
    .own_tdata_i(host_sink_data), .own_tkeep_i(keep_of(host_sink_last, host_sink_last_be)), .own_tvalid_i(host_sink_valid), .own_tready_o(host_sink_ready),
    .own_tlast_i(host_sink_last), .own_tuser_i(1'b0),
    .tx_tdata_o(mac_source_data), .tx_tkeep_o(sent_keep), .tx_tvalid_o(mac_source_valid), .tx_tready_i(mac_source_ready), .tx_tlast_o(mac_source_last),
    .tx_own_o(unused_own), .tx_tuser_o(unused_user), .tx_length_o(unused_sent_length),
    .s_axil_awaddr_i(shell_awaddr), .s_axil_awvalid_i(shell_awvalid), .s_axil_awready_o(shell_awready), .s_axil_wdata_i(shell_wdata), .s_axil_wstrb_i(shell_wstrb),
    .s_axil_wvalid_i(shell_wvalid), .s_axil_wready_o(shell_wready), .s_axil_bresp_o(shell_bresp), .s_axil_bvalid_o(shell_bvalid), .s_axil_bready_i(shell_bready),
    .s_axil_araddr_i(shell_araddr), .s_axil_arvalid_i(shell_arvalid), .s_axil_arready_o(shell_arready), .s_axil_rdata_o(shell_rdata), .s_axil_rresp_o(shell_rresp),
    .s_axil_rvalid_o(shell_rvalid), .s_axil_rready_i(shell_rready));

  assign host_source_last_be = last_be_of(host_source_last, host_keep);
  assign host_source_error   = '0;
  assign mac_source_last_be  = last_be_of(mac_source_last, sent_keep);
  assign mac_source_error    = '0;

  // ---- registers ----
  bpf_gate_regs u_regs (
    .clk_i(clk), .rst_i(rst), .bad_i(bad), .full_i(full),
    .s_axil_awaddr_i(axil_awaddr), .s_axil_awvalid_i(axil_awvalid), .s_axil_awready_o(axil_awready), .s_axil_wdata_i(axil_wdata), .s_axil_wstrb_i(axil_wstrb),
    .s_axil_wvalid_i(axil_wvalid), .s_axil_wready_o(axil_wready), .s_axil_bresp_o(axil_bresp), .s_axil_bvalid_o(axil_bvalid), .s_axil_bready_i(axil_bready),
    .s_axil_araddr_i(axil_araddr), .s_axil_arvalid_i(axil_arvalid), .s_axil_arready_o(axil_arready), .s_axil_rdata_o(axil_rdata), .s_axil_rresp_o(axil_rresp),
    .s_axil_rvalid_o(axil_rvalid), .s_axil_rready_i(axil_rready),
    .m_axil_awaddr_o(shell_awaddr), .m_axil_awvalid_o(shell_awvalid), .m_axil_awready_i(shell_awready), .m_axil_wdata_o(shell_wdata), .m_axil_wstrb_o(shell_wstrb),
    .m_axil_wvalid_o(shell_wvalid), .m_axil_wready_i(shell_wready), .m_axil_bresp_i(shell_bresp), .m_axil_bvalid_i(shell_bvalid), .m_axil_bready_o(shell_bready),
    .m_axil_araddr_o(shell_araddr), .m_axil_arvalid_o(shell_arvalid), .m_axil_arready_i(shell_arready), .m_axil_rdata_i(shell_rdata), .m_axil_rresp_i(shell_rresp),
    .m_axil_rvalid_i(shell_rvalid), .m_axil_rready_o(shell_rready));

  logic unused_error;
  assign unused_error = ^host_sink_error;
endmodule

`default_nettype wire
