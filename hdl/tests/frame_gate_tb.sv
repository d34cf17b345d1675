// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_frame_gate: exactly the frames that are good and found room come out, whole and in order, without a pause in them; every other one is counted as bad or as lost;
/// no room is lost on the way.
module frame_gate_tb;
  localparam int unsigned WORDS = 64, MOST = 80;           // some frames are longer than the memory

  logic        clk, rst;
  logic [63:0] s_data, m_data;
  logic [7:0]  s_keep, m_keep;
  logic        s_valid, s_last, s_bad, m_valid, m_ready, m_last, bad, full;

  bpf_frame_gate #(.BUS_W(64), .WORDS(WORDS)) u_dut (
    .clk_i(clk), .rst_i(rst), .s_axis_tdata_i(s_data), .s_axis_tkeep_i(s_keep), .s_axis_tvalid_i(s_valid), .s_axis_tlast_i(s_last), .s_axis_bad_i(s_bad),
    .m_axis_tdata_o(m_data), .m_axis_tkeep_o(m_keep), .m_axis_tvalid_o(m_valid), .m_axis_tready_i(m_ready), .m_axis_tlast_o(m_last), .bad_o(bad), .full_o(full));

  always #1 clk = !clk;

  function automatic int unsigned beats(int unsigned n);
    beats = (n * 2654435761 >> 9) % 32 == 0 ? 1 + (n * 40503 >> 3) % MOST : 1 + (n * 2654435761 >> 7) % 12;
  endfunction
  function automatic logic is_bad(int unsigned n);
    is_bad = (n * 2246822519 >> 11) % 5 == 0;
  endfunction

  int unsigned number, beat, phase, ended, bad_count, full_count, short_run, short_checks;
  int unsigned passed [$];                                  // frames that must come out
  int unsigned out_beat, out_count;
  logic        held;
  logic [63:0] held_data;

  // The driver: phases 0 gaps and stalls, 1 full rate and always ready, 2 full rate and the output stops now and then.
  assign s_data = {32'(number), 32'(beat)};
  assign s_last = beat + 1 == beats(number);
  assign s_keep = s_last ? 8'h07 : 8'hFF;
  assign s_bad  = is_bad(number);

  always @(posedge clk) begin
    m_ready <= (phase == 1) || (phase == 0 ? $urandom % 2 == 0 : $urandom % 8 < 3);
    if (rst) s_valid <= 1'b0;
    else begin
      if (s_valid) begin
        beat <= s_last ? 0 : beat + 1;
        if (s_last) number <= number + 1;
      end
      s_valid <= phase != 3 && (phase != 0 || $urandom % 3 != 0);
    end
  end

  // The pulse comes one clock after the last beat; what is neither bad nor without room has passed.
  logic        ended_q, ended_bad_q;
  int unsigned ended_number_q;
  always @(posedge clk) begin
    ended_q <= !rst && s_valid && s_last;
    ended_bad_q <= s_bad;
    ended_number_q <= number;
    if (!rst && ended_q) begin
      // At the full rate nothing is lost for as long as no frame is nearly as long as the memory.
      short_run <= (phase != 1 || beats(ended_number_q) > WORDS - 14) ? 0 : short_run + 1;
      if (short_run > 20) short_checks <= short_checks + 1;
      ended <= ended + 1;
      if (bad && full) $fatal(1, "frame_gate: bad and full");
      if (bad) begin
        bad_count <= bad_count + 1;
        if (!ended_bad_q) $fatal(1, "frame_gate: good frame %0d called bad", ended_number_q);
      end else if (full) begin
        full_count <= full_count + 1;
        if (short_run > 20 && beats(ended_number_q) <= WORDS - 14) $fatal(1, "frame_gate: no room for frame %0d of %0d beats", ended_number_q, beats(ended_number_q));
      end else begin
        if (ended_bad_q) $fatal(1, "frame_gate: bad frame %0d passes", ended_number_q);
        passed.push_back(ended_number_q);
      end
    end else if (!rst && (bad || full)) $fatal(1, "frame_gate: pulse without an end");
    if (!rst && held && (!m_valid || m_data != held_data)) $fatal(1, "frame_gate: not stable");
    held <= !rst && m_valid && !m_ready;
    held_data <= m_data;
    if (!rst && !m_valid && out_beat != 0) $fatal(1, "frame_gate: pause in a frame");
    if (!rst && m_valid && m_ready) begin
      automatic int unsigned n = passed.size() == 0 ? 32'hFFFFFFFF : passed[0];
      if (m_data != {32'(n), 32'(out_beat)}) $fatal(1, "frame_gate: %h, not frame %0d beat %0d", m_data, n, out_beat);
      if (m_last != (out_beat + 1 == beats(n)) || m_keep != (m_last ? 8'h07 : 8'hFF)) $fatal(1, "frame_gate: end of frame %0d", n);
      out_beat <= m_last ? 0 : out_beat + 1;
      if (m_last) begin
        void'(passed.pop_front());
        out_count <= out_count + 1;
      end
    end
  end

  initial begin
    {clk, phase, number, beat, ended, bad_count, full_count, out_beat, out_count, held, ended_q, short_run, short_checks} = '0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    for (int unsigned p = 0; p < 3; p++) begin
      phase = p;
      repeat (40000) @(negedge clk);
    end
    phase = 3;
    wait (s_valid == 1'b0);
    m_ready = 1'b1;
    repeat (2000) @(negedge clk);
    if (passed.size() != 0 || out_count + bad_count + full_count != ended) $fatal(1, "frame_gate: %0d + %0d + %0d of %0d frames", out_count, bad_count, full_count, ended);
    if (bad_count < 500 || full_count < 500 || out_count < 5000 || short_checks < 50) $fatal(1, "frame_gate: only %0d, %0d, %0d", out_count, bad_count, full_count);
    $display("PASS frame_gate");
    $finish;
  end
endmodule

`default_nettype wire
