// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Two program slots, A and B, between one stream of frames and the outputs of a core: one runs, the other is filled by the host through its own window. The cores (ports of `bpf_core`)
/// stand outside, so that they can be any two; of what is `[1:0]` or twice as wide, A has the lower half.
///
/// A switch (bpf_slot_switch) happens between two frames: nothing is lost or doubled, and no output sees a frame of the new slot before the last one of the old. For frames that come meanwhile,
/// or while no slot is selected: POLICY of the registers (docs/src/nic.md). A frame of which a slot has taken a beat goes there whole. Until then the offer may be
/// withdrawn: a slot's tvalid can fall before its tready, between two frames.
/// A core must count its STATUS.idle over all its outputs, and give one `mon_valid` for each frame, not before its last beat.
/// A slot that the host isolates is held in `slot_rst_o`, and nothing of it goes on: the rest of a frame that is half in is swallowed, one that is half out is filled up with `m_axis_*_bad_o`
/// (bpf_slot_output), frames without a verdict get ABORTED on `mon_*`, its window answers by itself.
/// Latency: none for frames in, 1 clock in the outputs. Resources: a selector and a register for each output, a FIFO of 16 beats in RAM of look-up tables, about 600 flip-flops and the registers.
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
  output logic [1:0]                 slot_rst_o,
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
  output logic                       m_axis_pass_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [63:0]                m_axis_pass_tuser_o,
  output logic [BUS_W-1:0]           m_axis_tx_tdata_o,
  output logic [BUSB-1:0]            m_axis_tx_tkeep_o,
  output logic                       m_axis_tx_tvalid_o,
  input  logic                       m_axis_tx_tready_i,
  output logic                       m_axis_tx_tlast_o,
  output logic                       m_axis_tx_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [63:0]                m_axis_tx_tuser_o,
  output logic [BUS_W-1:0]           m_axis_redirect_tdata_o,
  output logic [BUSB-1:0]            m_axis_redirect_tkeep_o,
  output logic                       m_axis_redirect_tvalid_o,
  input  logic                       m_axis_redirect_tready_i,
  output logic                       m_axis_redirect_tlast_o,
  output logic                       m_axis_redirect_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
  output logic [63:0]                m_axis_redirect_tuser_o,
  output logic [1:0]                m_axis_redirect_tid_o,
  output logic [31:0]                m_axis_redirect_tdest_o,
  output logic [BUS_W-1:0]           m_axis_event_tdata_o,
  output logic [BUSB-1:0]            m_axis_event_tkeep_o,
  output logic                       m_axis_event_tvalid_o,
  input  logic                       m_axis_event_tready_i,
  output logic                       m_axis_event_tlast_o,
  output logic                       m_axis_event_bad_o, // this beat is not the slot's; the last one of a frame that was cut always
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
  logic [1:0]  enters, verdicts, lost, to_q, where, isolate, isolated, off;
  logic [63:0] unsent_q, cut_q;
  logic        inside_q, first, take, aside_ready, aside_idle, cut;

  bpf_slots_regs #(.SLOTS(2)) u_regs (
    .clk_i, .rst_i,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o,
    .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i,
    .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i,
    .m_axil_rready_o,
    .select_o(select), .status_running_i(running), .status_done_i(done), .status_draining_i(draining), .status_starting_i(starting), .status_late_i(late),
    .status_inside_i(inside_q && to_q == SLOT), .status_isolated_i(isolated), .policy_none_o(policy_none), .policy_late_o(policy_late), .limit_o(limit), .last_i(last),
    .switches_i(switched), .late_i(became_late), .passed_i(passed), .dropped_i(dropped), .waited_i(waited), .isolate_o(isolate), .frames_i(enters), .verdicts_i(verdicts), .lost_i(lost),
    .unsent_i(unsent_q), .cut_i(cut_q));

  bpf_slot_switch u_switch (
    .clk_i, .rst_i, .select_i(select), .policy_none_i(policy_none), .policy_late_i(policy_late), .limit_i(limit), .isolate_i(isolate), .running_o(running), .done_o(done),
    .draining_o(draining), .starting_o(starting), .late_o(late), .last_o(last), .switched_o(switched), .became_late_o(became_late),
    .slot_o(slot), .serve_o(serve), .cut_o(cut), .to_o(to), .settled_i(settled), .aside_i(aside), .ask_o(ask), .polled_i(polled), .idle_i(idle), .clearing_i(clearing));

  // A slot that is isolated while it runs is so until its frames are accounted, and then until it has seen a reset.
  assign isolated = isolate | {cut && slot, cut && !slot};
  assign off      = isolated | slot_rst_o;
  always_ff @(posedge clk_i) slot_rst_o <= rst_i ? 2'b11 : isolated;

  for (genvar i = 0; i < 2; i++) begin : g_window
    bpf_slot_window u_window (
      .clk_i, .rst_i, .off_i(off[i]), .ask_i(ask[i]), .done_o(polled[i]), .idle_o(idle[i]), .clearing_o(clearing[i]),
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
    slot_tvalid_o[slot] = s_axis_tvalid_i && where == SLOT && !off[slot];
    unique case (where)
      SLOT:    s_axis_tready_o = off[slot] || slot_tready_i[slot];
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

  // Frames in a slot that have no verdict yet; those of an isolated one never get one.
  logic [15:0] owed_q;
  logic        enter, verdict, lose;

  assign enter   = take && first && where == SLOT;
  assign verdict = serve && slot_mon_valid_i[slot] && !off[slot];
  assign settled = owed_q == '0 && !(inside_q && to_q == SLOT);
  assign lose    = cut && owed_q != '0 && !(inside_q && to_q == SLOT);
  assign aside   = !aside_idle || (inside_q && to_q != SLOT);

  always_ff @(posedge clk_i) begin
    if (take) inside_q <= !s_axis_tlast_i;
    if (take) to_q <= where;
    owed_q   <= owed_q + 16'(enter) - 16'(verdict || lose);
    passed   <= take && first && where == HOST;
    dropped  <= take && first && where == DROP;
    waited   <= s_axis_tvalid_i && where == STOP;
    enters   <= {enter && slot, enter && !slot};
    verdicts <= {verdict && slot, verdict && !slot};
    lost     <= {lose && slot, lose && !slot};
    if (rst_i) begin
      inside_q <= 1'b0;
      to_q     <= STOP;
      owed_q   <= '0;
      {passed, dropped, waited, enters, verdicts, lost} <= '0;
    end
  end

  assign mon_valid_o  = verdict || lose;
  assign mon_action_o = lose ? 3'd0 : slot_mon_action_i[3*slot +: 3];
  assign mon_length_o = lose ? 16'd0 : slot_mon_length_i[16*slot +: 16];
  assign mon_tid_o    = lose ? 2'd0 : slot_mon_tid_i[2*slot +: 2];
  assign mon_tdest_o  = lose ? 32'd0 : slot_mon_tdest_i[32*slot +: 32];

  // ---- frames that are to leave at PASS, TX, REDIRECT by their verdict, and have not; what becomes of them when their slot is isolated ----
  logic [3:0]  whole, broken;                  // at PASS, TX, REDIRECT, of events
  logic [95:0] due_q;
  logic [2:0]  goes;
  logic        cut_before_q;
  logic [31:0] sum;

  // A redirect without a target does not leave.
  assign goes = {mon_action_o == 3'd4 && mon_tid_o != 2'd0, mon_action_o == 3'd3, mon_action_o == 3'd2};
  always_comb begin
    sum = '0;
    // A redirect to several ports leaves more often.
    for (int unsigned i = 0; i < 3; i++) if (!due_q[32*i + 31]) sum = sum + due_q[32*i +: 32];
  end

  always_ff @(posedge clk_i) begin
    cut_before_q <= cut && !rst_i;
    for (int unsigned i = 0; i < 3; i++) due_q[32*i +: 32] <= due_q[32*i +: 32] + 32'(verdict && goes[i]) - 32'(whole[i]);
    if (switched || cut || rst_i) due_q <= '0;
    if (cut && !cut_before_q) unsent_q[32*slot +: 32] <= unsent_q[32*slot +: 32] + sum;
    cut_q[32*slot +: 32] <= cut_q[32*slot +: 32] + 32'(broken[0]) + 32'(broken[1]) + 32'(broken[2]) + 32'(broken[3]);
    if (rst_i) begin
      unsent_q <= '0;
      cut_q    <= '0;
    end
  end

  // ---- outputs of the slot that is served; the other one's wait ----
  logic on, pass_ready, tx_ready, redirect_ready, event_ready, unused_tx_inside, unused_redirect_inside, unused_event_inside;
  assign on = serve && !off[slot];

  bpf_slot_output #(.BUS_W(BUS_W), .USER_W(64)) u_tx (
    .clk_i, .rst_i, .cut_i(cut), .s_axis_tdata_i(slot_tx_tdata_i[BUS_W*slot +: BUS_W]), .s_axis_tkeep_i(slot_tx_tkeep_i[BUSB*slot +: BUSB]),
    .s_axis_tvalid_i(on && slot_tx_tvalid_i[slot]), .s_axis_tready_o(tx_ready), .s_axis_tlast_i(slot_tx_tlast_i[slot]),
    .s_axis_tuser_i(slot_tx_tuser_i[64*slot +: 64]), .m_axis_tdata_o(m_axis_tx_tdata_o), .m_axis_tkeep_o(m_axis_tx_tkeep_o),
    .m_axis_tvalid_o(m_axis_tx_tvalid_o), .m_axis_tready_i(m_axis_tx_tready_i), .m_axis_tlast_o(m_axis_tx_tlast_o), .m_axis_tuser_o(m_axis_tx_tuser_o),
    .m_axis_bad_o(m_axis_tx_bad_o), .inside_o(unused_tx_inside), .whole_o(whole[1]), .broken_o(broken[1]));

  bpf_slot_output #(.BUS_W(BUS_W), .USER_W(98)) u_redirect (
    .clk_i, .rst_i, .cut_i(cut), .s_axis_tdata_i(slot_redirect_tdata_i[BUS_W*slot +: BUS_W]), .s_axis_tkeep_i(slot_redirect_tkeep_i[BUSB*slot +: BUSB]),
    .s_axis_tvalid_i(on && slot_redirect_tvalid_i[slot]), .s_axis_tready_o(redirect_ready), .s_axis_tlast_i(slot_redirect_tlast_i[slot]),
    .s_axis_tuser_i({slot_redirect_tid_i[2*slot +: 2], slot_redirect_tdest_i[32*slot +: 32], slot_redirect_tuser_i[64*slot +: 64]}),
    .m_axis_tdata_o(m_axis_redirect_tdata_o), .m_axis_tkeep_o(m_axis_redirect_tkeep_o), .m_axis_tvalid_o(m_axis_redirect_tvalid_o),
    .m_axis_tready_i(m_axis_redirect_tready_i), .m_axis_tlast_o(m_axis_redirect_tlast_o),
    .m_axis_tuser_o({m_axis_redirect_tid_o, m_axis_redirect_tdest_o, m_axis_redirect_tuser_o}), .m_axis_bad_o(m_axis_redirect_bad_o),
    .inside_o(unused_redirect_inside), .whole_o(whole[2]), .broken_o(broken[2]));

  bpf_slot_output #(.BUS_W(BUS_W), .USER_W(32)) u_event (
    .clk_i, .rst_i, .cut_i(cut), .s_axis_tdata_i(slot_event_tdata_i[BUS_W*slot +: BUS_W]), .s_axis_tkeep_i(slot_event_tkeep_i[BUSB*slot +: BUSB]),
    .s_axis_tvalid_i(on && slot_event_tvalid_i[slot]), .s_axis_tready_o(event_ready), .s_axis_tlast_i(slot_event_tlast_i[slot]),
    .s_axis_tuser_i(slot_event_tuser_i[32*slot +: 32]), .m_axis_tdata_o(m_axis_event_tdata_o), .m_axis_tkeep_o(m_axis_event_tkeep_o),
    .m_axis_tvalid_o(m_axis_event_tvalid_o), .m_axis_tready_i(m_axis_event_tready_i), .m_axis_tlast_o(m_axis_event_tlast_o),
    .m_axis_tuser_o(m_axis_event_tuser_o), .m_axis_bad_o(m_axis_event_bad_o), .inside_o(unused_event_inside), .whole_o(whole[3]), .broken_o(broken[3]));

  // ---- PASS: also what goes beside the slots; frames stay whole ----
  logic             aside_valid, aside_last, pass_inside, pass_whole, on_aside_q, on_aside;
  logic [BUS_W-1:0] aside_data;
  logic [BUSB-1:0]  aside_keep;
  logic [31:0]      aside_source;
  logic [15:0]      aside_length;

  bpf_fifo #(.WIDTH(BUS_W + BUSB + 49), .DEPTH(16)) u_aside (
    .clk_i, .rst_i, .wr_valid_i(s_axis_tvalid_i && where == HOST), .wr_ready_o(aside_ready),
    .wr_data_i({s_axis_length_i, s_axis_tuser_i, s_axis_tlast_i, s_axis_tkeep_i, s_axis_tdata_i}),
    .rd_valid_o(aside_valid), .rd_ready_i(on_aside && pass_ready), .rd_data_o({aside_length, aside_source, aside_last, aside_keep, aside_data}),
    .idle_o(aside_idle));

  assign on_aside = pass_inside ? on_aside_q : !(on && slot_pass_tvalid_i[slot]);
  assign whole[0] = pass_whole && !on_aside;
  always_ff @(posedge clk_i) on_aside_q <= on_aside;

  bpf_slot_output #(.BUS_W(BUS_W), .USER_W(64)) u_pass (
    .clk_i, .rst_i, .cut_i(cut && !on_aside), .s_axis_tdata_i(on_aside ? aside_data : slot_pass_tdata_i[BUS_W*slot +: BUS_W]),
    .s_axis_tkeep_i(on_aside ? aside_keep : slot_pass_tkeep_i[BUSB*slot +: BUSB]), .s_axis_tvalid_i(on_aside ? aside_valid : on && slot_pass_tvalid_i[slot]),
    .s_axis_tready_o(pass_ready), .s_axis_tlast_i(on_aside ? aside_last : slot_pass_tlast_i[slot]),
    .s_axis_tuser_i(on_aside ? {aside_source, 16'd0, aside_length} : slot_pass_tuser_i[64*slot +: 64]), .m_axis_tdata_o(m_axis_pass_tdata_o),
    .m_axis_tkeep_o(m_axis_pass_tkeep_o), .m_axis_tvalid_o(m_axis_pass_tvalid_o), .m_axis_tready_i(m_axis_pass_tready_i), .m_axis_tlast_o(m_axis_pass_tlast_o),
    .m_axis_tuser_o(m_axis_pass_tuser_o), .m_axis_bad_o(m_axis_pass_bad_o), .inside_o(pass_inside), .whole_o(pass_whole), .broken_o(broken[0]));

  always_comb begin
    slot_pass_tready_o           = '0;
    slot_tx_tready_o             = '0;
    slot_redirect_tready_o       = '0;
    slot_event_tready_o          = '0;
    slot_pass_tready_o[slot]     = on && !on_aside && pass_ready;
    slot_tx_tready_o[slot]       = on && tx_ready;
    slot_redirect_tready_o[slot] = on && redirect_ready;
    slot_event_tready_o[slot]    = on && event_ready;
  end

  logic unused_whole;
  assign unused_whole = whole[3];
endmodule

`default_nettype wire
