// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A core behind a serial line, with a board's registers beside the core's, as on the boards; frames come without end: 64 bytes, numbered in bytes 60 to
/// 63, the last byte of the source address counts from 0 to 15. Bits of the line are 4 clocks long, half a request is forgotten after 2^14 clocks.
module serial_bench (
  input  logic clk,
  input  logic rst,
  input  logic rxd,
  output logic txd,
  input  logic frames                      // let them come
);
  logic [15:0] awaddr, araddr, core_awaddr, core_araddr;
  logic [31:0] wdata, rdata, core_wdata, core_rdata;
  logic [3:0]  wstrb, core_wstrb;
  logic [1:0]  bresp, rresp, core_bresp, core_rresp;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic        core_awvalid, core_awready, core_wvalid, core_wready, core_bvalid, core_bready, core_arvalid, core_arready, core_rvalid, core_rready;

  bpf_serial #(.CLOCKS(4), .TIMEOUT_W(14)) u_serial (
    .clk_i(clk), .rst_i(rst), .rxd_i(rxd), .txd_o(txd),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
    .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
    .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  // ---- frames: eight beats, then a gap ----
  logic [31:0] number_q;
  logic [4:0]  beat_q;
  logic [63:0] data;
  logic        ready, good;

  assign good = frames && beat_q < 5'd8 && ready;
  always_comb begin
    case (beat_q)
      5'd0:    data = {16'h0002, 48'h0500_0000_0002};
      5'd1:    data = {16'h0045, 16'h0008, 28'h0, number_q[3:0]};
      5'd7:    data = {number_q, 32'd0};
      default: data = 64'd0;
    endcase
  end

  always_ff @(posedge clk) begin
    if (beat_q < 5'd8) begin
      if (good) beat_q <= beat_q + 5'd1;
    end else beat_q <= beat_q + 5'd1;
    if (good && beat_q == 5'd7) number_q <= number_q + 32'd1;
    if (rst) begin
      beat_q   <= '0;
      number_q <= '0;
    end
  end

  bpf_board_regs #(.PORTS(2)) u_regs (
    .clk_i(clk), .rst_i(rst), .ports_i(32'd2),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid),
    .s_axil_wready_o(wready), .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid),
    .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp), .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready),
    .m_axil_awaddr_o(core_awaddr), .m_axil_awvalid_o(core_awvalid), .m_axil_awready_i(core_awready), .m_axil_wdata_o(core_wdata), .m_axil_wstrb_o(core_wstrb),
    .m_axil_wvalid_o(core_wvalid), .m_axil_wready_i(core_wready), .m_axil_bresp_i(core_bresp), .m_axil_bvalid_i(core_bvalid), .m_axil_bready_o(core_bready),
    .m_axil_araddr_o(core_araddr), .m_axil_arvalid_o(core_arvalid), .m_axil_arready_i(core_arready), .m_axil_rdata_i(core_rdata), .m_axil_rresp_i(core_rresp),
    .m_axil_rvalid_i(core_rvalid), .m_axil_rready_o(core_rready),
    .rx_good_i({1'b0, good && beat_q == 5'd7}), .rx_bad_i(2'd0), .rx_lost_i(2'd0), .tx_frames_i(2'd0), .tx_lost_i(2'd0), .link_i({4'hD, 4'hD}), .nowhere_i(1'b0));

  bpf_core u_core (
    .clk, .rst,
    .s_axis_tdata(data), .s_axis_tkeep(8'hFF), .s_axis_tvalid(frames && beat_q < 5'd8), .s_axis_tready(ready), .s_axis_tlast(beat_q == 5'd7),
    .s_axis_tuser(32'd1),
    .m_axis_pass_tready(1'b1), .m_axis_tx_tready(1'b1), .m_axis_redirect_tready(1'b1), .m_axis_event_tready(1'b1),
    .s_axil_awaddr(core_awaddr), .s_axil_awvalid(core_awvalid), .s_axil_awready(core_awready), .s_axil_wdata(core_wdata), .s_axil_wstrb(core_wstrb),
    .s_axil_wvalid(core_wvalid), .s_axil_wready(core_wready), .s_axil_bresp(core_bresp), .s_axil_bvalid(core_bvalid), .s_axil_bready(core_bready),
    .s_axil_araddr(core_araddr), .s_axil_arvalid(core_arvalid), .s_axil_arready(core_arready), .s_axil_rdata(core_rdata), .s_axil_rresp(core_rresp),
    .s_axil_rvalid(core_rvalid), .s_axil_rready(core_rready));
endmodule

`default_nettype wire
