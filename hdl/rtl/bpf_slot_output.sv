// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One output of the program slots, behind their selector: a register, in which an offer stands whatever the slot does, and the end of a frame whose slot is isolated in its midst.
///
/// While `cut_i` is high nothing is taken; the frame of which a part was taken is filled up with zeros to the length that its first beat said (who takes it may have
/// promised as many bytes to a bus), with `m_axis_bad_o`. That goes on when `cut_i` falls; what comes then waits.
/// One beat per clock. Latency: 1 clock. Resources: BUS_W + BUS_W/8 + USER_W + 20 flip-flops.
module bpf_slot_output #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned USER_W = 64,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  input  logic              cut_i,
  input  logic [BUS_W-1:0]  s_axis_tdata_i,
  input  logic [BUSB-1:0]   s_axis_tkeep_i,
  input  logic              s_axis_tvalid_i,
  output logic              s_axis_tready_o,
  input  logic              s_axis_tlast_i,
  input  logic [USER_W-1:0] s_axis_tuser_i,    // first beat: 15:0 bytes of the frame
  output logic [BUS_W-1:0]  m_axis_tdata_o,
  output logic [BUSB-1:0]   m_axis_tkeep_o,
  output logic              m_axis_tvalid_o,
  input  logic              m_axis_tready_i,
  output logic              m_axis_tlast_o,
  output logic [USER_W-1:0] m_axis_tuser_o,
  output logic              m_axis_bad_o,      // a beat that is not the slot's; the last one of a frame that was cut always
  output logic              inside_o,          // a frame is taken in part
  output logic              whole_o,           // pulses: a frame was taken whole, one is cut
  output logic              broken_o
);
  localparam logic [15:0] BEAT = 16'(BUSB);
  logic            inside_q, fill_q, free, take, fill, last;
  logic [15:0]     left_q, left;               // bytes of the frame that have not come
  logic [BUSB-1:0] fill_keep;

  assign free            = !m_axis_tvalid_o || m_axis_tready_i;
  assign fill            = inside_q && (fill_q || cut_i);
  assign s_axis_tready_o = free && !cut_i && !fill_q;
  assign take            = s_axis_tvalid_i && s_axis_tready_o;
  assign last            = fill ? left_q <= BEAT : s_axis_tlast_i;
  assign left            = inside_q ? left_q : s_axis_tuser_i[15:0];
  assign inside_o        = inside_q;
  assign whole_o         = take && s_axis_tlast_i;
  assign broken_o        = inside_q && cut_i && !fill_q;

  // Of a frame that is longer than it said a byte comes.
  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) fill_keep[i] = i == 0 || 16'(i) < left_q;
  end

  always_ff @(posedge clk_i) begin
    if (free) begin
      m_axis_tdata_o <= fill ? '0 : s_axis_tdata_i;
      m_axis_tkeep_o <= fill ? fill_keep : s_axis_tkeep_i;
      m_axis_tlast_o <= last;
      m_axis_bad_o   <= fill;
      if (!fill) m_axis_tuser_o <= s_axis_tuser_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (free) begin
      m_axis_tvalid_o <= take || fill;
      if (take || fill) begin
        inside_q <= !last;
        left_q   <= (left > BEAT) ? left - BEAT : 16'd0;
      end
    end
    fill_q <= fill && !(free && last);
    if (rst_i) begin
      m_axis_tvalid_o <= 1'b0;
      inside_q        <= 1'b0;
      fill_q          <= 1'b0;
    end
  end
endmodule

`default_nettype wire
