// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Streams of frames into one: a tree of bpf_tx_merge, so half of the beats for each half of the inputs while all want them.
///
/// Frames stay whole, each input keeps its order, nothing is lost. One input is wired through.
/// Latency: 1 clock for each level of the tree, ceil(log2(INPUTS)).
module bpf_shell_join #(
  parameter int unsigned INPUTS = 2,
  parameter int unsigned BUS_W = 512,
  parameter int unsigned USER_W = 16,
  parameter int unsigned MAX_FRAME = 9216,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic                     clk_i,
  input  logic                     rst_i,      // synchronous, active high
  input  logic [INPUTS*BUS_W-1:0]  s_tdata_i,
  input  logic [INPUTS*BUSB-1:0]   s_tkeep_i,
  input  logic [INPUTS-1:0]        s_tvalid_i,
  output logic [INPUTS-1:0]        s_tready_o,
  input  logic [INPUTS-1:0]        s_tlast_i,
  input  logic [INPUTS*USER_W-1:0] s_tuser_i,
  output logic [BUS_W-1:0]         m_tdata_o,
  output logic [BUSB-1:0]          m_tkeep_o,
  output logic                     m_tvalid_o,
  input  logic                     m_tready_i,
  output logic                     m_tlast_o,
  output logic [USER_W-1:0]        m_tuser_o
);
  localparam int unsigned HALF = (INPUTS + 1) / 2;
  localparam int unsigned REST = (INPUTS > 1) ? INPUTS - HALF : 1;

  if (INPUTS == 1) begin : g_wire
    logic unused_clk;
    assign unused_clk = clk_i ^ rst_i;
    assign m_tdata_o  = s_tdata_i;
    assign m_tkeep_o  = s_tkeep_i;
    assign m_tvalid_o = s_tvalid_i[0];
    assign s_tready_o = m_tready_i;
    assign m_tlast_o  = s_tlast_i[0];
    assign m_tuser_o  = s_tuser_i;
  end else begin : g_halves
    logic [BUS_W-1:0]  a_tdata, b_tdata;
    logic [BUSB-1:0]   a_tkeep, b_tkeep;
    logic              a_tvalid, a_tready, a_tlast, b_tvalid, b_tready, b_tlast;
    logic [USER_W-1:0] a_tuser, b_tuser;

    bpf_shell_join #(.INPUTS(HALF), .BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME)) u_a (
      .clk_i, .rst_i,
      .s_tdata_i(s_tdata_i[HALF*BUS_W-1:0]), .s_tkeep_i(s_tkeep_i[HALF*BUSB-1:0]), .s_tvalid_i(s_tvalid_i[HALF-1:0]), .s_tready_o(s_tready_o[HALF-1:0]),
      .s_tlast_i(s_tlast_i[HALF-1:0]), .s_tuser_i(s_tuser_i[HALF*USER_W-1:0]),
      .m_tdata_o(a_tdata), .m_tkeep_o(a_tkeep), .m_tvalid_o(a_tvalid), .m_tready_i(a_tready), .m_tlast_o(a_tlast), .m_tuser_o(a_tuser));
    bpf_shell_join #(.INPUTS(REST), .BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME)) u_b (
      .clk_i, .rst_i,
      .s_tdata_i(s_tdata_i[INPUTS*BUS_W-1:HALF*BUS_W]), .s_tkeep_i(s_tkeep_i[INPUTS*BUSB-1:HALF*BUSB]), .s_tvalid_i(s_tvalid_i[INPUTS-1:HALF]),
      .s_tready_o(s_tready_o[INPUTS-1:HALF]), .s_tlast_i(s_tlast_i[INPUTS-1:HALF]), .s_tuser_i(s_tuser_i[INPUTS*USER_W-1:HALF*USER_W]),
      .m_tdata_o(b_tdata), .m_tkeep_o(b_tkeep), .m_tvalid_o(b_tvalid), .m_tready_i(b_tready), .m_tlast_o(b_tlast), .m_tuser_o(b_tuser));
    bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(USER_W), .MAX_FRAME(MAX_FRAME)) u_merge (
      .clk_i, .rst_i,
      .a_axis_tdata_i(a_tdata), .a_axis_tkeep_i(a_tkeep), .a_axis_tvalid_i(a_tvalid), .a_axis_tready_o(a_tready), .a_axis_tlast_i(a_tlast), .a_axis_tuser_i(a_tuser),
      .b_axis_tdata_i(b_tdata), .b_axis_tkeep_i(b_tkeep), .b_axis_tvalid_i(b_tvalid), .b_axis_tready_o(b_tready), .b_axis_tlast_i(b_tlast), .b_axis_tuser_i(b_tuser),
      .m_axis_tdata_o(m_tdata_o), .m_axis_tkeep_o(m_tkeep_o), .m_axis_tvalid_o(m_tvalid_o), .m_axis_tready_i(m_tready_i), .m_axis_tlast_o(m_tlast_o), .m_axis_tuser_o(m_tuser_o));
  end
endmodule

`default_nettype wire
