// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks one far load: random frames into the ring, one random load per clock from a frame that is still there.
///
/// The bytes written are a pure function of their number since reset, so that the model needs no storage. Every second load
/// comes from the newest frame, presented from the very clock in which its last beat is written.
module far_load_check #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned BUFFER_BYTES = 32768,
  parameter int unsigned BYTES = 4,
  parameter int unsigned STRIDE = 1,
  parameter int unsigned PHASE = 0,
  parameter int unsigned CLOCKS = 100000       // above 65536 / 0.8, so that start_i wraps
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned B = BUS_W / 8;
  localparam int unsigned WORDS = BUFFER_BYTES / B;
  localparam int unsigned LONGEST = (WORDS / 2 * B < 9216) ? WORDS / 2 * B : 9216;
  localparam int unsigned LATENCY = 3;

  logic               wr_valid;
  logic [BUS_W-1:0]   wr_data;
  logic [15:0]        start, offset;
  logic [8*BYTES-1:0] data, want_q [0:LATENCY];
  logic               check_q [0:LATENCY];

  bpf_far_load #(.BUS_W(BUS_W), .BUFFER_BYTES(BUFFER_BYTES), .BYTES(BYTES), .STRIDE(STRIDE), .PHASE(PHASE)) u_dut (
    .clk_i(clk), .rst_i(rst), .wr_valid_i(wr_valid), .wr_data_i(wr_data), .start_i(start), .offset_i(offset), .data_o(data));

  function automatic logic [7:0] ring_byte(int unsigned n);
    int unsigned x;
    x = n * 32'h9E3779B1;
    x = (x ^ (x >> 15)) * 32'h2C1B3C6D;
    ring_byte = x[23:16] ^ x[7:0];
  endfunction

  int unsigned starts [$], lengths [$];        // the frames that can be loaded from, oldest first
  int unsigned written, frame_start, frame_length, loads, across, at_once;

  /// Presents a beat, or none; a frame is in the queue from the clock of its last beat.
  task automatic present_beat(logic busy);
    wr_valid = busy ? $urandom % 16 != 0 : $urandom % 3 == 0;
    for (int unsigned i = 0; i < B; i++) wr_data[8*i +: 8] = wr_valid ? ring_byte(written * B + i) : 8'($urandom);
    if (wr_valid) begin
      written++;
      if ((written - frame_start) * B >= frame_length) begin
        starts.push_back(frame_start);
        lengths.push_back(frame_length);
        frame_start = written;
        frame_length = 1 + $urandom % (($urandom % 4 == 0) ? LONGEST : 3 * B);
      end
    end
    while (starts.size() > 0 && starts[0] + WORDS < written + 4) begin
      void'(starts.pop_front());
      void'(lengths.pop_front());
    end
  endtask

  /// Presents a load of the pattern; without a frame that is long enough an unchecked one.
  task automatic present_load();
    automatic int unsigned f, room, at;
    start = 16'($urandom);
    offset = 16'($urandom);
    check_q[0] = 1'b0;
    if (starts.size() == 0) return;
    f = ($urandom % 2 == 0) ? starts.size() - 1 : $urandom % starts.size();
    if (lengths[f] < PHASE + BYTES) return;
    room = (lengths[f] - PHASE - BYTES) / STRIDE;  // the last place
    at = PHASE + STRIDE * (($urandom % 4 == 0) ? room : $urandom % (room + 1));
    start = 16'(starts[f]);
    offset = 16'(at);
    for (int unsigned k = 0; k < BYTES; k++) want_q[0][8*k +: 8] = ring_byte(starts[f] * B + at + k);
    check_q[0] = 1'b1;
    loads++;
    if (at % B + BYTES > B) across++;
    if (wr_valid && starts[f] + (at + BYTES + B - 1) / B == written) at_once++;
  endtask

  initial begin
    automatic logic busy = 1'b1;
    done = 1'b0;
    {written, frame_start, loads, across, at_once, wr_valid} = '0;
    frame_length = 3;
    for (int i = 0; i <= LATENCY; i++) check_q[i] = 1'b0;
    @(negedge rst);
    for (int unsigned c = 0; c < CLOCKS; c++) begin
      if ($urandom % 100 == 0) busy = $urandom % 8 != 0;
      present_beat(busy);
      present_load();
      for (int i = LATENCY; i > 0; i--) begin
        want_q[i] = want_q[i-1];
        check_q[i] = check_q[i-1];
      end
      @(negedge clk);
      if (check_q[LATENCY] && data !== want_q[LATENCY]) begin
        $fatal(1, "far_load bus %0d bytes %0d stride %0d phase %0d: clock %0d: %h, want %h", BUS_W, BYTES, STRIDE, PHASE, c, data, want_q[LATENCY]);
      end
    end
    if (written < 66000 || loads < CLOCKS / 2 || at_once < 100) $fatal(1, "far_load bus %0d: too few, %0d %0d %0d", BUS_W, written, loads, at_once);
    if (PHASE + BYTES > STRIDE && across < 100) $fatal(1, "far_load bus %0d: %0d loads across beats", BUS_W, across);
    done = 1'b1;
  end
endmodule

module far_load_tb;
  localparam int unsigned N = 7;
  logic clk, rst;
  logic [4*N-1:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
  end

  for (genvar g = 0; g < 4; g++) begin : g_bus
    localparam int unsigned BUS_W = 64 << g;

    far_load_check #(.BUS_W(BUS_W), .BYTES(4)) u_any (.clk, .rst, .done(done[N*g]));
    far_load_check #(.BUS_W(BUS_W), .BYTES(8)) u_any_8 (.clk, .rst, .done(done[N*g+1]));
    far_load_check #(.BUS_W(BUS_W), .BYTES(1), .BUFFER_BYTES(2048)) u_byte (.clk, .rst, .done(done[N*g+2]));
    far_load_check #(.BUS_W(BUS_W), .BYTES(3), .STRIDE(2), .PHASE(1)) u_2 (.clk, .rst, .done(done[N*g+3]));
    far_load_check #(.BUS_W(BUS_W), .BYTES(6), .STRIDE(4), .PHASE(2), .BUFFER_BYTES(4096)) u_4 (.clk, .rst, .done(done[N*g+4]));
    far_load_check #(.BUS_W(BUS_W), .BYTES(2), .STRIDE(8)) u_8 (.clk, .rst, .done(done[N*g+5]));
    far_load_check #(.BUS_W(BUS_W), .BYTES(4), .STRIDE(8), .PHASE(6)) u_8_across (.clk, .rst, .done(done[N*g+6]));
  end

  initial begin
    wait (done == '1);
    $display("PASS far_load");
    $finish;
  end
endmodule

`default_nettype wire
