// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_tx_merge: whole frames in each input's order, nothing lost, no idle clock while a frame waits, and half of the beats for each
/// input while both want the output, whatever their frames' sizes.
module tx_merge_bench #(
  parameter int unsigned BUS_W = 64,
  parameter int unsigned SIZE_A = 1,           // most beats of a frame of a
  parameter int unsigned SIZE_B = 24
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned B = BUS_W / 8;

  logic [BUS_W-1:0] data [2], m_data;
  logic [B-1:0]     keep [2], m_keep;
  logic             valid [2], ready [2], last [2], m_valid, m_ready, m_last;
  logic [31:0]      user [2], m_user;
  int unsigned      number [2], beat [2], length [2];     // what is offered
  int unsigned      out_number [2], out_beat [2], beats [2];
  int unsigned      clocks, idle, current, phase;          // current: 0 between frames, else 1 + input
  logic             held;
  logic [BUS_W-1:0] held_data;

  bpf_tx_merge #(.BUS_W(BUS_W), .USER_W(32), .MAX_FRAME(95 * B)) u_dut (
    .clk_i(clk), .rst_i(rst),
    .a_axis_tdata_i(data[0]), .a_axis_tkeep_i(keep[0]), .a_axis_tvalid_i(valid[0]), .a_axis_tready_o(ready[0]), .a_axis_tlast_i(last[0]), .a_axis_tuser_i(user[0]),
    .b_axis_tdata_i(data[1]), .b_axis_tkeep_i(keep[1]), .b_axis_tvalid_i(valid[1]), .b_axis_tready_o(ready[1]), .b_axis_tlast_i(last[1]), .b_axis_tuser_i(user[1]),
    .m_axis_tdata_o(m_data), .m_axis_tkeep_o(m_keep), .m_axis_tvalid_o(m_valid), .m_axis_tready_i(m_ready), .m_axis_tlast_o(m_last), .m_axis_tuser_o(m_user));

  function automatic int unsigned frame(int unsigned input_, int unsigned n);
    frame = 1 + (n * 2654435761 >> 7) % ((input_ == 0) ? SIZE_A : SIZE_B);
  endfunction

  // Phase 0: both always; 1: at random, the output too; 2: only a; 3: only b; 4: only a; 5: both again.
  function automatic logic wants(int unsigned i);
    case (phase)
      0, 5: wants = 1'b1;
      1: wants = $urandom % 3 != 0;
      2, 4: wants = i == 0;
      default: wants = i == 1;
    endcase
  endfunction

  always_comb begin
    for (int unsigned i = 0; i < 2; i++) begin
      length[i] = frame(i, number[i]);
      last[i]   = beat[i] + 1 == length[i];
      data[i]   = BUS_W'({16'(number[i]), 8'(beat[i]), 8'(i)});
      keep[i]   = last[i] ? B'(1) : '1;
      user[i]   = {8'(i), 24'(number[i])};
    end
  end

  for (genvar i = 0; i < 2; i++) begin : g_source
    always @(posedge clk) begin
      if (rst) begin
        valid[i] <= 1'b0;
        number[i] <= 0;
        beat[i] <= 0;
      end else begin
        if (valid[i] && ready[i]) begin
          beat[i] <= last[i] ? 0 : beat[i] + 1;
          if (last[i]) number[i] <= number[i] + 1;
        end
        // A frame that has begun goes on, in the phases without chance.
        if (!valid[i] || ready[i]) valid[i] <= wants(i) || (phase != 1 && (valid[i] ? !last[i] : beat[i] != 0));
      end
    end
  end

  always @(posedge clk) begin
    m_ready <= phase != 1 || $urandom % 2 == 0;
    if (rst) begin
      {current, held, clocks, idle} <= '0;
      foreach (out_number[i]) begin
        out_number[i] <= 0;
        out_beat[i] <= 0;
        beats[i] <= 0;
      end
    end else begin
      clocks <= clocks + 1;
      if (held && (!m_valid || m_data != held_data)) $fatal(1, "tx_merge: not stable");
      held <= m_valid && !m_ready;
      held_data <= m_data;
      if (phase != 1 && !m_valid && clocks > 20) idle <= idle + 1;
      if (m_valid && m_ready) begin
        automatic int unsigned i = 32'(m_data[0]);
        automatic int unsigned n = out_number[i];
        if (current != 0 && current != i + 1) $fatal(1, "tx_merge: a frame was cut");
        if (m_data != BUS_W'({16'(n), 8'(out_beat[i]), 8'(i)}) || m_user != {8'(i), 24'(n)}) $fatal(1, "tx_merge: input %0d frame %0d is %h", i, n, m_data);
        if (m_last != (out_beat[i] + 1 == frame(i, n)) || m_keep != (m_last ? B'(1) : '1)) $fatal(1, "tx_merge: end of frame");
        current <= m_last ? 0 : i + 1;
        out_beat[i] <= m_last ? 0 : out_beat[i] + 1;
        if (m_last) out_number[i] <= n + 1;
        beats[i] <= beats[i] + 1;
      end
    end
  end

  initial begin
    automatic int unsigned since [2], share;
    done = 1'b0;
    phase = 1;
    @(negedge rst);
    for (int unsigned p = 0; p < 6; p++) begin
      phase = p;
      repeat (200) @(negedge clk);
      foreach (since[i]) since[i] = beats[i];
      idle = 0;
      repeat (4000) @(negedge clk);
      share = beats[0] - since[0];
      if (p != 1 && idle > 3) $fatal(1, "tx_merge: %0d idle clocks in phase %0d", idle, p);
      if ((p == 0 || p == 5) && (share < 2000 - SIZE_B - 40 || share > 2000 + SIZE_A + 40)) $fatal(1, "tx_merge: %0d of 4000 beats in phase %0d", share, p);
      if ((p == 2 || p == 4) && share < 3990) $fatal(1, "tx_merge: a alone got %0d", share);
      if (p == 3 && share > 10) $fatal(1, "tx_merge: b alone left %0d to a", share);
      if (p == 1 && (share < 300 || beats[1] - since[1] < 300)) $fatal(1, "tx_merge: starved");
    end
    done = 1'b1;
  end
endmodule

module tx_merge_tb;
  logic clk, rst;
  logic [2:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS tx_merge");
    $finish;
  end

  tx_merge_bench #(.BUS_W(64)) u_64 (.clk, .rst, .done(done[0]));
  tx_merge_bench #(.BUS_W(512), .SIZE_A(2), .SIZE_B(2)) u_512 (.clk, .rst, .done(done[1]));
  tx_merge_bench #(.BUS_W(128), .SIZE_A(95), .SIZE_B(4)) u_128 (.clk, .rst, .done(done[2]));
endmodule

`default_nettype wire
