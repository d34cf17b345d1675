// SPDX-License-Identifier: Apache-2.0
// Part of dma_bench: frames of one size without end, one queue, buffers at one offset. What a clock carries, against what the busiest of the streams, R and W could: completions and
// descriptors included, eight to a burst.
  task automatic rate(int unsigned size, int unsigned offset, logic receives, logic sends);
    localparam int unsigned PLACES = 4096;
    localparam int unsigned CLOCKS = 4000;
    automatic int unsigned in, out, start_in, start_out, clocks = 0;
    automatic real stream = real'((size + B - 1) / B), data = real'((offset + size + B - 1) / B), worst, w, r, rx, tx;
    automatic logic [31:0] consumer;
    tx_check = 1'b0;
    for (int unsigned k = 0; k < 2; k++) begin
      automatic int unsigned base = 32'h200000 + 32'h40000 * k;
      if (k == 0) begin
        for (int unsigned i = 0; i < PLACES; i++) put(base + 16 * i, 16, {32'd0, 16'd0, 16'(size), 32'd0, 32'h300000 + 4096 * (i % 128) + offset});
      end
      if ((k == 0) ? receives : sends) begin
        reg_write(page(k * QUEUES) + 32'h08, 32'h200000);
        reg_write(page(k * QUEUES) + 32'h10, base + 32'h20000);
        reg_write(page(k * QUEUES), 32'hC03);
        reg_write(page(k * QUEUES) + 32'h18, PLACES);
      end
    end
    flood = receives ? size : 0;
    while (clocks < 3 * CLOCKS) begin
      automatic longint since = u_memory.now;
      if (receives) begin
        reg_read(page(0) + 32'h1C, consumer);
        reg_write(page(0) + 32'h18, {16'd0, consumer[15:0] + 16'(PLACES)});
      end
      if (sends) begin
        reg_read(page(QUEUES) + 32'h1C, consumer);
        reg_write(page(QUEUES) + 32'h18, {16'd0, consumer[15:0] + 16'(PLACES)});
      end
      if (clocks < CLOCKS) {start_in, start_out} = {rx_frames_in, tx_frames_out};
      if (clocks < CLOCKS && clocks + 32'(u_memory.now - since) >= CLOCKS) clocks = CLOCKS;
      else clocks = clocks + 32'(u_memory.now - since);
    end
    in  = rx_frames_in - start_in;
    out = tx_frames_out - start_out;
    clocks = clocks - CLOCKS;
    w  = (real'(in) * (data + 8.0 / real'(B)) + real'(out) * 8.0 / real'(B)) / real'(clocks);
    r  = (real'(out) * (data + 16.0 / real'(B)) + real'(in) * 16.0 / real'(B)) / real'(clocks);
    rx = real'(in) * stream / real'(clocks);
    tx = real'(out) * stream / real'(clocks);
    worst = 1.0;
    if (receives && ((rx > w) ? rx : w) < worst) worst = (rx > w) ? rx : w;
    if (sends && ((tx > r) ? tx : r) < worst) worst = (tx > r) ? tx : r;
    $display("RATE bus %0d bytes %0d offset %0d receive %0.2f B/clock, %0.3f of W, %0.3f of stream; send %0.2f B/clock, %0.3f of R, %0.3f of stream; of the limit %0.3f",
             BUS_W, size, offset, real'(in * size) / real'(clocks), w, rx, real'(out * size) / real'(clocks), r, tx, worst);
    if (worst < 0.95) $fatal(1, "dma: %0.3f of the bus limit", worst);
    flood = 0;
    for (int unsigned k = 0; k < 2; k++) if ((k == 0) ? receives : sends) stop(k * QUEUES);
    repeat (2000) @(negedge clk);
  endtask

  task automatic rates();
    automatic int unsigned sizes [8] = '{64, 65, 128, 256, 512, 777, 1024, 1514};
    latency = LATENCY;
    stalls = 0;
    ends_stall = 0;
    for (int unsigned k = 0; k < 24; k++) begin
      for (int unsigned offset = 0; offset < 4; offset += 2) rate(sizes[k % 8], offset, k / 8 != 1, k / 8 != 0);
    end
  endtask
