// SPDX-License-Identifier: Apache-2.0
// The module BENCH: the whole NIC on a bus of BUS bits, with test cores in both slots, beside a memory that answers 300 clocks later: frames of one size without a pause from the MAC to the
// host, from the host to the MAC, both at once, and from the MAC back to it (XDP_TX). What a clock carries, against what the busiest of the streams, R and W could (docs/src/dma.md).
// Every frame has its number, so the last ones in memory and all that leave by the port are compared; none may be lost. Then slots are isolated under the flood, again and again: what comes
// is whole and in order, or marked as damaged at the host and at the port; what does not is counted; queues and the other slot go on.
module bpf_slot_a
`include "test_slot.svh"
endmodule

module bpf_slot_b
`include "test_slot.svh"
endmodule

module `BENCH;
  localparam int unsigned BUS_W = `BUS, B = BUS_W / 8, SIZE = 1 << 22;
  localparam int unsigned PLACES = 4096;       // descriptors of a ring
  localparam int unsigned BUFFERS = 128;       // places of 4 KiB, used in turn
  localparam int unsigned FRAMES = 300;        // measured are as many at least, and CLOCKS, after CLOCKS
  localparam int unsigned CLOCKS = 4000;
  localparam int unsigned NIC = 32'h10000, DMA = 32'h30000, RX = DMA + 32'h1000, TX = DMA + 32'h2000;
  localparam logic [7:0]  PASS = 8'd2, BACK = 8'd3; // first byte: what the test core does

  logic clk, rst;
  always #1 clk = !clk;

  logic [BUS_W-1:0] rx_data, tx_data, wdata, rdata;
  logic [B-1:0]     rx_keep, tx_keep, wstrb;
  logic             rx_valid, rx_last, tx_valid, tx_last, tx_bad;
  logic [63:0]      awaddr, araddr;
  logic [7:0]       awlen, arlen;
  logic [1:0]       bresp, rresp, lbresp, lrresp;
  logic             awvalid, awready, wlast, wvalid, wready, bvalid, bready, arvalid, arready, rlast, rvalid, rready;
  logic [19:0]      laddr;
  logic [31:0]      lwdata, lrdata;
  logic             lawvalid, lawready, lwready, lbvalid, larvalid, larready, lrvalid;
  logic [3:0]       rx_irq;
  logic [1:0]       tx_irq;

  bpf_nic #(.BUS_W(BUS_W), .DATA_QUEUES(2), .TX_QUEUES(2)) u_nic (
    .clk_i(clk), .rst_i(rst), .rx_tdata_i(rx_data), .rx_tkeep_i(rx_keep), .rx_tvalid_i(rx_valid), .rx_tlast_i(rx_last), .rx_bad_i(1'b0), .rx_queue_i(16'd0),
    .tx_tdata_o(tx_data), .tx_tkeep_o(tx_keep), .tx_tvalid_o(tx_valid), .tx_tready_i(1'b1), .tx_tlast_o(tx_last), .tx_bad_o(tx_bad),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_wdata_o(wdata), .m_axi_wstrb_o(wstrb),
    .m_axi_wlast_o(wlast), .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready), .m_axi_bresp_i(bresp), .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_rdata_i(rdata), .m_axi_rresp_i(rresp),
    .m_axi_rlast_i(rlast), .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready),
    .s_axil_awaddr_i(laddr), .s_axil_awvalid_i(lawvalid), .s_axil_awready_o(lawready), .s_axil_wdata_i(lwdata), .s_axil_wstrb_i(4'hF), .s_axil_wvalid_i(lawvalid),
    .s_axil_wready_o(lwready), .s_axil_bresp_o(lbresp), .s_axil_bvalid_o(lbvalid), .s_axil_bready_i(1'b1), .s_axil_araddr_i(laddr), .s_axil_arvalid_i(larvalid),
    .s_axil_arready_o(larready), .s_axil_rdata_o(lrdata), .s_axil_rresp_o(lrresp), .s_axil_rvalid_o(lrvalid), .s_axil_rready_i(1'b1),
    .rx_irq_o(rx_irq), .tx_irq_o(tx_irq));

  axi_memory #(.BUS_W(BUS_W), .SIZE(SIZE), .LATE(32'h300000)) u_memory (
    .clk, .rst, .latency(300), .stalls(0), .blocks(1'b0), .awaddr, .awlen, .awvalid, .awready, .wdata, .wstrb, .wlast, .wvalid, .wready, .bresp, .bvalid, .bready,
    .araddr, .arlen, .arvalid, .arready, .rdata, .rresp, .rlast, .rvalid, .rready);

  // ---- frames: what to do, their number, then bytes by which they are known ----
  int unsigned flood, size;                    // bytes of the frames that the MAC offers without end (0: none), bytes of all
  logic [7:0]  action;

  function automatic logic [7:0] byte_of(logic [7:0] does, int unsigned number, int unsigned at);
    byte_of = (at == 0) ? does : (at < 5) ? 8'(number >> (8 * (at - 1))) : 8'(number + 7 * at + (at >> 8));
  endfunction

  // The MAC obeys flow control: no more than half of the gate is filled.
  int unsigned rx_at, rx_number;
  logic        crowded;
  assign crowded = 32'(u_nic.u_gate.u_gate.write_q - u_nic.u_gate.u_gate.read_q) > 16384 / B || u_nic.u_gate.inside_q > 256;

  always @(posedge clk) begin
    rx_valid <= 1'b0;
    if (rst) {rx_at, rx_number} <= '0;
    else if (rx_at != 0 || (flood != 0 && !crowded)) begin
      rx_valid <= 1'b1;
      for (int unsigned i = 0; i < B; i++) begin
        rx_data[8*i +: 8] <= byte_of(action, rx_number, rx_at + i);
        rx_keep[i]        <= rx_at + i < size;
      end
      rx_last <= rx_at + B >= size;
      rx_at   <= (rx_at + B >= size) ? 0 : rx_at + B;
      if (rx_at + B >= size) rx_number <= rx_number + 1;
    end
  end

  // What leaves by the port: the host's own all alike, those that come back in their order; when slots are isolated some are missing, some damaged.
  int unsigned tx_at, own, back, back_next, spoiled, number;
  logic        cutting, spoils;
  always @(posedge clk) begin
    if (rst) {tx_at, own, back, back_next, spoiled, spoils} <= '0;
    else if (tx_valid) begin
      automatic logic ours = u_nic.is_own, wrong = 1'b0;
      if (tx_at == 0 && !ours) begin
        number = cutting ? tx_data[39:8] : back;
        spoils = 1'b0;
        if (cutting && number < back_next) $fatal(1, "nic: frame %0d leaves behind frame %0d", number, back_next);
        back_next <= number + 1;
      end
      for (int unsigned i = 0; i < B; i++) begin
        if (tx_keep[i] != (tx_at + i < size)) $fatal(1, "nic: a frame that leaves has not %0d bytes", size);
        if (tx_keep[i] && tx_data[8*i +: 8] != (ours ? byte_of(8'hA5, 0, tx_at + i) : byte_of(BACK, number, tx_at + i))) wrong = 1'b1;
      end
      if (wrong && (ours || !cutting)) $fatal(1, "nic: beat at byte %0d of a frame that leaves, number %0d", tx_at, number);
      if (!ours) spoils = spoils || wrong;
      if (tx_last != (tx_at + B >= size)) $fatal(1, "nic: tlast");
      if (tx_last && tx_bad != (spoils && !ours)) $fatal(1, "nic: frame %0d leaves, damaged: %0d, told: %0d", number, spoils, tx_bad);
      tx_at <= tx_last ? 0 : tx_at + B;
      if (tx_last && ours) own <= own + 1;
      if (tx_last && !ours && !tx_bad) back <= back + 1;
      if (tx_last && !ours && tx_bad) spoiled <= spoiled + 1;
    end
  end

  // ---- registers ----
  task automatic reg_write(int unsigned addr, logic [31:0] data);
    laddr = 20'(addr);
    lwdata = data;
    lawvalid = 1'b1;
    do @(posedge clk); while (!lawready || !lwready);
    @(negedge clk);
    lawvalid = 1'b0;
    while (!lbvalid) @(negedge clk);
    @(negedge clk);
  endtask

  task automatic reg_read(int unsigned addr, output logic [31:0] data);
    laddr = 20'(addr);
    larvalid = 1'b1;
    do @(posedge clk); while (!larready);
    @(negedge clk);
    larvalid = 1'b0;
    while (!lrvalid) @(negedge clk);
    data = lrdata;
    @(negedge clk);
  endtask

  task automatic put(int unsigned addr, int unsigned bytes, logic [127:0] data);
    for (int unsigned i = 0; i < bytes; i++) u_memory.mem[addr + i] = data[8*i +: 8];
  endtask

  // ---- rates ----
  task automatic start(logic sends, int unsigned offset);
    automatic int unsigned page = sends ? TX : RX, ring = sends ? 32'h210000 : 32'h200000;
    for (int unsigned i = 0; i < PLACES; i++) put(ring + 16 * i, 16, {32'd0, 16'd0, 16'(size), 32'd0, (sends ? 32'h280000 : 32'h300000) + 4096 * (i % BUFFERS) + offset});
    if (sends) for (int unsigned i = 0; i < BUFFERS; i++) for (int unsigned b = 0; b < size; b++) u_memory.mem[32'h280000 + 4096 * i + offset + b] = byte_of(8'hA5, 0, b);
    reg_write(page + 32'h08, ring);
    reg_write(page + 32'h10, sends ? 32'h228000 : 32'h220000);
    reg_write(page, 32'hC03);
    reg_write(page + 32'h18, PLACES);
  endtask

  task automatic stop(logic sends);
    automatic logic [31:0] status = 0;
    reg_write(sends ? TX : RX, 0);
    while (!status[1]) reg_read((sends ? TX : RX) + 4, status);
  endtask

  task automatic check_buffers(int unsigned count, int unsigned offset);
    for (int unsigned k = 0; k < BUFFERS && k < count; k++) begin
      automatic int unsigned at = 32'h300000 + 4096 * ((count - 1 - k) % BUFFERS) + offset;
      for (int unsigned b = 0; b < size; b++) if (u_memory.mem[at + b] != byte_of(PASS, rx_number - 1 - k, b)) $fatal(1, "nic: byte %0d of frame %0d in memory", b, rx_number - 1 - k);
    end
  endtask

  task automatic rate(int unsigned bytes, int unsigned offset, logic receives, logic sends, logic returns);
    automatic int unsigned counts [2], clocks, begun, received, first = rx_number;
    automatic longint since = u_memory.now, from = 0;
    automatic real stream, data, w, r, rx, tx, worst;
    automatic logic [31:0] word;
    size = bytes;
    action = returns ? BACK : PASS;
    if (receives) start(0, offset);
    if (sends) start(1, offset);
    flood = 32'(receives || returns);
    while (from == 0 || 32'(u_memory.now - from) < CLOCKS + FRAMES * ((size + B - 1) / B)) begin
      for (int unsigned k = 0; k < 2; k++) if ((k == 0) ? receives : sends) begin
        reg_read(((k == 0) ? RX : TX) + 32'h1C, word);
        reg_write(((k == 0) ? RX : TX) + 32'h18, {16'd0, word[15:0] + 16'(PLACES)});
      end
      repeat (100) @(negedge clk);
      if (from == 0 && u_memory.now - since >= 64'(CLOCKS)) begin
        reg_read(DMA + 32'h40, begun);
        {counts[0], counts[1], from} = {own, back, u_memory.now};
      end
    end
    reg_read(DMA + 32'h40, received);
    received = received - begun;
    counts[0] = own - counts[0];
    counts[1] = back - counts[1];
    clocks = 32'(u_memory.now - from);
    stream = real'((size + B - 1) / B);
    data   = real'((offset + size + B - 1) / B);
    w  = (real'(received) * (data + 8.0 / real'(B)) + real'(counts[0]) * 8.0 / real'(B)) / real'(clocks);
    r  = (real'(counts[0]) * (data + 16.0 / real'(B)) + real'(received) * 16.0 / real'(B)) / real'(clocks);
    rx = real'(received + counts[1]) * stream / real'(clocks);
    tx = real'(counts[0] + counts[1]) * stream / real'(clocks);
    worst = 1.0;
    if ((receives || returns) && ((rx > w) ? rx : w) < worst) worst = (rx > w) ? rx : w;
    if ((sends || returns) && ((tx > r) ? tx : r) < worst) worst = (tx > r) ? tx : r;
    $display("RATE nic bus %0d bytes %0d offset %0d receive %0.2f send %0.2f back %0.2f B/clock, of the limit %0.3f", BUS_W, size, offset,
             real'(received * size) / real'(clocks), real'(counts[0] * size) / real'(clocks), real'(counts[1] * size) / real'(clocks), worst);
    // To the end: everything is there.
    flood = 0;
    word = 1;
    for (int unsigned turns = 0; receives && word != rx_number - first; turns++) begin
      reg_read(RX + 32'h1C, word);
      word = (word - (rx_number - first)) % 65536 == 0 ? rx_number - first : word;
      if (turns > 500) $fatal(1, "nic: %0d frames went in, %0d have come", rx_number - first, word);
      reg_write(RX + 32'h18, {16'd0, word[15:0] + 16'(PLACES)});
    end
    if (sends) stop(1);
    if (receives) stop(0);
    repeat (1000) @(negedge clk);
    if (receives) check_buffers(rx_number - first, offset);
    if (returns && back != rx_number - first) $fatal(1, "nic: %0d frames went in, %0d have come back", rx_number - first, back);
    {back, back_next, rx_number} = '0;
    for (int unsigned a = 32'h20; a < 32'h2C; a += 4) begin
      reg_read(NIC + a, word);
      if (word != 0) $fatal(1, "nic: %0d frames were dropped at the gate", word);
    end
    if (worst < 0.95) slow++;
  endtask

  // ---- slots that are isolated under a flood: once the frames go to the host, once back to the MAC ----
  localparam int unsigned SLOTS = 32'h12000;
  int unsigned reaped, good, broken, next;

  // What the completions say against what is in the buffers.
  task automatic reap();
    automatic logic [31:0] consumer;
    automatic logic [63:0] c;
    reg_read(RX + 32'h1C, consumer);
    while (16'(reaped) != consumer[15:0]) begin
      automatic int unsigned at = 32'h300000 + 4096 * (reaped % BUFFERS), found;
      automatic logic wrong = 1'b0;
      for (int unsigned k = 0; k < 8; k++) c[8*k +: 8] = u_memory.mem[32'h220000 + 8 * (reaped % PLACES) + k];
      for (int unsigned k = 0; k < 4; k++) found[8*k +: 8] = u_memory.mem[at + 1 + k];
      for (int unsigned b = 0; b < size; b++) wrong = wrong || u_memory.mem[at + b] != byte_of(PASS, found, b);
      if (c[15:0] != 16'(size) || c[25] || c[26] != wrong) $fatal(1, "nic: completion %h of frame %0d, damaged: %0d", c, found, wrong);
      if (found < next) $fatal(1, "nic: frame %0d behind frame %0d in memory", found, next);
      next = found + 1;
      if (wrong) broken = broken + 1;
      else good = good + 1;
      reaped = reaped + 1;
    end
    reg_write(RX + 32'h18, {16'd0, 16'(reaped + PLACES)});
  endtask

  task automatic slots_read(int unsigned at, output int unsigned sum);
    automatic logic [31:0] word;
    sum = 0;
    for (int unsigned s = 0; s < 2; s++) begin
      reg_read(SLOTS + at + 4 * s, word);
      sum = sum + word;
    end
  endtask

  task automatic isolations(logic returns, int unsigned bytes);
    automatic int unsigned counts [4], earlier [4], slot, errors_before, errors, calm;
    automatic logic [31:0] word;
    size = bytes;
    action = returns ? BACK : PASS;
    {reaped, good, broken, next, rx_number} = '0;
    {back, spoiled, back_next} = '0;
    cutting = 1'b1;
    for (int unsigned k = 0; k < 4; k++) slots_read(32'h48 + 8 * k, earlier[k]);
    reg_read(DMA + 32'h68, errors_before);
    if (!returns) begin
      for (int unsigned i = 0; i < PLACES; i++) put(32'h220000 + 8 * i, 8, '0);
      start(0, 0);
    end
    flood = 1;
    for (int unsigned turn = 0; turn < 16; turn++) begin
      repeat (8 + $urandom % 20) begin
        repeat (1 + $urandom % 100) @(negedge clk);
        if (!returns) reap();
      end
      slot = turn % 2;
      reg_write(SLOTS + 32'h30, 1 << slot);
      reg_write(SLOTS + 32'h08, 2 - slot);
      repeat ($urandom % 200) @(negedge clk);
      reg_write(SLOTS + 32'h30, 0);
      do reg_read(SLOTS + 32'h0C, word); while (word[9:8] != 0);
      reg_write((slot != 0) ? 32'h20030 : 32'h30, 1);
      do begin
        reg_read(SLOTS + 32'h0C, word);
        if (!returns) reap();
      end while (!word[2]);
    end
    flood = 0;
    calm = 0;
    while (calm < 20) begin
      repeat (200) @(negedge clk);
      if (!returns) reap();
      calm++;
    end
    for (int unsigned k = 0; k < 4; k++) begin
      slots_read(32'h48 + 8 * k, counts[k]);
      counts[k] = counts[k] - earlier[k];
    end
    reg_read(DMA + 32'h68, errors);
    if (returns) {good, broken} = {back, spoiled};
    $display("isolated 16 times, %0d bits, %0s: %0d frames, %0d whole, %0d damaged; verdicts %0d, LOST %0d, UNSENT %0d, CUT %0d", BUS_W, returns ? "XDP_TX" : "PASS", rx_number, good, broken,
             counts[0], counts[1], counts[2], counts[3]);
    if (counts[0] + counts[1] != rx_number || good + counts[1] + counts[2] != rx_number || broken != counts[3]) $fatal(1, "nic: not all frames are accounted");
    if (counts[1] == 0 || broken < 4) $fatal(1, "nic: too little is lost for a test");
    if (errors - errors_before != (returns ? 0 : broken)) $fatal(1, "nic: RX_ERROR is %0d", errors - errors_before);
    reg_read(RX + 4, word);
    if (!returns && word != 1) $fatal(1, "nic: the queue has stopped: %h", word);
    if (!returns) stop(0);
  endtask

  int unsigned slow;
  initial begin
    automatic int unsigned sizes [7] = '{64, 65, 128, 256, 512, 1024, 1514};
    {clk, rst, lawvalid, larvalid} = 4'b0100;
    {flood, size, slow, cutting} = '0;
    repeat (10) @(negedge clk);
    rst = 0;
    repeat (10) @(negedge clk);
    reg_write(32'h30, 1);
    for (int unsigned k = 0; k < 28; k++)
      for (int unsigned offset = 0; offset < ((k / 7 == 3) ? 1 : 4); offset += 2) rate(sizes[k % 7], offset, k / 7 == 0 || k / 7 == 2, k / 7 == 1 || k / 7 == 2, k / 7 == 3);
    reg_write(32'h20030, 1);
    isolations(0, 1514);
    isolations(1, 777);
    if (slow != 0) $fatal(1, "nic: %0d rates are below 0.95 of the limit", slow);
    $display("PASS %s", `NAME);
    $finish;
  end
endmodule
