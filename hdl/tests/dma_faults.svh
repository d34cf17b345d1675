// SPDX-License-Identifier: Apache-2.0
// Part of dma_bench: one fault after the other on the first queue of a direction. Each stops that queue, with its bit in STATUS and an interrupt; a reset mends it.
  task automatic fault(int unsigned n, int unsigned bit_, logic bad_ring, logic bad_completions, logic [63:0] addr, logic [15:0] bytes, logic [15:0] producer,
                       logic completes, logic frame);
    automatic logic [31:0] status = 0, pending;
    automatic logic [63:0] c;
    automatic int unsigned number = (n < QUEUES) ? n : 16 + n - QUEUES;
    automatic frame_t f;
    start(n, 1'b0);
    stop(n);
    if (bad_ring) reg_write(page(n) + 32'h0C, 32'h100);
    if (bad_completions) reg_write(page(n) + 32'h14, 32'h200);
    reg_write(page(n) + 32'h20, 32'hFFFF_FFFF);
    put(ring_at(n), 16, {32'h00ABCDEF, 16'd0, bytes, addr});
    reg_write(page(n), 32'h501);
    reg_write(32'h10, 32'hFFFF_FFFF);
    reg_write(page(n) + 32'h18, {16'd0, producer});
    f.seed = 77;
    f.bytes = 100;
    f.bad_at = 0;
    f.queue = n;
    f.flags = '0;
    f.id = '0;
    if (frame && n < QUEUES) begin
      repeat (100) @(negedge clk);
      sending.push_back(f);
    end
    while (status[0] || !status[1]) reg_read(page(n) + 4, status);
    if (status != (32'd2 | (32'd1 << bit_))) $fatal(1, "dma: status %h after a fault that is bit %0d", status, bit_);
    reg_read(32'h10, pending);
    if (!pending[5'(number)]) $fatal(1, "dma: no interrupt when a queue stopped");
    // Nothing more happens here, and frames are dropped.
    if (n < QUEUES) begin
      sending.push_back(f);
      lost[0] = lost[0] + 1;
    end
    repeat (200) @(negedge clk);
    c = completion(n, 0);
    if (c[31] != (completes && !bad_completions)) $fatal(1, "dma: completion %h after a fault that is bit %0d", c, bit_);
    if (c[31] && !c[26]) $fatal(1, "dma: completion %h without an error", c);
    if (completes) matched[n] = matched[n] + 1;
    if (bad_completions && n < QUEUES) bytes_in = bytes_in + 100;
    else if (completes && n < QUEUES) rx_faults = rx_faults + 1;
    else if (completes && !bad_completions) tx_faults = tx_faults + 1;
    stop(n);
  endtask

  task automatic faults();
    automatic logic [31:0] pending;
    automatic int unsigned buffer = 131072 + 64;
    automatic frame_t f;
    for (int unsigned k = 0; k < 10; k++) begin
      automatic int unsigned n = (k < 5) ? 0 : QUEUES;
      automatic int unsigned bits [10] = '{8, 9, 10, 11, 12, 8, 9, 10, 11, 11};
      automatic logic [63:0] addr = (k == 1) ? 64'h1_0000_0000_00 + 64'(buffer) : (k == 6) ? 64'h3_0000_0000_00 : 64'(buffer);
      if (k == 7) begin
        f.seed = 32'h00ABCDEF;
        f.bytes = 100;
        f.bad_at = 0;
        leaving[0].push_back(f);
        for (int unsigned b = 0; b < 100; b++) u_memory.mem[buffer + b] = byte_of(f.seed, b);
        bytes_out = bytes_out + 100;
      end
      fault(n, bits[k], k == 0 || k == 5, k == 2 || k == 7, addr, (k == 3 || k == 8) ? 16'd0 : (k == 9) ? 16'(LONGEST + 1) : 16'd100, (k == 4) ? 16'd33 : 16'd1,
            k != 0 && k != 4 && k != 5, k != 0 && k != 4);
    end
    // Moderation: by number, then by time.
    reg_write(32'h14, 32'h1);
    for (int unsigned by_time = 0; by_time < 2; by_time++) begin
      start(0, 1'b1);
      reg_write(page(0) + 32'h20, (by_time == 0) ? 32'h0003_FFFF : 32'hFFFF_0004);
      reg_write(32'h10, 32'h1);
      post(0, 3);
      for (int unsigned i = 0; i < 3; i++) begin
        new_frame();
        f = sending.pop_back();
        f.queue = 0;
        f.bytes = 60;
        f.bad_at = 0;
        sending.push_back(f);
        expected[0].delete();
        expected[1].delete();
        expected[2].delete();
        expected[3].delete();
        if (by_time == 1 || i < 2) begin
          repeat (3 * latency + 900) @(negedge clk);
          if (rx_irq[0] != (by_time == 1)) $fatal(1, "dma: interrupt is %b", rx_irq[0]);
          if (by_time == 1) reg_write(32'h10, 32'h1);
          if (by_time == 1 && rx_irq[0]) $fatal(1, "dma: an interrupt is not cleared");
        end
      end
      repeat (3 * latency + 900) @(negedge clk);
      if (!rx_irq[0] && by_time == 0) $fatal(1, "dma: no interrupt after three completions");
      matched[0] = matched[0] + 3;
      // The three frames' bytes, as far as their buffers have room.
      for (int unsigned i = 0; i < 3; i++) begin
        bytes_in = bytes_in + ((room[0][i] < 60) ? room[0][i] : 60);
        if (room[0][i] < 60) shortened = shortened + 1;
      end
      stop(0);
    end
    reg_write(page(0) + 32'h20, 32'h0);
    reg_write(page(QUEUES) + 32'h20, 32'h0);
  endtask
