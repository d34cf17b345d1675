// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The host's operations on a hash map by key, out of single operations of port 0 and accesses of the value array.
///
/// * lookup: lock the entry, read its value, unlock. A locked cell is not given to another key, whatever packets do meanwhile.
/// * update of a key that is there: lock, write the value, unlock.
/// * update of a new key: reserve a hidden cell, write the value, show the cell. If packets inserted the key meanwhile, the cell is given
///   back; then EEXIST, or once more.
/// * Before each access to a value HOST_WAIT clocks pass: packets that did their operation before still write (the first
///   value of an entry they made, or the last of one that was deleted).
/// * delete: one operation.
/// * next: scan for the first live cell at or after the cursor, then as lookup.
/// So a packet sees the whole new entry or none of it, and each of the host's operations takes effect at one point of the packets' order.
/// Operations use clocks in which port 0 is free. After 256 clocks of waiting for one, `host_stall_o`.
module bpf_map_host #(
  parameter int unsigned SLOTS = 1440,
  parameter int unsigned ROWS = 180,           // scans are by rows of 8 cells; 1: all cells at once
  parameter int unsigned HOST_WAIT = 64,
  localparam int unsigned SLOT_W = $clog2(SLOTS),
  localparam int unsigned WAIT_W = $clog2(HOST_WAIT + 2)
) (
  input  logic              clk_i,
  input  logic              rst_i,
  // from the registers: a level until the acknowledge
  input  logic              host_req_i,
  input  logic [2:0]        host_op_i,         // 4 lookup, 5 update, 6 delete, 7 next
  input  logic [1:0]        host_flags_i,
  input  logic [31:0]       host_cursor_i,
  output logic              host_ack_o,        // 1 clock
  output logic              host_load_o,       // 1 clock, before the acknowledge: the value read is at the array's host port
  output logic [4:0]        host_errno_o,
  output logic [31:0]       host_cursor_o,
  output logic              host_stall_o,
  // operations of port 0
  output logic              op_valid_o,        // a level until op_go_i
  output logic [2:0]        op_kind_o,
  output logic [1:0]        op_flags_o,
  output logic              reserved_o,
  output logic [SLOT_W-1:0] scan_slot_o,
  input  logic              op_go_i,
  input  logic              res_valid_i,
  input  logic              res_hit_i,
  input  logic              res_inserted_i,
  input  logic [4:0]        res_errno_i,
  input  logic [SLOT_W-1:0] res_slot_i,
  input  logic              scan_found_i,
  // the value array
  output logic              val_req_o,
  output logic              val_we_o,
  output logic [SLOT_W-1:0] val_idx_o,
  input  logic              val_ack_i,
  output logic              val_gone_o         // 1 clock: the host has deleted the key of this entry
);
  localparam logic [2:0] LOOKUP = 3'd4, UPDATE = 3'd5, DELETE = 3'd6;
  localparam logic [4:0] ENOENT = 5'd2, EEXIST = 5'd17;

  typedef enum logic [3:0] {
    IDLE, ASK, RESULT, PAUSE, VALUE, SHOW, SHOWN, UNLOCK, UNLOCKED, DONE, LOCK, LOCKED, SCAN, SCANNED, KEY
  } state_t;

  state_t            state_q, after_q;         // after_q: where UNLOCKED goes
  logic [SLOT_W-1:0] slot_q, scan_q;
  logic [WAIT_W-1:0] wait_q;
  logic [8:0]        stall_q;
  logic [4:0]        errno_q;
  logic              new_q, write_q, ack_q, end_q, gone_q;
  logic              next_end;                 // no cell after this row

  assign op_valid_o = state_q == ASK || state_q == SHOW || state_q == UNLOCK || state_q == LOCK || state_q == SCAN;
  assign op_flags_o = host_flags_i;
  assign reserved_o = new_q;
  assign scan_slot_o = scan_q;

  always_comb begin
    unique case (state_q)
      ASK:     op_kind_o = (host_op_i == LOOKUP) ? 3'd4 : (host_op_i == UPDATE) ? 3'd5 : 3'd2;
      SHOW:    op_kind_o = 3'd6;
      UNLOCK:  op_kind_o = 3'd7;
      SCAN:    op_kind_o = 3'd3;
      default: op_kind_o = 3'd4;
    endcase
  end

  assign val_req_o     = state_q == VALUE;
  assign val_we_o      = write_q;
  assign val_idx_o     = slot_q;
  assign val_gone_o    = gone_q;
  assign host_ack_o    = ack_q;
  assign host_load_o   = state_q == VALUE && val_ack_i && !write_q;
  assign host_errno_o  = errno_q;
  assign host_cursor_o = end_q ? 32'(SLOTS) : 32'(scan_q);
  assign next_end      = ROWS == 1 || (32'(scan_q) >> 3) == ROWS - 1;

  always_ff @(posedge clk_i) begin
    ack_q        <= 1'b0;
    gone_q       <= state_q == RESULT && res_valid_i && res_errno_i == 5'd0 && host_op_i == DELETE;
    stall_q      <= (!op_valid_o || op_go_i) ? '0 : stall_q[8] ? stall_q : stall_q + 1'b1;
    host_stall_o <= op_valid_o && stall_q[8];
    unique case (state_q)
      IDLE: begin
        new_q   <= 1'b0;
        write_q <= host_op_i == UPDATE;
        errno_q <= ENOENT;
        end_q   <= host_cursor_i >= 32'(SLOTS);
        scan_q  <= SLOT_W'(host_cursor_i);
        if (host_req_i) state_q <= (host_op_i == LOOKUP || host_op_i == UPDATE || host_op_i == DELETE) ? ASK : SCAN;
        if (host_req_i && host_op_i == 3'd7 && host_cursor_i >= 32'(SLOTS)) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
        end
      end
      ASK: if (op_go_i) state_q <= RESULT;
      RESULT: if (res_valid_i) begin
        errno_q <= res_errno_i;
        slot_q  <= res_slot_i;
        new_q   <= res_inserted_i;
        wait_q  <= '0;
        after_q <= DONE;
        if (res_errno_i != 5'd0 || host_op_i == DELETE) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
        end else begin
          state_q <= PAUSE;
        end
      end
      PAUSE: begin
        wait_q <= wait_q + 1'b1;
        if (32'(wait_q) >= HOST_WAIT) state_q <= VALUE;
      end
      VALUE: if (val_ack_i) state_q <= new_q ? SHOW : UNLOCK;
      SHOW: if (op_go_i) state_q <= SHOWN;
      SHOWN: if (res_valid_i) begin
        errno_q <= res_errno_i;
        if (res_errno_i == 5'd0) begin
          state_q <= DONE;
          ack_q   <= 1'b1;
        end else begin
          // Packets were faster: give the cell back, then update theirs, unless the flags forbid it or the map is full.
          state_q <= UNLOCK;
          after_q <= (res_errno_i == EEXIST && host_flags_i != 2'd1) ? ASK : DONE;
        end
      end
      UNLOCK: if (op_go_i) state_q <= UNLOCKED;
      UNLOCKED: if (res_valid_i) begin
        state_q <= after_q;
        ack_q   <= after_q == DONE;
        new_q   <= 1'b0;
      end
      DONE: if (!host_req_i) state_q <= IDLE;
      SCAN: if (op_go_i) state_q <= SCANNED;
      SCANNED: if (res_valid_i) begin
        if (!scan_found_i && next_end) begin
          state_q <= DONE;
          end_q   <= 1'b1;
          ack_q   <= 1'b1;
        end else if (!scan_found_i) begin
          state_q <= SCAN;
          scan_q  <= SLOT_W'(((32'(scan_q) >> 3) + 32'd1) << 3);
        end else if (!res_hit_i) begin
          state_q <= SCAN;
        end else begin
          state_q <= KEY;
          scan_q  <= res_slot_i + 1'b1;
          end_q   <= 32'(res_slot_i) == SLOTS - 1;
        end
      end
      KEY: state_q <= LOCK;
      LOCK: if (op_go_i) state_q <= LOCKED;
      LOCKED: if (res_valid_i) begin
        slot_q  <= res_slot_i;
        after_q <= DONE;
        if (res_hit_i) begin
          errno_q <= 5'd0;
          wait_q  <= '0;
          state_q <= PAUSE;
        end else begin
          state_q <= end_q ? DONE : SCAN;      // deleted meanwhile
          ack_q   <= end_q;
        end
      end
      default: state_q <= IDLE;
    endcase
    if (rst_i) begin
      state_q <= IDLE;
      ack_q   <= 1'b0;
      gone_q  <= 1'b0;
    end
  end
endmodule

`default_nettype wire
