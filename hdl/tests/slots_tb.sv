// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_slots between random frames and two test cores that mark theirs (A edits, with a pipeline of 150 clocks; B changes nothing, 3 clocks), with a late record of each verdict as events.
/// Slots are selected at random moments, outputs stall, both windows are read and written all the time. Every frame that enters is known, so every output is compared
/// byte by byte in exact order; a frame may enter a slot only when the other one is empty; what policies passed and dropped is counted at both ends.
/// Then slots hang, in their input, some outputs, their verdicts, their registers, and are isolated at random moments, healthy ones too; an isolated slot does whatever it likes on all of
/// its pins. What a slot had is lost, counted and in part cut; everything else must come whole and in order.
module slots_tb;
  localparam int unsigned BUS_W = 128, BUSB = BUS_W / 8, FRAMES = 3000;

  logic clk, rst;
  always #1 clk = !clk;

  typedef logic [7:0] bytes_t [$];

  // ---- frames in, outputs ----
  logic [BUS_W-1:0] tdata;
  logic [BUSB-1:0]  tkeep;
  logic             tvalid, tready, tlast, entry;
  logic [31:0]      tuser;
  logic [15:0]      tlength;
  logic [BUS_W-1:0] s_tdata;
  logic [BUSB-1:0]  s_tkeep;
  logic [1:0]       s_tvalid, s_tready;
  logic             s_tlast;
  logic [31:0]      s_tuser;
  logic [2*BUS_W-1:0] c_tdata [3];
  logic [2*BUSB-1:0]  c_tkeep [3];
  logic [1:0]         c_tvalid [3], c_tready [3], c_tlast [3];
  logic [127:0]       c_tuser [3];
  logic [3:0]         c_tid, c_mon_tid;
  logic [63:0]        c_tdest, c_mon_tdest, event_tuser;
  logic [2*BUS_W-1:0] event_tdata;
  logic [1:0]         mon_valid, event_tvalid, event_tready, event_tlast, slot_rst, lost0, lost1, lost2, nowhere, core_idle;
  logic [5:0]         mon_action;
  logic [31:0]        mon_length;
  logic [BUS_W-1:0]   m_tdata [4];
  logic [BUSB-1:0]    m_tkeep [4];
  logic [3:0]         m_tvalid, m_tready, m_tlast, m_bad;
  logic [63:0]        m_tuser [3];
  logic [1:0]         m_tid, unused_mon_tid;
  logic [31:0]        m_tdest, m_event_tuser, unused_mon_tdest;
  logic               m_mon_valid;
  logic [2:0]         m_mon_action;
  logic [15:0]        unused_mon_length;

  // ---- buses: 0, 1 the windows, 2 the registers ----
  logic [19:0] awaddr [3], araddr [3];
  logic [2:0]  awvalid, awready, wready, bvalid, arvalid, arready, rvalid;
  logic [31:0] wdata [3], rdata [3];
  logic [31:0] c_awaddr, c_araddr;
  logic [1:0]  c_awvalid, c_awready, c_wvalid, c_wready, c_bvalid, c_bready, c_arvalid, c_arready, c_rvalid, c_rready;
  logic [63:0] c_wdata, c_rdata, c_rdata_core;
  logic [7:0]  c_wstrb;
  logic [3:0]  c_bresp, c_rresp, unused_bresp, unused_rresp;
  logic [1:0]  unused_bresp2, unused_rresp2;
  logic [19:0] unused_awaddr, unused_araddr;
  logic [31:0] unused_wdata;
  logic [3:0]  unused_wstrb;
  logic        unused_awvalid, unused_wvalid, unused_bready, unused_arvalid, unused_rready;

  bpf_slots #(.BUS_W(BUS_W)) u_slots (
    .clk_i(clk), .rst_i(rst), .s_axis_tdata_i(tdata), .s_axis_tkeep_i(tkeep), .s_axis_tvalid_i(tvalid), .s_axis_tready_o(tready), .s_axis_tlast_i(tlast),
    .s_axis_tuser_i(tuser), .s_axis_length_i(tlength), .entry_o(entry),
    .slot_rst_o(slot_rst), .slot_tdata_o(s_tdata), .slot_tkeep_o(s_tkeep), .slot_tvalid_o(s_tvalid), .slot_tready_i(s_tready), .slot_tlast_o(s_tlast), .slot_tuser_o(s_tuser),
    .slot_pass_tdata_i(c_tdata[0]), .slot_pass_tkeep_i(c_tkeep[0]), .slot_pass_tvalid_i(c_tvalid[0]), .slot_pass_tready_o(c_tready[0]),
    .slot_pass_tlast_i(c_tlast[0]), .slot_pass_tuser_i(c_tuser[0]),
    .slot_tx_tdata_i(c_tdata[1]), .slot_tx_tkeep_i(c_tkeep[1]), .slot_tx_tvalid_i(c_tvalid[1]), .slot_tx_tready_o(c_tready[1]),
    .slot_tx_tlast_i(c_tlast[1]), .slot_tx_tuser_i(c_tuser[1]),
    .slot_redirect_tdata_i(c_tdata[2]), .slot_redirect_tkeep_i(c_tkeep[2]), .slot_redirect_tvalid_i(c_tvalid[2]), .slot_redirect_tready_o(c_tready[2]),
    .slot_redirect_tlast_i(c_tlast[2]), .slot_redirect_tuser_i(c_tuser[2]), .slot_redirect_tid_i(c_tid), .slot_redirect_tdest_i(c_tdest),
    .slot_event_tdata_i(event_tdata), .slot_event_tkeep_i('1), .slot_event_tvalid_i(event_tvalid), .slot_event_tready_o(event_tready),
    .slot_event_tlast_i(event_tlast), .slot_event_tuser_i(event_tuser),
    .slot_mon_valid_i(mon_valid), .slot_mon_action_i(mon_action), .slot_mon_length_i(mon_length), .slot_mon_tid_i(c_mon_tid), .slot_mon_tdest_i(c_mon_tdest),
    .m_axis_pass_tdata_o(m_tdata[0]), .m_axis_pass_tkeep_o(m_tkeep[0]), .m_axis_pass_tvalid_o(m_tvalid[0]), .m_axis_pass_tready_i(m_tready[0]),
    .m_axis_pass_tlast_o(m_tlast[0]), .m_axis_pass_bad_o(m_bad[0]), .m_axis_pass_tuser_o(m_tuser[0]),
    .m_axis_tx_tdata_o(m_tdata[1]), .m_axis_tx_tkeep_o(m_tkeep[1]), .m_axis_tx_tvalid_o(m_tvalid[1]), .m_axis_tx_tready_i(m_tready[1]),
    .m_axis_tx_tlast_o(m_tlast[1]), .m_axis_tx_bad_o(m_bad[1]), .m_axis_tx_tuser_o(m_tuser[1]),
    .m_axis_redirect_tdata_o(m_tdata[2]), .m_axis_redirect_tkeep_o(m_tkeep[2]), .m_axis_redirect_tvalid_o(m_tvalid[2]), .m_axis_redirect_tready_i(m_tready[2]),
    .m_axis_redirect_tlast_o(m_tlast[2]), .m_axis_redirect_bad_o(m_bad[2]), .m_axis_redirect_tuser_o(m_tuser[2]), .m_axis_redirect_tid_o(m_tid), .m_axis_redirect_tdest_o(m_tdest),
    .m_axis_event_tdata_o(m_tdata[3]), .m_axis_event_tkeep_o(m_tkeep[3]), .m_axis_event_tvalid_o(m_tvalid[3]), .m_axis_event_tready_i(m_tready[3]),
    .m_axis_event_tlast_o(m_tlast[3]), .m_axis_event_bad_o(m_bad[3]), .m_axis_event_tuser_o(m_event_tuser),
    .mon_valid_o(m_mon_valid), .mon_action_o(m_mon_action), .mon_length_o(unused_mon_length), .mon_tid_o(unused_mon_tid), .mon_tdest_o(unused_mon_tdest),
    .s_axil_awaddr_i(awaddr[2]), .s_axil_awvalid_i(awvalid[2]), .s_axil_awready_o(awready[2]), .s_axil_wdata_i(wdata[2]), .s_axil_wstrb_i(4'hF),
    .s_axil_wvalid_i(awvalid[2]), .s_axil_wready_o(wready[2]), .s_axil_bresp_o(unused_bresp2), .s_axil_bvalid_o(bvalid[2]), .s_axil_bready_i(1'b1),
    .s_axil_araddr_i(araddr[2]), .s_axil_arvalid_i(arvalid[2]), .s_axil_arready_o(arready[2]), .s_axil_rdata_o(rdata[2]), .s_axil_rresp_o(unused_rresp2),
    .s_axil_rvalid_o(rvalid[2]), .s_axil_rready_i(1'b1),
    .m_axil_awaddr_o(unused_awaddr), .m_axil_awvalid_o(unused_awvalid), .m_axil_awready_i(1'b0), .m_axil_wdata_o(unused_wdata), .m_axil_wstrb_o(unused_wstrb),
    .m_axil_wvalid_o(unused_wvalid), .m_axil_wready_i(1'b0), .m_axil_bresp_i(2'd0), .m_axil_bvalid_i(1'b0), .m_axil_bready_o(unused_bready),
    .m_axil_araddr_o(unused_araddr), .m_axil_arvalid_o(unused_arvalid), .m_axil_arready_i(1'b0), .m_axil_rdata_i('0), .m_axil_rresp_i(2'd0),
    .m_axil_rvalid_i(1'b0), .m_axil_rready_o(unused_rready),
    .s_window_awaddr_i({awaddr[1][15:0], awaddr[0][15:0]}), .s_window_awvalid_i(awvalid[1:0]), .s_window_awready_o(awready[1:0]),
    .s_window_wdata_i({wdata[1], wdata[0]}), .s_window_wstrb_i(8'hFF), .s_window_wvalid_i(awvalid[1:0]), .s_window_wready_o(wready[1:0]),
    .s_window_bresp_o(unused_bresp), .s_window_bvalid_o(bvalid[1:0]), .s_window_bready_i(2'b11),
    .s_window_araddr_i({araddr[1][15:0], araddr[0][15:0]}), .s_window_arvalid_i(arvalid[1:0]), .s_window_arready_o(arready[1:0]),
    .s_window_rdata_o({rdata[1], rdata[0]}), .s_window_rresp_o(unused_rresp), .s_window_rvalid_o(rvalid[1:0]), .s_window_rready_i(2'b11),
    .slot_axil_awaddr_o(c_awaddr), .slot_axil_awvalid_o(c_awvalid), .slot_axil_awready_i(c_awready), .slot_axil_wdata_o(c_wdata), .slot_axil_wstrb_o(c_wstrb),
    .slot_axil_wvalid_o(c_wvalid), .slot_axil_wready_i(c_wready), .slot_axil_bresp_i(c_bresp), .slot_axil_bvalid_i(c_bvalid), .slot_axil_bready_o(c_bready),
    .slot_axil_araddr_o(c_araddr), .slot_axil_arvalid_o(c_arvalid), .slot_axil_arready_i(c_arready), .slot_axil_rdata_i(c_rdata), .slot_axil_rresp_i(c_rresp),
    .slot_axil_rvalid_i(c_rvalid), .slot_axil_rready_o(c_rready));

  // ---- the cores; each pin may hang, and does what it likes while the core is in reset ----
  localparam int HANG_IN = 0, HANG_OUT = 1, HANG_EVENT = 4, HANG_MON = 5, HANG_WRITE = 6, HANG_READ = 7;
  logic [31:0] late_q [2][$];                  // records that a core owes: numbers of its verdicts
  logic [31:0] count_q [2], event_number_q [2], late_size [2];
  logic [1:0]  status_read_q, event_q, event_idle, configured;
  logic [7:0]  hang [2];
  logic [15:0] wild [2];                       // random while the slot is in reset

  for (genvar i = 0; i < 2; i++) begin : g_core
    logic         unused_token;
    logic [511:0] unused_window;
    logic [15:0]  unused_length, unused_ifindex, unused_queue, unused_start;
    logic         k_tready, k_mon, k_awready, k_wready, k_bvalid, k_arready, k_rvalid, w;
    logic [2:0]   k_tvalid, k_tlast;
    logic [1:0]   beat_q;
    assign w = slot_rst[i];
    bpf_test_core #(.BUS_W(BUS_W), .EDIT_BYTES(i == 0 ? 64 : 0), .STAGES(i == 0 ? 150 : 3)) u_core (
      .clk, .rst(slot_rst[i]), .hold(1'b0), .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid[i] && !hang[i][HANG_IN]), .s_axis_tready(k_tready),
      .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
      .m_axis_pass_tdata(c_tdata[0][BUS_W*i +: BUS_W]), .m_axis_tx_tdata(c_tdata[1][BUS_W*i +: BUS_W]), .m_axis_redirect_tdata(c_tdata[2][BUS_W*i +: BUS_W]),
      .m_axis_pass_tkeep(c_tkeep[0][BUSB*i +: BUSB]), .m_axis_tx_tkeep(c_tkeep[1][BUSB*i +: BUSB]), .m_axis_redirect_tkeep(c_tkeep[2][BUSB*i +: BUSB]),
      .m_axis_pass_tvalid(k_tvalid[0]), .m_axis_tx_tvalid(k_tvalid[1]), .m_axis_redirect_tvalid(k_tvalid[2]),
      .m_axis_pass_tready(c_tready[0][i] && !hang[i][HANG_OUT]), .m_axis_tx_tready(c_tready[1][i] && !hang[i][HANG_OUT+1]),
      .m_axis_redirect_tready(c_tready[2][i] && !hang[i][HANG_OUT+2]),
      .m_axis_pass_tlast(k_tlast[0]), .m_axis_tx_tlast(k_tlast[1]), .m_axis_redirect_tlast(k_tlast[2]),
      .m_axis_pass_tuser(c_tuser[0][64*i +: 64]), .m_axis_tx_tuser(c_tuser[1][64*i +: 64]), .m_axis_redirect_tuser(c_tuser[2][64*i +: 64]),
      .m_axis_redirect_tid(c_tid[2*i +: 2]), .m_axis_redirect_tdest(c_tdest[32*i +: 32]),
      .s_axil_awaddr(c_awaddr[16*i +: 16]), .s_axil_araddr(c_araddr[16*i +: 16]), .s_axil_awvalid(c_awvalid[i] && !hang[i][HANG_WRITE]),
      .s_axil_wvalid(c_wvalid[i] && !hang[i][HANG_WRITE]), .s_axil_bready(c_bready[i] && !hang[i][HANG_WRITE]), .s_axil_arvalid(c_arvalid[i] && !hang[i][HANG_READ]),
      .s_axil_rready(c_rready[i] && !hang[i][HANG_READ]), .s_axil_awready(k_awready), .s_axil_wready(k_wready),
      .s_axil_bvalid(k_bvalid), .s_axil_arready(k_arready), .s_axil_rvalid(k_rvalid), .s_axil_wdata(c_wdata[32*i +: 32]),
      .s_axil_wstrb(c_wstrb[4*i +: 4]), .s_axil_rdata(c_rdata_core[32*i +: 32]), .s_axil_bresp(c_bresp[2*i +: 2]), .s_axil_rresp(c_rresp[2*i +: 2]),
      .mon_valid(k_mon), .mon_action(mon_action[3*i +: 3]), .mon_length(mon_length[16*i +: 16]), .mon_tid(c_mon_tid[2*i +: 2]),
      .mon_tdest(c_mon_tdest[32*i +: 32]), .token_valid(unused_token), .token_window(unused_window), .token_length(unused_length),
      .token_ifindex(unused_ifindex), .token_rx_queue(unused_queue), .token_start(unused_start),
      .pass_lost(lost0[i]), .tx_lost(lost1[i]), .redirect_lost(lost2[i]), .redirect_nowhere(nowhere[i]), .idle(core_idle[i]));

    assign s_tready[i]  = w ? wild[i][0] : k_tready && !hang[i][HANG_IN];
    assign mon_valid[i] = w ? wild[i][1] : k_mon && !hang[i][HANG_MON];
    assign c_awready[i] = w ? wild[i][2] : k_awready && !hang[i][HANG_WRITE];
    assign c_wready[i]  = w ? wild[i][3] : k_wready && !hang[i][HANG_WRITE];
    assign c_bvalid[i]  = w ? wild[i][4] : k_bvalid && !hang[i][HANG_WRITE];
    assign c_arready[i] = w ? wild[i][5] : k_arready && !hang[i][HANG_READ];
    assign c_rvalid[i]  = w ? wild[i][6] : k_rvalid && !hang[i][HANG_READ];
    for (genvar p = 0; p < 3; p++) begin : g_exit
      assign c_tvalid[p][i] = w ? wild[i][7+p] : k_tvalid[p] && !hang[i][HANG_OUT+p];
      assign c_tlast[p][i]  = w ? wild[i][10+p] : k_tlast[p];
    end
    // Every other time it does nothing at all.
    logic sulks_q, rst_q;
    always @(posedge clk) begin
      rst_q   <= slot_rst[i];
      if (slot_rst[i] && !rst_q) sulks_q <= 1'($urandom);
      wild[i] <= sulks_q ? '0 : 16'($urandom);
    end

    // Records of verdicts, late, in three beats of which the first has the number: STATUS says idle only without them, and when the host has done what it has to after a reset.
    assign event_tvalid[i]          = w ? wild[i][13] : event_q[i] && !hang[i][HANG_EVENT];
    assign event_tlast[i]           = w ? wild[i][14] : beat_q == 2'd2;
    assign event_tuser[32*i +: 32]  = 32'd40;
    assign event_tdata[BUS_W*i +: BUS_W] = BUS_W'(event_number_q[i]) ^ BUS_W'(beat_q);
    assign c_rdata[32*i +: 32]      = c_rdata_core[32*i +: 32] & ~32'(status_read_q[i] && !(event_idle[i] && configured[i]));
    assign event_idle[i]            = late_size[i] == 0 && !event_q[i];
    always @(posedge clk) begin
      if (c_arvalid[i] && c_arready[i]) status_read_q[i] <= c_araddr[16*i +: 16] == 16'h34;
      if (event_tvalid[i] && event_tready[i]) beat_q <= beat_q + 2'd1;
      if (event_tvalid[i] && event_tready[i] && event_tlast[i]) begin
        beat_q     <= '0;
        event_q[i] <= 1'b0;
      end
      if ((!event_q[i] || (event_tvalid[i] && event_tready[i] && event_tlast[i])) && late_q[i].size() != 0 && $urandom_range(3) == 0) begin
        event_q[i]        <= 1'b1;
        event_number_q[i] <= late_q[i].pop_front();
      end
      if (k_mon) begin
        late_q[i].push_back(32'(i) << 31 | count_q[i]);
        count_q[i] = count_q[i] + 1;
      end
      late_size[i] <= 32'(late_q[i].size());
      if (slot_rst[i]) begin
        event_q[i] <= 1'b0;
        beat_q     <= '0;
        late_q[i].delete();
        late_size[i] <= 0;
        count_q[i] = entered[i];
      end
    end
  end

  `include "slots_check.svh"

  int unsigned stall_out, stall_in;            // percent of the clocks
  always @(negedge clk) for (int p = 0; p < 4; p++) m_tready[p] = $urandom_range(99) >= stall_out;

  // ---- driving ----
  logic [31:0] number;
  task automatic send(int unsigned count);
    for (int unsigned n = 0; n < count; n++) begin
      automatic int unsigned size = ($urandom_range(9) == 0) ? $urandom_range(1514, 14) : $urandom_range(130, 14), at = 0;
      tuser = number;
      number++;
      tlength = 16'(size);
      while (at < size) begin
        if ($urandom_range(99) < stall_in) begin
          tvalid = 0;
          @(negedge clk);
        end else begin
          tvalid = 1;
          for (int unsigned i = 0; i < BUSB; i++) begin
            tkeep[i] = at + i < size;
            tdata[8*i +: 8] = 8'($urandom);
          end
          at += BUSB;
          tlast = at >= size;
          do @(posedge clk); while (!tready);
          @(negedge clk);
        end
      end
      tvalid = 0;
    end
  endtask

  semaphore bus [3];
  task automatic write(int b, logic [19:0] address, logic [31:0] data);
    bus[b].get();
    awaddr[b] = address; wdata[b] = data; awvalid[b] = 1'b1;
    do @(posedge clk); while (!awready[b]);
    @(negedge clk) awvalid[b] = 1'b0;
    while (!bvalid[b]) @(negedge clk);
    @(negedge clk);
    bus[b].put();
  endtask
  task automatic read(int b, logic [19:0] address, output logic [31:0] data);
    bus[b].get();
    araddr[b] = address; arvalid[b] = 1'b1;
    do @(posedge clk); while (!arready[b]);
    @(negedge clk) arvalid[b] = 1'b0;
    while (!rvalid[b]) @(negedge clk);
    data = rdata[b];
    @(negedge clk);
    bus[b].put();
  endtask

  bit sending, switcher_done;
  int unsigned first_choice, most_pause;       // of the switcher
  task automatic windows(int b);
    logic [31:0] data;
    forever begin
      while (!sending) @(negedge clk);
      if ($urandom_range(3) == 0) write(b, 20'h404, 32'($urandom));
      was_off[b] = 0;
      read(b, 20'd0, data);
      // An isolated slot reads 0.
      if (data != 32'h42324831 && !(data == 0 && was_off[b])) $fatal(1, "slots: window %0d reads %08h", b, data);
      repeat ($urandom_range(20)) @(negedge clk);
    end
  endtask

  // Selects at random moments; the choices are none, A, B.
  int unsigned switches;
  task automatic switcher;
    logic [31:0] data;
    while (!sending) @(negedge clk);
    while (sending) begin
      repeat ($urandom_range(most_pause)) @(negedge clk);
      write(2, 20'h12008, $urandom_range(2, first_choice));
      if ($urandom_range(3) != 0) begin
        do begin
          // Others have the bus, too.
          repeat ($urandom_range(8)) @(negedge clk);
          read(2, 20'h1200C, data);
        end while (!data[2] && sending);
        switches++;
      end
    end
    write(2, 20'h12008, $urandom_range(2, 1));
    do begin
      repeat (8) @(negedge clk);
      read(2, 20'h1200C, data);
    end while (!data[2]);
    switcher_done = 1;
  endtask

  // Isolates at random moments: slots that hang, in some of their pins, and healthy ones.
  int unsigned most_calm;
  bit          isolator_done;
  task automatic isolator;
    logic [31:0] data;
    while (!sending || !isolating) @(negedge clk);
    isolator_done = 0;
    while (sending) begin
      automatic logic [1:0] which = ($urandom_range(5) == 0) ? 2'd3 : 2'd1 << $urandom_range(1);
      repeat ($urandom_range(most_calm)) @(negedge clk);
      if ($urandom_range(3) != 0) for (int s = 0; s < 2; s++) if (which[s]) begin
        automatic logic [7:0] pins = ($urandom_range(2) == 0) ? 8'hFF : 8'($urandom);
        // Frames do not leave without a verdict.
        if (pins[HANG_MON]) pins[HANG_OUT +: 3] = '1;
        hang[s] = pins;
      end
      repeat (($urandom_range(3) == 0) ? 0 : $urandom_range(400)) @(negedge clk);
      write(2, 20'h12030, 32'(which));
      repeat (($urandom_range(2) == 0) ? 0 : $urandom_range(300)) @(negedge clk);
      for (int s = 0; s < 2; s++) if (which[s]) configured[s] = 0;
      for (int s = 0; s < 2; s++) if (which[s]) hang[s] = '0;
      write(2, 20'h12030, 0);
      do begin
        repeat ($urandom_range(8)) @(negedge clk);
        read(2, 20'h1200C, data);
      end while (data[9:8] != 0);
      for (int s = 0; s < 2; s++) if (which[s]) begin
        write(s, 20'h30, 1);
        configured[s] = 1;
      end
    end
    isolator_done = 1;
  endtask

  initial forever isolator();

  // Who waits for ever?
  int unsigned quiet;
  always @(posedge clk) begin
    quiet <= (!rst && tvalid && !tready) || (sending && !tvalid) || (!sending && !switcher_done) ? quiet + 1 : 0;
    if (quiet == 200000) $fatal(1, "slots: nothing moves: state %0d, slot %0d, owed %0d, isolate %b, hang %02h %02h, configured %b", u_slots.u_switch.state_q, u_slots.slot, u_slots.owed_q,
                                u_slots.isolate, hang[0], hang[1], configured);
  end
  initial forever switcher();
  initial windows(0);
  initial windows(1);

  task automatic phase(string name, bit loses, bit late_pass, bit isolates, logic [31:0] policy, logic [31:0] limit, int unsigned least, int unsigned pause, int unsigned stalls, int unsigned gaps);
    logic [31:0] data, frames [2], sum, earlier;
    lossy = loses; isolating = isolates; overtakes = late_pass; stall_out = stalls; stall_in = gaps;
    for (int b = 0; b < 2; b++) write(b, 20'h30, 32'(!loses));
    write(2, 20'h12010, policy);
    write(2, 20'h12014, limit);
    earlier = passed + dropped;
    sending = 1;
    first_choice = least; most_pause = pause; switcher_done = 0;
    send(FRAMES);
    sending = 0;
    while (isolating && !isolator_done) @(negedge clk);
    while (!switcher_done) @(negedge clk);
    stall_out = 0;
    repeat (3000) @(negedge clk);
    check_rest(name);
    for (int s = 0; s < 2; s++) frames[s] = entered[s];
    read(2, 20'h12024, data);
    if (data != passed) $fatal(1, "slots: PASSED is %0d, not %0d", data, passed);
    read(2, 20'h12028, data);
    if (data != dropped) $fatal(1, "slots: DROPPED is %0d, not %0d", data, dropped);
    sum = frames[0] + frames[1] + passed + dropped;
    if (sum != number) $fatal(1, "slots: %0d frames, %0d accounted", number, sum);
    if (frames[0] == 0 || frames[1] == 0) $fatal(1, "slots: a slot has done nothing");
    if ((policy != 0) != (passed + dropped != earlier)) $fatal(1, "slots: phase %s: policy %02h, %0d frames beside the slots", name, policy, passed + dropped - earlier);
    read(2, 20'h1201C, data);
    if (data < switches / 4) $fatal(1, "slots: SWITCHES is %0d", data);
    $display("%s: %0d frames so far, A %0d, B %0d, passed %0d, dropped %0d, lost %0d, %0d switches; %0d isolations, %0d without a verdict, %0d unsent, %0d cut", name, number,
             frames[0], frames[1], passed, dropped, losses, data, isolations, entered[0] + entered[1] - verdicts[0] - verdicts[1], leaves[0] + leaves[1] - whole[0] - whole[1],
             damaged[0] + damaged[1]);
  endtask

  initial begin
    clk = 0; rst = 1; tvalid = 0; awvalid = 0; arvalid = 0; number = 0; passed = 0; dropped = 0; skipped = 0; losses = 0; came = 0; switches = 0; told = 0;
    isolations = 0; isolating = 0; isolator_done = 1; configured = '1; was_off = 0; rst_before = 0; event_beat = 0; event_bad = 0; most_calm = 1500;
    foreach (epoch[s]) epoch[s] = 0;
    for (int s = 0; s < 2; s++) begin hang[s] = '0; verdicts[s] = 0; leaves[s] = 0; whole[s] = 0; damaged[s] = 0; end
    entered[0] = 0; entered[1] = 0; stall_out = 0; stall_in = 0; m_tready = 0;
    for (int b = 0; b < 3; b++) bus[b] = new(1);
    repeat (10) @(negedge clk);
    rst = 0;
    phase("wait", 0, 0, 0, 32'h00, '1, 1, 600, 30, 10);
    phase("wait, stalls", 0, 0, 0, 32'h00, '1, 1, 200, 70, 0);
    phase("wait, none", 0, 0, 0, 32'h00, '1, 0, 300, 20, 0);
    phase("none passes", 0, 0, 0, 32'h01, '1, 0, 400, 40, 0);
    phase("none drops", 0, 0, 0, 32'h02, '1, 0, 400, 40, 20);
    phase("late drops", 0, 0, 0, 32'h20, 30, 1, 500, 50, 0);
    phase("late passes", 0, 1, 0, 32'h10, 10, 1, 500, 50, 0);
    phase("all at once", 0, 1, 0, 32'h12, 0, 0, 100, 30, 0);
    phase("isolates, waits", 0, 0, 1, 32'h00, '1, 1, 600, 30, 10);
    phase("isolates, stalls", 0, 0, 1, 32'h00, '1, 1, 300, 70, 0);
    phase("isolates, none drops, late drops", 0, 0, 1, 32'h22, 60, 0, 300, 40, 20);
    phase("isolates, late passes", 0, 1, 1, 32'h10, 30, 1, 500, 50, 10);
    phase("loses", 1, 0, 0, 32'h00, '1, 1, 300, 75, 0);
    $display("PASS slots");
    $finish;
  end
endmodule

`default_nettype wire
