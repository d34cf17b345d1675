// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_csr (with bpf_counters) against a model: identification, strobes, counters under full load, the map window.
module csr_tb;
  localparam int unsigned MVB = 20, WORDS = 5;

  logic clk, rst;
  logic [15:0] awaddr, araddr;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] wdata, rdata, map_sel, map_idx;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;
  logic        lossless, idle, rx, verdict, pass_lost, tx_lost, redirect_lost, redirect_nowhere, event_record, stall, map_req, map_we, map_ack;
  logic        map_error;
  logic [15:0] rx_length, verdict_length;
  logic [2:0]  verdict_action;
  logic [32*WORDS-1:0] map_wdata, map_rdata;
  logic [2:0]   map_op;
  logic [1:0]   map_flags;
  logic [95:0]  map_key, map_key_found;
  logic [4:0]   map_errno;
  logic         map_load, map_key_load, ready, seed_load;
  logic [127:0] seed, seed_taken;
  logic [5:0]  arrival_we;
  logic [31:0] arrival_wdata, arrival_seen [6];
  logic [63:0] now;

  always @(posedge clk) for (int unsigned i = 0; i < 6; i++) if (arrival_we[i]) arrival_seen[i] <= arrival_wdata;

  bpf_csr #(.BUS_BITS(128), .MAP_COUNT(3), .BUILD_ID(256'h1F1E1D1C_1B1A1918_17161514_13121110_0F0E0D0C_0B0A0908_07060504_03020100),
            .MAX_VALUE_BYTES(MVB), .MAX_KEY_BYTES(10)) u_dut (
    .clk_i(clk), .rst_i(rst),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata),
    .s_axil_wstrb_i(wstrb), .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_bresp_o(bresp),
    .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready), .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid),
    .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp), .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready),
    .lossless_o(lossless), .idle_i(idle), .rx_valid_i(rx), .rx_length_i(rx_length), .verdict_valid_i(verdict),
    .verdict_action_i(verdict_action), .verdict_length_i(verdict_length), .pass_lost_i(pass_lost), .tx_lost_i(tx_lost), .redirect_lost_i(redirect_lost),
    .redirect_nowhere_i(redirect_nowhere), .event_record_i(event_record), .event_lost_i(event_lost),
    .arrival_we_o(arrival_we), .arrival_wdata_o(arrival_wdata),
    .time_i(now), .time_rate_i(32'hABCD0123), .time_step_i(32'h76543210),
    .stall_i(stall), .map_sel_o(map_sel), .map_idx_o(map_idx), .map_req_o(map_req), .map_we_o(map_we), .map_wdata_o(map_wdata),
    .map_op_o(map_op), .map_flags_o(map_flags), .map_key_o(map_key), .map_ack_i(map_ack), .map_load_i(map_load), .map_rdata_i(map_rdata),
    .map_key_load_i(map_key_load), .map_key_i(map_key_found), .map_cursor_i(map_idx + 32'd7), .map_errno_i(map_errno), .map_error_i(map_error),
    .map_entries_i(map_sel * 1000), .map_refused_i(map_sel * 77), .ready_i(ready), .seed_o(seed), .seed_load_o(seed_load));

  always #1 clk = !clk;

  // ---- events at random, counted ----
  longint unsigned count [20];
  logic [7:0] event_lost;
  logic            events;
  always @(posedge clk) begin
    if (rx) begin count[0] += 1; count[1] += 64'(rx_length); end
    if (verdict) begin
      automatic int unsigned a = (verdict_action > 4) ? 0 : 32'(verdict_action);
      count[2 + 2*a] += 1;
      count[3 + 2*a] += 64'(verdict_length);
    end
    if (pass_lost) count[12] += 1;
    if (tx_lost) count[13] += 1;
    if (stall) count[14] += 1;
    if (redirect_lost) count[16] += 1;
    if (redirect_nowhere) count[17] += 1;
    if (event_record) count[18] += 1;
    count[19] += 64'(event_lost);
    {rx, verdict, pass_lost, tx_lost, redirect_lost, redirect_nowhere, event_record, stall} <= events ? 8'($urandom) | 8'($urandom) : '0;
    event_lost <= (events && $urandom % 2 == 0) ? 8'($urandom) : '0;
    rx_length <= 16'($urandom) | 16'hE000;
    verdict_length <= ($urandom % 2 == 0) ? 16'hFFFF : 16'($urandom);
    verdict_action <= 3'($urandom);
  end

  // ---- maps 0..2 of 10 entries each, answering after a random time ----
  logic [32*WORDS-1:0] mem [30];
  // Map 2 has operations by key too. errno = flags + op; lookup and next give the inverted key as value, next the key plus 1.
  logic key_load_q, key_ack_q, index_ack_q;
  // A decoder in a register: the operands stand from one clock before the request on.
  always_ff @(posedge clk) map_error <= map_sel > 2 || (map_op[2] ? map_sel != 2 : map_idx >= 10);
  assign map_rdata = map_op[2] ? {WORDS{key_load_q ? ~map_key[31:0] : $urandom}} : mem[(map_sel * 10 + map_idx) % 30];
  assign map_ack   = map_op[2] ? key_ack_q : index_ack_q;
  assign map_load  = map_op[2] ? key_load_q : map_ack && !map_we;
  assign map_errno = map_ack ? 5'(map_flags) + 5'(map_op) : 5'($urandom);
  assign map_key_found = map_key_load ? map_key + 96'd1 : ~map_key;

  initial begin
    {key_load_q, key_ack_q, map_key_load} = '0;
    forever begin
      @(negedge clk);
      if (map_req && map_op[2] && !map_error) begin
        repeat ($urandom % 5) @(negedge clk);
        if (map_op == 4 || map_op == 7) begin
          key_load_q = 1'b1;
          @(negedge clk) key_load_q = 1'b0;
          repeat ($urandom % 5) @(negedge clk);
        end
        if (map_op == 7) begin
          map_key_load = 1'b1;
          @(negedge clk) map_key_load = 1'b0;
          repeat ($urandom % 5) @(negedge clk);
        end
        key_ack_q = 1'b1;
        @(negedge clk) key_ack_q = 1'b0;
        @(negedge clk);
      end
    end
  end

  always @(posedge clk) begin
    if (seed_load) seed_taken <= seed;
    index_ack_q <= map_req && !map_op[2] && !map_ack && $urandom % 4 == 0 && !map_error;
    if (map_ack && map_we) mem[map_sel * 10 + map_idx] <= map_wdata;
    if (map_req && map_sel > 2 && map_ack) $fatal(1, "csr: map %0d", map_sel);
  end

  task automatic write_strobed(logic [15:0] a, logic [31:0] d, logic [3:0] s);
    automatic logic aw_first = 1'($urandom);
    @(negedge clk);
    awaddr = a; wdata = d; wstrb = s;
    awvalid = aw_first; wvalid = !aw_first;
    repeat ($urandom % 3) @(negedge clk);
    awvalid = 1'b1; wvalid = 1'b1;
    bready = 1'b0;
    do @(negedge clk); while (!(awready && wready));
    @(negedge clk);
    awvalid = 1'b0; wvalid = 1'b0;
    awaddr = '1; wdata = '1;
    repeat ($urandom % 3) @(negedge clk);
    while (!bvalid) @(negedge clk);
    if (bresp != 0) $fatal(1, "csr: bresp");
    bready = 1'b1;
    @(negedge clk);
    bready = 1'b0;
    if (bvalid) $fatal(1, "csr: second response");
  endtask

  task automatic write(logic [15:0] a, logic [31:0] d);
    write_strobed(a, d, 4'hF);
  endtask

  task automatic read(logic [15:0] a, output logic [31:0] d);
    @(negedge clk);
    araddr = a; arvalid = 1'b1;
    while (!arready) @(negedge clk);
    @(negedge clk);
    arvalid = 1'b0;
    araddr = '1;
    while (!rvalid) @(negedge clk);
    repeat ($urandom % 3) @(negedge clk);
    d = rdata;
    if (rresp != 0 || !rvalid) $fatal(1, "csr: rresp");
    rready = 1'b1;
    @(negedge clk);
    rready = 1'b0;
  endtask

  task automatic expect_read(logic [15:0] a, logic [31:0] want);
    automatic logic [31:0] d;
    read(a, d);
    if (d != want) $fatal(1, "csr: %h reads %h, not %h", a, d, want);
  endtask

  task automatic command(logic [31:0] c, logic error);
    automatic logic [31:0] d;
    write(16'h0408, c);
    do read(16'h040C, d); while (d[0]);
    if (d != {30'd0, error, 1'b0}) $fatal(1, "csr: status %h after %h", d, c);
  endtask

  task automatic check_counters();
    automatic logic [31:0] lo, hi;
    for (int unsigned i = 0; i < 20; i++) if (i != 15) begin
      read(16'h0100 + 16'(8 * i), lo);
      read(16'h0104 + 16'(8 * i), hi);
      if ({hi, lo} != count[i]) $fatal(1, "csr: counter %0d is %0d, not %0d", i, {hi, lo}, count[i]);
    end
  endtask

  // Keys of 10 bytes: three words of window.
  task automatic check_keys();
    automatic logic [95:0] key;
    automatic logic [31:0] d;
    for (int unsigned n = 0; n < 60; n++) begin
      automatic logic [2:0] op = 3'd4 + 3'(n % 4);
      automatic logic [1:0] flags = 2'($urandom);
      key = {$urandom, $urandom, $urandom};
      write(16'h0400, 2);
      write(16'h0404, n);
      for (int unsigned w = 0; w < 3; w++) write(16'h0800 + 16'(4 * w), key[32*w +: 32]);
      write(16'h0408, {14'd0, flags, 8'd1, 5'd0, op});
      do read(16'h040C, d); while (d[0]);
      if (d != {19'd0, 5'(flags) + 5'(op), 8'd0}) $fatal(1, "csr: status %h after operation %0d by key", d, op);
      expect_read(16'h0404, (op == 7) ? n + 7 : n);
      if (op == 7) key = key + 96'd1;
      for (int unsigned w = 0; w < 3; w++) expect_read(16'h0800 + 16'(4 * w), key[32*w +: 32]);
      if (op == 4) expect_read(16'h1000, ~key[31:0]);
      if (op == 7) expect_read(16'h1000, ~(key[31:0] - 32'd1));
    end
    expect_read(16'h080C, 0);
    expect_read(16'h0410, 2000);
    expect_read(16'h0414, 154);
    write(16'h0400, 1);
    expect_read(16'h0410, 1000);
    command(32'h4, 1'b1);
    command(32'h8, 1'b1);
    command(32'h0, 1'b1);
    write(16'h0404, 3);
    command(32'h1, 1'b0);
    for (int unsigned w = 0; w < 4; w++) write(16'h0420 + 16'(4 * w), 32'h11111111 * (w + 1));
    repeat (5) @(negedge clk);
    if (seed_taken != 128'h44444444_33333333_22222222_11111111) $fatal(1, "csr: seed %h", seed_taken);
    ready = 1'b0;
    expect_read(16'h0034, 3);
    ready = 1'b1;
    expect_read(16'h0034, 1);
  endtask

  initial begin
    automatic logic [31:0] lo, lo2, hi;
    automatic logic [32*WORDS-1:0] value [30];
    {clk, awvalid, wvalid, bready, arvalid, rready, idle, events, event_record, event_lost} = '0;
    foreach (count[i]) count[i] = 0;
    ready = 1'b1;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    repeat (80) @(negedge clk);

    expect_read(16'h0000, 32'h42324831);
    expect_read(16'h0004, 1);
    expect_read(16'h0008, 128);
    expect_read(16'h000C, 3);
    for (int unsigned i = 0; i < 8; i++) expect_read(16'h0010 + 16'(4 * i), 32'h03020100 + i * 32'h04040404);
    expect_read(16'h0030, 0);
    expect_read(16'h0034, 0);
    idle = 1'b1;
    expect_read(16'h0034, 1);
    write(16'h0030, 32'h1);
    expect_read(16'h0030, 1);
    if (!lossless) $fatal(1, "csr: lossless");
    expect_read(16'h0038, 0);
    expect_read(16'h003C, 0);
    for (int unsigned i = 0; i < 16; i++) expect_read(16'h0050 + 16'(4 * i), 0);
    now = 64'hFEDCBA98_76543210;
    expect_read(16'h0040, 32'h76543210);
    now = 64'h1;
    expect_read(16'h0044, 32'hFEDCBA98);
    expect_read(16'h0048, 32'hABCD0123);
    expect_read(16'h004C, 32'h76543210);
    for (int unsigned i = 0; i < 6; i++) write(16'h0040 + 16'(4 * i), 32'h11111111 * i);
    write_strobed(16'h0040, 32'hBAD, 4'b0111);
    write(16'h0060, 32'hBAD);
    write(16'h0140, 32'hBAD);
    for (int unsigned i = 0; i < 6; i++) if (arrival_seen[i] != 32'h11111111 * i) $fatal(1, "csr: arrival word %0d", i);
    for (int unsigned i = 17; i < 32; i++) expect_read(16'h0100 + 16'(8 * i), 0);
    expect_read(16'h0500, 0);
    expect_read(16'h2000, 0);
    expect_read(16'hFFFC, 0);

    // counters under full load, past 2^32 bytes
    events = 1'b1;
    repeat (200000) @(negedge clk);
    events = 1'b0;
    repeat (80) @(negedge clk);
    if (count[1] < 64'h1_0000_0000) $fatal(1, "csr: the test is too short");
    check_counters();
    read(16'h0178, lo);
    read(16'h017C, hi);
    read(16'h0178, lo2);
    if (hi != 0 || lo2 - lo < 8 || lo2 - lo > 160 || lo < 200000) $fatal(1, "csr: cycles %0d %0d", lo, lo2);
    write(16'h0030, 32'h2);
    repeat (80) @(negedge clk);
    foreach (count[i]) count[i] = 0;
    check_counters();
    expect_read(16'h0030, 0);
    events = 1'b1;
    repeat (777) @(negedge clk);
    events = 1'b0;
    repeat (80) @(negedge clk);
    check_counters();

    // maps
    for (int unsigned m = 0; m < 3; m++) begin
      write(16'h0400, m);
      write(16'h0404, 0);
      for (int unsigned i = 0; i < 10; i++) begin
        for (int unsigned w = 0; w < WORDS; w++) begin
          value[m*10 + i][32*w +: 32] = $urandom;
          write_strobed(16'h1000 + 16'(4 * w), value[m*10 + i][32*w +: 32], 4'b0110);
          write_strobed(16'h1000 + 16'(4 * w), value[m*10 + i][32*w +: 32], 4'b1001);
        end
        command(32'h102, 1'b0);
      end
      expect_read(16'h0404, 10);
      command(32'h102, 1'b1);
      expect_read(16'h0404, 10);
    end
    for (int unsigned m = 0; m < 3; m++) begin
      write(16'h0400, m);
      for (int unsigned i = 0; i < 10; i++) begin
        write(16'h0404, i);
        command(32'h1, 1'b0);
        expect_read(16'h0404, i);
        for (int unsigned w = 0; w < WORDS; w++) expect_read(16'h1000 + 16'(4 * w), value[m*10 + i][32*w +: 32]);
      end
    end
    expect_read(16'h1000 + 16'(4 * WORDS), 0);
    write(16'h0404, 0);
    write(16'h0400, 3);
    command(32'h1, 1'b1);
    write(16'h0400, 32'h100);
    command(32'h2, 1'b1);
    command(32'h3, 1'b1);
    write(16'h0400, 0);
    command(32'h1, 1'b0);
    check_keys();
    $display("PASS csr");
    $finish;
  end
endmodule

`default_nettype wire
