// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A board's own registers beside the core's: addresses from 0x8000 on are answered here, all others go to the core. For one access at a time.
///
///   0x8000 MAGIC "B2BW"   0x8004 version, 1   0x8008 number of ports   0x800C frames that were redirected to no port of the board
///   0x8010 + 0x20 * port: frames received good, bad, good without room, sent, given up without room (+0x10); link (+0x14: bit 0 up, 2:1 speed, 3 full duplex)
///
/// Counters are 32 bits and wrap. Writes have no effect. Latency: 1 clock for a read.
module bpf_board_csr #(
  parameter int unsigned PORTS = 2
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic [15:0]      s_axil_awaddr_i,
  input  logic             s_axil_awvalid_i,
  output logic             s_axil_awready_o,
  input  logic [31:0]      s_axil_wdata_i,
  input  logic [3:0]       s_axil_wstrb_i,
  input  logic             s_axil_wvalid_i,
  output logic             s_axil_wready_o,
  output logic [1:0]       s_axil_bresp_o,
  output logic             s_axil_bvalid_o,
  input  logic             s_axil_bready_i,
  input  logic [15:0]      s_axil_araddr_i,
  input  logic             s_axil_arvalid_i,
  output logic             s_axil_arready_o,
  output logic [31:0]      s_axil_rdata_o,
  output logic [1:0]       s_axil_rresp_o,
  output logic             s_axil_rvalid_o,
  input  logic             s_axil_rready_i,
  output logic [15:0]      m_axil_awaddr_o,    // the core
  output logic             m_axil_awvalid_o,
  input  logic             m_axil_awready_i,
  output logic [31:0]      m_axil_wdata_o,
  output logic [3:0]       m_axil_wstrb_o,
  output logic             m_axil_wvalid_o,
  input  logic             m_axil_wready_i,
  input  logic [1:0]       m_axil_bresp_i,
  input  logic             m_axil_bvalid_i,
  output logic             m_axil_bready_o,
  output logic [15:0]      m_axil_araddr_o,
  output logic             m_axil_arvalid_o,
  input  logic             m_axil_arready_i,
  input  logic [31:0]      m_axil_rdata_i,
  input  logic [1:0]       m_axil_rresp_i,
  input  logic             m_axil_rvalid_i,
  output logic             m_axil_rready_o,
  input  logic [PORTS*5-1:0] event_i,          // pulses of the ports, the first port lowest (bpf_gmii_port)
  input  logic [PORTS*4-1:0] link_i,
  input  logic             nowhere_i           // pulse
);
  localparam logic [31:0] MAGIC = 32'h42324257;
  localparam logic [31:0] VERSION = 32'd1;

  // ---- counters ----
  logic [31:0] count_q [0:PORTS*8-1];          // five of each eight are used
  logic [31:0] nowhere_q, value, value_q;
  logic        read_q, write_q;

  for (genvar p = 0; p < PORTS; p++) begin : g_port
    for (genvar e = 0; e < 8; e++) begin : g_event
      if (e < 5) begin : g_counter
        always_ff @(posedge clk_i) begin
          if (rst_i) count_q[8*p+e] <= '0;
          else if (event_i[5*p+e]) count_q[8*p+e] <= count_q[8*p+e] + 32'd1;
        end
      end else if (e == 5) begin : g_link
        always_ff @(posedge clk_i) count_q[8*p+e] <= {28'd0, link_i[4*p +: 4]};
      end else begin : g_none
        assign count_q[8*p+e] = '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) nowhere_q <= '0;
    else if (nowhere_i) nowhere_q <= nowhere_q + 32'd1;
  end

  logic [9:0] place;
  assign place = 10'((s_axil_araddr_i[11:2]) - 10'd4);

  always_comb begin
    value = '0;
    case (s_axil_araddr_i[11:2])
      10'd0:   value = MAGIC;
      10'd1:   value = VERSION;
      10'd2:   value = PORTS;
      10'd3:   value = nowhere_q;
      default: for (int unsigned i = 0; i < PORTS * 8; i++) if (place == 10'(i)) value = count_q[i];
    endcase
  end

  // ---- which of the two answers ----
  logic own_read, own_write;
  assign own_read  = s_axil_araddr_i[15];
  assign own_write = s_axil_awaddr_i[15];

  always_ff @(posedge clk_i) begin
    if (s_axil_arvalid_i && own_read && !read_q) begin
      read_q  <= 1'b1;
      value_q <= (s_axil_araddr_i[14:12] == '0) ? value : '0;
    end else if (s_axil_rready_i) begin
      read_q <= 1'b0;
    end
    // Address and data of a write come together here.
    if (s_axil_awvalid_i && s_axil_wvalid_i && own_write && !write_q) write_q <= 1'b1;
    else if (s_axil_bready_i) write_q <= 1'b0;
    if (rst_i) {read_q, write_q} <= 2'b00;
  end

  logic own_starts;
  assign own_starts = s_axil_awvalid_i && s_axil_wvalid_i && own_write && !write_q;

  assign m_axil_awaddr_o  = s_axil_awaddr_i;
  assign m_axil_awvalid_o = s_axil_awvalid_i && !own_write;
  assign m_axil_wdata_o   = s_axil_wdata_i;
  assign m_axil_wstrb_o   = s_axil_wstrb_i;
  assign m_axil_wvalid_o  = s_axil_wvalid_i && !own_write;
  assign m_axil_bready_o  = s_axil_bready_i;
  assign m_axil_araddr_o  = s_axil_araddr_i;
  assign m_axil_arvalid_o = s_axil_arvalid_i && !own_read;
  assign m_axil_rready_o  = s_axil_rready_i;

  assign s_axil_awready_o = own_write ? own_starts : m_axil_awready_i;
  assign s_axil_wready_o  = own_write ? own_starts : m_axil_wready_i;
  assign s_axil_bvalid_o  = write_q || m_axil_bvalid_i;
  assign s_axil_bresp_o   = write_q ? 2'b00 : m_axil_bresp_i;
  assign s_axil_arready_o = own_read ? !read_q : m_axil_arready_i;
  assign s_axil_rvalid_o  = read_q || m_axil_rvalid_i;
  assign s_axil_rdata_o   = read_q ? value_q : m_axil_rdata_i;
  assign s_axil_rresp_o   = read_q ? 2'b00 : m_axil_rresp_i;
endmodule

`default_nettype wire
