// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One queue of the DMA: its registers, how far its two rings have got, what it asks for next, and its interrupt. docs: dma.md.
///
/// All indices count descriptors modulo 65,536, and run after each other:
/// PRODUCER (host) >= fetch (asked for) >= have (on the chip) >= take (a frame has it) >= done (its completion is known) >= write (given to the bus) >= CONSUMER.
/// At most SLOTS descriptors are between fetch and take, as many completions between take and write.
/// Blocks of 8 descriptors or completions are asked for as a whole while there are enough; neither crosses the end of its ring.
/// Resources: about 420 flip-flops.
module bpf_dma_ring #(
  parameter int unsigned SLOTS = 512           // a power of two, 16..16384
) (
  input  logic        clk_i,
  input  logic        rst_i,                   // synchronous, active high
  // registers: words of the queue's page (bpf_dma_queue_regs)
  input  logic        reg_write_i,
  input  logic [3:0]  reg_word_i,
  input  logic [31:0] reg_wdata_i,
  output logic [31:0] reg_rdata_o,             // of reg_word_i
  input  logic [15:0] delay_i,                 // clocks that a completion waits for others
  // frames
  output logic        running_o,
  output logic        ready_o,                 // there are a descriptor and room for its completion
  output logic        posted_o,                // the host has given a descriptor that was not taken
  output logic        wait_o,                  // CONTROL.wait
  input  logic        take_i,
  input  logic        drop_i,
  output logic [15:0] take_index_o,
  // descriptors
  output logic        fetch_ask_o,
  output logic [63:0] fetch_addr_o,
  output logic [15:0] fetch_index_o,
  output logic [3:0]  fetch_count_o,           // 1..8
  input  logic        fetch_busy_i,            // one is being asked for
  input  logic [3:0]  fetched_ask_i,           // so many were asked for; else 0
  input  logic [3:0]  fetched_i,               // so many have come
  input  logic        fetched_error_i,
  // completions
  input  logic        done_i,
  input  logic        done_error_i,
  input  logic        done_bad_i,              // the descriptor was
  output logic [15:0] done_index_o,
  output logic        done_phase_o,
  output logic        write_ask_o,
  output logic [63:0] write_addr_o,
  output logic [15:0] write_index_o,
  output logic [3:0]  write_count_o,
  input  logic [3:0]  written_ask_i,           // so many were given to the bus
  input  logic [3:0]  written_i,               // so many are in memory
  input  logic        written_error_i,
  // interrupt
  input  logic        tick_i,
  input  logic        irq_clear_i,
  output logic        irq_pending_o
);
  localparam int unsigned BLOCK = 8;

  if ((1 << $clog2(SLOTS)) != SLOTS || SLOTS < 2 * BLOCK || SLOTS > 16384) begin : g_check
    $fatal(1, "bpf_dma_ring: SLOTS must be a power of two, 16..16384");
  end

  // ---- registers ----
  logic        enable_q, wait_q, idle, start;
  logic [3:0]  size_q;
  logic [4:0]  error_q;                        // descriptor, data, completion, bad descriptor, bad PRODUCER
  logic [63:8] ring_q;
  logic [63:6] completions_q;
  logic [15:0] irq_time, irq_count;
  logic [31:0] frames_q, dropped_q;
  logic        control_we, enable, waits, producer_we, change;
  logic [3:0]  size;
  logic [1:0]  ring_we, completions_we;

  // ---- indices ----
  logic [15:0] produce_q, fetch_q, have_q, take_q, done_q, write_q, consume_q, mask;

  assign mask      = (16'd1 << size_q) - 16'd1;
  assign running_o = enable_q && error_q == '0;
  assign idle      = !running_o && !fetch_ask_o && !fetch_busy_i && fetch_q == have_q && take_q == done_q && done_q == write_q && write_q == consume_q;
  assign start     = control_we && enable && !enable_q && idle;
  assign change    = !enable_q && idle;
  assign wait_o    = wait_q;

  logic [15:0] posted, on_chip, unwritten, due;
  logic [3:0]  fetch_block, write_block;

  assign posted       = produce_q - fetch_q;
  assign on_chip      = fetch_q - take_q;
  assign unwritten    = take_q - write_q;
  assign due          = done_q - write_q;
  assign posted_o     = produce_q != take_q;
  assign ready_o      = running_o && have_q != take_q && unwritten < 16'(SLOTS);
  assign take_index_o = take_q;
  assign done_index_o = done_q;
  assign done_phase_o = !done_q[size_q];

  assign fetch_block   = 4'(BLOCK) - {1'b0, fetch_q[2:0]};
  assign fetch_count_o = (posted < 16'(fetch_block)) ? posted[3:0] : fetch_block;
  assign fetch_index_o = fetch_q;
  assign fetch_addr_o  = {ring_q, 8'd0} + {44'd0, fetch_q & mask, 4'd0};
  assign write_block   = 4'(BLOCK) - {1'b0, write_q[2:0]};
  assign write_count_o = (due < 16'(write_block)) ? due[3:0] : write_block;
  assign write_index_o = write_q;
  assign write_addr_o  = {completions_q, 6'd0} + {45'd0, write_q & mask, 3'd0};

  // Of a PRODUCER that goes back, the distance is large.
  logic [15:0] ahead, more;
  assign ahead = produce_q - write_q;          // the host may see a completion before its response has come
  assign more  = reg_wdata_i[15:0] - produce_q;

  logic [15:0] age_q;
  logic        old;
  assign old = age_q >= delay_i || !running_o;

  always_ff @(posedge clk_i) begin
    fetch_ask_o <= running_o && posted != '0 && on_chip + 16'(fetch_block) <= 16'(SLOTS) && (posted >= 16'(fetch_block) || on_chip < 16'(BLOCK));
    write_ask_o <= due != '0 && (due >= 16'(write_block) || old);
    age_q       <= (due == '0 || written_ask_i != '0) ? '0 : (age_q == '1) ? age_q : age_q + 16'd1;

    fetch_q   <= fetch_q + 16'(fetched_ask_i);
    have_q    <= have_q + 16'(fetched_i);
    take_q    <= take_q + 16'(take_i);
    done_q    <= done_q + 16'(done_i);
    write_q   <= write_q + 16'(written_ask_i);
    consume_q <= consume_q + 16'(written_i);
    frames_q  <= frames_q + 32'(take_i);
    dropped_q <= dropped_q + 32'(drop_i);
    error_q   <= error_q | {1'b0, done_bad_i && done_i, written_error_i && written_i != '0, done_error_i && !done_bad_i && done_i,
                            fetched_error_i && fetched_i != '0};

    if (control_we) wait_q <= waits;
    if (control_we && !enable) enable_q <= 1'b0;
    if (change && ring_we[0]) ring_q[31:8] <= reg_wdata_i[31:8];
    if (change && ring_we[1]) ring_q[63:32] <= reg_wdata_i;
    if (change && completions_we[0]) completions_q[31:6] <= reg_wdata_i[31:6];
    if (change && completions_we[1]) completions_q[63:32] <= reg_wdata_i;
    if (producer_we && running_o) begin
      if (17'(ahead) + 17'(more) > 17'(mask) + 17'd1) error_q[4] <= 1'b1;
      else produce_q <= reg_wdata_i[15:0];
    end
    if (start) begin
      enable_q <= 1'b1;
      size_q   <= (size < 4'd4) ? 4'd4 : size;
    end
    if (rst_i) begin
      enable_q <= 1'b0;
      wait_q   <= 1'b0;
      size_q   <= 4'd4;
      {frames_q, dropped_q} <= '0;
    end
    if (rst_i || start) begin
      {produce_q, fetch_q, have_q, take_q, done_q, write_q, consume_q} <= '0;
      age_q       <= '0;
      error_q     <= '0;
      fetch_ask_o <= 1'b0;
      write_ask_o <= 1'b0;
    end
  end

  bpf_dma_queue_regs u_regs (
    .clk_i, .rst_i, .wr_i(reg_write_i), .wr_addr_i(reg_word_i), .wr_data_i(reg_wdata_i), .wr_strb_i(4'hF), .rd_addr_i(reg_word_i), .rd_data_o(reg_rdata_o),
    .control_we_o(control_we), .control_enable_o(enable), .control_wait_o(waits), .control_size_o(size), .control_i({20'd0, size_q, 6'd0, wait_q, enable_q}),
    .status_running_i(running_o), .status_idle_i(idle), .status_descriptor_error_i(error_q[0]), .status_data_error_i(error_q[1]),
    .status_completion_error_i(error_q[2]), .status_bad_descriptor_i(error_q[3]), .status_bad_producer_i(error_q[4]),
    .ring_we_o(ring_we), .ring_i({ring_q, 8'd0}), .completions_we_o(completions_we), .completions_i({completions_q, 6'd0}),
    .producer_we_o(producer_we), .producer_i({16'd0, produce_q}), .consumer_i(consume_q), .irq_time_o(irq_time), .irq_count_o(irq_count),
    .frames_i(frames_q), .dropped_i(dropped_q));

  // The queue has stopped: once.
  logic stopped_q;
  always_ff @(posedge clk_i) stopped_q <= error_q != '0 && !rst_i && !start;

  bpf_dma_irq u_irq (
    .clk_i, .rst_i(rst_i || start), .tick_i, .count_i(irq_count), .time_i(irq_time), .events_i(written_i), .now_i(error_q != '0 && !stopped_q),
    .clear_i(irq_clear_i), .pending_o(irq_pending_o));
endmodule

`default_nettype wire
