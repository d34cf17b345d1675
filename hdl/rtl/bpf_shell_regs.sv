// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of the wrapper of a NIC shell, beside the core's: decoder, what is read, plain registers.
///
/// AXI4-Lite; what is not the block's goes on to `m_axil_*`, see bpf_axil_split. `*_we_o` and `*_rd_o` are pulses, with `wr_*_o`, `rd_*_o` beside them.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_shell_regs #(
  parameter int unsigned PORTS = 1  // 1..8
) (
  input  logic                clk_i,
  input  logic                rst_i,  // synchronous, active high
  input  logic [19:0]         s_axil_awaddr_i,
  input  logic                s_axil_awvalid_i,
  output logic                s_axil_awready_o,
  input  logic [31:0]         s_axil_wdata_i,
  input  logic [3:0]          s_axil_wstrb_i,
  input  logic                s_axil_wvalid_i,
  output logic                s_axil_wready_o,
  output logic [1:0]          s_axil_bresp_o,
  output logic                s_axil_bvalid_o,
  input  logic                s_axil_bready_i,
  input  logic [19:0]         s_axil_araddr_i,
  input  logic                s_axil_arvalid_i,
  output logic                s_axil_arready_o,
  output logic [31:0]         s_axil_rdata_o,
  output logic [1:0]          s_axil_rresp_o,
  output logic                s_axil_rvalid_o,
  input  logic                s_axil_rready_i,
  output logic [19:0]         m_axil_awaddr_o,
  output logic                m_axil_awvalid_o,
  input  logic                m_axil_awready_i,
  output logic [31:0]         m_axil_wdata_o,
  output logic [3:0]          m_axil_wstrb_o,
  output logic                m_axil_wvalid_o,
  input  logic                m_axil_wready_i,
  input  logic [1:0]          m_axil_bresp_i,
  input  logic                m_axil_bvalid_i,
  output logic                m_axil_bready_o,
  output logic [19:0]         m_axil_araddr_o,
  output logic                m_axil_arvalid_o,
  input  logic                m_axil_arready_i,
  input  logic [31:0]         m_axil_rdata_i,
  input  logic [1:0]          m_axil_rresp_i,
  input  logic                m_axil_rvalid_i,
  output logic                m_axil_rready_o,
  input  logic [31:0]         ports_i,
  output logic                control_lossless_o,
  input  logic [31:0]         shell_i,
  input  logic                no_port_i,  // pulse
  input  logic                no_socket_i,  // pulse
  output logic [16*PORTS-1:0] ifindex_o,
  input  logic [PORTS-1:0]    host_lost_i,  // pulses
  input  logic [PORTS-1:0]    port_lost_i  // pulses
);
  if (PORTS < 1 || PORTS > 8) begin : g_check_ports
    $fatal(1, "bpf_shell_regs: PORTS must be 1..8");
  end

  logic        wr, rd;
  logic [11:2] wr_addr, rd_addr;
  logic [31:0] wr_data, rd_data;
  logic [3:0]  wr_strb;
  logic        unused_bus;
  assign unused_bus = ^{wr, wr_addr, wr_data, wr_strb, rd_addr, rd};

  bpf_axil_split #(.ADDR_W(20), .BASE(32'h10000), .BYTES(4096), .LAST(1)) u_split (
    .clk_i, .rst_i,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i, .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i, .m_axil_rready_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_data_o(wr_data), .wr_strb_o(wr_strb), .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data));

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'h3 && wr_strb[0]) control_lossless_o <= wr_data[0];
    if (rst_i) begin
      control_lossless_o <= 1'h0;
    end
  end

  logic [31:0] no_port_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) no_port_q <= '0;
    else if (no_port_i) no_port_q <= no_port_q + 32'd1;
  end

  logic [31:0] no_socket_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) no_socket_q <= '0;
    else if (no_socket_i) no_socket_q <= no_socket_q + 32'd1;
  end

  for (genvar i = 0; i < PORTS; i++) begin : g_ifindex
    always_ff @(posedge clk_i) begin
      if (wr && wr_addr == 10'h8 + 10'(1 * i) && wr_strb[0]) ifindex_o[16*i + 0 +: 8] <= wr_data[7:0];
      if (wr && wr_addr == 10'h8 + 10'(1 * i) && wr_strb[1]) ifindex_o[16*i + 8 +: 8] <= wr_data[15:8];
      if (rst_i) ifindex_o[16*i +: 16] <= 16'(1 + 1 * i);
    end
  end

  logic [32*PORTS-1:0] host_lost_q;
  for (genvar i = 0; i < PORTS; i++) begin : g_host_lost
    always_ff @(posedge clk_i) begin
      if (rst_i) host_lost_q[32*i +: 32] <= '0;
      else if (host_lost_i[i]) host_lost_q[32*i +: 32] <= host_lost_q[32*i +: 32] + 32'd1;
    end
  end

  logic [32*PORTS-1:0] port_lost_q;
  for (genvar i = 0; i < PORTS; i++) begin : g_port_lost
    always_ff @(posedge clk_i) begin
      if (rst_i) port_lost_q[32*i +: 32] <= '0;
      else if (port_lost_i[i]) port_lost_q[32*i +: 32] <= port_lost_q[32*i +: 32] + 32'd1;
    end
  end


  always_comb begin
    unique casez (rd_addr)
      10'h0: rd_data = 32'h42324853;  // 0x00 MAGIC
      10'h1: rd_data = 32'h00000001;  // 0x04 VERSION
      10'h2: rd_data = ports_i;  // 0x08 PORTS
      10'h3: rd_data = {31'd0, control_lossless_o};  // 0x0c CONTROL
      10'h4: rd_data = shell_i;  // 0x10 SHELL
      10'h5: rd_data = no_port_q;  // 0x14 NO_PORT
      10'h6: rd_data = no_socket_q;  // 0x18 NO_SOCKET
      default: rd_data = 32'd0;
    endcase
    for (int unsigned i = 0; i < PORTS; i++) if (rd_addr == 10'h8 + 10'(1 * i)) rd_data = {16'd0, ifindex_o[16*i +: 16]};  // 0x20 IFINDEX
    for (int unsigned i = 0; i < PORTS; i++) if (rd_addr == 10'h10 + 10'(1 * i)) rd_data = host_lost_q[32*i +: 32];  // 0x40 HOST_LOST
    for (int unsigned i = 0; i < PORTS; i++) if (rd_addr == 10'h18 + 10'(1 * i)) rd_data = port_lost_q[32*i +: 32];  // 0x60 PORT_LOST
  end
endmodule

`default_nettype wire
