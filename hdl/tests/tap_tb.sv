// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_tap on the library's test core: random frames of 14 to 1,600 bytes, every verdict, settings that change, a host that stalls or has stopped. A model follows the
/// streams and says which copies there may be; each that comes must be right in every byte, in order, whole, and those that do not come must be counted as lost. The
/// core with the tap must do in every clock what one without it does.
module tap_tb;
  localparam int unsigned BUS_W = 128, BUSB = BUS_W / 8, FRAMES = 6000;

  logic clk, rst;
  always #1 clk = !clk;

  // ---- the core ----
  logic [BUS_W-1:0] tdata, pass_tdata, tx_tdata, redirect_tdata;
  logic [BUSB-1:0]  tkeep, pass_tkeep, tx_tkeep, redirect_tkeep;
  logic             tvalid, tready, tlast, pass_tvalid, tx_tvalid, redirect_tvalid, pass_tlast, tx_tlast, redirect_tlast, mon_valid;
  logic [2:0]       out_ready, mon_action;
  logic [31:0]      tuser, redirect_tdest, mon_tdest;
  logic [63:0]      pass_tuser, tx_tuser, redirect_tuser;
  logic [1:0]       redirect_tid, mon_tid;
  logic [15:0]      mon_length;
  logic [31:0]      unused_rdata;
  logic [1:0]       unused_bresp, unused_rresp;
  logic             unused_awready, unused_wready, unused_bvalid, unused_arready, unused_rvalid;
  logic             unused_token, unused_pass_lost, unused_tx_lost, unused_redirect_lost, unused_nowhere, unused_idle;
  logic [511:0]     unused_window;
  logic [15:0]      unused_length, unused_ifindex, unused_queue, unused_start;

  bpf_test_core #(.BUS_W(BUS_W)) u_core (
    .clk, .rst, .hold(1'b0), .s_axis_tdata(tdata), .s_axis_tkeep(tkeep), .s_axis_tvalid(tvalid), .s_axis_tready(tready), .s_axis_tlast(tlast), .s_axis_tuser(tuser),
    .m_axis_pass_tdata(pass_tdata), .m_axis_tx_tdata(tx_tdata), .m_axis_redirect_tdata(redirect_tdata),
    .m_axis_pass_tkeep(pass_tkeep), .m_axis_tx_tkeep(tx_tkeep), .m_axis_redirect_tkeep(redirect_tkeep),
    .m_axis_pass_tvalid(pass_tvalid), .m_axis_tx_tvalid(tx_tvalid), .m_axis_redirect_tvalid(redirect_tvalid),
    .m_axis_pass_tready(out_ready[0]), .m_axis_tx_tready(out_ready[1]), .m_axis_redirect_tready(out_ready[2]),
    .m_axis_pass_tlast(pass_tlast), .m_axis_tx_tlast(tx_tlast), .m_axis_redirect_tlast(redirect_tlast),
    .m_axis_pass_tuser(pass_tuser), .m_axis_tx_tuser(tx_tuser), .m_axis_redirect_tuser(redirect_tuser),
    .m_axis_redirect_tid(redirect_tid), .m_axis_redirect_tdest(redirect_tdest),
    .s_axil_awaddr('0), .s_axil_araddr('0), .s_axil_awvalid(1'b0), .s_axil_wvalid(1'b0), .s_axil_bready(1'b0), .s_axil_arvalid(1'b0), .s_axil_rready(1'b0),
    .s_axil_awready(unused_awready), .s_axil_wready(unused_wready), .s_axil_bvalid(unused_bvalid), .s_axil_arready(unused_arready), .s_axil_rvalid(unused_rvalid),
    .s_axil_wdata('0), .s_axil_wstrb('0), .s_axil_rdata(unused_rdata), .s_axil_bresp(unused_bresp), .s_axil_rresp(unused_rresp),
    .mon_valid, .mon_action, .mon_length, .mon_tid, .mon_tdest,
    .token_valid(unused_token), .token_window(unused_window), .token_length(unused_length), .token_ifindex(unused_ifindex), .token_rx_queue(unused_queue),
    .token_start(unused_start), .pass_lost(unused_pass_lost), .tx_lost(unused_tx_lost), .redirect_lost(unused_redirect_lost), .redirect_nowhere(unused_nowhere),
    .idle(unused_idle));

  // ---- the tap ----
  logic [3:0]       valid, last;
  logic [BUS_W-1:0] m_tdata;
  logic [BUSB-1:0]  m_tkeep;
  logic             m_tvalid, m_tready, m_tlast;
  logic [15:0]      m_tuser;
  logic [19:0]      awaddr, araddr, unused_awaddr, unused_araddr;
  logic             awvalid, awready, bvalid, arvalid, arready, rvalid, unused_wready2;
  logic [31:0]      wdata, rdata, unused_wdata;
  logic [3:0]       unused_wstrb;
  logic [1:0]       unused_bresp2, unused_rresp2;
  logic             unused_m_awvalid, unused_m_wvalid, unused_m_bready, unused_m_arvalid, unused_m_rready;

  assign valid = {redirect_tvalid, tx_tvalid, pass_tvalid, tvalid} & {out_ready[2], out_ready[1], out_ready[0], tready};
  assign last  = {redirect_tlast, tx_tlast, pass_tlast, tlast};

  bpf_tap #(.BUS_W(BUS_W), .ENTRY_WORDS(512), .EXIT_WORDS(128)) u_tap (
    .clk_i(clk), .rst_i(rst), .valid_i(valid), .tdata_i({redirect_tdata, tx_tdata, pass_tdata, tdata}), .tkeep_i({redirect_tkeep, tx_tkeep, pass_tkeep, tkeep}),
    .tlast_i(last), .exit_bad_i('0), .entry_tuser_i(tuser), .exit_tuser_i({redirect_tuser, tx_tuser, pass_tuser}), .redirect_tid_i(redirect_tid), .redirect_tdest_i(redirect_tdest),
    .mon_valid_i(mon_valid), .mon_action_i(mon_action), .mon_length_i(mon_length), .mon_tid_i(mon_tid), .mon_tdest_i(mon_tdest),
    .m_axis_tdata_o(m_tdata), .m_axis_tkeep_o(m_tkeep), .m_axis_tvalid_o(m_tvalid), .m_axis_tready_i(m_tready), .m_axis_tlast_o(m_tlast), .m_axis_tuser_o(m_tuser),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wstrb_i(4'hF), .s_axil_wvalid_i(awvalid),
    .s_axil_wready_o(unused_wready2), .s_axil_bresp_o(unused_bresp2), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(1'b1),
    .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(unused_rresp2),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(1'b1),
    .m_axil_awaddr_o(unused_awaddr), .m_axil_awvalid_o(unused_m_awvalid), .m_axil_awready_i(1'b0), .m_axil_wdata_o(unused_wdata), .m_axil_wstrb_o(unused_wstrb),
    .m_axil_wvalid_o(unused_m_wvalid), .m_axil_wready_i(1'b0), .m_axil_bresp_i(2'd0), .m_axil_bvalid_i(1'b0), .m_axil_bready_o(unused_m_bready),
    .m_axil_araddr_o(unused_araddr), .m_axil_arvalid_o(unused_m_arvalid), .m_axil_arready_i(1'b0), .m_axil_rdata_i('0), .m_axil_rresp_i(2'd0),
    .m_axil_rvalid_i(1'b0), .m_axil_rready_o(unused_m_rready));

  task automatic write(logic [7:0] offset, logic [31:0] data);
    awaddr = 20'h11000 + 20'(offset); wdata = data; awvalid = 1'b1;
    do @(posedge clk); while (!awready);
    @(negedge clk) awvalid = 1'b0;
    while (!bvalid) @(negedge clk);
  endtask

  task automatic read(logic [7:0] offset, output logic [31:0] data);
    araddr = 20'h11000 + 20'(offset); arvalid = 1'b1;
    do @(posedge clk); while (!arready);
    @(negedge clk) arvalid = 1'b0;
    while (!rvalid) @(negedge clk);
    data = rdata;
    @(negedge clk);
  endtask

  // ---- what has passed, by point and number of the frame ----
  typedef logic [7:0] bytes_t [$];
  bytes_t      frames [4][$];
  bytes_t      part [4];
  logic [63:0] times [4][$];
  logic [31:0] sources [4][$];
  logic [2:0]  actions [$];
  logic [15:0] lengths [$];
  logic [33:0] targets [4][$];
  bit          modified [4][$];
  logic [63:0] clock;

  always @(posedge clk) begin
    automatic logic [4*BUS_W-1:0] data = {redirect_tdata, tx_tdata, pass_tdata, tdata};
    automatic logic [4*BUSB-1:0]  keep = {redirect_tkeep, tx_tkeep, pass_tkeep, tkeep};
    automatic logic [255:0]       user = {redirect_tuser, tx_tuser, pass_tuser, tuser, 32'd0};
    clock <= rst ? '0 : clock + 1;
    for (int unsigned p = 0; p < 4; p++) if (valid[p] && !rst) begin
      // The tap sees a beat one clock later.
      if (part[p].size() == 0) begin
        times[p].push_back(clock + 1);
        sources[p].push_back(user[64*p + 32 +: 32]);
        modified[p].push_back(p != 0 && user[64*p + 16]);
        if (p != 0) targets[p].push_back((p == 3) ? {redirect_tid, redirect_tdest} : '0);
      end
      for (int unsigned i = 0; i < BUSB; i++) if (keep[BUSB*p + i]) part[p].push_back(data[BUS_W*p + 8*i +: 8]);
      if (last[p]) begin
        frames[p].push_back(part[p]);
        part[p].delete();
      end
    end
    if (mon_valid && !rst) begin
      actions.push_back((mon_action > 4) ? 3'd0 : mon_action);
      lengths.push_back(mon_length);
      targets[0].push_back({mon_tid, mon_tdest});
    end
  end

  // ---- what comes, checked ----
  logic [3:0]  points;
  logic [15:0] snap;
  logic [4:0]  mask, sample;
  logic [31:0] seen [4], next [4], told_lost [4];
  logic [7:0]  copy [$];
  bit          steady;                         // settings have been these since reset

  function automatic logic [31:0] word(int unsigned at);
    word = {copy[at + 3], copy[at + 2], copy[at + 1], copy[at]};
  endfunction

  task automatic check;
    automatic int unsigned p = 32'(copy[3]);
    automatic int unsigned n = word(24), kept = 32'({copy[15], copy[14]}), length;
    automatic logic [2:0] action;
    if (p > 3 || copy[2] != 8'd1) $fatal(1, "tap: point %0d, format %0d", p, copy[2]);
    if (n >= frames[p].size() || n < next[p]) $fatal(1, "tap: point %0d: frame %0d comes where %0d is next of %0d", p, n, next[p], frames[p].size());
    next[p] = n + 1;
    seen[p] += 1;
    length = frames[p][n].size();
    action = (p == 0) ? actions[n] : 3'(p + 1);
    if (copy[4] != 8'(action)) $fatal(1, "tap: point %0d, frame %0d: verdict %0d, not %0d", p, n, copy[4], action);
    if (copy[5] != 8'(modified[p][n]) || copy[6] != 0) $fatal(1, "tap: flags %h, metadata %0d", copy[5], copy[6]);
    if ({copy[7][1:0], word(8)} != targets[p][n]) $fatal(1, "tap: point %0d, frame %0d: target", p, n);
    if (32'({copy[13], copy[12]}) != length) $fatal(1, "tap: point %0d, frame %0d: %0d bytes, not %0d", p, n, {copy[13], copy[12]}, length);
    if ({word(20), word(16)} != times[p][n]) $fatal(1, "tap: point %0d, frame %0d: clock %0d, not %0d", p, n, word(16), times[p][n]);
    if (word(32) != sources[p][n]) $fatal(1, "tap: point %0d, frame %0d: source %h, not %h", p, n, word(32), sources[p][n]);
    if ({copy[37], copy[36]} != ((p == 0) ? lengths[n] : 16'(length))) $fatal(1, "tap: point %0d, frame %0d: leaves with %0d", p, n, {copy[37], copy[36]});
    for (int unsigned i = 38; i < 64; i++) if (copy[i] != 0) $fatal(1, "tap: byte %0d of a header is not 0", i);
    if (word(28) < told_lost[p]) $fatal(1, "tap: fewer are lost than before");
    told_lost[p] = word(28);
    if (kept > length || 32'({copy[1], copy[0]}) != 64 + (kept + 7) / 8 * 8 || copy.size() != 64 + (kept + 7) / 8 * 8)
      $fatal(1, "tap: point %0d, frame %0d: %0d bytes for %0d of %0d", p, n, copy.size(), kept, length);
    for (int unsigned i = 0; i < kept; i++)
      if (copy[64 + i] != frames[p][n][i]) $fatal(1, "tap: point %0d, frame %0d: byte %0d is %h, not %h", p, n, i, copy[64 + i], frames[p][n][i]);
    if (steady) begin
      if (kept != ((length < 32'(snap)) ? length : 32'(snap))) $fatal(1, "tap: %0d bytes of %0d with snap %0d", kept, length, snap);
      if (!points[p] || !mask[action] || (n & ~(32'hFFFF_FFFF << sample)) != 0) $fatal(1, "tap: point %0d, frame %0d, verdict %0d was not wanted", p, n, action);
    end
  endtask

  int unsigned host;                           // of 8 clocks the host takes beats in so many
  logic        held_valid;
  logic [BUS_W+BUSB+16:0] held;
  always @(posedge clk) begin
    if (held_valid && (!m_tvalid || held != {m_tlast, m_tkeep, m_tdata, m_tuser})) $fatal(1, "tap: an offer was withdrawn");
    held_valid <= m_tvalid && !m_tready && !rst;
    held <= {m_tlast, m_tkeep, m_tdata, m_tuser};
    if (m_tvalid && m_tready && !rst) begin
      for (int unsigned i = 0; i < BUSB; i++) if (m_tkeep[i]) copy.push_back(m_tdata[8*i +: 8]);
      if (m_tlast) begin
        if (32'(m_tuser) != copy.size()) $fatal(1, "tap: tuser says %0d of %0d bytes", m_tuser, copy.size());
        check();
        copy.delete();
      end
    end
    m_tready <= $urandom % 8 < host;
    out_ready <= {$urandom % 8 != 0, $urandom % 8 != 0, $urandom % 8 != 0};
  end

  // ---- traffic ----
  task automatic send(int unsigned count, int unsigned longest);
    repeat (count) begin
      automatic int unsigned length = 14 + (($urandom % 4 == 0) ? $urandom % (longest - 13) : $urandom % 100);
      automatic logic [7:0] head = 8'($urandom);
      tuser = $urandom;
      for (int unsigned at = 0; at < length; at += BUSB) begin
        tvalid = 1'b1;
        tdata  = {$urandom, $urandom, $urandom, $urandom};
        if (at == 0) tdata[7:0] = head & 8'h7F;
        tkeep = (length - at >= BUSB) ? '1 : (BUSB'(1) << (length - at)) - 1'b1;
        tlast = at + BUSB >= length;
        do @(posedge clk); while (!tready);
        @(negedge clk) tvalid = 1'b0;
        if ($urandom % 16 == 0) repeat ($urandom % 20) @(negedge clk);
      end
    end
  endtask

  task automatic begins(int unsigned ready, logic [15:0] s, logic [4:0] m, logic [4:0] n, logic [3:0] which);
    rst = 1'b1;
    host = ready; snap = s; mask = m; sample = n; points = which;
    repeat (8) @(negedge clk);
    for (int unsigned p = 0; p < 4; p++) begin
      frames[p].delete(); part[p].delete(); times[p].delete(); sources[p].delete(); targets[p].delete(); modified[p].delete();
      seen[p] = 0; next[p] = 0; told_lost[p] = 0;
    end
    actions.delete(); lengths.delete(); copy.delete();
    @(negedge clk) rst = 1'b0;
    write(8'h10, 32'(s));
    write(8'h14, 32'(m));
    write(8'h18, 32'(n));
    write(8'h0C, {24'd0, which, 4'd1});
  endtask

  // All frames that were wanted have come, or are counted as lost.
  task automatic ends(bit none_lost);
    automatic logic [31:0] copies, lost;
    repeat (20000) @(negedge clk);
    for (int unsigned p = 0; p < 4; p++) begin
      automatic int unsigned sampled = 0, wanted = 0;
      for (int unsigned n = 0; n < frames[p].size(); n++)
        if (points[p] && (n & ~(32'hFFFF_FFFF << sample)) == 0) begin
          automatic logic [2:0] action = (p == 0) ? actions[n] : 3'(p + 1);
          if (p == 0 || mask[action]) sampled += 1;
          if (mask[action]) wanted += 1;
        end
      read(8'(8'h40 + 4 * p), copies);
      read(8'(8'h60 + 4 * p), lost);
      if (copies + lost != sampled) $fatal(1, "tap: point %0d: %0d copies and %0d lost of %0d", p, copies, lost, sampled);
      if (none_lost && (lost != 0 || seen[p] != wanted)) $fatal(1, "tap: point %0d: %0d came of %0d, %0d lost", p, seen[p], wanted, lost);
      if (host != 0 && seen[p] > copies) $fatal(1, "tap: point %0d: %0d came, %0d are kept", p, seen[p], copies);
      if (host != 0 && mask == '1 && seen[p] != copies) $fatal(1, "tap: point %0d: %0d came of %0d that are kept", p, seen[p], copies);
    end
  endtask

  // ---- a core without a tap, beside it ----
  logic [BUS_W-1:0] bare_pass_tdata, bare_tx_tdata, bare_redirect_tdata;
  logic [5:0]       bare;
  logic [31:0]      total_lost;
  logic             bare_ready, bare_mon;
  logic [BUSB-1:0]  unused_keep0, unused_keep1, unused_keep2;
  logic [63:0]      unused_user0, unused_user1, unused_user2;
  logic [1:0]       unused_tid, unused_mtid, unused_b3, unused_r3;
  logic [31:0]      unused_tdest, unused_mtdest, unused_rdata3;
  logic [2:0]       unused_maction;
  logic [15:0]      unused_mlength, unused_l3, unused_i3, unused_q3, unused_s3;
  logic [511:0]     unused_w3;
  logic             unused_3 [11];

  bpf_test_core #(.BUS_W(BUS_W)) u_bare (
    .clk, .rst, .hold(1'b0), .s_axis_tdata(tdata), .s_axis_tkeep(tkeep), .s_axis_tvalid(tvalid), .s_axis_tready(bare_ready), .s_axis_tlast(tlast), .s_axis_tuser(tuser),
    .m_axis_pass_tdata(bare_pass_tdata), .m_axis_tx_tdata(bare_tx_tdata), .m_axis_redirect_tdata(bare_redirect_tdata),
    .m_axis_pass_tkeep(unused_keep0), .m_axis_tx_tkeep(unused_keep1), .m_axis_redirect_tkeep(unused_keep2),
    .m_axis_pass_tvalid(bare[0]), .m_axis_tx_tvalid(bare[1]), .m_axis_redirect_tvalid(bare[2]),
    .m_axis_pass_tready(out_ready[0]), .m_axis_tx_tready(out_ready[1]), .m_axis_redirect_tready(out_ready[2]),
    .m_axis_pass_tlast(bare[3]), .m_axis_tx_tlast(bare[4]), .m_axis_redirect_tlast(bare[5]),
    .m_axis_pass_tuser(unused_user0), .m_axis_tx_tuser(unused_user1), .m_axis_redirect_tuser(unused_user2),
    .m_axis_redirect_tid(unused_tid), .m_axis_redirect_tdest(unused_tdest),
    .s_axil_awaddr('0), .s_axil_araddr('0), .s_axil_awvalid(1'b0), .s_axil_wvalid(1'b0), .s_axil_bready(1'b0), .s_axil_arvalid(1'b0), .s_axil_rready(1'b0),
    .s_axil_awready(unused_3[0]), .s_axil_wready(unused_3[1]), .s_axil_bvalid(unused_3[2]), .s_axil_arready(unused_3[3]), .s_axil_rvalid(unused_3[4]),
    .s_axil_wdata('0), .s_axil_wstrb('0), .s_axil_rdata(unused_rdata3), .s_axil_bresp(unused_b3), .s_axil_rresp(unused_r3),
    .mon_valid(bare_mon), .mon_action(unused_maction), .mon_length(unused_mlength), .mon_tid(unused_mtid), .mon_tdest(unused_mtdest),
    .token_valid(unused_3[5]), .token_window(unused_w3), .token_length(unused_l3), .token_ifindex(unused_i3), .token_rx_queue(unused_q3),
    .token_start(unused_s3), .pass_lost(unused_3[6]), .tx_lost(unused_3[7]), .redirect_lost(unused_3[8]), .redirect_nowhere(unused_3[9]), .idle(unused_3[10]));

  always @(posedge clk) if (!rst) begin
    if (bare[2:0] != {redirect_tvalid, tx_tvalid, pass_tvalid} || bare_ready != tready || bare_mon != mon_valid) $fatal(1, "tap: the core does something else than without it");
    if (pass_tvalid && {bare_pass_tdata, bare[3]} != {pass_tdata, pass_tlast}) $fatal(1, "tap: other frames than without it");
    if (tx_tvalid && {bare_tx_tdata, bare[4]} != {tx_tdata, tx_tlast}) $fatal(1, "tap: other frames than without it");
    if (redirect_tvalid && {bare_redirect_tdata, bare[5]} != {redirect_tdata, redirect_tlast}) $fatal(1, "tap: other frames than without it");
  end

  initial begin
    {clk, tdata, tkeep, tvalid, tlast, tuser, awaddr, awvalid, wdata, araddr, arvalid, m_tready, out_ready, clock, held_valid} = '0;
    steady = 1'b1;
    // Slow traffic, all of it, whole frames: none may be lost.
    begins(8, 16'hFFFF, '1, '0, '1);
    for (int unsigned n = 0; n < 200; n++) begin
      send(1, 1600);
      repeat (400) @(negedge clk);
    end
    ends(1'b1);
    if (seen[0] != 200 || seen[1] < 10 || seen[2] < 10 || seen[3] < 10) $fatal(1, "tap: %0d %0d %0d %0d came", seen[0], seen[1], seen[2], seen[3]);
    // Masks, samples, points, snaps of all sizes, hosts that are slow: full rate.
    for (int unsigned n = 0; n < 12; n++) begin
      begins(1 + $urandom % 8, (n == 3) ? 16'd0 : (n % 2 == 0) ? 16'd1 + 16'($urandom % 200) : 16'hFFFF, (n < 4) ? '1 : 5'($urandom) | 5'd4, 5'(n % 4), (n < 6) ? '1 : 4'($urandom));
      send(FRAMES / 12, 1600);
      ends(1'b0);
    end
    // The host takes nothing: all is lost that the rings do not hold, and nothing else happens.
    begins(0, 16'hFFFF, '1, '0, '1);
    send(1000, 1600);
    ends(1'b0);
    read(8'h60, total_lost);
    if (total_lost < 500 || seen[0] != 0) $fatal(1, "tap: %0d lost", total_lost);
    host = 8;
    ends(1'b0);
    // Settings that change while frames pass: each copy is whole and right.
    begins(6, 16'd64, '1, '0, '1);
    steady = 1'b0;
    fork
      send(2000, 300);
      repeat (150) begin
        repeat ($urandom % 200) @(negedge clk);
        case ($urandom % 4)
          0: write(8'h0C, $urandom);
          1: write(8'h10, $urandom % 300);
          2: write(8'h14, $urandom);
          default: write(8'h18, $urandom % 3);
        endcase
      end
    join
    repeat (2000) @(negedge clk);
    if (seen[0] < 100) $fatal(1, "tap: %0d copies", seen[0]);
    $display("PASS tap");
    $finish;
  end
endmodule

`default_nettype wire
