// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Drives one bpf_test_core through all phases and checks every token, verdict, output byte and counter.
///
/// Frames are a pure function of their number, so that the checker needs no storage. Phases:
/// 0 random sizes and gaps, lossless, random output ready; 1 the same with losses, slow outputs; 2 line rate, all PASS,
/// sizes 1..SWEEP (4 of each) and the longest, no stall and no bubble; 3 line rate, mixed sizes and actions, no
/// stall; 4 one-beat frames with all actions: one verdict per clock.
module core_bench #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned WINDOW_BYTES = 64,
  parameter int unsigned TOKEN_MIN_BYTES = 0,
  parameter int unsigned FULL_LENGTH = 0,
  parameter int unsigned EDIT_BYTES = 64,
  parameter int unsigned STAGES = 24,
  parameter int unsigned RESULT_DEPTH = 256,
  parameter int unsigned SWEEP = 1600,
  parameter int unsigned RANDOM_FRAMES = 2000
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned B = BUS_W / 8;
  localparam int unsigned MAX = 9216;
  localparam int unsigned AW = $clog2(32768 / B);
  localparam int unsigned NEED = (WINDOW_BYTES > TOKEN_MIN_BYTES) ? WINDOW_BYTES : TOKEN_MIN_BYTES;
  localparam int unsigned TOKEN_AT = (NEED == 0) ? B : (NEED + B - 1) / B * B;

  // ---- the frames ----
  int unsigned phase, base;           // base: number of the phase's first frame

  function automatic int unsigned mix(int unsigned a, int unsigned b);
    int unsigned x;
    x = a * 32'h9E3779B1 + b * 32'h85EBCA77 + BUS_W;
    x = (x ^ (x >> 15)) * 32'h2C1B3C6D;
    x = (x ^ (x >> 12)) * 32'h297A2D39;
    mix = x ^ (x >> 15);
  endfunction

  function automatic int unsigned frame_length(int unsigned n);
    int unsigned r, k;
    r = mix(n, 7777) >> 3;
    k = n - base;
    case (phase)
      0, 1: frame_length = (r % 64 == 0) ? MAX - (r / 64) % 40 : (r % 64 == 1) ? MAX + (r / 64) % 200
                         : (r % 3 == 0) ? 1 + (r / 64) % 130 : 1 + (r / 64) % 1600;
      2: frame_length = (k / 4 < SWEEP) ? 1 + k / 4 : MAX - (k / 4 - SWEEP);
      3: frame_length = (r % 16 == 0) ? MAX - (r / 16) % 700 : (r % 3 == 0) ? 60 + (r / 16) % 1455 : 60 + (r / 16) % 6;
      default: frame_length = B - (r % 3);
    endcase
  endfunction

  function automatic logic [7:0] frame_byte(int unsigned n, int unsigned i);
    int unsigned m;
    m = mix(n, i);
    if (i != 0) frame_byte = m[15:8];
    else if (phase == 2) frame_byte = {m[15:11], 3'd2};
    else if (phase == 3) frame_byte = {m[15:11], (m[10:9] == 0) ? 3'd1 : (m[10:9] == 1) ? 3'd3 : (m[10:8] == 4) ? 3'd4 : 3'd2};
    else frame_byte = m[15:8];
  endfunction

  function automatic int unsigned phase_frames();
    case (phase)
      0, 1: phase_frames = RANDOM_FRAMES;
      2: phase_frames = 4 * SWEEP + 40;
      3: phase_frames = RANDOM_FRAMES;
      default: phase_frames = 3000;
    endcase
  endfunction

  function automatic logic edited(logic [7:0] h, int unsigned i);
    edited = i < EDIT_BYTES && (32'(h[7:3]) + i * (i + 3)) % 4 == 0;
  endfunction

  function automatic logic [33:0] frame_target(int unsigned n);
    logic [7:0] h;
    h = frame_byte(n, 0);
    frame_target = {h[4:3], h, ~h, 16'hB2B2};
  endfunction

  function automatic int unsigned stored_length(int unsigned n);
    stored_length = (frame_length(n) > MAX) ? (MAX + B - 1) / B * B : frame_length(n);
  endfunction

  function automatic logic [2:0] expected_action(int unsigned n);
    logic [7:0] h;
    h = frame_byte(n, 0);
    expected_action = (frame_length(n) > MAX || h[2:0] > 4) ? 3'd0 : h[2:0];
  endfunction

  // ---- device ----
  logic [BUS_W-1:0] tdata;
  logic [B-1:0]     tkeep;
  logic             tvalid, tready, tlast, hold;
  logic [31:0]      tuser;
  logic [BUS_W-1:0] m_tdata [3];
  logic [B-1:0]     m_tkeep [3];
  logic             m_tvalid [3], m_tready [3], m_tlast [3];
  logic [63:0]      m_tuser [3];
  logic [33:0]      m_target, mon_target;
  logic             mon_valid, token_valid, pass_lost, tx_lost, redirect_lost, redirect_nowhere, idle;
  logic [2:0]       mon_action;
  logic [15:0]      mon_length, token_length, token_ifindex, token_rx_queue, token_start;
  logic [((WINDOW_BYTES == 0) ? 1 : 8 * WINDOW_BYTES)-1:0] token_window;
  logic [15:0]      awaddr, araddr;
  logic             awvalid, awready, wready, bvalid, arvalid, arready, rvalid;
  logic [31:0]      wdata, rdata;
  logic [1:0]       unused_bresp, unused_rresp;

  bpf_test_core #(.BUS_W(BUS_W), .WINDOW_BYTES(WINDOW_BYTES), .TOKEN_MIN_BYTES(TOKEN_MIN_BYTES), .FULL_LENGTH(FULL_LENGTH),
                  .EDIT_BYTES(EDIT_BYTES), .STAGES(STAGES), .RESULT_DEPTH(RESULT_DEPTH), .MAX_FRAME(MAX)) u_core (
    .clk, .rst, .hold, .s_axis_tdata(tdata), .s_axis_tkeep(tkeep), .s_axis_tvalid(tvalid), .s_axis_tready(tready),
    .s_axis_tlast(tlast), .s_axis_tuser(tuser),
    .m_axis_redirect_tdata(m_tdata[2]), .m_axis_redirect_tkeep(m_tkeep[2]), .m_axis_redirect_tvalid(m_tvalid[2]),
    .m_axis_redirect_tready(m_tready[2]), .m_axis_redirect_tlast(m_tlast[2]), .m_axis_redirect_tuser(m_tuser[2]),
    .m_axis_redirect_tid(m_target[33:32]), .m_axis_redirect_tdest(m_target[31:0]), .mon_tid(mon_target[33:32]), .mon_tdest(mon_target[31:0]),
    .m_axis_pass_tdata(m_tdata[0]), .m_axis_tx_tdata(m_tdata[1]), .m_axis_pass_tkeep(m_tkeep[0]), .m_axis_tx_tkeep(m_tkeep[1]),
    .m_axis_pass_tvalid(m_tvalid[0]), .m_axis_tx_tvalid(m_tvalid[1]), .m_axis_pass_tready(m_tready[0]), .m_axis_tx_tready(m_tready[1]),
    .m_axis_pass_tlast(m_tlast[0]), .m_axis_tx_tlast(m_tlast[1]), .m_axis_pass_tuser(m_tuser[0]), .m_axis_tx_tuser(m_tuser[1]),
    .s_axil_awaddr(awaddr), .s_axil_araddr(araddr), .s_axil_awvalid(awvalid), .s_axil_wvalid(awvalid), .s_axil_bready(1'b1),
    .s_axil_arvalid(arvalid), .s_axil_rready(1'b1), .s_axil_awready(awready), .s_axil_wready(wready), .s_axil_bvalid(bvalid),
    .s_axil_arready(arready), .s_axil_rvalid(rvalid), .s_axil_wdata(wdata), .s_axil_wstrb(4'hF), .s_axil_rdata(rdata),
    .s_axil_bresp(unused_bresp), .s_axil_rresp(unused_rresp),
    .mon_valid, .mon_action, .mon_length, .token_valid, .token_window, .token_length, .token_ifindex, .token_rx_queue, .token_start,
    .pass_lost, .tx_lost, .redirect_lost, .redirect_nowhere, .idle);

  // ---- driver ----
  int unsigned tx_n, tx_off;          // the next beat to offer: frame, offset
  logic        running;
  int unsigned offered_gap;
  logic        slow_phase;

  assign slow_phase = phase < 2;

  always @(posedge clk) begin
    if (rst) begin
      tvalid <= 1'b0;
      hold   <= 1'b0;
    end else begin
      hold <= phase == 0 && $urandom % 50 == 0;
      if (!tvalid || tready) begin
        offered_gap = slow_phase ? $urandom % ((phase == 0) ? 3 : 2) : 0;
        if (running && tx_n - base < phase_frames() && offered_gap == 0) begin
          automatic int unsigned left = frame_length(tx_n) - tx_off;
          for (int unsigned i = 0; i < B; i++) begin
            tdata[8*i +: 8] <= (i < left) ? frame_byte(tx_n, tx_off + i) : 8'hEE;
            tkeep[i] <= i < left;
          end
          tvalid <= 1'b1;
          tlast  <= left <= B;
          tuser  <= (tx_off == 0) ? mix(tx_n, 99) : 32'hDEADBEEF;
          tx_off <= (left <= B) ? 0 : tx_off + B;
          if (left <= B) tx_n <= tx_n + 1;
        end else tvalid <= 1'b0;
      end
      if (running && !slow_phase && tvalid && !tready) $fatal(1, "bus %0d phase %0d: input refused at frame %0d", BUS_W, phase, tx_n);
    end
  end

  // ---- checks: tokens ----
  int unsigned token_n, start_beat, far_loads;  // start_beat: beats stored before the token's frame
  always @(posedge clk) if (!rst && token_valid) begin
    automatic int unsigned len = frame_length(token_n), want = len;
    if (FULL_LENGTH == 0 && want > TOKEN_AT) want = TOKEN_AT;
    if (len > MAX && FULL_LENGTH != 0) want = stored_length(token_n);
    if (32'(token_length) != want) $fatal(1, "bus %0d: token %0d length %0d, not %0d", BUS_W, token_n, token_length, want);
    if ({token_rx_queue, token_ifindex} != mix(token_n, 99)) $fatal(1, "bus %0d: token %0d meta", BUS_W, token_n);
    for (int unsigned i = 0; i < WINDOW_BYTES; i++) begin
      if (i < len && token_window[8*i +: 8] != frame_byte(token_n, i)) $fatal(1, "bus %0d: token %0d window byte %0d", BUS_W, token_n, i);
    end
    if (token_start != 16'(start_beat)) $fatal(1, "bus %0d: token %0d start %0d, not %0d", BUS_W, token_n, token_start, start_beat);
    // Just stored: the beats up to the token's length, and no more.
    if (u_core.u_buffer.wptr_q != (AW+1)'(32'(token_start) + (32'(token_length) + B - 1) / B)) begin
      $fatal(1, "bus %0d: token %0d start %0d, write pointer %0d", BUS_W, token_n, token_start, u_core.u_buffer.wptr_q);
    end
    start_beat <= start_beat + (stored_length(token_n) + B - 1) / B;
    token_n <= token_n + 1;
  end

  // ---- checks: a far load of the token's last two bytes, as soon as the token is there ----
  logic [15:0] far_data, far_offset;
  logic        far_valid_q [3];
  int unsigned far_n_q [3], far_at_q [3];

  assign far_offset = (token_length < 2) ? 16'd0 : token_length - 16'd2;

  bpf_far_load #(.BUS_W(BUS_W), .BYTES(2)) u_far (
    .clk_i(clk), .rst_i(rst), .wr_valid_i(u_core.buf_valid), .wr_data_i(u_core.buf_wdata),
    .start_i(token_start), .offset_i(far_offset), .data_o(far_data));

  always @(posedge clk) begin
    far_valid_q <= '{!rst && token_valid && token_length >= 2, far_valid_q[0], far_valid_q[1]};
    far_n_q <= '{token_n, far_n_q[0], far_n_q[1]};
    far_at_q <= '{32'(far_offset), far_at_q[0], far_at_q[1]};
    if (!rst && far_valid_q[2]) begin
      far_loads <= far_loads + 1;
      if (far_data != {frame_byte(far_n_q[2], far_at_q[2] + 1), frame_byte(far_n_q[2], far_at_q[2])}) begin
        $fatal(1, "bus %0d: far load of token %0d at %0d is %h", BUS_W, far_n_q[2], far_at_q[2], far_data);
      end
    end
  end

  // ---- checks: verdicts; what must come out of each sink goes into its queue ----
  int unsigned mon_n, lost_count [3], mon_run;
  int unsigned expected0 [$], expected1 [$], expected2 [$];
  longint unsigned count [18];

  always @(posedge clk) if (!rst) begin
    mon_run <= mon_valid ? mon_run + 1 : 0;
    if (pass_lost) lost_count[0] <= lost_count[0] + 1;
    if (tx_lost) lost_count[1] <= lost_count[1] + 1;
    if (redirect_lost) lost_count[2] <= lost_count[2] + 1;
    if (redirect_nowhere) count[17] += 1;
    if ((pass_lost || tx_lost || redirect_lost) && (phase != 1 || !mon_valid)) $fatal(1, "bus %0d phase %0d: lost frame %0d", BUS_W, phase, mon_n);
    if (mon_valid) begin
      automatic logic [2:0] a = expected_action(mon_n);
      if (mon_action != a || 32'(mon_length) != stored_length(mon_n)) begin
        $fatal(1, "bus %0d: verdict %0d is %0d,%0d not %0d,%0d", BUS_W, mon_n, mon_action, mon_length, a, stored_length(mon_n));
      end
      count[0] += 1;
      count[1] += 64'(stored_length(mon_n));
      count[2 + 2*a] += 1;
      count[3 + 2*a] += 64'(stored_length(mon_n));
      if (a == 2 && !pass_lost) expected0.push_back(mon_n);
      if (a == 3 && !tx_lost) expected1.push_back(mon_n);
      if (a == 4 && !redirect_lost && !redirect_nowhere) expected2.push_back(mon_n);
      if ((a != 4 && mon_target[33:32] != 0) || (a == 4 && mon_target != frame_target(mon_n))) begin
        $fatal(1, "bus %0d: target of verdict %0d is %h", BUS_W, mon_n, mon_target);
      end
      if ((a == 4 && mon_target[33:32] == 0) != redirect_nowhere) $fatal(1, "bus %0d: redirect %0d to nowhere", BUS_W, mon_n);
      mon_n <= mon_n + 1;
    end
  end

  // ---- checks: outputs ----
  int unsigned out_off [3], out_beats [3], bubbles;
  logic        held [3], was_last [3];
  logic [BUS_W-1:0] held_data [3];

  for (genvar s = 0; s < 3; s++) begin : g_sink
    always @(posedge clk) begin
      m_tready[s] <= !slow_phase || $urandom % ((phase == 1) ? 40 : 2) == 0;
      if (rst) begin
        held[s] <= 1'b0;
        was_last[s] <= 1'b1;
      end else begin
        if (held[s] && (!m_tvalid[s] || m_tdata[s] != held_data[s])) $fatal(1, "bus %0d sink %0d: not stable", BUS_W, s);
        held[s] <= m_tvalid[s] && !m_tready[s];
        held_data[s] <= m_tdata[s];
        if (!slow_phase && !m_tvalid[s] && !was_last[s]) $fatal(1, "bus %0d phase %0d sink %0d: bubble in a frame", BUS_W, phase, s);
        if (phase == 2 && s == 0 && !m_tvalid[s] && was_last[s]) bubbles <= bubbles + 1;
        if (m_tvalid[s] && m_tready[s]) begin
          automatic int unsigned n, len, left;
          automatic logic [7:0] h;
          automatic logic modified = 1'b0;
          if ((s == 0 ? expected0.size() : s == 1 ? expected1.size() : expected2.size()) == 0) $fatal(1, "bus %0d sink %0d: unexpected output", BUS_W, s);
          n = (s == 0) ? expected0[0] : (s == 1) ? expected1[0] : expected2[0];
          if (s == 2 && m_target != frame_target(n)) $fatal(1, "bus %0d frame %0d: target %h", BUS_W, n, m_target);
          len = frame_length(n);
          left = len - out_off[s];
          h = frame_byte(n, 0);
          for (int unsigned i = 0; i < EDIT_BYTES; i++) if (i < len && edited(h, i)) modified = 1'b1;
          if (m_tuser[s] != {mix(n, 99), 15'd0, modified, 16'(len)}) $fatal(1, "bus %0d sink %0d frame %0d: tuser %h", BUS_W, s, n, m_tuser[s]);
          if (m_tlast[s] != (left <= B)) $fatal(1, "bus %0d sink %0d frame %0d: tlast", BUS_W, s, n);
          for (int unsigned i = 0; i < B; i++) begin
            automatic int unsigned at = out_off[s] + i;
            if (m_tkeep[s][i] != (i < left)) $fatal(1, "bus %0d sink %0d frame %0d: tkeep", BUS_W, s, n);
            if (i < left && m_tdata[s][8*i +: 8] != (edited(h, at) ? h + 8'(5 * at + 1) : frame_byte(n, at))) begin
              $fatal(1, "bus %0d phase %0d sink %0d frame %0d: byte %0d is %h", BUS_W, phase, s, n, at, m_tdata[s][8*i +: 8]);
            end
          end
          if (phase == 2 && s == 0 && out_off[s] == 0) begin
            if (bubbles != 0 && (len + B - 1) / B <= out_beats[s]) $fatal(1, "bus %0d: bubble before frame %0d", BUS_W, n);
            bubbles <= 0;
            out_beats[s] <= (len + B - 1) / B;
          end
          was_last[s] <= left <= B;
          out_off[s] <= (left <= B) ? 0 : out_off[s] + B;
          if (left <= B) begin
            if (s == 0) void'(expected0.pop_front()); else if (s == 1) void'(expected1.pop_front()); else void'(expected2.pop_front());
          end
        end
      end
    end
  end

  // ---- checks: latency of a one-beat frame through an empty core (the first of phase 2): N + 10 clocks ----
  int unsigned clocks, first_in, first_out;
  always @(posedge clk) begin
    clocks <= clocks + 1;
    if (phase == 2 && first_in == 0 && tvalid && tready) first_in <= clocks;
    if (phase == 2 && first_out == 0 && m_tvalid[0]) begin
      first_out <= clocks;
      if (clocks - first_in != STAGES + 10) $fatal(1, "bus %0d: latency is %0d, not N + 10", BUS_W, clocks - first_in);
    end
  end

  // ---- registers ----
  // Driven and looked at on the falling edge.
  task automatic write(logic [15:0] a, logic [31:0] d);
    @(negedge clk);
    awaddr = a; wdata = d; awvalid = 1'b1;
    do @(negedge clk); while (!awready);
    @(negedge clk);
    awvalid = 1'b0;
    while (!bvalid) @(negedge clk);
  endtask

  task automatic read(logic [15:0] a, output logic [31:0] d);
    @(negedge clk);
    araddr = a; arvalid = 1'b1;
    while (!arready) @(negedge clk);
    @(negedge clk);
    arvalid = 1'b0;
    while (!rvalid) @(negedge clk);
    d = rdata;
  endtask

  initial begin
    automatic int unsigned timeout;
    automatic logic [31:0] lo, hi;
    {phase, base, tx_n, tx_off, token_n, start_beat, far_loads, mon_n, mon_run, bubbles, clocks, first_in, first_out} = '0;
    for (int unsigned i = 0; i < 3; i++) {lost_count[i], out_off[i], out_beats[i]} = '0;
    running = 1'b0;
    done = 1'b0;
    awvalid = 1'b0;
    arvalid = 1'b0;
    foreach (count[i]) count[i] = 0;
    @(negedge rst);
    repeat (80) @(negedge clk);
    for (int unsigned p = 0; p < 5; p++) begin
      phase = p;
      base = tx_n;
      write(16'h0030, (p == 1 || p == 4) ? 32'd0 : 32'd1);
      repeat (4) @(negedge clk);
      running = 1'b1;
      timeout = 0;
      if (p == 4) begin
        automatic int unsigned most = 0;
        while (mon_n - base < phase_frames()) begin
          @(negedge clk);
          if (mon_run > most) most = mon_run;
          timeout++;
          if (timeout > 100000) $fatal(1, "bus %0d: timeout", BUS_W);
        end
        @(negedge clk);
        if (mon_run > most) most = mon_run;
        if (most < phase_frames() - 1) $fatal(1, "bus %0d: only %0d verdicts in a row", BUS_W, most);
      end
      while (mon_n - base < phase_frames() || expected0.size() != 0 || expected1.size() != 0 || expected2.size() != 0) begin
        @(negedge clk);
        timeout++;
        if (timeout > 4000000) $fatal(1, "bus %0d phase %0d: timeout at frame %0d", BUS_W, p, mon_n);
      end
      running = 1'b0;
      repeat (80) @(negedge clk);
      if (!idle || tx_n != mon_n || token_n != mon_n) $fatal(1, "bus %0d phase %0d: not idle", BUS_W, p);
      if (p == 1 && (lost_count[0] == 0 || lost_count[1] == 0 || lost_count[2] == 0)) $fatal(1, "bus %0d: nothing was lost", BUS_W);
    end
    count[12] = 64'(lost_count[0]);
    count[13] = 64'(lost_count[1]);
    count[16] = 64'(lost_count[2]);
    for (int unsigned i = 0; i < 18; i++) if (i < 14 || i >= 16) begin
      read(16'h0100 + 16'(8 * i), lo);
      read(16'h0104 + 16'(8 * i), hi);
      if ({hi, lo} != count[i]) $fatal(1, "bus %0d: counter %0d is %0d, not %0d", BUS_W, i, {hi, lo}, count[i]);
    end
    if (far_loads < token_n / 2 || start_beat < 65536) $fatal(1, "bus %0d: %0d far loads, %0d beats", BUS_W, far_loads, start_beat);
    done = 1'b1;
  end
endmodule

`default_nettype wire
