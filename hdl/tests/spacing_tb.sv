// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks bpf_ingress with an interval: tokens are as far apart as asked, none is lost, and frames come no slower than that.
module spacing_ingress_check #(
  parameter int unsigned INTERVAL = 2,
  parameter int unsigned WINDOW_BYTES = 14,
  parameter int unsigned FULL_LENGTH = 0
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned BUSB = 8;
  localparam int unsigned FRAMES = 3000;

  logic        tvalid, tready, tlast, token, credit_q;
  logic [7:0]  tkeep;
  logic [63:0] unused_data, unused_buf;
  logic [8*WINDOW_BYTES-1:0] unused_window;
  logic [15:0] unused_length, unused_len, unused_ifindex, unused_queue, unused_start;
  logic [12:0] unused_left;
  logic [31:0] unused_source;
  logic        unused_valid, unused_len_valid, unused_oversize, unused_stall, unused_idle;

  assign unused_data = '0;

  bpf_ingress #(.BUS_W(64), .WINDOW_BYTES(WINDOW_BYTES), .FULL_LENGTH(FULL_LENGTH), .INTERVAL(INTERVAL)) u_dut (
    .clk_i(clk), .rst_i(rst), .s_axis_tdata_i(unused_data), .s_axis_tkeep_i(tkeep), .s_axis_tvalid_i(tvalid), .s_axis_tready_o(tready),
    .s_axis_tlast_i(tlast), .s_axis_tuser_i('0), .buf_valid_o(unused_valid), .buf_data_o(unused_buf), .len_valid_o(unused_len_valid),
    .len_length_o(unused_len), .len_left_o(unused_left), .len_oversize_o(unused_oversize), .len_source_o(unused_source), .buf_room_i(1'b1), .token_valid_o(token),
    .token_window_o(unused_window), .token_length_o(unused_length), .token_ifindex_o(unused_ifindex), .token_rx_queue_o(unused_queue),
    .token_start_o(unused_start), .credit_return_i(credit_q), .hold_i(1'b0), .stall_o(unused_stall), .idle_o(unused_idle));

  always_ff @(posedge clk) credit_q <= token;

  // Tokens: how many, and when the last one was.
  int unsigned tokens, now, last;

  always @(negedge clk) begin
    if (rst) begin
      tokens = 0;
      now = 0;
      last = 0;
    end else begin
      now = now + 1;
      if (token) begin
        if (tokens > 0 && now - last < INTERVAL) begin
          $display("FAIL spacing: tokens %0d clocks apart, INTERVAL %0d", now - last, INTERVAL);
          $fatal(1);
        end
        tokens = tokens + 1;
        last = now;
      end
    end
  end

  task automatic send(int unsigned bytes, int unsigned pauses);
    for (int unsigned at = 0; at < bytes; at += BUSB) begin
      while (pauses > 1 && $urandom() % pauses == 0) begin
        tvalid = 1'b0;
        @(negedge clk);
      end
      tvalid = 1'b1;
      tlast = bytes - at <= BUSB;
      tkeep = tlast ? 8'hff >> (BUSB - (bytes - at)) : 8'hff;
      while (!tready) @(negedge clk);
      @(negedge clk);
    end
    tvalid = 1'b0;
  endtask

  int unsigned began, beats, most;

  initial begin
    done = 1'b0;
    tvalid = 1'b0;
    tlast = 1'b0;
    tkeep = '0;
    @(negedge rst);
    repeat (3) @(negedge clk);
    for (int unsigned n = 0; n < FRAMES; n++) send(1 + $urandom() % ((n % 3 == 0) ? 200 : 30), n % 5);
    repeat (20 + INTERVAL) @(negedge clk);
    if (tokens != FRAMES) begin
      $display("FAIL spacing: %0d tokens of %0d frames", tokens, FRAMES);
      $fatal(1);
    end
    // Frames of one size, without a pause.
    for (int unsigned bytes = 8; bytes <= 128; bytes += 24) begin
      began = now;
      beats = bytes / BUSB;
      for (int unsigned n = 0; n < 200; n++) send(bytes, 0);
      most = beats + INTERVAL;
      if (now - began > 200 * most + INTERVAL + 4) begin
        $display("FAIL spacing: %0d clocks for 200 frames of %0d beats, INTERVAL %0d", now - began, beats, INTERVAL);
        $fatal(1);
      end
    end
    done = 1'b1;
  end
endmodule

/// Checks bpf_spacing itself.
module spacing_check #(
  parameter int unsigned INTERVAL = 2
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  logic enter, want, go;
  int unsigned since, entered;

  bpf_spacing #(.INTERVAL(INTERVAL)) u_dut (.clk_i(clk), .rst_i(rst), .enter_i(enter), .go_o(go));

  assign enter = want && go;

  initial begin
    done = 1'b0;
    want = 1'b0;
    entered = 0;
    since = INTERVAL;
    @(negedge rst);
    @(negedge clk);
    for (int unsigned n = 0; n < 5000; n++) begin
      want = (n < 2500) || $urandom() % 4 == 0;
      #0;
      if (go != (since >= INTERVAL)) begin
        $display("FAIL spacing: go is %b %0d clocks behind the last, INTERVAL %0d", go, since, INTERVAL);
        $fatal(1);
      end
      if (enter) begin
        entered = entered + 1;
        since = 0;
      end
      @(negedge clk);
      since = since + 1;
    end
    if (entered < 2500 / INTERVAL) $fatal(1, "FAIL spacing: too few");
    done = 1'b1;
  end
endmodule

module spacing_tb;
  logic clk, rst;
  logic [8:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
  end

  spacing_ingress_check #(.INTERVAL(2)) u_2 (.clk, .rst, .done(done[0]));
  spacing_ingress_check #(.INTERVAL(3), .WINDOW_BYTES(8)) u_3 (.clk, .rst, .done(done[1]));
  spacing_ingress_check #(.INTERVAL(4), .WINDOW_BYTES(60)) u_4 (.clk, .rst, .done(done[2]));
  spacing_ingress_check #(.INTERVAL(9), .FULL_LENGTH(1)) u_9 (.clk, .rst, .done(done[3]));
  spacing_ingress_check #(.INTERVAL(84), .WINDOW_BYTES(34)) u_84 (.clk, .rst, .done(done[4]));
  spacing_check #(.INTERVAL(2)) u_s2 (.clk, .rst, .done(done[5]));
  spacing_check #(.INTERVAL(3)) u_s3 (.clk, .rst, .done(done[6]));
  spacing_check #(.INTERVAL(8)) u_s8 (.clk, .rst, .done(done[7]));
  spacing_check #(.INTERVAL(84)) u_s84 (.clk, .rst, .done(done[8]));

  initial begin
    wait (done == '1);
    $display("PASS spacing");
    $finish;
  end
endmodule

`default_nettype wire
