// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What one operation on a hash map does, given what was found: combinational, shared by table (bpf_map_table) and CAM (bpf_map_cam).
///
/// Kinds: 0 find, 1 upsert (with flags 3: insert if absent, else delete), 2 delete; the host's: 4 lock a live entry (read or write in place), 5 begin an update (lock the live entry, or reserve a
/// hidden cell for a new one), 6 show the hidden cell, 7 unlock (a live cell stays, a hidden one becomes free); 3 scans (nothing happens here).
/// Checks in the kernel's order (`htab_map_update_elem`): flags, EEXIST, ENOENT, then room.
/// A hidden cell does not count as an entry in a HASH map. In an LRU map a reserved one does, so that packets can
/// not fill the room made for it (`host_reserved_i` tells that cell from one that a packet deleted while it was locked).
module bpf_map_policy #(
  parameter int unsigned LRU = 0
) (
  input  logic       valid_i,
  input  logic [2:0] kind_i,
  input  logic [1:0] flags_i,
  input  logic       live_i,                   // the key is there
  input  logic       locked_i,                 // and its cell is locked
  input  logic       hidden_i,                 // there is a hidden cell with the key
  input  logic       host_reserved_i,          // it was made by kind 5
  input  logic       full_i,                   // MAX_ENTRIES entries
  input  logic       free_i,                   // there is a free cell that the key can go to
  input  logic       evict_i,                  // there is an entry that can make room
  output logic [4:0] errno_o,
  output logic       write_o,                  // change a cell: the live one, the hidden one, a free one or that of the evicted
  output logic       to_hidden_o,
  output logic       to_free_o,
  output logic       to_evicted_o,
  output logic [1:0] state_o,                  // its new state
  output logic       touch_o,                  // the live entry was used
  output logic       inserted_o,               // a new entry, or the room for one
  output logic       more_o,                   // the count of entries grows by one
  output logic       less_o,                   // or shrinks by one
  output logic       refused_o                 // no room though not full (LRU: nothing to evict)
);
  localparam logic [4:0] ENOENT = 5'd2, E2BIG = 5'd7, ENOMEM = 5'd12, EEXIST = 5'd17, EINVAL = 5'd22;
  localparam bit IS_LRU = LRU != 0;

  logic is_update, wants_new, make, evict, toggle;

  always_comb begin
    is_update = kind_i == 3'd1 || kind_i == 3'd5;
    toggle    = kind_i == 3'd1 && flags_i == 2'd3;
    wants_new = valid_i && is_update && (flags_i[1] == 1'b0 || toggle) && !live_i;
    evict     = IS_LRU && wants_new && (full_i || !free_i) && evict_i;
    make      = wants_new && (evict || (!full_i && free_i));

    errno_o = 5'd0;
    unique case (kind_i)
      3'd1, 3'd5: begin
        if (toggle) errno_o = make || live_i ? 5'd0 : IS_LRU ? ENOMEM : E2BIG;
        else if (flags_i == 2'd3) errno_o = EINVAL;
        else if (live_i) errno_o = (flags_i == 2'd1) ? EEXIST : 5'd0;
        else if (flags_i == 2'd2) errno_o = ENOENT;
        else if (!make) errno_o = IS_LRU ? ENOMEM : E2BIG;
      end
      3'd6: begin
        if (live_i) errno_o = EEXIST;
        else if (!IS_LRU && full_i) errno_o = E2BIG;
      end
      3'd7: errno_o = 5'd0;
      default: errno_o = live_i ? 5'd0 : ENOENT;
    endcase

    write_o = 1'b0;
    to_hidden_o = 1'b0;
    state_o = 2'd0;
    touch_o = 1'b0;
    more_o = 1'b0;
    less_o = 1'b0;
    unique case (kind_i)
      3'd0: touch_o = valid_i && live_i;
      3'd1: begin
        touch_o = (valid_i && live_i && errno_o == 5'd0 && !toggle) || make;
        write_o = make || (toggle && valid_i && live_i);
        state_o = live_i ? {locked_i, 1'b0} : 2'd1;
        more_o  = make && !evict;
        less_o  = toggle && valid_i && live_i;
      end
      3'd2: begin
        write_o = valid_i && live_i;
        state_o = {locked_i, 1'b0};
        less_o  = valid_i && live_i;
      end
      3'd3: write_o = 1'b0;
      3'd4: begin
        write_o = valid_i && live_i;
        state_o = 2'd3;
      end
      3'd5: begin
        write_o = (valid_i && live_i && errno_o == 5'd0) || make;
        touch_o = write_o;
        state_o = live_i ? 2'd3 : 2'd2;
        more_o  = IS_LRU && make && !evict;
      end
      3'd6: begin
        write_o = valid_i && hidden_i && errno_o == 5'd0;
        touch_o = write_o;
        to_hidden_o = 1'b1;
        state_o = 2'd1;
        more_o  = !IS_LRU && write_o;
      end
      3'd7: begin
        write_o = valid_i && (hidden_i || (live_i && locked_i));
        to_hidden_o = hidden_i;
        state_o = {1'b0, !hidden_i};
        less_o  = IS_LRU && valid_i && hidden_i && host_reserved_i;
      end
    endcase
    to_evicted_o = evict;
    to_free_o    = make && !evict;
    inserted_o   = make;
    refused_o    = wants_new && !make && (IS_LRU || !full_i);
  end
endmodule

`default_nettype wire
