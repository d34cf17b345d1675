// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_gmii_port, thus bpf_mac_rx and bpf_mac_tx: frames from one port to another over a wire that the bench watches (preamble, padding, FCS, gap) and damages
/// (bits, error flags, cut frames, stray bytes). What the second port delivers is what was sent and not damaged.
module gmii_port_tb;
  localparam int unsigned MAX_FRAME = 300;
  localparam int unsigned FRAMES = 3000;

  logic        clk, line, rst;
  logic [63:0] s_data, m_data;
  logic [7:0]  s_keep, m_keep, txd, rxd, unused_txd;
  logic        s_valid, s_last, m_valid, m_ready, m_last, tx_en, tx_er, rx_dv, rx_er;
  logic [63:0] none_data;
  logic [7:0]  none_keep;
  logic [3:0]  none;
  logic [4:0]  sender_events, receiver_events;

  always #8 clk = !clk;                        // 62.5 MHz to 125 MHz
  always #4 line = !line;

  bpf_gmii_port #(.MAX_FRAME(MAX_FRAME), .TX_WORDS(64)) u_sender (
    .rx_clk_i(line), .rx_rst_i(rst), .gmii_rxd_i(8'd0), .gmii_rx_dv_i(1'b0), .gmii_rx_er_i(1'b0),
    .tx_clk_i(line), .tx_rst_i(rst), .gmii_txd_o(txd), .gmii_tx_en_o(tx_en), .gmii_tx_er_o(tx_er), .clk_i(clk), .rst_i(rst),
    .m_axis_tdata_o(none_data), .m_axis_tkeep_o(none_keep), .m_axis_tvalid_o(none[0]), .m_axis_tready_i(1'b1), .m_axis_tlast_o(none[1]),
    .s_axis_tdata_i(s_data), .s_axis_tkeep_i(s_keep), .s_axis_tvalid_i(s_valid), .s_axis_tlast_i(s_last), .event_o(sender_events));
  bpf_gmii_port #(.MAX_FRAME(MAX_FRAME), .RX_WORDS(64)) u_receiver (
    .rx_clk_i(line), .rx_rst_i(rst), .gmii_rxd_i(rxd), .gmii_rx_dv_i(rx_dv), .gmii_rx_er_i(rx_er),
    .tx_clk_i(line), .tx_rst_i(rst), .gmii_txd_o(unused_txd), .gmii_tx_en_o(none[2]), .gmii_tx_er_o(none[3]), .clk_i(clk), .rst_i(rst),
    .m_axis_tdata_o(m_data), .m_axis_tkeep_o(m_keep), .m_axis_tvalid_o(m_valid), .m_axis_tready_i(m_ready), .m_axis_tlast_o(m_last),
    .s_axis_tdata_i('0), .s_axis_tkeep_i('0), .s_axis_tvalid_i(1'b0), .s_axis_tlast_i(1'b0), .event_o(receiver_events));

  typedef byte unsigned frame_t [$];
  frame_t      sent [$], expected [$];         // given to the sender; undamaged on the wire
  int unsigned count [10];                     // events of both

  // ---- host side of the sender: random frames, of 1 byte to more than MAX_FRAME ----
  int unsigned made, gap;
  initial begin
    frame_t f;
    {s_valid, s_last, s_keep, s_data} = '0;
    @(negedge rst);
    for (made = 0; made < FRAMES; made++) begin
      automatic int unsigned size = (made % 3 == 0) ? 1 + $urandom % 70 : (made % 3 == 1) ? 50 + $urandom % 30 : 1 + $urandom % (MAX_FRAME + 20);
      f.delete();
      for (int unsigned i = 0; i < size; i++) f.push_back(8'($urandom));
      sent.push_back(f);
      for (int unsigned i = 0; i < size; i += 8) begin
        @(negedge clk);
        s_valid = 1'b1;
        s_last = i + 8 >= size;
        s_keep = s_last ? 8'hFF >> (i + 8 - size) : 8'hFF;
        for (int unsigned b = 0; b < 8; b++) s_data[8*b +: 8] = (i + b < size) ? f[i+b] : 8'($urandom);
        if ($urandom % 16 == 0) begin
          @(posedge clk);
          @(negedge clk);
          s_valid = 1'b0;
        end
        if (!s_valid) begin
          @(negedge clk);
        end
      end
      @(negedge clk);
      s_valid = 1'b0;
      // Not faster than the line: the sender's FIFO must not lose here.
      gap = (size < 60 ? 84 : size + 24) / 2 + 4;
      repeat (gap) @(negedge clk);
    end
  end

  // ---- the wire ----
  function automatic logic [31:0] fcs(frame_t f);
    fcs = '1;
    foreach (f[i]) for (int b = 0; b < 8; b++) fcs = (fcs >> 1) ^ ((fcs[0] ^ f[i][b]) ? 32'hEDB88320 : 0);
    fcs = ~fcs;
  endfunction

  int unsigned at, idle, damage, seen, stray;
  frame_t      body, whole;
  always @(negedge line) begin
    automatic logic hurt = 1'b0;
    rxd = txd;
    rx_dv = tx_en;
    rx_er = tx_er;
    if (rst) {at, idle, seen, stray} = '0;
    else if (tx_en) begin
      if (tx_er) $fatal(1, "gmii_port: an error is sent");
      if (at == 0) begin
        if (seen > 0 && idle < 12) $fatal(1, "gmii_port: a gap of %0d", idle);
        damage = ($urandom % 4 == 0) ? 1 + $urandom % 3 : 0;   // 1 a bit, 2 the flag, 3 cut short
        body.delete();
      end
      if (at < 7 && txd != 8'h55 || at == 7 && txd != 8'hD5) $fatal(1, "gmii_port: preamble byte %0d is %h", at, txd);
      if (at >= 8) body.push_back(txd);
      hurt = at == 20 + seen % 48;
      if (hurt && damage == 1) rxd[seen % 8] = !rxd[seen % 8];
      if (hurt && damage == 2) rx_er = 1'b1;
      if (damage == 3 && at >= 20 + seen % 48) rx_dv = 1'b0;
      at++;
      idle = 0;
    end else begin
      if (at != 0) begin
        automatic frame_t f = sent.pop_front();
        automatic logic [31:0] check;
        while (f.size() < 60) f.push_back(8'd0);
        check = fcs(f);
        whole = f;
        for (int b = 0; b < 4; b++) whole.push_back(check[8*b +: 8]);
        if (body != whole) $fatal(1, "gmii_port: frame %0d of %0d bytes is not on the wire as it was given", seen, f.size());
        if (damage == 0 && f.size() <= MAX_FRAME) expected.push_back(f);
        seen++;
        at = 0;
      end
      idle++;
      // Noise between frames is no frame.
      if (idle == 4 && seen % 5 == 0) begin
        rx_dv = 1'b1;
        rxd = (seen % 2 == 0) ? 8'h13 : 8'h55;
        stray++;
      end
    end
  end

  // ---- what comes out ----
  frame_t      got;
  int unsigned arrived;
  always @(posedge clk) begin
    m_ready <= $urandom % 8 != 0;
    for (int i = 0; i < 5; i++) begin
      if (!rst && sender_events[i]) count[i]++;
      if (!rst && receiver_events[i]) count[5+i]++;
    end
    if (!rst && m_valid && m_ready) begin
      for (int b = 0; b < 8; b++) if (m_keep[b]) got.push_back(m_data[8*b +: 8]);
      if (!m_last && m_keep != '1) $fatal(1, "gmii_port: a hole in tkeep");
      if (m_last) begin
        automatic frame_t f = expected.pop_front();
        if (got != f) $fatal(1, "gmii_port: frame %0d has %0d bytes, %0d were expected", arrived, got.size(), f.size());
        got.delete();
        arrived++;
      end
    end
  end

  initial begin
    {clk, line} = 2'b00;
    rst = 1'b1;
    #200 rst = 1'b0;
    wait (made == FRAMES);
    #20000;
    if (seen != FRAMES || count[3] != FRAMES || count[4] != 0) $fatal(1, "gmii_port: %0d of %0d frames were sent", seen, FRAMES);
    if (expected.size() != 0 || arrived != count[5] || count[7] != 0) $fatal(1, "gmii_port: %0d arrived, %0d are missing", arrived, expected.size());
    if (count[5] + count[6] != FRAMES) $fatal(1, "gmii_port: %0d good, %0d bad of %0d", count[5], count[6], FRAMES);
    if (arrived < FRAMES / 2 || arrived > FRAMES - FRAMES / 8) $fatal(1, "gmii_port: only %0d", arrived);
    $display("PASS gmii_port");
    $finish;
  end
endmodule

`default_nettype wire
