// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Two blocks on one bus (bpf_gate_regs, then bpf_shell_regs, both with bpf_axil_split) before a memory as the core's: random accesses at both channels at once, every
/// side waits by chance. Each access reaches what its address names, nothing else, and its answer comes back; also of addresses that nobody has.
module axil_split_tb;
  localparam int unsigned ACCESSES = 20000;
  localparam int unsigned SHELL = 32'h10000, GATE = 32'h1F000;

  logic        clk, rst;
  logic [19:0] awaddr, araddr, mid_awaddr, mid_araddr, end_awaddr, end_araddr;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] wdata, rdata, mid_wdata, mid_rdata, end_wdata, end_rdata;
  logic [3:0]  wstrb, mid_wstrb, end_wstrb;
  logic [1:0]  bresp, rresp, mid_bresp, mid_rresp, end_bresp, end_rresp;
  logic        mid_awvalid, mid_awready, mid_wvalid, mid_wready, mid_bvalid, mid_bready, mid_arvalid, mid_arready, mid_rvalid, mid_rready;
  logic        end_awvalid, end_awready, end_wvalid, end_wready, end_bvalid, end_bready, end_arvalid, end_arready, end_rvalid, end_rready;
  logic        bad, full, lossless;
  logic [2:0]  host_lost, port_lost;
  logic [47:0] ifindex;

  bpf_gate_regs u_gate (
    .clk_i(clk), .rst_i(rst), .bad_i(bad), .full_i(full),
    .s_axil_awaddr_i(awaddr), .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_wdata_i(wdata), .s_axil_wstrb_i(wstrb),
    .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_bresp_o(bresp), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready),
    .s_axil_araddr_i(araddr), .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready), .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready),
    .m_axil_awaddr_o(mid_awaddr), .m_axil_awvalid_o(mid_awvalid), .m_axil_awready_i(mid_awready), .m_axil_wdata_o(mid_wdata), .m_axil_wstrb_o(mid_wstrb),
    .m_axil_wvalid_o(mid_wvalid), .m_axil_wready_i(mid_wready), .m_axil_bresp_i(mid_bresp), .m_axil_bvalid_i(mid_bvalid), .m_axil_bready_o(mid_bready),
    .m_axil_araddr_o(mid_araddr), .m_axil_arvalid_o(mid_arvalid), .m_axil_arready_i(mid_arready), .m_axil_rdata_i(mid_rdata), .m_axil_rresp_i(mid_rresp),
    .m_axil_rvalid_i(mid_rvalid), .m_axil_rready_o(mid_rready));

  bpf_shell_regs #(.PORTS(3)) u_shell (
    .clk_i(clk), .rst_i(rst), .ports_i(32'd3), .shell_i(32'h1234_5678), .control_lossless_o(lossless), .no_port_i(bad), .no_socket_i(full), .ifindex_o(ifindex),
    .host_lost_i(host_lost), .port_lost_i(port_lost),
    .s_axil_awaddr_i(mid_awaddr), .s_axil_awvalid_i(mid_awvalid), .s_axil_awready_o(mid_awready), .s_axil_wdata_i(mid_wdata), .s_axil_wstrb_i(mid_wstrb),
    .s_axil_wvalid_i(mid_wvalid), .s_axil_wready_o(mid_wready), .s_axil_bresp_o(mid_bresp), .s_axil_bvalid_o(mid_bvalid), .s_axil_bready_i(mid_bready),
    .s_axil_araddr_i(mid_araddr), .s_axil_arvalid_i(mid_arvalid), .s_axil_arready_o(mid_arready), .s_axil_rdata_o(mid_rdata), .s_axil_rresp_o(mid_rresp),
    .s_axil_rvalid_o(mid_rvalid), .s_axil_rready_i(mid_rready),
    .m_axil_awaddr_o(end_awaddr), .m_axil_awvalid_o(end_awvalid), .m_axil_awready_i(end_awready), .m_axil_wdata_o(end_wdata), .m_axil_wstrb_o(end_wstrb),
    .m_axil_wvalid_o(end_wvalid), .m_axil_wready_i(end_wready), .m_axil_bresp_i(end_bresp), .m_axil_bvalid_i(end_bvalid), .m_axil_bready_o(end_bready),
    .m_axil_araddr_o(end_araddr), .m_axil_arvalid_o(end_arvalid), .m_axil_arready_i(end_arready), .m_axil_rdata_i(end_rdata), .m_axil_rresp_i(end_rresp),
    .m_axil_rvalid_i(end_rvalid), .m_axil_rready_o(end_rready));

  always #1 clk = !clk;

  // ---- the core: 64 words; the others answer with an error. Address and data are taken one after the other, in any order. ----
  logic [31:0] memory [64];
  logic        aw_held, w_held, b_out, ar_held, r_out;
  logic [19:0] aw_q, ar_q;
  logic [31:0] w_q;
  logic [3:0]  strb_q, dice;

  assign end_awready = !aw_held && !b_out && dice[0];
  assign end_wready  = !w_held && !b_out && dice[1];
  assign end_arready = !ar_held && !r_out && dice[2];
  assign end_bvalid  = b_out;
  assign end_rvalid  = r_out;

  always @(posedge clk) begin
    dice <= 4'($urandom);
    if (end_awvalid && end_awready) begin aw_held <= 1'b1; aw_q <= end_awaddr; end
    if (end_wvalid && end_wready) begin w_held <= 1'b1; w_q <= end_wdata; strb_q <= end_wstrb; end
    if (aw_held && w_held && dice[3]) begin
      {aw_held, w_held, b_out} <= 3'b001;
      end_bresp <= (aw_q >= 20'h100) ? 2'd2 : 2'd0;
      for (int unsigned i = 0; i < 4; i++) if (aw_q < 20'h100 && strb_q[i]) memory[aw_q[7:2]][8*i +: 8] <= w_q[8*i +: 8];
      if (aw_q >= 20'(SHELL)) $fatal(1, "axil_split: a write to %h went on to the core", aw_q);
    end
    if (end_bvalid && end_bready) b_out <= 1'b0;
    if (end_arvalid && end_arready) begin ar_held <= 1'b1; ar_q <= end_araddr; end
    if (ar_held && dice[3]) begin
      {ar_held, r_out} <= 2'b01;
      end_rresp <= (ar_q >= 20'h100) ? 2'd2 : 2'd0;
      end_rdata <= (ar_q >= 20'h100) ? 32'hDEAD_BEEF : memory[ar_q[7:2]];
      if (ar_q >= 20'(SHELL)) $fatal(1, "axil_split: a read of %h went on to the core", ar_q);
    end
    if (end_rvalid && end_rready) r_out <= 1'b0;
    if (rst) {aw_held, w_held, b_out, ar_held, r_out} <= '0;
  end

  // ---- pulses, counted ----
  logic        pulses;
  logic [31:0] bad_count, full_count, host_count [3], port_count [3];
  always @(posedge clk) begin
    if (bad) bad_count += 1;
    if (full) full_count += 1;
    for (int unsigned p = 0; p < 3; p++) begin
      if (host_lost[p]) host_count[p] += 1;
      if (port_lost[p]) port_count[p] += 1;
    end
    {bad, full, host_lost, port_lost} <= pulses ? 8'($urandom) : 8'd0;
  end

  // ---- model of what is stored ----
  logic [31:0] core_model [64];
  logic [15:0] ifindex_model [3];
  logic        lossless_model;

  function automatic logic [19:0] address(int unsigned kind);
    case (kind % 8)
      0, 1: address = 20'(4 * ($urandom % 64));
      2: address = 20'h04000 + 20'(4 * ($urandom % 64));
      3: address = 20'(SHELL) + 20'h20 + 20'(4 * ($urandom % 4));
      4: address = 20'(SHELL) + 20'(4 * ($urandom % 8));
      5: address = 20'(GATE) + 20'(4 * ($urandom % 4));
      6: address = 20'h20000 + 20'(4 * ($urandom % 32));
      default: address = 20'(SHELL) + 20'h100 + 20'(4 * ($urandom % 64));
    endcase
  endfunction

  function automatic logic [31:0] masked(logic [31:0] old, logic [31:0] data, logic [3:0] strobes);
    for (int unsigned i = 0; i < 4; i++) masked[8*i +: 8] = strobes[i] ? data[8*i +: 8] : old[8*i +: 8];
  endfunction

  task automatic write(logic [19:0] a, logic [31:0] d, logic [3:0] s);
    awaddr = a; wdata = d; wstrb = s;
    // Address and data come apart by chance.
    fork
      begin
        repeat ($urandom % 4) @(negedge clk);
        awvalid = 1'b1;
        do @(posedge clk); while (!awready);
        @(negedge clk) awvalid = 1'b0;
      end
      begin
        repeat ($urandom % 4) @(negedge clk);
        wvalid = 1'b1;
        do @(posedge clk); while (!wready);
        @(negedge clk) wvalid = 1'b0;
      end
    join
    repeat ($urandom % 4) @(negedge clk);
    bready = 1'b1;
    do @(posedge clk); while (!bvalid);
    if (bresp != ((a >= 20'h100 && a < 20'(SHELL)) ? 2'd2 : 2'd0)) $fatal(1, "axil_split: write to %h answered %0d", a, bresp);
    @(negedge clk) bready = 1'b0;
    if (a < 20'h100) core_model[a[7:2]] = masked(core_model[a[7:2]], d, s);
    if (a == 20'(SHELL) + 20'h0C && s[0]) lossless_model = d[0];
    for (int unsigned p = 0; p < 3; p++)
      if (a == 20'(SHELL) + 20'h20 + 20'(4 * p)) ifindex_model[p] = 16'(masked({16'd0, ifindex_model[p]}, d, s));
    if (lossless != lossless_model || ifindex != {ifindex_model[2], ifindex_model[1], ifindex_model[0]}) $fatal(1, "axil_split: registers after a write to %h", a);
  endtask

  task automatic read(logic [19:0] a, output logic [31:0] d);
    araddr = a;
    repeat ($urandom % 4) @(negedge clk);
    arvalid = 1'b1;
    do @(posedge clk); while (!arready);
    @(negedge clk) arvalid = 1'b0;
    repeat ($urandom % 4) @(negedge clk);
    rready = 1'b1;
    do @(posedge clk); while (!rvalid);
    d = rdata;
    if (rresp != ((a >= 20'h100 && a < 20'(SHELL)) ? 2'd2 : 2'd0)) $fatal(1, "axil_split: read of %h answered %0d", a, rresp);
    @(negedge clk) rready = 1'b0;
  endtask

  // What an address reads while nothing is counted.
  function automatic logic [31:0] expected(logic [19:0] a);
    expected = '0;
    if (a < 20'h100) expected = core_model[a[7:2]];
    else if (a < 20'(SHELL)) expected = 32'hDEAD_BEEF;
    case (a)
      20'(SHELL): expected = 32'h42324853;
      20'(SHELL) + 20'h04: expected = 32'd1;
      20'(SHELL) + 20'h08: expected = 32'd3;
      20'(SHELL) + 20'h0C: expected = {31'd0, lossless_model};
      20'(SHELL) + 20'h10: expected = 32'h1234_5678;
      20'(SHELL) + 20'h14, 20'(GATE): expected = bad_count;
      20'(SHELL) + 20'h18, 20'(GATE) + 20'h04: expected = full_count;
      default: begin
        for (int unsigned p = 0; p < 3; p++) begin
          if (a == 20'(SHELL) + 20'h20 + 20'(4 * p)) expected = {16'd0, ifindex_model[p]};
          if (a == 20'(SHELL) + 20'h40 + 20'(4 * p)) expected = host_count[p];
          if (a == 20'(SHELL) + 20'h60 + 20'(4 * p)) expected = port_count[p];
        end
      end
    endcase
  endfunction

  task automatic check(logic [19:0] a);
    automatic logic [31:0] d, want;
    want = expected(a);
    read(a, d);
    if (d != want) $fatal(1, "axil_split: %h reads %h, not %h", a, d, want);
  endtask

  initial begin
    {clk, awaddr, awvalid, wdata, wstrb, wvalid, bready, araddr, arvalid, rready, bad, full, host_lost, port_lost, pulses, dice, lossless_model} = '0;
    {bad_count, full_count} = '0;
    for (int unsigned p = 0; p < 3; p++) begin
      ifindex_model[p] = 16'(p + 1);
      host_count[p] = '0;
      port_count[p] = '0;
    end
    rst = 1'b1;
    repeat (4) @(negedge clk);
    rst = 1'b0;
    if (lossless != 1'b0 || ifindex != {16'd3, 16'd2, 16'd1}) $fatal(1, "axil_split: after reset");
    for (int unsigned i = 0; i < 64; i++) write(20'(4 * i), $urandom, 4'hF);
    for (int unsigned n = 0; n < ACCESSES / 2; n++) begin
      if ($urandom % 2 == 0) write(address($urandom), $urandom, 4'($urandom));
      else check(address($urandom));
    end
    // Both channels at once, pulses all the time: writes to the first half of the memory, reads of the other one.
    pulses = 1'b1;
    fork
      for (int unsigned n = 0; n < ACCESSES / 4; n++) begin
        automatic logic [19:0] a = address($urandom);
        if (a < 20'h100) a[7] = 1'b0;
        if (a < 20'h100 || a >= 20'(SHELL) + 20'h100) write(a, $urandom, 4'($urandom));
      end
      for (int unsigned n = 0; n < ACCESSES / 4; n++) begin
        automatic logic [19:0] a = address($urandom);
        if (a < 20'h100) a[7] = 1'b1;
        if (a < 20'h20000 && a >= 20'(SHELL)) a = 20'h20000;
        check(a);
      end
    join
    pulses = 1'b0;
    repeat (4) @(negedge clk);
    for (int unsigned i = 0; i < 48; i++) check(20'(SHELL) + 20'(4 * i));
    check(20'(GATE));
    check(20'(GATE) + 20'h04);
    if (bad_count < 1000 || port_count[2] < 1000) $fatal(1, "axil_split: too few pulses");
    $display("PASS axil_split");
    $finish;
  end

  initial begin
    #20000000 $fatal(1, "axil_split: it hangs");
  end
endmodule

`default_nettype wire
