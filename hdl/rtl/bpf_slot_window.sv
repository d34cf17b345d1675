// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The host's AXI4-Lite window to the core of a slot, and beside it a hand that reads the core's STATUS: is anything inside?
///
/// Writes go straight through, one at a time. Reads of the host and of `ask_i` take turns, one is under way at a time. While `ask_i` is high STATUS is read again and again; each answer is
/// a pulse of `done_o` with its bits. An answer to an `ask_i` that has risen is to a read that began after that.
/// While `off_i` is high the core is cut off: reads give 0, writes do nothing, all are answered OKAY, also those of which the core has taken a part; so are those that begin then and
/// end later. `ask_i` has no answer.
/// Latency: none for writes, 1 clock for reads that wait for nothing. Resources: about 10 flip-flops.
module bpf_slot_window #(
  parameter logic [15:0] STATUS = 16'h0034     // the core's register (docs: registers.md): bit 0 idle, bit 1 clearing
) (
  input  logic        clk_i,
  input  logic        rst_i,                   // synchronous, active high
  input  logic        off_i,                   // the core is cut off
  input  logic        ask_i,
  output logic        done_o,
  output logic        idle_o,
  output logic        clearing_o,
  // from the host
  input  logic [15:0] s_axil_awaddr_i,
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [3:0]  s_axil_wstrb_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  output logic [1:0]  s_axil_bresp_o,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  input  logic [15:0] s_axil_araddr_i,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  // to the core
  output logic [15:0] m_axil_awaddr_o,
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [31:0] m_axil_wdata_o,
  output logic [3:0]  m_axil_wstrb_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  input  logic [1:0]  m_axil_bresp_i,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  output logic [15:0] m_axil_araddr_o,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  input  logic [31:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o
);
  // ---- writes ----
  logic wr_off, wr_off_q, aw_q, w_q, aw, w;    // what has been taken of the write under way, now and in the next clock

  assign wr_off           = off_i || wr_off_q;
  assign m_axil_awaddr_o  = s_axil_awaddr_i;
  assign m_axil_awvalid_o = s_axil_awvalid_i && !aw_q && !wr_off;
  assign s_axil_awready_o = !aw_q && (wr_off || m_axil_awready_i);
  assign m_axil_wdata_o   = s_axil_wdata_i;
  assign m_axil_wstrb_o   = s_axil_wstrb_i;
  assign m_axil_wvalid_o  = s_axil_wvalid_i && !w_q && !wr_off;
  assign s_axil_wready_o  = !w_q && (wr_off || m_axil_wready_i);
  assign s_axil_bresp_o   = wr_off ? 2'd0 : m_axil_bresp_i;
  assign s_axil_bvalid_o  = aw_q && w_q && (wr_off || m_axil_bvalid_i);
  assign m_axil_bready_o  = aw_q && w_q && !wr_off && s_axil_bready_i;
  assign aw               = (aw_q || (s_axil_awvalid_i && s_axil_awready_o)) && !(s_axil_bvalid_o && s_axil_bready_i);
  assign w                = (w_q || (s_axil_wvalid_i && s_axil_wready_o)) && !(s_axil_bvalid_o && s_axil_bready_i);

  always_ff @(posedge clk_i) begin
    aw_q     <= aw && !rst_i;
    w_q      <= w && !rst_i;
    wr_off_q <= wr_off && (aw || w) && !rst_i;
  end

  // ---- reads ----
  logic rd_off, rd_off_q, busy_q, own_q, asked_q, answered; // a read is under way; it is not the host's; its address was taken

  assign rd_off           = off_i || rd_off_q;
  assign m_axil_araddr_o  = own_q ? STATUS : s_axil_araddr_i;
  assign m_axil_arvalid_o = busy_q && !asked_q && !rd_off && (own_q || s_axil_arvalid_i);
  assign s_axil_arready_o = busy_q && !asked_q && !own_q && (rd_off || m_axil_arready_i);
  assign s_axil_rdata_o   = rd_off ? 32'd0 : m_axil_rdata_i;
  assign s_axil_rresp_o   = rd_off ? 2'd0 : m_axil_rresp_i;
  assign s_axil_rvalid_o  = busy_q && asked_q && !own_q && (rd_off || m_axil_rvalid_i);
  assign m_axil_rready_o  = busy_q && asked_q && !rd_off && (own_q || s_axil_rready_i);
  assign done_o           = m_axil_rvalid_i && m_axil_rready_o && own_q;
  assign answered         = own_q ? done_o || rd_off : s_axil_rvalid_o && s_axil_rready_i;
  assign idle_o           = m_axil_rdata_i[0];
  assign clearing_o       = m_axil_rdata_i[1];

  // own_q stays behind the last read, so the other one is asked first.
  always_ff @(posedge clk_i) begin
    rd_off_q <= rd_off && busy_q && !answered;
    if (!busy_q) begin
      busy_q <= (ask_i && !rd_off) || s_axil_arvalid_i;
      own_q  <= ask_i && !rd_off && !(s_axil_arvalid_i && own_q);
    end else begin
      if (own_q ? m_axil_arvalid_o && m_axil_arready_i : s_axil_arvalid_i && s_axil_arready_o) asked_q <= 1'b1;
      if (answered) begin
        busy_q  <= 1'b0;
        asked_q <= 1'b0;
      end
    end
    if (rst_i) begin
      rd_off_q <= 1'b0;
      busy_q   <= 1'b0;
      own_q    <= 1'b0;
      asked_q  <= 1'b0;
    end
  end
endmodule

`default_nettype wire
