// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The tap: copies of frames at the core's entry and at its three exits, with their verdicts, as one stream for the host. It stands beside the core, in a shell.
///
/// Everything of the core is an input, in registers here: nothing of it ever waits for the tap. What finds no room is left out whole and counted.
/// Registers: bpf_tap_regs, in the chain of the bus. Form of the stream: docs/src/tap.md. A copy of the entry comes when its verdict is there; copies of one point keep
/// their order, those of different points come as they are ready, in turn.
/// Resources: four bpf_tap_point; 4 x (BUS_W + BUS_W/8 + 100) flip-flops.
module bpf_tap #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned ENTRY_WORDS = 512,    // beats of the entry's ring: copies wait there for their verdict
  parameter int unsigned EXIT_WORDS = 256,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  // beats that pass: tvalid && tready. Entry, PASS, TX, REDIRECT from the lowest bits on
  input  logic [3:0]         valid_i,
  input  logic [4*BUS_W-1:0] tdata_i,
  input  logic [4*BUSB-1:0]  tkeep_i,
  input  logic [3:0]         tlast_i,
  input  logic [2:0]         exit_bad_i,       // PASS, TX, REDIRECT, on the last beat: the frame was cut; it is left out and counted as lost
  input  logic [31:0]        entry_tuser_i,
  input  logic [3*64-1:0]    exit_tuser_i,     // PASS, TX, REDIRECT
  input  logic [1:0]         redirect_tid_i,
  input  logic [31:0]        redirect_tdest_i,
  // the core's mon_*
  input  logic               mon_valid_i,
  input  logic [2:0]         mon_action_i,
  input  logic [15:0]        mon_length_i,
  input  logic [1:0]         mon_tid_i,
  input  logic [31:0]        mon_tdest_i,
  // to the host
  output logic [BUS_W-1:0]   m_axis_tdata_o,
  output logic [BUSB-1:0]    m_axis_tkeep_o,
  output logic               m_axis_tvalid_o,
  input  logic               m_axis_tready_i,
  output logic               m_axis_tlast_o,
  output logic [15:0]        m_axis_tuser_o,   // bytes of the copy
  // registers
  input  logic [19:0]        s_axil_awaddr_i,
  input  logic               s_axil_awvalid_i,
  output logic               s_axil_awready_o,
  input  logic [31:0]        s_axil_wdata_i,
  input  logic [3:0]         s_axil_wstrb_i,
  input  logic               s_axil_wvalid_i,
  output logic               s_axil_wready_o,
  output logic [1:0]         s_axil_bresp_o,
  output logic               s_axil_bvalid_o,
  input  logic               s_axil_bready_i,
  input  logic [19:0]        s_axil_araddr_i,
  input  logic               s_axil_arvalid_i,
  output logic               s_axil_arready_o,
  output logic [31:0]        s_axil_rdata_o,
  output logic [1:0]         s_axil_rresp_o,
  output logic               s_axil_rvalid_o,
  input  logic               s_axil_rready_i,
  output logic [19:0]        m_axil_awaddr_o,
  output logic               m_axil_awvalid_o,
  input  logic               m_axil_awready_i,
  output logic [31:0]        m_axil_wdata_o,
  output logic [3:0]         m_axil_wstrb_o,
  output logic               m_axil_wvalid_o,
  input  logic               m_axil_wready_i,
  input  logic [1:0]         m_axil_bresp_i,
  input  logic               m_axil_bvalid_i,
  output logic               m_axil_bready_o,
  output logic [19:0]        m_axil_araddr_o,
  output logic               m_axil_arvalid_o,
  input  logic               m_axil_arready_i,
  input  logic [31:0]        m_axil_rdata_i,
  input  logic [1:0]         m_axil_rresp_i,
  input  logic               m_axil_rvalid_i,
  output logic               m_axil_rready_o
);
  // ---- registers ----
  logic        on;
  logic [3:0]  points, copied, lost;
  logic [15:0] snap;
  logic [4:0]  mask, sample;
  logic [63:0] clock_q;

  bpf_tap_regs #(.POINTS(4)) u_regs (
    .clk_i, .rst_i, .bus_bits_i(32'(BUS_W)), .control_on_o(on), .control_points_o(points), .snap_o(snap), .mask_o(mask), .sample_o(sample), .clock_i(clock_q),
    .copies_i(copied), .lost_i(lost),
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o,
    .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i,
    .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i,
    .m_axil_rready_o);

  always_ff @(posedge clk_i) begin
    clock_q <= rst_i ? '0 : clock_q + 64'd1;
  end

  // ---- what passes, in registers ----
  logic [3:0]         valid_q, tlast_q, bad_q;
  logic [4*BUS_W-1:0] tdata_q;
  logic [4*BUSB-1:0]  tkeep_q;
  logic [31:0]        entry_tuser_q, redirect_tdest_q, mon_tdest_q;
  logic [3*64-1:0]    exit_tuser_q;
  logic [1:0]         redirect_tid_q, mon_tid_q;
  logic               mon_valid_q, unused_tuser;
  logic [2:0]         mon_action_q;
  logic [15:0]        mon_length_q;

  always_ff @(posedge clk_i) begin
    valid_q          <= rst_i ? '0 : valid_i;
    mon_valid_q      <= mon_valid_i && !rst_i;
    tlast_q          <= tlast_i;
    bad_q            <= {exit_bad_i, 1'b0};
    tdata_q          <= tdata_i;
    tkeep_q          <= tkeep_i;
    entry_tuser_q    <= entry_tuser_i;
    exit_tuser_q     <= exit_tuser_i;
    redirect_tid_q   <= redirect_tid_i;
    redirect_tdest_q <= redirect_tdest_i;
    mon_action_q     <= (mon_action_i > 3'd4) ? 3'd0 : mon_action_i;
    mon_length_q     <= mon_length_i;
    mon_tid_q        <= mon_tid_i;
    mon_tdest_q      <= mon_tdest_i;
  end
  assign unused_tuser = ^{exit_tuser_q[31:25], exit_tuser_q[95:81], exit_tuser_q[159:145]};

  // ---- the points ----
  logic [4*BUS_W-1:0] copy_tdata;
  logic [4*BUSB-1:0]  copy_tkeep;
  logic [3:0]         copy_tvalid, copy_tready, copy_tlast;
  logic [63:0]        copy_tuser;

  bpf_tap_point #(.BUS_W(BUS_W), .WORDS(ENTRY_WORDS), .POINT(0), .WAITS(1'b1)) u_entry (
    .clk_i, .rst_i, .take_i(on && points[0]), .sample_i(sample), .snap_i(snap), .mask_i(mask), .clock_i(clock_q),
    .valid_i(valid_q[0]), .data_i(tdata_q[0 +: BUS_W]), .keep_i(tkeep_q[0 +: BUSB]), .last_i(tlast_q[0]), .bad_i(bad_q[0]), .source_i(entry_tuser_q),
    .metadata_i(8'd0), .modified_i(1'b0),
    .verdict_valid_i(mon_valid_q), .verdict_i(mon_action_q), .verdict_length_i(mon_length_q), .kind_i(mon_tid_q), .target_i(mon_tdest_q),
    .copied_o(copied[0]), .lost_o(lost[0]),
    .m_axis_tdata_o(copy_tdata[0 +: BUS_W]), .m_axis_tkeep_o(copy_tkeep[0 +: BUSB]), .m_axis_tvalid_o(copy_tvalid[0]), .m_axis_tready_i(copy_tready[0]),
    .m_axis_tlast_o(copy_tlast[0]), .m_axis_tuser_o(copy_tuser[15:0]));

  for (genvar p = 1; p < 4; p++) begin : g_exit
    localparam bit REDIRECT = p == 3;
    bpf_tap_point #(.BUS_W(BUS_W), .WORDS(EXIT_WORDS), .POINT(p)) u_point (
      .clk_i, .rst_i, .take_i(on && points[p] && mask[p + 1]), .sample_i(sample), .snap_i(snap), .mask_i(5'd0), .clock_i(clock_q),
      .valid_i(valid_q[p]), .data_i(tdata_q[BUS_W*p +: BUS_W]), .keep_i(tkeep_q[BUSB*p +: BUSB]), .last_i(tlast_q[p]), .bad_i(bad_q[p]),
      .source_i(exit_tuser_q[64*(p-1) + 32 +: 32]), .metadata_i((p == 1) ? exit_tuser_q[24:17] : 8'd0), .modified_i(exit_tuser_q[64*(p-1) + 16]),
      .verdict_valid_i(1'b0), .verdict_i(3'(p + 1)), .verdict_length_i(exit_tuser_q[64*(p-1) +: 16]),
      .kind_i(REDIRECT ? redirect_tid_q : 2'd0), .target_i(REDIRECT ? redirect_tdest_q : 32'd0),
      .copied_o(copied[p]), .lost_o(lost[p]),
      .m_axis_tdata_o(copy_tdata[BUS_W*p +: BUS_W]), .m_axis_tkeep_o(copy_tkeep[BUSB*p +: BUSB]), .m_axis_tvalid_o(copy_tvalid[p]),
      .m_axis_tready_i(copy_tready[p]), .m_axis_tlast_o(copy_tlast[p]), .m_axis_tuser_o(copy_tuser[16*p +: 16]));
  end

  // ---- one stream: a copy from each point that has one, in turn ----
  logic [1:0]       turn_q, next;
  logic             inside_q, free;
  logic [1:0]       from;

  always_comb begin
    next = turn_q;
    for (int unsigned i = 4; i > 0; i--) if (copy_tvalid[2'(turn_q + 2'(i))]) next = turn_q + 2'(i);
  end
  assign from = inside_q ? turn_q : next;
  assign free = !m_axis_tvalid_o || m_axis_tready_i;
  always_comb begin
    copy_tready       = '0;
    copy_tready[from] = free;
  end

  always_ff @(posedge clk_i) begin
    if (free) begin
      m_axis_tvalid_o <= copy_tvalid[from];
      m_axis_tdata_o  <= copy_tdata[BUS_W*from +: BUS_W];
      m_axis_tkeep_o  <= copy_tkeep[BUSB*from +: BUSB];
      m_axis_tlast_o  <= copy_tlast[from];
      m_axis_tuser_o  <= copy_tuser[16*from +: 16];
      if (copy_tvalid[from]) begin
        inside_q <= !copy_tlast[from];
        turn_q   <= from;
      end
    end
    if (rst_i) begin
      m_axis_tvalid_o <= 1'b0;
      inside_q        <= 1'b0;
      turn_q          <= '0;
    end
  end
endmodule

`default_nettype wire
