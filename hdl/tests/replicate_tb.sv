// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_replicate with the lists of two maps against a queue of what has to leave: random frames and stalls, all ports of a map with and
/// without the ingress, empty maps, the host's writes between frames and meanwhile, emptied maps, full rate of frames that leave once, and of copies.
module replicate_bench #(
  parameter int unsigned BUS_W = 64,
  parameter int unsigned ENTRIES_0 = 4,
  parameter int unsigned ENTRIES_1 = 70,
  parameter int unsigned RESET_CLEARS = 0
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned BUSB = BUS_W / 8;
  localparam int unsigned BYTES = 64 * BUSB;
  localparam int unsigned MAX_FRAME = 20 * BUSB;
  localparam int unsigned LEFT_W = 16 - $clog2(BUSB);
  localparam int unsigned FLAPPING = 2;        // the entry of map 1 that the host writes while frames leave

  logic [LEFT_W-1:0] need_m1;
  logic              fits, reserve, wr_valid, wr_last, wr_modified, start, take, tvalid, tready, tlast, idle;
  logic [BUS_W-1:0]  wr_data, tdata;
  logic [BUSB-1:0]   tkeep;
  logic [15:0]       wr_length;
  logic [31:0]       wr_source;
  logic [33:0]       wr_target, target;
  logic [29:0]       map;
  logic [63:0]       tuser;
  logic [1:0]        set, valid, ended, here, clear;
  logic [31:0]       set_value;
  logic [6:0]        set_idx;
  logic [30:0]       first_port, second_port;

  assign here = {map == 30'd5, map == 30'd3};

  bpf_members #(.ENTRIES(ENTRIES_0), .RESET_CLEARS(RESET_CLEARS)) u_first (
    .clk_i(clk), .rst_i(rst), .clear_i(clear[0]), .set_valid_i(set[0]), .set_idx_i(set_idx[$clog2(ENTRIES_0)-1:0]), .set_value_i(set_value),
    .start_i(start && here[0]), .valid_o(valid[0]), .end_o(ended[0]), .port_o(first_port), .take_i(take && here[0]));
  bpf_members #(.ENTRIES(ENTRIES_1), .RESET_CLEARS(RESET_CLEARS)) u_second (
    .clk_i(clk), .rst_i(rst), .clear_i(clear[1]), .set_valid_i(set[1]), .set_idx_i(set_idx[$clog2(ENTRIES_1)-1:0]), .set_value_i(set_value),
    .start_i(start && here[1]), .valid_o(valid[1]), .end_o(ended[1]), .port_o(second_port), .take_i(take && here[1]));
  bpf_replicate #(.BUS_W(BUS_W), .BYTES(BYTES), .MAX_FRAME(MAX_FRAME)) u_dut (
    .clk_i(clk), .rst_i(rst), .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i(need_m1), .fits_o(fits), .reserve_i(reserve), .wr_valid_i(wr_valid), .wr_data_i(wr_data),
    .wr_last_i(wr_last), .wr_length_i(wr_length), .wr_modified_i(wr_modified), .wr_source_i(wr_source), .wr_target_i(wr_target),
    .list_start_o(start), .list_map_o(map), .list_valid_i(|(valid & here)), .list_end_i(|(ended & here)),
    .list_port_i(here[0] ? first_port : second_port), .list_take_o(take), .m_axis_tdata_o(tdata), .m_axis_tkeep_o(tkeep),
    .m_axis_tvalid_o(tvalid), .m_axis_tready_i(tready), .m_axis_tlast_o(tlast), .m_axis_tuser_o(tuser), .target_o(target), .idle_o(idle));

  // What has to leave: target, frame; whether it may be missing.
  typedef struct packed {
    logic        optional;
    logic [33:0] target;
    logic [31:0] frame;
  } copy_t;
  copy_t       due [$];
  int unsigned port_of [2][128];
  int unsigned lengths [int unsigned];
  int unsigned n, frame, beat, out_beat, phase, taken_in, out_beats, copies, empties, skipped, flaps;
  logic        writing, flapped;
  logic [47:0] was_user;

  function automatic logic [BUS_W-1:0] data_of(int unsigned f, int unsigned b);
    for (int unsigned i = 0; i < BUSB; i++) data_of[8*i +: 8] = 8'(f * 7 + b * 13 + i * 31 + (f >> 8));
  endfunction

  /// The frame has been taken: what will leave?
  task automatic expect_frame(int unsigned f, logic [33:0] to, int unsigned ingress);
    automatic int unsigned which = (to[29:0] == 30'd5) ? 1 : 0, found = 0;
    if (!(to[33:32] == 2'd1 && to[31])) begin
      due.push_back('{optional: 1'b0, target: to, frame: f});
      return;
    end
    for (int unsigned e = 0; e < 128; e++) begin
      automatic logic flaps_here = which == 1 && e == FLAPPING && phase == 3;
      if (port_of[which][e] == 0 && !flaps_here) continue;
      if (to[30] && port_of[which][e] == ingress && !flaps_here) begin
        skipped += 1;
        continue;
      end
      due.push_back('{optional: flaps_here, target: {2'd1, flaps_here ? 32'd777 : port_of[which][e]}, frame: f});
      found += 1;
    end
    if (found == 0) empties += 1;
    copies += found;
  endtask

  task automatic check_beat();
    automatic logic [31:0] f;
    automatic int unsigned length;
    // Queues tell frames apart.
    while (due.size() > 0 && due[0].optional && out_beat == 0 && (target != due[0].target || tuser[63:48] != due[0].frame[15:0]))
      void'(due.pop_front());
    if (due.size() == 0) $fatal(1, "a frame too many");
    f = due[0].frame;
    length = lengths[f];
    if (target != due[0].target) $fatal(1, "frame %0d goes to %h, not %h", f, target, due[0].target);
    if (tuser != {16'(f), 16'(f * 3 % 9 + 1), 15'd0, f[0], 16'(length)}) $fatal(1, "frame %0d: user %h", f, tuser);
    if (tlast != ((out_beat + 1) * BUSB >= length)) $fatal(1, "frame %0d: beat %0d is last", f, out_beat);
    for (int unsigned i = 0; i < BUSB; i++) begin
      if (tkeep[i] != (out_beat * BUSB + i < length)) $fatal(1, "frame %0d: keep %b", f, tkeep);
      if (tkeep[i] && tdata[8*i +: 8] != 8'(data_of(f, out_beat) >> (8 * i))) $fatal(1, "frame %0d, beat %0d: data", f, out_beat);
    end
    out_beat = tlast ? 0 : out_beat + 1;
    if (tlast) void'(due.pop_front());
  endtask

  initial begin
    foreach (port_of[i, j]) port_of[i][j] = 0;
    {n, frame, beat, out_beat, phase, taken_in, out_beats, copies, empties, skipped, flaps, writing, flapped, done} = '0;
    {reserve, wr_valid, tready, set, clear, set_idx, set_value, need_m1, was_user} = '0;
  end

  logic settled;
  assign settled = idle && due.size() == 0 && !writing && !reserve && !wr_valid;

  always @(posedge clk) if (rst) begin
    {wr_valid, reserve, tready, set} <= '0;
    clear <= (RESET_CLEARS == 0) ? 2'd3 : 2'd0;
  end else begin
    n <= n + 1;
    clear <= '0;
    if (n % 10000 == 9999) phase <= (phase + 1) % 6;
    // The host: between frames, and one entry in phase 3.
    set <= '0;
    if (n > 10 && n % 8 == 0 && (settled || n < 200)) begin
      automatic int unsigned which = $urandom % 2;
      automatic int unsigned entry = $urandom % (which == 0 ? ENTRIES_0 : ENTRIES_1);
      // In some windows the maps become empty.
      automatic int unsigned value = (n / 10000 % 3 == 2 || $urandom % 3 == 0) ? 0 : 1 + $urandom % 9;
      if (!(which == 1 && entry == FLAPPING)) begin
        if ($urandom % 100 == 0) begin
          clear[which] <= 1'b1;
          for (int unsigned e = 0; e < 128; e++) port_of[which][e] = 0;
        end else begin
          set[which] <= 1'b1;
          set_idx <= 7'(entry);
          set_value <= value;
          port_of[which][entry] = value;
        end
      end
    end else if (phase == 3 && n % 8 == 4) begin
      set[1] <= 1'b1;
      set_idx <= 7'(FLAPPING);
      set_value <= flapped ? 0 : 777;
      flapped <= !flapped;
      flaps <= flaps + 1;
    end
    // Frames in: reserved, then written at the full rate or with pauses.
    reserve <= 1'b0;
    if (!writing && !reserve && !wr_valid && n > 200 && (n % 10000 < 5000) && (phase != 0 || $urandom % 4 == 0)) begin
      automatic int unsigned length = (phase == 4 || phase == 5) ? 1 + $urandom % BUSB : 1 + $urandom % MAX_FRAME;
      lengths[frame] = length;
      need_m1 <= LEFT_W'((length - 1) / BUSB);
      writing <= 1'b1;
      beat <= 0;
    end
    if (writing && !reserve && beat == 0 && !wr_valid && fits) begin
      reserve <= 1'b1;
      beat <= 1;
    end
    wr_valid <= 1'b0;
    if (writing && beat > 0 && (phase != 2 || $urandom % 2 == 0)) begin
      automatic int unsigned kind = (phase == 4) ? 0 : $urandom % 4;
      wr_valid <= 1'b1;
      wr_data <= data_of(frame, beat - 1);
      wr_length <= 16'(lengths[frame]);
      wr_source <= {16'(frame), 16'(frame * 3 % 9 + 1)};
      wr_modified <= frame[0];
      wr_last <= beat * BUSB >= lengths[frame];
      if (beat == 1) begin
        automatic logic [33:0] to = (kind == 0) ? {2'($urandom % 3 + 1), 1'b0, 31'($urandom)} :
          {2'd1, 1'b1, kind[0], ($urandom % 2 == 0) ? 30'd3 : 30'd5};
        if (kind == 0 && to[33:32] != 2'd1) to[31] = 1'($urandom);
        wr_target <= to;
        expect_frame(frame, to, frame * 3 % 9 + 1);
      end
      beat <= beat + 1;
      if (beat * BUSB >= lengths[frame]) begin
        writing <= 1'b0;
        frame <= frame + 1;
      end
    end
    // Out.
    tready <= (n % 10000 >= 5000) ? 1'b1 : (phase == 1) ? $urandom % 3 == 0 : (phase >= 4) ? 1'b1 : $urandom % 4 != 0;
    if (tvalid && tready) begin
      check_beat();
      out_beats <= out_beats + 1;
    end
    if (idle && due.size() > 0 && !due[0].optional && !wr_valid && !writing) $fatal(1, "idle with %0d frames due", due.size());
    if (n % 10000 == 9990) begin
      while (due.size() > 0 && due[0].optional) void'(due.pop_front());
      if (due.size() > 0 || !idle) $fatal(1, "%0d frames have not left", due.size());
    end
    done <= n > 130000;
    if (n == 130000 && (frame < 2000 || copies < 3000 || empties < 5 || skipped < 50 || flaps < 100))
      $fatal(1, "only %0d frames, %0d copies, %0d for nobody, %0d skipped, %0d flaps", frame, copies, empties, skipped, flaps);
  end
endmodule

/// The rates: frames of a beat that leave once, one per clock; of a beat to four ports, four copies in ten clocks.
module replicate_rate (
  input  logic clk,
  input  logic rst,
  output logic done
);
  logic        fits, valid, tvalid, tlast, idle, start, ended, take, listed;
  logic [9:0]  unused_keep_and_left;
  logic [511:0] tdata;
  logic [63:0] tkeep, tuser;
  logic [33:0] target, out_target;
  logic [29:0] map;
  logic [30:0] port;
  int unsigned n, sent, left, began;

  bpf_members #(.ENTRIES(4)) u_members (
    .clk_i(clk), .rst_i(rst), .clear_i(rst), .set_valid_i(!rst && n % 8 == 1 && n < 32), .set_idx_i(2'(n / 8)), .set_value_i(n + 1), .start_i(start),
    .valid_o(listed), .end_o(ended), .port_o(port), .take_i(take));
  bpf_replicate u_dut (
    .clk_i(clk), .rst_i(rst), .next_m1_i('0), .waits_i(1'b0), .single_i(1'b0), .need_m1_i('0), .fits_o(fits), .reserve_i(valid), .wr_valid_i(valid), .wr_data_i(512'(sent)), .wr_last_i(1'b1),
    .wr_length_i(16'd60), .wr_modified_i(1'b0), .wr_source_i(32'd1), .wr_target_i(target), .list_start_o(start), .list_map_o(map),
    .list_valid_i(listed), .list_end_i(ended), .list_port_i(port), .list_take_o(take), .m_axis_tdata_o(tdata), .m_axis_tkeep_o(tkeep),
    .m_axis_tvalid_o(tvalid), .m_axis_tready_i(1'b1), .m_axis_tlast_o(tlast), .m_axis_tuser_o(tuser), .target_o(out_target), .idle_o(idle));

  assign valid  = n >= 100 && fits && ((n < 1100) || (n >= 1500 && n < 5500));
  assign target = (n < 1400) ? {2'd1, 32'd7} : {2'd1, 32'h8000_0000};
  initial {n, sent, left, began, done} = '0;

  always @(posedge clk) if (!rst) begin
    n <= n + 1;
    sent <= (n == 1400) ? 0 : sent + 32'(valid);
    left <= (n == 1400 || n == 2000) ? 0 : left + 32'(tvalid);
    if (valid && n == 100) began <= n;
    if (tvalid && left == 0 && n < 1400 && n - began != 4) $fatal(1, "latency %0d", n - began);
    if (n == 1399 && (sent != 1000 || left != 1000)) $fatal(1, "%0d of 1000 frames came in, %0d went out", sent, left);
    if (n == 5000 && left < 1200) $fatal(1, "%0d copies in 3000 clocks", left);
    done <= n > 9000;
    if (n == 9000 && !idle) $fatal(1, "not idle");
  end
endmodule

module replicate_tb;
  logic clk, rst;
  logic [4:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (&done);
    $display("PASS replicate");
    $finish;
  end

  replicate_bench #(.BUS_W(64)) u_64 (.clk, .rst, .done(done[0]));
  replicate_bench #(.BUS_W(512), .ENTRIES_0(2), .ENTRIES_1(96)) u_512 (.clk, .rst, .done(done[1]));
  replicate_bench #(.BUS_W(128), .ENTRIES_0(33), .ENTRIES_1(33), .RESET_CLEARS(1)) u_128 (.clk, .rst, .done(done[2]));
  replicate_bench #(.BUS_W(64), .ENTRIES_0(3), .ENTRIES_1(4), .RESET_CLEARS(1)) u_small (.clk, .rst, .done(done[3]));
  replicate_rate u_rate (.clk, .rst, .done(done[4]));
endmodule

`default_nettype wire
