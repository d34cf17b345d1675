// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_dma_rings: two queues that are stopped at random moments and started again, with another ring, in the clock in which STATUS says idle, while fetches wait for the bus or are under way.
/// A queue that says idle asks for nothing more, and after a start all that is fetched is of the new ring, from its first descriptor on.
module dma_rings_tb;
  localparam int unsigned QUEUES = 2, STARTS = 4000;

  logic clk, rst;
  always #1 clk = !clk;

  logic         reg_write, fetch_valid, fetch_ready, beat_valid, unused_run, unused_word;
  logic [3:0]   reg_queue, reg_word, fetch_count, beat_count, unused_count;
  logic [31:0]  reg_wdata, reg_rdata;
  logic [63:0]  fetch_addr, unused_addr;
  logic [15:0]  fetch_bytes, fetch_index, beat_index, unused_bytes;
  logic [0:0]   fetch_queue, beat_queue, unused_queue;
  logic [1:0]   unused_irq, running, unused_ready, unused_posted, unused_wait;
  logic [127:0] unused_descriptor;
  logic [511:0] unused_data;

  bpf_dma_rings #(.QUEUES(QUEUES), .SLOTS(16)) u_rings (
    .clk_i(clk), .rst_i(rst), .reg_write_i(reg_write), .reg_queue_i(reg_queue), .reg_word_i(reg_word), .reg_wdata_i(reg_wdata), .reg_rdata_o(reg_rdata),
    .delay_i(16'd16), .tick_i(1'b0), .irq_clear_i('0), .irq_pending_o(unused_irq), .running_o(running), .ready_o(unused_ready), .posted_o(unused_posted),
    .wait_o(unused_wait), .take_i(1'b0), .take_queue_i('0), .drop_i('0), .descriptor_o(unused_descriptor), .done_valid_i(1'b0), .done_queue_i('0),
    .done_data_i('0), .done_bad_i(1'b0), .done_cut_i(1'b0), .fetch_valid_o(fetch_valid), .fetch_ready_i(fetch_ready), .fetch_addr_o(fetch_addr), .fetch_bytes_o(fetch_bytes),
    .fetch_queue_o(fetch_queue), .fetch_index_o(fetch_index), .fetch_count_o(fetch_count), .beat_valid_i(beat_valid), .beat_data_i('0), .beat_first_i(1'b1),
    .beat_last_i(1'b1), .beat_error_i(1'b0), .beat_queue_i(beat_queue), .beat_index_i(beat_index), .beat_count_i(beat_count),
    .run_valid_o(unused_run), .run_ready_i(1'b0), .run_addr_o(unused_addr), .run_bytes_o(unused_bytes), .run_queue_o(unused_queue), .run_count_o(unused_count),
    .word_valid_o(unused_word), .word_ready_i(1'b0), .word_data_o(unused_data), .written_valid_i(1'b0), .written_error_i(1'b0), .written_queue_i('0),
    .written_count_i('0));

  // ---- the bus: takes fetches when it likes, answers later ----
  logic [20:0] answers [$];                    // queue, index, count
  logic [31:0] base [QUEUES];
  logic [15:0] next [QUEUES];                  // index that is fetched next
  bit          quiet [QUEUES];                 // the queue has said idle
  int unsigned fetches, under_way [QUEUES], busy;

  always @(posedge clk) if (!rst) begin
    if (fetch_valid && quiet[fetch_queue]) $fatal(1, "dma_rings: queue %0d is idle and asks for descriptors", fetch_queue);
    if (fetch_valid && fetch_ready) begin
      if (fetch_addr != 64'(base[fetch_queue]) + 64'({fetch_index[3:0], 4'd0}) || fetch_index != next[fetch_queue])
        $fatal(1, "dma_rings: queue %0d fetches %0h, index %0d, not %0h and %0d", fetch_queue, fetch_addr, fetch_index, base[fetch_queue], next[fetch_queue]);
      if (fetch_bytes != 16'({fetch_count, 4'd0})) $fatal(1, "dma_rings: bytes of a fetch");
      next[fetch_queue] += 16'(fetch_count);
      under_way[fetch_queue]++;
      answers.push_back({fetch_queue, fetch_index, fetch_count});
      fetches++;
    end
  end

  always @(negedge clk) begin
    fetch_ready = $urandom_range(99) < busy;
    beat_valid = 0;
    if (answers.size() != 0 && $urandom_range(3) == 0) begin
      beat_valid = 1;
      {beat_queue, beat_index, beat_count} = answers.pop_front();
      under_way[beat_queue]--;
    end
  end

  // ---- the host ----
  task automatic write(int unsigned queue, logic [3:0] place, logic [31:0] data);
    reg_queue = 4'(queue); reg_word = place; reg_wdata = data; reg_write = 1;
    @(negedge clk) reg_write = 0;
  endtask

  initial begin
    automatic logic [15:0] produced [QUEUES];
    automatic bit          on [QUEUES];
    automatic int unsigned starts, at_once;
    clk = 0; rst = 1; reg_write = 0; beat_valid = 0; fetch_ready = 0; starts = 0; at_once = 0; fetches = 0; busy = 30;
    for (int q = 0; q < QUEUES; q++) begin quiet[q] = 1; on[q] = 0; under_way[q] = 0; end
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    while (starts < STARTS) begin
      automatic int unsigned q = $urandom_range(QUEUES - 1);
      if (starts % 64 == 0) busy = $urandom_range(100, 2);
      if (!on[q]) begin
        base[q] = 32'($urandom) & 32'hFFFF_FF00;
        next[q] = 0;
        produced[q] = 0;
        write(q, 4'h2, base[q]);
        quiet[q] = 0;
        write(q, 4'h0, 32'h401);
        if (!running[q]) $fatal(1, "dma_rings: queue %0d does not start", q);
        on[q] = 1;
        starts++;
      end else if ($urandom_range(1) == 0) begin
        if (produced[q] < 16) begin
          produced[q] += 16'($urandom_range(32'(16 - produced[q]), 1));
          write(q, 4'h6, 32'(produced[q]));
          repeat ($urandom_range(6)) @(negedge clk);
        end
      end else begin
        write(q, 4'h0, 32'h400);
        reg_queue = 4'(q); reg_word = 4'h1;
        // STATUS in each clock, from the one behind the write on.
        do begin
          #0;
          if (!reg_rdata[1]) @(negedge clk);
        end while (!reg_rdata[1]);
        if (under_way[q] != 0) $fatal(1, "dma_rings: queue %0d says idle with %0d fetches under way", q, under_way[q]);
        quiet[q] = 1;
        on[q] = 0;
        if ($urandom_range(1) == 0) repeat ($urandom_range(5)) @(negedge clk);
        else at_once++;
      end
    end
    $display("%0d starts, %0d at once, %0d fetches", starts, at_once, fetches);
    if (fetches < STARTS / 4) $fatal(1, "dma_rings: hardly any fetches");
    $display("PASS dma_rings");
    $finish;
  end
endmodule

`default_nettype wire
