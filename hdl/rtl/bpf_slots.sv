// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Two program slots, A and B, between one stream of frames and the outputs of a core: one runs, the other is filled by the host through its own window. The cores (ports of `bpf_core`)
/// stand outside, so that they can be any two; of what is `[1:0]` or twice as wide, A has the lower half.
///
/// A switch (bpf_slot_switch) happens between two frames: nothing is lost or doubled, and no output sees a frame of the new slot before the last one of the old. For frames that come meanwhile,
/// or while no slot is selected: POLICY of the registers (docs/src/nic.md). A frame of which a slot has taken a beat goes there whole. Until then the offer may be
/// withdrawn: a slot's tvalid can fall before its tready, between two frames.
/// A core must count its STATUS.idle over all its outputs, and give one `mon_valid` for each frame, not before its last beat.
/// Latency: none, in frames and outputs. Resources: a selector for each output, a FIFO of 16 beats in RAM of look-up tables, about 400 flip-flops and the registers.
module bpf_slots #(
  parameter int unsigned BUS_W = 512,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic                       clk_i,
  input  logic                       rst_i,   // synchronous, active high
  // frames in: as the core's s_axis, and how long they are
  input  logic [BUS_W-1:0]           s_axis_tdata_i,
  input  logic [BUSB-1:0]            s_axis_tkeep_i,
  input  logic                       s_axis_tvalid_i,
  output logic                       s_axis_tready_o,
  input  logic                       s_axis_tlast_i,
  input  logic [31:0]                s_axis_tuser_i,
  input  logic [15:0]                s_axis_length_i, // every beat: bytes of the frame
  output logic                       entry_o, // a beat goes into a slot, in this clock
  // to the slots
  output logic [BUS_W-1:0]           slot_tdata_o,
  output logic [BUSB-1:0]            slot_tkeep_o,
  output logic [1:0]                 slot_tvalid_o,
  input  logic [1:0]                 slot_tready_i,
  output logic                       slot_tlast_o,
  output logic [31:0]                slot_tuser_o,
  // from the slots
  input  logic [2*BUS_W-1:0]         slot_pass_tdata_i,
  input  logic [2*BUSB-1:0]          slot_pass_tkeep_i,
  input  logic [1:0]                 slot_pass_tvalid_i,
  output logic [1:0]                 slot_pass_tready_o,
  input  logic [1:0]                 slot_pass_tlast_i,
  input  logic [127:0]               slot_pass_tuser_i,
  input  logic [2*BUS_W-1:0]         slot_tx_tdata_i,
  input  logic [2*BUSB-1:0]          slot_tx_tkeep_i,
  input  logic [1:0]                 slot_tx_tvalid_i,
  output logic [1:0]                 slot_tx_tready_o,
  input  logic [1:0]                 slot_tx_tlast_i,
  input  logic [127:0]               slot_tx_tuser_i,
  input  logic [2*BUS_W-1:0]         slot_redirect_tdata_i,
  input  logic [2*BUSB-1:0]          slot_redirect_tkeep_i,
  input  logic [1:0]                 slot_redirect_tvalid_i,
  output logic [1:0]                 slot_redirect_tready_o,
  input  logic [1:0]                 slot_redirect_tlast_i,
  input  logic [127:0]               slot_redirect_tuser_i,
  input  logic [3:0]               slot_redirect_tid_i,
  input  logic [63:0]               slot_redirect_tdest_i,
  input  logic [2*BUS_W-1:0]         slot_event_tdata_i,
  input  logic [2*BUSB-1:0]          slot_event_tkeep_i,
  input  logic [1:0]                 slot_event_tvalid_i,
  output logic [1:0]                 slot_event_tready_o,
  input  logic [1:0]                 slot_event_tlast_i,
  input  logic [63:0]               slot_event_tuser_i,
  input  logic [1:0]                 slot_mon_valid_i,
  input  logic [5:0]                 slot_mon_action_i,
  input  logic [31:0]                slot_mon_length_i,
  input  logic [3:0]                 slot_mon_tid_i,
  input  logic [63:0]                slot_mon_tdest_i,
  // out: as the core's
  output logic [BUS_W-1:0]           m_axis_pass_tdata_o,
  output logic [BUSB-1:0]            m_axis_pass_tkeep_o,
  output logic                       m_axis_pass_tvalid_o,
  input  logic                       m_axis_pass_tready_i,
  output logic                       m_axis_pass_tlast_o,
  output logic [63:0]                m_axis_pass_tuser_o,
  output logic [BUS_W-1:0]           m_axis_tx_tdata_o,
  output logic [BUSB-1:0]            m_axis_tx_tkeep_o,
  output logic                       m_axis_tx_tvalid_o,
  input  logic                       m_axis_tx_tready_i,
  output logic                       m_axis_tx_tlast_o,
  output logic [63:0]                m_axis_tx_tuser_o,
  output logic [BUS_W-1:0]           m_axis_redirect_tdata_o,
  output logic [BUSB-1:0]            m_axis_redirect_tkeep_o,
  output logic                       m_axis_redirect_tvalid_o,
  input  logic                       m_axis_redirect_tready_i,
  output logic                       m_axis_redirect_tlast_o,
  output logic [63:0]                m_axis_redirect_tuser_o,
  output logic [1:0]                m_axis_redirect_tid_o,
  output logic [31:0]                m_axis_redirect_tdest_o,
  output logic [BUS_W-1:0]           m_axis_event_tdata_o,
  output logic [BUSB-1:0]            m_axis_event_tkeep_o,
  output logic                       m_axis_event_tvalid_o,
  input  logic                       m_axis_event_tready_i,
  output logic                       m_axis_event_tlast_o,
  output logic [31:0]                m_axis_event_tuser_o,
  output logic                       mon_valid_o,
  output logic [2:0]                 mon_action_o,
  output logic [15:0]                mon_length_o,
  output logic [1:0]                 mon_tid_o,
  output logic [31:0]                mon_tdest_o,
  // AXI4-Lite: the registers of the slots; others go on
  input  logic [19:0]                s_axil_awaddr_i,
  input  logic                       s_axil_awvalid_i,
  output logic                       s_axil_awready_o,
  input  logic [31:0]                s_axil_wdata_i,
  input  logic [3:0]                 s_axil_wstrb_i,
  input  logic                       s_axil_wvalid_i,
  output logic                       s_axil_wready_o,
  output logic [1:0]                 s_axil_bresp_o,
  output logic                       s_axil_bvalid_o,
  input  logic                       s_axil_bready_i,
  input  logic [19:0]                s_axil_araddr_i,
  input  logic                       s_axil_arvalid_i,
  output logic                       s_axil_arready_o,
  output logic [31:0]                s_axil_rdata_o,
  output logic [1:0]                 s_axil_rresp_o,
  output logic                       s_axil_rvalid_o,
  input  logic                       s_axil_rready_i,
  output logic [19:0]                m_axil_awaddr_o,
  output logic                       m_axil_awvalid_o,
  input  logic                       m_axil_awready_i,
  output logic [31:0]                m_axil_wdata_o,
  output logic [3:0]                 m_axil_wstrb_o,
  output logic                       m_axil_wvalid_o,
  input  logic                       m_axil_wready_i,
  input  logic [1:0]                 m_axil_bresp_i,
  input  logic                       m_axil_bvalid_i,
  output logic                       m_axil_bready_o,
  output logic [19:0]                m_axil_araddr_o,
  output logic                       m_axil_arvalid_o,
  input  logic                       m_axil_arready_i,
  input  logic [31:0]                m_axil_rdata_i,
  input  logic [1:0]                 m_axil_rresp_i,
  input  logic                       m_axil_rvalid_i,
  output logic                       m_axil_rready_o,
  // AXI4-Lite: the windows of the host to the slots, and on to their cores
  input  logic [2*16-1:0]            s_window_awaddr_i,
  input  logic [1:0]                 s_window_awvalid_i,
  output logic [1:0]                 s_window_awready_o,
  input  logic [63:0]                s_window_wdata_i,
  input  logic [7:0]                 s_window_wstrb_i,
  input  logic [1:0]                 s_window_wvalid_i,
  output logic [1:0]                 s_window_wready_o,
  output logic [3:0]                 s_window_bresp_o,
  output logic [1:0]                 s_window_bvalid_o,
  input  logic [1:0]                 s_window_bready_i,
  input  logic [2*16-1:0]            s_window_araddr_i,
  input  logic [1:0]                 s_window_arvalid_i,
  output logic [1:0]                 s_window_arready_o,
  output logic [63:0]                s_window_rdata_o,
  output logic [3:0]                 s_window_rresp_o,
  output logic [1:0]                 s_window_rvalid_o,
  input  logic [1:0]                 s_window_rready_i,
  output logic [2*16-1:0]            slot_axil_awaddr_o,
  output logic [1:0]                 slot_axil_awvalid_o,
  input  logic [1:0]                 slot_axil_awready_i,
  output logic [63:0]                slot_axil_wdata_o,
  output logic [7:0]                 slot_axil_wstrb_o,
  output logic [1:0]                 slot_axil_wvalid_o,
  input  logic [1:0]                 slot_axil_wready_i,
  input  logic [3:0]                 slot_axil_bresp_i,
  input  logic [1:0]                 slot_axil_bvalid_i,
  output logic [1:0]                 slot_axil_bready_o,
  output logic [2*16-1:0]            slot_axil_araddr_o,
  output logic [1:0]                 slot_axil_arvalid_o,
  input  logic [1:0]                 slot_axil_arready_i,
  input  logic [63:0]                slot_axil_rdata_i,
  input  logic [3:0]                 slot_axil_rresp_i,
  input  logic [1:0]                 slot_axil_rvalid_i,
  output logic [1:0]                 slot_axil_rready_o
);
  localparam logic [1:0] STOP = 2'd0, SLOT = 2'd1, HOST = 2'd2, DROP = 2'd3;

  // ---- registers, and the switch ----
  logic [1:0]  select, policy_none, policy_late, running, to, ask, polled, idle, clearing;
  logic        done, draining, starting, late, switched, became_late, passed, dropped, waited, slot, serve, settled, aside;
  logic [31:0] limit, last;
  logic [1:0]  enters, verdicts, to_q, where;
  logic        inside_q, first, take, aside_ready, aside_idle;

  bpf_slots_regs #(.SLOTS(2)) u_regs (
    .clk_i, .rst_i,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o,
    .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i,
    .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i,
    .m_axil_rready_o,
    .select_o(select), .status_running_i(running), .status_done_i(done), .status_draining_i(draining), .status_starting_i(starting), .status_late_i(late),
    .status_inside_i(inside_q && to_q == SLOT), .policy_none_o(policy_none), .policy_late_o(policy_late), .limit_o(limit), .last_i(last),
    .switches_i(switched), .late_i(became_late), .passed_i(passed), .dropped_i(dropped), .waited_i(waited), .frames_i(enters), .verdicts_i(verdicts));

  bpf_slot_switch u_switch (
    .clk_i, .rst_i, .select_i(select), .policy_none_i(policy_none), .policy_late_i(policy_late), .limit_i(limit), .running_o(running), .done_o(done),
    .draining_o(draining), .starting_o(starting), .late_o(late), .last_o(last), .switched_o(switched), .became_late_o(became_late),
    .slot_o(slot), .serve_o(serve), .to_o(to), .settled_i(settled), .aside_i(aside), .ask_o(ask), .polled_i(polled), .idle_i(idle), .clearing_i(clearing));

  for (genvar i = 0; i < 2; i++) begin : g_window
    bpf_slot_window u_window (
      .clk_i, .rst_i, .ask_i(ask[i]), .done_o(polled[i]), .idle_o(idle[i]), .clearing_o(clearing[i]),
      .s_axil_awaddr_i(s_window_awaddr_i[16*i +: 16]), .s_axil_awvalid_i(s_window_awvalid_i[i]), .s_axil_awready_o(s_window_awready_o[i]),
      .s_axil_wdata_i(s_window_wdata_i[32*i +: 32]), .s_axil_wstrb_i(s_window_wstrb_i[4*i +: 4]), .s_axil_wvalid_i(s_window_wvalid_i[i]),
      .s_axil_wready_o(s_window_wready_o[i]), .s_axil_bresp_o(s_window_bresp_o[2*i +: 2]), .s_axil_bvalid_o(s_window_bvalid_o[i]),
      .s_axil_bready_i(s_window_bready_i[i]), .s_axil_araddr_i(s_window_araddr_i[16*i +: 16]), .s_axil_arvalid_i(s_window_arvalid_i[i]),
      .s_axil_arready_o(s_window_arready_o[i]), .s_axil_rdata_o(s_window_rdata_o[32*i +: 32]), .s_axil_rresp_o(s_window_rresp_o[2*i +: 2]),
      .s_axil_rvalid_o(s_window_rvalid_o[i]), .s_axil_rready_i(s_window_rready_i[i]),
      .m_axil_awaddr_o(slot_axil_awaddr_o[16*i +: 16]), .m_axil_awvalid_o(slot_axil_awvalid_o[i]), .m_axil_awready_i(slot_axil_awready_i[i]),
      .m_axil_wdata_o(slot_axil_wdata_o[32*i +: 32]), .m_axil_wstrb_o(slot_axil_wstrb_o[4*i +: 4]), .m_axil_wvalid_o(slot_axil_wvalid_o[i]),
      .m_axil_wready_i(slot_axil_wready_i[i]), .m_axil_bresp_i(slot_axil_bresp_i[2*i +: 2]), .m_axil_bvalid_i(slot_axil_bvalid_i[i]),
      .m_axil_bready_o(slot_axil_bready_o[i]), .m_axil_araddr_o(slot_axil_araddr_o[16*i +: 16]), .m_axil_arvalid_o(slot_axil_arvalid_o[i]),
      .m_axil_arready_i(slot_axil_arready_i[i]), .m_axil_rdata_i(slot_axil_rdata_i[32*i +: 32]), .m_axil_rresp_i(slot_axil_rresp_i[2*i +: 2]),
      .m_axil_rvalid_i(slot_axil_rvalid_i[i]), .m_axil_rready_o(slot_axil_rready_o[i]));
  end

  // ---- frames in: each one goes whole where its first beat went ----
  assign where = inside_q ? to_q : to;
  assign first = !inside_q;
  assign take  = s_axis_tvalid_i && s_axis_tready_o;

  always_comb begin
    slot_tvalid_o       = '0;
    slot_tvalid_o[slot] = s_axis_tvalid_i && where == SLOT;
    unique case (where)
      SLOT:    s_axis_tready_o = slot_tready_i[slot];
      HOST:    s_axis_tready_o = aside_ready;
      DROP:    s_axis_tready_o = 1'b1;
      default: s_axis_tready_o = 1'b0;
    endcase
  end
  assign slot_tdata_o = s_axis_tdata_i;
  assign slot_tkeep_o = s_axis_tkeep_i;
  assign slot_tlast_o = s_axis_tlast_i;
  assign slot_tuser_o = s_axis_tuser_i;
  assign entry_o      = take && where == SLOT;

  // Frames in a slot that have no verdict yet.
  logic [15:0] owed_q;
  logic        enter, verdict;

  assign enter   = take && first && where == SLOT;
  assign verdict = serve && slot_mon_valid_i[slot];
  assign settled = owed_q == '0 && !(inside_q && to_q == SLOT);
  assign aside   = !aside_idle || (inside_q && to_q != SLOT);

  always_ff @(posedge clk_i) begin
    if (take) inside_q <= !s_axis_tlast_i;
    if (take) to_q <= where;
    owed_q   <= owed_q + 16'(enter) - 16'(verdict);
    passed   <= take && first && where == HOST;
    dropped  <= take && first && where == DROP;
    waited   <= s_axis_tvalid_i && where == STOP;
    enters   <= {enter && slot, enter && !slot};
    verdicts <= {verdict && slot, verdict && !slot};
    if (rst_i) begin
      inside_q <= 1'b0;
      to_q     <= STOP;
      owed_q   <= '0;
      {passed, dropped, waited, enters, verdicts} <= '0;
    end
  end

  // ---- outputs of the slot that is served; the other one's wait ----
  assign mon_valid_o  = verdict;
  assign mon_action_o = slot_mon_action_i[3*slot +: 3];
  assign mon_length_o = slot_mon_length_i[16*slot +: 16];
  assign mon_tid_o    = slot_mon_tid_i[2*slot +: 2];
  assign mon_tdest_o  = slot_mon_tdest_i[32*slot +: 32];

  assign m_axis_tx_tdata_o  = slot_tx_tdata_i[BUS_W*slot +: BUS_W];
  assign m_axis_tx_tkeep_o  = slot_tx_tkeep_i[BUSB*slot +: BUSB];
  assign m_axis_tx_tvalid_o = serve && slot_tx_tvalid_i[slot];
  assign m_axis_tx_tlast_o  = slot_tx_tlast_i[slot];
  assign m_axis_tx_tuser_o  = slot_tx_tuser_i[64*slot +: 64];
  assign m_axis_redirect_tdata_o  = slot_redirect_tdata_i[BUS_W*slot +: BUS_W];
  assign m_axis_redirect_tkeep_o  = slot_redirect_tkeep_i[BUSB*slot +: BUSB];
  assign m_axis_redirect_tvalid_o = serve && slot_redirect_tvalid_i[slot];
  assign m_axis_redirect_tlast_o  = slot_redirect_tlast_i[slot];
  assign m_axis_redirect_tuser_o  = slot_redirect_tuser_i[64*slot +: 64];
  assign m_axis_event_tdata_o  = slot_event_tdata_i[BUS_W*slot +: BUS_W];
  assign m_axis_event_tkeep_o  = slot_event_tkeep_i[BUSB*slot +: BUSB];
  assign m_axis_event_tvalid_o = serve && slot_event_tvalid_i[slot];
  assign m_axis_event_tlast_o  = slot_event_tlast_i[slot];
  assign m_axis_event_tuser_o  = slot_event_tuser_i[32*slot +: 32];
  assign m_axis_redirect_tid_o   = slot_redirect_tid_i[2*slot +: 2];
  assign m_axis_redirect_tdest_o = slot_redirect_tdest_i[32*slot +: 32];

  // ---- PASS: also what goes beside the slots; frames stay whole, and an offer stays ----
  logic             aside_valid, aside_last, held_q, on_aside_q, on_aside;
  logic [BUS_W-1:0] aside_data;
  logic [BUSB-1:0]  aside_keep;
  logic [31:0]      aside_source;
  logic [15:0]      aside_length;

  bpf_fifo #(.WIDTH(BUS_W + BUSB + 49), .DEPTH(16)) u_aside (
    .clk_i, .rst_i, .wr_valid_i(s_axis_tvalid_i && where == HOST), .wr_ready_o(aside_ready),
    .wr_data_i({s_axis_length_i, s_axis_tuser_i, s_axis_tlast_i, s_axis_tkeep_i, s_axis_tdata_i}),
    .rd_valid_o(aside_valid), .rd_ready_i(on_aside && m_axis_pass_tready_i), .rd_data_o({aside_length, aside_source, aside_last, aside_keep, aside_data}),
    .idle_o(aside_idle));

  assign on_aside = held_q ? on_aside_q : !(serve && slot_pass_tvalid_i[slot]);
  assign m_axis_pass_tvalid_o = on_aside ? aside_valid : serve && slot_pass_tvalid_i[slot];
  assign m_axis_pass_tdata_o  = on_aside ? aside_data : slot_pass_tdata_i[BUS_W*slot +: BUS_W];
  assign m_axis_pass_tkeep_o  = on_aside ? aside_keep : slot_pass_tkeep_i[BUSB*slot +: BUSB];
  assign m_axis_pass_tlast_o  = on_aside ? aside_last : slot_pass_tlast_i[slot];
  assign m_axis_pass_tuser_o  = on_aside ? {aside_source, 16'd0, aside_length} : slot_pass_tuser_i[64*slot +: 64];

  // The output belongs to a frame from its offer to its last beat.
  logic pass_inside_q;
  always_ff @(posedge clk_i) begin
    if (m_axis_pass_tvalid_o && m_axis_pass_tready_i) pass_inside_q <= !m_axis_pass_tlast_o;
    held_q <= m_axis_pass_tvalid_o ? !(m_axis_pass_tready_i && m_axis_pass_tlast_o) : held_q && pass_inside_q;
    if (!held_q) on_aside_q <= on_aside;
    if (rst_i) begin
      pass_inside_q <= 1'b0;
      held_q        <= 1'b0;
    end
  end

  always_comb begin
    slot_pass_tready_o           = '0;
    slot_tx_tready_o             = '0;
    slot_redirect_tready_o       = '0;
    slot_event_tready_o          = '0;
    slot_pass_tready_o[slot]     = serve && !on_aside && m_axis_pass_tready_i;
    slot_tx_tready_o[slot]       = serve && m_axis_tx_tready_i;
    slot_redirect_tready_o[slot] = serve && m_axis_redirect_tready_i;
    slot_event_tready_o[slot]    = serve && m_axis_event_tready_i;
  end
endmodule

`default_nettype wire
