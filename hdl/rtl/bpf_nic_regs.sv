// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of the single-port NIC, beside its parts': decoder, what is read, plain registers.
///
/// AXI4-Lite; what is not the block's goes on to `m_axil_*`, see bpf_axil_split. `*_we_o` and `*_rd_o` are pulses, with `wr_*_o`, `rd_*_o` beside them.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_nic_regs (
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
  input  logic [7:0]  config_data_queues_i,
  input  logic [7:0]  config_tx_queues_i,
  input  logic [15:0] config_bus_bits_i,
  output logic        control_by_rx_queue_o,
  output logic [15:0] ifindex_o,
  input  logic        rx_bad_i,  // pulse
  input  logic        rx_size_i,  // pulse
  input  logic        rx_full_i,  // pulse
  input  logic        rx_frames_i,  // pulse
  input  logic        no_port_i,  // pulse
  input  logic        to_host_i,  // pulse
  input  logic        records_i,  // pulse
  input  logic        tx_frames_i,  // pulse
  input  logic        tx_host_i  // pulse
);
  logic        wr, rd;
  logic [11:2] wr_addr, rd_addr;
  logic [31:0] wr_data, rd_data;
  logic [3:0]  wr_strb;
  logic        unused_bus;
  assign unused_bus = ^{wr, wr_addr, wr_data, wr_strb, rd_addr, rd};

  bpf_axil_split #(.ADDR_W(20), .BASE(32'h10000), .BYTES(4096), .LAST(0)) u_split (
    .clk_i, .rst_i,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i, .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i, .m_axil_rready_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_data_o(wr_data), .wr_strb_o(wr_strb), .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data));

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'h3 && wr_strb[0]) control_by_rx_queue_o <= wr_data[0];
    if (rst_i) begin
      control_by_rx_queue_o <= 1'h0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'h4 && wr_strb[0]) ifindex_o[7:0] <= wr_data[7:0];
    if (wr && wr_addr == 10'h4 && wr_strb[1]) ifindex_o[15:8] <= wr_data[15:8];
    if (rst_i) begin
      ifindex_o <= 16'h1;
    end
  end

  logic [31:0] rx_bad_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) rx_bad_q <= '0;
    else if (rx_bad_i) rx_bad_q <= rx_bad_q + 32'd1;
  end

  logic [31:0] rx_size_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) rx_size_q <= '0;
    else if (rx_size_i) rx_size_q <= rx_size_q + 32'd1;
  end

  logic [31:0] rx_full_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) rx_full_q <= '0;
    else if (rx_full_i) rx_full_q <= rx_full_q + 32'd1;
  end

  logic [31:0] rx_frames_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) rx_frames_q <= '0;
    else if (rx_frames_i) rx_frames_q <= rx_frames_q + 32'd1;
  end

  logic [31:0] no_port_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) no_port_q <= '0;
    else if (no_port_i) no_port_q <= no_port_q + 32'd1;
  end

  logic [31:0] to_host_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) to_host_q <= '0;
    else if (to_host_i) to_host_q <= to_host_q + 32'd1;
  end

  logic [31:0] records_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) records_q <= '0;
    else if (records_i) records_q <= records_q + 32'd1;
  end

  logic [31:0] tx_frames_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) tx_frames_q <= '0;
    else if (tx_frames_i) tx_frames_q <= tx_frames_q + 32'd1;
  end

  logic [31:0] tx_host_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) tx_host_q <= '0;
    else if (tx_host_i) tx_host_q <= tx_host_q + 32'd1;
  end


  always_comb begin
    unique casez (rd_addr)
      10'h0: rd_data = 32'h4232484e;  // 0x00 MAGIC
      10'h1: rd_data = 32'h00000001;  // 0x04 VERSION
      10'h2: rd_data = {config_bus_bits_i, config_tx_queues_i, config_data_queues_i};  // 0x08 CONFIG
      10'h3: rd_data = {31'd0, control_by_rx_queue_o};  // 0x0c CONTROL
      10'h4: rd_data = {16'd0, ifindex_o};  // 0x10 IFINDEX
      10'h8: rd_data = rx_bad_q;  // 0x20 RX_BAD
      10'h9: rd_data = rx_size_q;  // 0x24 RX_SIZE
      10'ha: rd_data = rx_full_q;  // 0x28 RX_FULL
      10'hb: rd_data = rx_frames_q;  // 0x2c RX_FRAMES
      10'hc: rd_data = no_port_q;  // 0x30 NO_PORT
      10'hd: rd_data = to_host_q;  // 0x34 TO_HOST
      10'he: rd_data = records_q;  // 0x38 RECORDS
      10'hf: rd_data = tx_frames_q;  // 0x3c TX_FRAMES
      10'h10: rd_data = tx_host_q;  // 0x40 TX_HOST
      default: rd_data = 32'd0;
    endcase
  end
endmodule

`default_nettype wire
