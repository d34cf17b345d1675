// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_udp: a host's datagrams and ARP requests among other frames, against registers behind AXI4-Lite that take their time. Frames of others pass whole and in order, with
/// waits on both sides; requests are carried out once, whatever is repeated, late, damaged or not for this address; answers are checked byte by byte. At the end frames
/// of others at the full rate: no clock is lost.
module udp_tb;
  localparam logic [47:0] MAC = 48'h02_00_00_00_00_01, PEER = 48'h02_0A_0B_0C_0D_0E;
  localparam logic [31:0] IP = 32'hC0A8_0164, PEER_IP = 32'hC0A8_0137;
  localparam logic [15:0] PORT = 16'd45808, PEER_PORT = 16'd50123;
  typedef byte unsigned frame_t [$];

  logic        clk, rst;
  logic [63:0] s_tdata, m_tdata, a_tdata;
  logic [7:0]  s_tkeep, m_tkeep, a_tkeep;
  logic        s_tvalid, s_tready, s_tlast, m_tvalid, m_tready, m_tlast, a_tvalid, a_tready, a_tlast;
  logic [31:0] s_tuser, m_tuser;
  logic [15:0] awaddr, araddr;
  logic [31:0] wdata, rdata;
  logic [3:0]  wstrb;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [1:0]  bresp, rresp;
  logic        waits;

  always #5 clk = !clk;

  bpf_udp #(.MAC(MAC), .IP(IP), .PORT(PORT)) u_dut (
    .clk_i(clk), .rst_i(rst),
    .s_axis_tdata_i(s_tdata), .s_axis_tkeep_i(s_tkeep), .s_axis_tvalid_i(s_tvalid), .s_axis_tready_o(s_tready), .s_axis_tlast_i(s_tlast), .s_axis_tuser_i(s_tuser),
    .m_axis_tdata_o(m_tdata), .m_axis_tkeep_o(m_tkeep), .m_axis_tvalid_o(m_tvalid), .m_axis_tready_i(m_tready), .m_axis_tlast_o(m_tlast), .m_axis_tuser_o(m_tuser),
    .a_axis_tdata_o(a_tdata), .a_axis_tkeep_o(a_tkeep), .a_axis_tvalid_o(a_tvalid), .a_axis_tready_i(a_tready), .a_axis_tlast_o(a_tlast),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
    .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
    .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  // ---- registers; addresses from 0x1000 on fail ----
  logic [31:0] memory [0:255], model [0:255];
  logic        have_a, have_w;
  logic [15:0] at;
  logic [31:0] value;
  int unsigned accesses, expected_accesses;
  always @(posedge clk) begin
    awready <= $urandom % 4 == 0 && !(awvalid && awready);
    wready  <= $urandom % 4 == 0 && !(wvalid && wready);
    arready <= $urandom % 4 == 0 && !(arvalid && arready);
    if (rst) {bvalid, rvalid, have_a, have_w} <= '0;
    else begin
      if (awvalid && awready) begin have_a <= 1'b1; at <= awaddr; end
      if (wvalid && wready) begin have_w <= 1'b1; value <= wdata; end
      if (have_a && have_w && !bvalid && $urandom % 3 == 0) begin
        bvalid <= 1'b1;
        bresp <= (at >= 16'h1000) ? 2'b10 : 2'b00;
        if (at < 16'h1000) memory[at[9:2]] <= value;
        if (wstrb != '1) $fatal(1, "udp: strobes");
        accesses <= accesses + 1;
        {have_a, have_w} <= 2'b00;
      end
      if (bvalid && bready) bvalid <= 1'b0;
      if (arvalid && arready) begin
        rvalid <= 1'b1;
        rdata <= memory[araddr[9:2]];
        rresp <= (araddr >= 16'h1000) ? 2'b11 : 2'b00;
        accesses <= accesses + 1;
      end
      if (rvalid && rready) rvalid <= 1'b0;
    end
  end

  // ---- what comes out ----
  frame_t passed [$], answers [$], passing, answering;
  logic [31:0] users [$];
  int unsigned passed_frames, passed_beats;
  always @(posedge clk) begin
    m_tready <= !waits || $urandom % 3 != 0;
    a_tready <= !waits || $urandom % 3 == 0;
    if (!rst && m_tvalid && m_tready) begin
      passed_beats <= passed_beats + 1;
      for (int i = 0; i < 8; i++) if (m_tkeep[i]) passing.push_back(m_tdata[8*i +: 8]);
      if (m_tlast) begin
        automatic frame_t wanted = passed.pop_front();
        automatic logic [31:0] user = users.pop_front();
        if (passing != wanted || m_tuser != user) $fatal(1, "udp: frame %0d of others: %0d bytes instead of %0d, user %h", passed_frames, passing.size(), wanted.size(), m_tuser);
        passing.delete();
        passed_frames <= passed_frames + 1;
      end
    end
    if (!rst && a_tvalid && a_tready) begin
      for (int i = 0; i < 8; i++) if (a_tkeep[i]) answering.push_back(a_tdata[8*i +: 8]);
      if (a_tlast) begin
        answers.push_back(answering);
        answering.delete();
      end
    end
  end

  // ---- what goes in ----
  int unsigned sent;
  task automatic put(frame_t frame, logic own);
    automatic int unsigned beats = (frame.size() + 7) / 8;
    if (clk) @(negedge clk);
    if (!own) begin
      passed.push_back(frame);
      users.push_back(32'(sent));
    end
    for (int unsigned b = 0; b < beats; b++) begin
      while (waits && $urandom % 4 == 0) @(negedge clk);
      for (int unsigned i = 0; i < 8; i++) begin
        s_tdata[8*i +: 8] = (8*b + i < frame.size()) ? frame[8*b + i] : 8'hEE;
        s_tkeep[i] = 8*b + i < frame.size();
      end
      s_tvalid = 1'b1;
      s_tlast  = b + 1 == beats;
      s_tuser  = 32'(sent);
      // It depends on registers only: what it is now it is at the next edge.
      while (!s_tready) @(negedge clk);
      @(negedge clk) s_tvalid = 1'b0;
    end
    sent++;
  endtask

  function automatic void be(ref frame_t frame, input int unsigned bytes, input logic [63:0] number);
    for (int i = int'(bytes) - 1; i >= 0; i--) frame.push_back(number[8*i +: 8]);
  endfunction

  function automatic void le(ref frame_t frame, input int unsigned bytes, input logic [63:0] number);
    for (int unsigned i = 0; i < bytes; i++) frame.push_back(number[8*i +: 8]);
  endfunction

  // The Internet checksum (RFC 1071) of bytes, from a start value.
  function automatic logic [15:0] checksum(input frame_t frame, input int unsigned from, input int unsigned to, input logic [31:0] start);
    automatic logic [31:0] sum = start;
    for (int unsigned i = from; i < to; i += 2) sum += {16'd0, frame[i], frame[i+1]};
    while (sum[31:16] != 0) sum = 32'(sum[15:0]) + 32'(sum[31:16]);
    checksum = ~sum[15:0];
  endfunction

  function automatic frame_t datagram(input logic [47:0] mac, input logic [31:0] ip, input logic [15:0] port, input logic [7:0] op, input logic [15:0] address,
                                      input logic [31:0] number, input logic [31:0] data, input logic with_sum);
    automatic frame_t f;
    automatic logic [15:0] sum;
    be(f, 6, 64'(mac)); be(f, 6, 64'(PEER)); be(f, 2, 64'h0800);
    be(f, 4, 64'h4500_0028); be(f, 2, 64'($urandom)); be(f, 2, 64'h4000); be(f, 4, 64'h4011_0000); be(f, 4, 64'(PEER_IP)); be(f, 4, 64'(ip));
    sum = checksum(f, 14, 34, 0);
    f[24] = sum[15:8]; f[25] = sum[7:0];
    be(f, 2, 64'(PEER_PORT)); be(f, 2, 64'(port)); be(f, 4, 64'h0014_0000);
    f.push_back(8'hA5); f.push_back(op); le(f, 2, 64'(address)); le(f, 4, 64'(number)); le(f, 4, 64'(data));
    sum = checksum(f, 26, 54, 32'd17 + 32'd20);
    if (sum == 0) sum = '1;
    if (with_sum) begin f[40] = sum[15:8]; f[41] = sum[7:0]; end
    while (f.size() < 60) f.push_back(8'h00);
    datagram = f;
  endfunction

  function automatic frame_t arp(input logic [47:0] to, input logic [31:0] ip, input logic [15:0] kind);
    automatic frame_t f;
    be(f, 6, 64'(to)); be(f, 6, 64'(PEER)); be(f, 2, 64'h0806);
    be(f, 8, {48'h0001_0800_0604, kind}); be(f, 6, 64'(PEER)); be(f, 4, 64'(PEER_IP)); be(f, 6, 64'd0); be(f, 4, 64'(ip));
    while (f.size() < 60) f.push_back(8'h00);
    arp = f;
  endfunction

  function automatic frame_t other(input int unsigned size);
    automatic frame_t f;
    for (int unsigned i = 0; i < size; i++) f.push_back(8'($urandom));
    other = f;
  endfunction

  task automatic wait_for_answer(output frame_t got, input string what);
    for (int unsigned i = 0; i < 2000 && answers.size() == 0; i++) @(posedge clk);
    if (answers.size() != 1) $fatal(1, "udp: %s: %0d answers", what, answers.size());
    got = answers.pop_front();
  endtask

  task automatic expect_answer(logic [7:0] code, logic [15:0] address, logic [31:0] number, logic [31:0] data, string what);
    automatic frame_t got, want;
    automatic logic [15:0] sum;
    wait_for_answer(got, what);
    be(want, 6, 64'(PEER)); be(want, 6, 64'(MAC)); be(want, 2, 64'h0800);
    be(want, 8, 64'h4500_0028_0000_4000); be(want, 4, 64'h4011_0000); be(want, 4, 64'(IP)); be(want, 4, 64'(PEER_IP));
    sum = checksum(want, 14, 34, 0);
    want[24] = sum[15:8]; want[25] = sum[7:0];
    be(want, 2, 64'(PORT)); be(want, 2, 64'(PEER_PORT)); be(want, 4, 64'h0014_0000);
    want.push_back(8'h5A); want.push_back(code); le(want, 2, 64'(address)); le(want, 4, 64'(number)); le(want, 4, 64'(data));
    while (want.size() < 60) want.push_back(8'h00);
    foreach (want[i]) if (got[i] != want[i]) $fatal(1, "udp: %s: byte %0d of the answer is %h instead of %h", what, i, got[i], want[i]);
    if (got.size() != 60) $fatal(1, "udp: %s: %0d bytes", what, got.size());
  endtask

  task automatic expect_silence(string what);
    repeat (150) @(posedge clk);
    if (answers.size() != 0) $fatal(1, "udp: an answer to %s", what);
  endtask

  task automatic expect_arp(string what);
    automatic frame_t got, want;
    wait_for_answer(got, what);
    be(want, 6, 64'(PEER)); be(want, 6, 64'(MAC)); be(want, 2, 64'h0806);
    be(want, 8, {48'h0001_0800_0604, 16'h0002}); be(want, 6, 64'(MAC)); be(want, 4, 64'(IP)); be(want, 6, 64'(PEER)); be(want, 4, 64'(PEER_IP));
    while (want.size() < 60) want.push_back(8'h00);
    if (got != want) $fatal(1, "udp: %s: a wrong answer", what);
  endtask

  logic [31:0] number;
  initial begin
    foreach (memory[i]) begin
      memory[i] = $urandom;
      model[i] = memory[i];
    end
    {clk, s_tvalid, s_tlast, s_tdata, s_tkeep, s_tuser, sent, passed_frames, passed_beats, accesses, expected_accesses} = '0;
    waits = 1'b1;
    rst = 1'b1;
    repeat (10) @(posedge clk);
    #1 rst = 1'b0;
    // The numbers wrap during the run; the first one after reset may be any.
    number = 32'hFFFF_FF80;
    for (int unsigned n = 0; n < 600; n++) begin
      automatic logic [15:0] address = {6'd0, 8'($urandom), 2'b00};
      automatic logic [31:0] data = $urandom;
      automatic frame_t f;
      automatic int unsigned place;
      number = number + 32'd1 + 32'($urandom % 2);
      if ($urandom % 2 == 0) put(other(60 + $urandom % 200), 1'b0);
      case (n % 12)
        0, 1, 2: begin
          put(datagram(MAC, IP, PORT, 8'h02, address, number, data, n % 2 == 0), 1'b1);
          expected_accesses++;
          expect_answer(8'h02, address, number, 0, "write");
          model[address[9:2]] = data;
        end
        3, 4: begin
          put(datagram(MAC, IP, PORT, 8'h01, address, number, data, n % 2 == 0), 1'b1);
          expected_accesses++;
          expect_answer(8'h01, address, number, model[address[9:2]], "read");
          // A hello in between says the number, and takes nothing away.
          put(datagram(MAC, IP, PORT, 8'h00, address, (n % 2 == 0) ? number : 32'd7, data, 1'b1), 1'b1);
          expect_answer(8'h00, address, (n % 2 == 0) ? number : 32'd7, number, "hello");
          // Asked again, after frames of others: the same answer, without an access; then an older one, which is dropped.
          put(other(60 + $urandom % 90), 1'b0);
          put(datagram(MAC, IP, PORT, 8'h01, address ^ 16'h4, number, data, 1'b1), 1'b1);
          expect_answer(8'h01, address, number, model[address[9:2]], "read again");
          put(datagram(MAC, IP, PORT, 8'h02, address, number - 32'd1, ~data, 1'b1), 1'b1);
          expect_silence("an old number");
        end
        5: begin
          put(datagram(MAC, IP, PORT, 8'h01 + 8'(n / 12 % 2), address | 16'h1000, number, data, 1'b1), 1'b1);
          expected_accesses++;
          // What is read of a failed access does not count.
          if (n / 12 % 2 == 1) expect_answer(8'h22, address | 16'h1000, number, 0, "failed write");
          else expect_answer(8'h21, address | 16'h1000, number, memory[address[9:2]], "failed read");
        end
        6: begin
          put(datagram(MAC, IP, PORT, 8'h03 + 8'($urandom % 8), address, number, data, 1'b1), 1'b1);
          wait_for_answer(f, "unknown");
          if (f[42] != 8'h5A || f[43][7:4] != 4'h1) $fatal(1, "udp: unknown: %h", f[43]);
          put(datagram(MAC, IP, PORT, 8'h00, address, 32'd5, data, 1'b1), 1'b1);
          expect_answer(8'h00, address, 32'd5, number, "hello");
        end
        7: begin
          put(arp((n / 12 % 2 == 0) ? '1 : MAC, IP, 16'd1), 1'b1);
          expect_arp("ARP");
        end
        8: begin
          // Not for this address, not a request: they pass.
          put(arp('1, IP + 1, 16'd1), 1'b0);
          put(arp(MAC, IP, 16'd2), 1'b0);
          put(datagram(MAC, IP + 1, PORT, 8'h02, address, number, data, 1'b1), 1'b0);
          put(datagram(MAC, IP, PORT + 1, 8'h02, address, number, data, 1'b1), 1'b0);
          put(datagram(MAC ^ 48'd1, IP, PORT, 8'h02, address, number, data, 1'b1), 1'b0);
          for (int unsigned i = 0; i < 3; i++) begin
            f = datagram(MAC, IP, PORT, 8'h02, address, number, data, 1'b1);
            if (i == 0) f[14] = 8'h46;
            if (i == 1) f[20] = 8'h20;
            if (i == 2) f[23] = 8'd6;
            put(f, 1'b0);
          end
          expect_silence("what is for others");
        end
        9, 10: begin
          // A damaged bit in what the checksums cover, except where it makes the frame another's: taken out, nothing is done.
          f = datagram(MAC, IP, PORT, 8'h02, address, number, data, 1'b1);
          place = (n % 12 == 9) ? 42 + $urandom % 12 : 16 + $urandom % 4;
          f[place] ^= 8'(1 << ($urandom % 8));
          put(f, 1'b1);
          expect_silence("a damaged request");
        end
        default: begin
          // Two at a time: the second one is lost, and is carried out when it comes again.
          put(datagram(MAC, IP, PORT, 8'h02, address, number, data, 1'b0), 1'b1);
          put(datagram(MAC, IP, PORT, 8'h01, address, number + 32'd1, data, 1'b0), 1'b1);
          expected_accesses++;
          expect_answer(8'h02, address, number, 0, "the first of two");
          model[address[9:2]] = data;
          number = number + 32'd1;
          put(datagram(MAC, IP, PORT, 8'h01, address, number, data, 1'b0), 1'b1);
          expected_accesses++;
          expect_answer(8'h01, address, number, data, "the second of two");
        end
      endcase
    end
    put(other(60), 1'b0);
    for (int unsigned i = 0; i < 2000 && passed.size() != 0; i++) @(posedge clk);
    if (passed.size() != 0) $fatal(1, "udp: %0d frames of others are missing", passed.size());
    if (accesses != expected_accesses) $fatal(1, "udp: %0d accesses instead of %0d", accesses, expected_accesses);
    foreach (model[i]) if (memory[i] != model[i]) $fatal(1, "udp: register %0d", i);

    // The full rate: as many clocks as beats.
    waits = 1'b0;
    repeat (20) @(negedge clk);
    begin
      automatic int unsigned start = passed_beats, beats = 0;
      automatic longint unsigned begun = $time;
      for (int unsigned n = 0; n < 300; n++) begin
        automatic int unsigned size = 60 + n * 7 % 140;
        put(other(size), 1'b0);
        beats += (size + 7) / 8;
      end
      if (($time - begun) / 10 > longint'(beats) + 2) $fatal(1, "udp: %0d clocks for %0d beats", ($time - begun) / 10, beats);
      for (int unsigned i = 0; i < 100 && passed.size() != 0; i++) @(posedge clk);
      if (passed_beats - start != beats) $fatal(1, "udp: beats are missing");
    end
    $display("PASS udp");
    $finish;
  end
endmodule

`default_nettype wire
