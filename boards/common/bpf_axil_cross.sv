// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite from one clock to another, whatever their ratio and phase.
///
/// One write and one read are under way at a time. Address, data and response stand still while a toggle crosses by two flip-flops: paths from
/// the registers `*_held_q` into the other clock need a bound on their delay (one period of the clock that receives), no more. Both resets have to overlap,
/// for four periods of the slower clock.
/// Latency of an access: 3 clocks of each side, and the slave's own.
module bpf_axil_cross #(
  parameter int unsigned ADDR_W = 20
) (
  // from the host
  input  logic              s_clk_i,
  input  logic              s_rst_i,           // synchronous, active high
  input  logic [ADDR_W-1:0] s_axil_awaddr_i,
  input  logic              s_axil_awvalid_i,
  output logic              s_axil_awready_o,
  input  logic [31:0]       s_axil_wdata_i,
  input  logic [3:0]        s_axil_wstrb_i,
  input  logic              s_axil_wvalid_i,
  output logic              s_axil_wready_o,
  output logic [1:0]        s_axil_bresp_o,
  output logic              s_axil_bvalid_o,
  input  logic              s_axil_bready_i,
  input  logic [ADDR_W-1:0] s_axil_araddr_i,
  input  logic              s_axil_arvalid_i,
  output logic              s_axil_arready_o,
  output logic [31:0]       s_axil_rdata_o,
  output logic [1:0]        s_axil_rresp_o,
  output logic              s_axil_rvalid_o,
  input  logic              s_axil_rready_i,
  // to the registers
  input  logic              m_clk_i,
  input  logic              m_rst_i,           // synchronous, active high
  output logic [ADDR_W-1:0] m_axil_awaddr_o,
  output logic              m_axil_awvalid_o,
  input  logic              m_axil_awready_i,
  output logic [31:0]       m_axil_wdata_o,
  output logic [3:0]        m_axil_wstrb_o,
  output logic              m_axil_wvalid_o,
  input  logic              m_axil_wready_i,
  input  logic [1:0]        m_axil_bresp_i,
  input  logic              m_axil_bvalid_i,
  output logic              m_axil_bready_o,
  output logic [ADDR_W-1:0] m_axil_araddr_o,
  output logic              m_axil_arvalid_o,
  input  logic              m_axil_arready_i,
  input  logic [31:0]       m_axil_rdata_i,
  input  logic [1:0]        m_axil_rresp_i,
  input  logic              m_axil_rvalid_i,
  output logic              m_axil_rready_o
);
  // ---- writes ----
  logic [ADDR_W+35:0] write_held_q;            // address, data, strobes
  logic [1:0]         bresp_held_q;
  logic               write_q, bvalid_q, write_ask_q, write_take;
  logic               aw_left_q, w_left_q, b_left_q, write_seen_q, write_done_q;
  (* ASYNC_REG = "TRUE" *) logic [1:0] write_ask_sync_q;
  (* ASYNC_REG = "TRUE" *) logic [1:0] write_done_sync_q;

  assign write_take       = s_axil_awvalid_i && s_axil_wvalid_i && !write_q;
  assign s_axil_awready_o = write_take;
  assign s_axil_wready_o  = write_take;
  assign s_axil_bvalid_o  = bvalid_q;
  assign s_axil_bresp_o   = bresp_held_q;

  always_ff @(posedge s_clk_i) begin
    write_done_sync_q <= {write_done_sync_q[0], write_done_q};
    if (write_take) begin
      write_held_q <= {s_axil_awaddr_i, s_axil_wdata_i, s_axil_wstrb_i};
      write_q      <= 1'b1;
      write_ask_q  <= !write_ask_q;
    end
    if (write_q && !bvalid_q && write_done_sync_q[1] == write_ask_q) bvalid_q <= 1'b1;
    if (bvalid_q && s_axil_bready_i) begin
      bvalid_q <= 1'b0;
      write_q  <= 1'b0;
    end
    if (s_rst_i) begin
      write_done_sync_q <= '0;
      write_q           <= 1'b0;
      bvalid_q          <= 1'b0;
      write_ask_q       <= 1'b0;
    end
  end

  assign {m_axil_awaddr_o, m_axil_wdata_o, m_axil_wstrb_o} = write_held_q;
  assign m_axil_awvalid_o = aw_left_q;
  assign m_axil_wvalid_o  = w_left_q;
  assign m_axil_bready_o  = b_left_q;

  always_ff @(posedge m_clk_i) begin
    write_ask_sync_q <= {write_ask_sync_q[0], write_ask_q};
    write_seen_q     <= write_ask_sync_q[1];
    if (aw_left_q && m_axil_awready_i) aw_left_q <= 1'b0;
    if (w_left_q && m_axil_wready_i) w_left_q <= 1'b0;
    if (write_ask_sync_q[1] != write_seen_q) begin
      aw_left_q <= 1'b1;
      w_left_q  <= 1'b1;
      b_left_q  <= 1'b1;
    end
    if (b_left_q && m_axil_bvalid_i) begin
      bresp_held_q <= m_axil_bresp_i;
      b_left_q     <= 1'b0;
      write_done_q <= write_seen_q;
    end
    if (m_rst_i) begin
      write_ask_sync_q <= '0;
      write_seen_q     <= 1'b0;
      aw_left_q        <= 1'b0;
      w_left_q         <= 1'b0;
      b_left_q         <= 1'b0;
      write_done_q     <= 1'b0;
    end
  end

  // ---- reads ----
  logic [ADDR_W-1:0] read_held_q;
  logic [33:0]       rdata_held_q;             // response, data
  logic              read_q, rvalid_q, read_ask_q, read_take, ar_left_q, r_left_q, read_seen_q, read_done_q;
  (* ASYNC_REG = "TRUE" *) logic [1:0] read_ask_sync_q;
  (* ASYNC_REG = "TRUE" *) logic [1:0] read_done_sync_q;

  assign read_take        = s_axil_arvalid_i && !read_q;
  assign s_axil_arready_o = read_take;
  assign s_axil_rvalid_o  = rvalid_q;
  assign {s_axil_rresp_o, s_axil_rdata_o} = rdata_held_q;

  always_ff @(posedge s_clk_i) begin
    read_done_sync_q <= {read_done_sync_q[0], read_done_q};
    if (read_take) begin
      read_held_q <= s_axil_araddr_i;
      read_q      <= 1'b1;
      read_ask_q  <= !read_ask_q;
    end
    if (read_q && !rvalid_q && read_done_sync_q[1] == read_ask_q) rvalid_q <= 1'b1;
    if (rvalid_q && s_axil_rready_i) begin
      rvalid_q <= 1'b0;
      read_q   <= 1'b0;
    end
    if (s_rst_i) begin
      read_done_sync_q <= '0;
      read_q           <= 1'b0;
      rvalid_q         <= 1'b0;
      read_ask_q       <= 1'b0;
    end
  end

  assign m_axil_araddr_o  = read_held_q;
  assign m_axil_arvalid_o = ar_left_q;
  assign m_axil_rready_o  = r_left_q;

  always_ff @(posedge m_clk_i) begin
    read_ask_sync_q <= {read_ask_sync_q[0], read_ask_q};
    read_seen_q     <= read_ask_sync_q[1];
    if (ar_left_q && m_axil_arready_i) ar_left_q <= 1'b0;
    if (read_ask_sync_q[1] != read_seen_q) begin
      ar_left_q <= 1'b1;
      r_left_q  <= 1'b1;
    end
    if (r_left_q && m_axil_rvalid_i) begin
      rdata_held_q <= {m_axil_rresp_i, m_axil_rdata_i};
      r_left_q     <= 1'b0;
      read_done_q  <= read_seen_q;
    end
    if (m_rst_i) begin
      read_ask_sync_q <= '0;
      read_seen_q     <= 1'b0;
      ar_left_q       <= 1'b0;
      r_left_q        <= 1'b0;
      read_done_q     <= 1'b0;
    end
  end
endmodule

`default_nettype wire
