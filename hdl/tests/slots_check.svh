// SPDX-License-Identifier: Apache-2.0
// Part of slots_tb: what must come, and what does. A frame that was in a slot when that was isolated is stale: it may be missing, or come damaged, with the flag.
  typedef struct {
    bytes_t      bytes;                        // source in the first four
    bit          modified;
    logic [33:0] target;                       // of a redirect
    int          slot, epoch;                  // 2: beside the slots
  } want_t;
  typedef struct {
    logic [31:0] number;                       // of a record
    logic [2:0]  action;                       // of a verdict; 7: any
    int          slot, epoch;
  } told_t;
  want_t       want [4][$];                    // of the first three: pass, tx, redirect
  told_t       want_event [$], want_mon [$];
  bytes_t      aside [$];
  logic [31:0] entered [2], passed, dropped, skipped, losses, came, epoch [3];
  logic [31:0] verdicts [2], leaves [2], whole [2], damaged [2], told, isolations, cuts;
  bit          lossy, overtakes, isolating;
  bytes_t      frame_in;
  bit          to_slot, in_slot, first_beat;
  int          frame_epoch;
  logic [1:0]  was_off, rst_before;

  function automatic logic [31:0] source(bytes_t bytes);
    source = {bytes[3], bytes[2], bytes[1], bytes[0]};
  endfunction

  function automatic bit stale(int s, int e);
    stale = s != 2 && e != epoch[s];
  endfunction

  function automatic void entered_slot(int s, bytes_t bytes, logic [31:0] user);
    automatic want_t w;
    automatic told_t t;
    automatic int    h = int'(bytes[0]), action = h & 7;
    w.bytes = bytes;
    w.modified = 0;
    w.slot = s;
    w.epoch = frame_epoch;
    if (s == 0) for (int i = 0; i < 64; i++) if (((h >> 3) + i * (i + 3)) % 4 == 0) begin
      w.modified = 1;
      if (i < w.bytes.size()) w.bytes[i] = 8'(h + 5 * i + 1);
    end
    for (int i = 3; i >= 0; i--) w.bytes.push_front(user[8*i +: 8]);
    w.target = {2'(h >> 3), 8'(h), ~8'(h), 16'hB2B2};
    t.number = 32'(s) << 31 | entered[s];
    t.action = (action > 4 || (action == 4 && ((h >> 3) & 3) == 0)) ? 3'd7 : 3'(action);
    t.slot = s;
    t.epoch = frame_epoch;
    want_event.push_back(t);
    want_mon.push_back(t);
    entered[s]++;
    if (action >= 2 && action <= 4 && t.action != 7) want[2'(action - 2)].push_back(w);
  endfunction

  always @(posedge clk) if (!rst) begin
    for (int s = 0; s < 2; s++) begin
      // From the clock in which it is cut off nothing of the slot counts.
      if (u_slots.isolate[s] && !rst_before[s]) epoch[s]++;
      if (u_slots.isolate[s] && !rst_before[s]) isolations++;
      rst_before[s] <= u_slots.isolate[s];
      if (u_slots.off[s]) was_off[s] = 1;
      if (mon_valid[s] && !u_slots.off[s]) begin
        verdicts[s]++;
        if (mon_action[3*s +: 3] >= 2 && (mon_action[3*s +: 3] < 4 || (mon_action[3*s +: 3] == 4 && c_mon_tid[2*s +: 2] != 0))) leaves[s]++;
      end
    end
    if (m_mon_valid) begin
      told++;
      if (want_mon.size() == 0) $fatal(1, "slots: a verdict too many");
      else begin
        automatic told_t t = want_mon.pop_front();
        if (t.action != 7 && m_mon_action != t.action && !(stale(t.slot, t.epoch) && m_mon_action == 0)) $fatal(1, "slots: verdict %0d, not %0d", m_mon_action, t.action);
      end
    end
    if (tvalid && tready) begin
      if (first_beat) begin
        frame_in.delete();
        in_slot = s_tvalid != 0;
        to_slot = s_tvalid[1];
        frame_epoch = epoch[2'(to_slot)];
        if (in_slot && !overtakes && !core_idle[!to_slot]) $fatal(1, "slots: a frame enters %0d while the other one is not empty", to_slot);
        if (in_slot && (late_q[!to_slot].size() != 0 || event_q[!to_slot])) $fatal(1, "slots: a frame enters %0d while the other one has records", to_slot);
      end
      if (entry != in_slot || (s_tvalid & s_tready) != ((in_slot && !u_slots.off[to_slot]) ? (2'b1 << to_slot) : 2'b0)) $fatal(1, "slots: a frame is not whole");
      for (int i = 0; i < BUSB; i++) if (tkeep[i]) frame_in.push_back(tdata[8*i +: 8]);
      if (tlast && in_slot) entered_slot(32'(to_slot), frame_in, tuser);
      if (tlast && !in_slot) begin
        for (int i = 3; i >= 0; i--) frame_in.push_front(tuser[8*i +: 8]);
        if (u_slots.where == 2'd2) begin
          automatic want_t w;
          passed++;
          w.bytes = frame_in;
          w.modified = 0;
          w.slot = 2;
          w.epoch = 0;
          if (overtakes) aside.push_back(frame_in);
          else want[0].push_back(w);
        end else dropped++;
      end
      first_beat = tlast;
    end
    losses += 32'($countones({lost0, lost1, lost2}));
  end else first_beat = 1;

  // ---- outputs ----
  bytes_t part [3];
  bit     bad [3];                             // the frame has beats that are not the slot's
  int     taken [3];                           // its bytes, without those

  function automatic bit is_next(int p, bit cut);
    automatic bit same = 1;
    if (want[p].size() == 0) return 0;
    if (!cut) return part[p] == want[p][0].bytes;
    for (int i = 0; i < 4 + taken[p]; i++) if (i >= want[p][0].bytes.size() || part[p][i] != want[p][0].bytes[i]) same = 0;
    return same && part[p].size() == want[p][0].bytes.size();
  endfunction

  task automatic frame_out(int p, logic [63:0] user, logic [33:0] target);
    automatic want_t w;
    if (32'(user[15:0]) != part[p].size() - 4) $fatal(1, "slots: length of a frame at output %0d", p);
    came++;
    if (p == 0 && overtakes && aside.size() != 0 && part[p] == aside[0]) begin
      void'(aside.pop_front());
      return;
    end
    while (want[p].size() != 0 && !is_next(p, bad[p]) && (lossy || stale(want[p][0].slot, want[p][0].epoch))) begin
      if (lossy) skipped++;
      void'(want[p].pop_front());
    end
    if (!is_next(p, bad[p]))
      $fatal(1, "slots: output %0d, frame %0d has source %08h of %0d bytes (%0d are damaged), not %08h of %0d", p, came, source(part[p]), part[p].size() - 4, bad[p],
             want[p].size() == 0 ? 0 : source(want[p][0].bytes), want[p].size() == 0 ? 0 : want[p][0].bytes.size() - 4);
    w = want[p].pop_front();
    if (bad[p] && !stale(w.slot, w.epoch)) $fatal(1, "slots: a frame is damaged that was not in an isolated slot");
    if (bad[p]) damaged[1'(w.slot)]++;
    else if (w.slot != 2) whole[1'(w.slot)]++;
    if (user[16] != w.modified) $fatal(1, "slots: modified");
    if (p == 2 && target != w.target) $fatal(1, "slots: target");
  endtask

  for (genvar p = 0; p < 3; p++) begin : g_out
    logic             held_q;
    logic [BUS_W-1:0] data_q;
    always @(posedge clk) if (!rst) begin
      if (held_q && (!m_tvalid[p] || m_tdata[p] != data_q)) $fatal(1, "slots: output %0d does not keep its offer", p);
      held_q <= m_tvalid[p] && !m_tready[p];
      data_q <= m_tdata[p];
      if (m_tvalid[p] && m_tready[p]) begin
        if (part[p].size() == 0) begin
          for (int i = 0; i < 4; i++) part[p].push_back(m_tuser[p][32 + 8*i +: 8]);
          bad[p] = 0;
          taken[p] = 0;
        end
        if (m_bad[p] && part[p].size() == 4) $fatal(1, "slots: a frame begins damaged");
        if (!m_bad[p] && bad[p]) $fatal(1, "slots: a damaged frame ends as if it were none");
        for (int i = 0; i < BUSB; i++) if (m_tkeep[p][i]) part[p].push_back(m_tdata[p][8*i +: 8]);
        if (m_bad[p]) bad[p] = 1;
        else taken[p] = part[p].size() - 4;
        if (m_tlast[p]) begin
          frame_out(p, m_tuser[p], {m_tid, m_tdest});
          part[p].delete();
        end
      end
    end else held_q <= 1'b0;
  end

  // Records have three beats; the first one has the number.
  int unsigned event_beat;
  logic [31:0] event_number;
  bit          event_bad;
  always @(posedge clk) if (!rst && m_tvalid[3] && m_tready[3]) begin
    if (event_beat == 0) begin
      event_number = m_tdata[3][31:0];
      while (want_event.size() != 0 && want_event[0].number != event_number && stale(want_event[0].slot, want_event[0].epoch)) void'(want_event.pop_front());
      if (m_bad[3] || want_event.size() == 0 || want_event[0].number != event_number) $fatal(1, "slots: record %08h", event_number);
    end else if (!m_bad[3] && (event_bad || m_tdata[3] != (BUS_W'(event_number) ^ BUS_W'(event_beat)))) $fatal(1, "slots: record %08h, beat %0d", event_number, event_beat);
    event_bad = m_bad[3];
    if (m_tlast[3] != (event_beat == 2) || m_event_tuser[15:0] != 40) $fatal(1, "slots: end of a record");
    event_beat <= m_tlast[3] ? 0 : event_beat + 1;
    if (m_tlast[3]) begin
      if (event_bad && !stale(want_event[0].slot, want_event[0].epoch)) $fatal(1, "slots: a record is damaged that was not in an isolated slot");
      if (event_bad) damaged[1'(want_event[0].slot)]++;
      void'(want_event.pop_front());
    end
  end

  // ---- at the end of a phase: what has not come was lost by an isolation, or by the cores ----
  task automatic check_rest(string name);
    logic [31:0] data;
    for (int p = 0; p < 3; p++) begin
      if (part[p].size() != 0) $fatal(1, "slots: half a frame at output %0d", p);
      while (want[p].size() != 0) begin
        if (lossy) skipped++;
        else if (!stale(want[p][0].slot, want[p][0].epoch)) $fatal(1, "slots: phase %s: a frame is missing at output %0d", name, p);
        void'(want[p].pop_front());
      end
    end
    while (want_event.size() != 0) begin
      if (!stale(want_event[0].slot, want_event[0].epoch)) $fatal(1, "slots: a record is missing");
      void'(want_event.pop_front());
    end
    if (aside.size() + want_mon.size() != 0) $fatal(1, "slots: %0d frames beside the slots, %0d verdicts are missing", aside.size(), want_mon.size());
    if (lossy && skipped != losses) $fatal(1, "slots: %0d frames are missing, %0d were counted", skipped, losses);
    for (int s = 0; s < 2; s++) begin
      read(2, 20'h12040 + 20'(4 * s), data);
      if (data != entered[s]) $fatal(1, "slots: slot %0d took %0d, counted %0d", s, entered[s], data);
      read(2, 20'h12048 + 20'(4 * s), data);
      if (data != verdicts[s]) $fatal(1, "slots: VERDICTS of slot %0d is %0d, not %0d", s, data, verdicts[s]);
      read(2, 20'h12050 + 20'(4 * s), data);
      if (data != entered[s] - verdicts[s]) $fatal(1, "slots: LOST of slot %0d is %0d, not %0d", s, data, entered[s] - verdicts[s]);
      read(2, 20'h12058 + 20'(4 * s), data);
      if (!lossy && data != leaves[s] - whole[s]) $fatal(1, "slots: UNSENT of slot %0d is %0d, not %0d - %0d", s, data, leaves[s], whole[s]);
      read(2, 20'h12060 + 20'(4 * s), data);
      if (data != damaged[s]) $fatal(1, "slots: CUT of slot %0d is %0d, not %0d", s, data, damaged[s]);
    end
    if (told != entered[0] + entered[1]) $fatal(1, "slots: %0d verdicts for %0d frames", told, entered[0] + entered[1]);
    if (isolating && (entered[0] == verdicts[0] || entered[1] == verdicts[1] || leaves[0] == whole[0] || leaves[1] == whole[1] || damaged[0] == 0 || damaged[1] == 0))
      $fatal(1, "slots: phase %s: too little is lost for a test", name);
  endtask
