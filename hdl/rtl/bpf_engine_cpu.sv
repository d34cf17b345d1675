// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The eBPF machine: runs the instructions of RFC 9669 (cpu v4) from its own memory, one after the other.
///
/// Slots are encoded as in an object, and numbered from 0. Slots below `limit_i` are the firmware. It is started at slot 0 with r1 = `event_i`, and ends where
/// slot 0's function exits. Calls are to slots (no helper by number), with frames of 512 bytes and r6 to r9 of their own, 16 frames at most.
/// `callx` has the slot in its dst register.
///
/// Addresses are 32 bits: 0x1000_0000 + n is byte n of the memory, 0x2000_0000 + n the same byte as a byte of the packet, 0x3000_0000 + 8n word n of the
/// special registers. Beyond the firmware, bytes of the packet are `low_i` to `high_i` - 1, memory is what is behind PACKET_BYTES, and there are no
/// special registers. Any other access, an unknown instruction or a 17th frame is a fault: the machine stops, and says so for one clock.
/// Special registers 14 and 15 are here: 15 sets the slot at which the caller goes on; 14 ends the function that slot 0's function
/// has called, with what is written as its r0.
///
/// Clocks: 2 an instruction; 3 a load, a 16-byte constant or an atomic operation; products and quotients as in bpf_engine_math and 2 more.
/// Resources: 64 x SLOTS bits of block RAM, 2 x 128 x 64 bits of registers in RAM.
module bpf_engine_cpu #(
  parameter int unsigned SLOTS = 8192,         // a power of two
  parameter int unsigned BYTES = 65536,        // of the memory, a power of two
  parameter int unsigned PACKET_BYTES = 10240,
  parameter int unsigned STACK = 16384,        // byte of the memory at which the stack of the first frame begins
  localparam int unsigned PW = $clog2(SLOTS),
  localparam int unsigned AW = $clog2(BYTES)
) (
  input  logic          clk_i,
  input  logic          rst_i,                 // synchronous, active high
  // program
  input  logic          prog_we_i,
  input  logic [PW-1:0] prog_slot_i,
  input  logic [63:0]   prog_data_i,
  input  logic [31:0]   limit_i,
  // run
  input  logic          start_i,               // 1 clock, while idle_o
  input  logic [7:0]    event_i,
  output logic          idle_o,
  output logic          fault_o,               // 1 clock: it has stopped
  output logic [31:0]   fault_slot_o,          // of the last one
  output logic [31:0]   fault_address_o,
  // memory, granted at once
  output logic          mem_req_o,
  output logic          mem_we_o,
  output logic [AW-1:0] mem_addr_o,
  output logic [7:0]    mem_be_o,
  output logic [63:0]   mem_wdata_o,
  input  logic [63:0]   mem_rdata_i,
  output logic          touch_o,               // 1 clock: a byte of the packet is written
  input  logic [15:0]   low_i,
  input  logic [15:0]   high_i,
  // special registers
  output logic          io_req_o,              // 1 clock
  output logic          io_we_o,
  output logic [4:0]    io_index_o,
  output logic [63:0]   io_wdata_o,
  input  logic [63:0]   io_rdata_i,            // in the clock of the request
  input  logic          io_busy_i              // from the clock after a write on: not done
);
  typedef enum logic [2:0] { IDLE, DECODE, EXECUTE, LOAD, WIDE, MATH, ATOMIC, WAIT } state_t;

  if ((1 << PW) != SLOTS || SLOTS < 64) begin : g_check
    $fatal(1, "bpf_engine_cpu: SLOTS must be a power of two, at least 64");
  end

  state_t        state_q, state_d;
  logic [PW-1:0] pc_q, pc_d;
  logic [3:0]    frame_q, frame_d;
  logic          fetch;                        // the slot at pc_d is next

  // ---- instructions ----
  logic [63:0] imem [0:SLOTS-1];
  logic [63:0] ir_q;
  always_ff @(posedge clk_i) if (prog_we_i) imem[prog_slot_i] <= prog_data_i;
  always_ff @(posedge clk_i) if (fetch) ir_q <= imem[pc_d];

  logic [63:0] hold_q, insn;                   // an instruction that needs more clocks
  logic [7:0]  op;
  logic [3:0]  dst, src;
  logic [15:0] offset;
  logic [31:0] imm;
  logic [2:0]  class_bits;
  assign insn       = (state_q == EXECUTE || state_q == DECODE) ? ir_q : hold_q;
  assign op         = insn[7:0];
  assign dst        = insn[11:8];
  assign src        = insn[15:12];
  assign offset     = insn[31:16];
  assign imm        = insn[63:32];
  assign class_bits = op[2:0];
  always_ff @(posedge clk_i) if (state_q == EXECUTE) hold_q <= ir_q;

  // ---- registers: r0 to r5 are one set, r6 to r9 one for each frame, r10 is made ----
  logic [63:0] a_file [0:127];
  logic [63:0] b_file [0:127];
  logic [63:0] a_file_q, b_file_q, a, b, r10, rf_data;
  logic        rf_we;
  logic [3:0]  rf_reg;
  logic [6:0]  a_place, b_place, rf_place;

  assign a_place  = (state_q != DECODE) ? 7'd0 : (dst < 4'd6) ? {4'd0, dst[2:0]} : {1'b1, frame_q, ~dst[1], dst[0]};
  assign b_place  = (src < 4'd6) ? {4'd0, src[2:0]} : {1'b1, frame_q, ~src[1], src[0]};
  assign rf_place = (rf_reg < 4'd6) ? {4'd0, rf_reg[2:0]} : {1'b1, frame_q, ~rf_reg[1], rf_reg[0]};
  assign r10      = 64'h1000_0000 + 64'(STACK) + {51'd0, frame_q, 9'd0} + 64'd512;
  assign a        = (dst == 4'd10) ? r10 : a_file_q;
  assign b        = (src == 4'd10) ? r10 : b_file_q;

  always_ff @(posedge clk_i) begin
    if (rf_we) a_file[rf_place] <= rf_data;
    if (state_q == DECODE || state_q == EXECUTE) a_file_q <= a_file[a_place];
  end
  always_ff @(posedge clk_i) begin
    if (rf_we) b_file[rf_place] <= rf_data;
    if (state_q == DECODE) b_file_q <= b_file[b_place];
  end

  // ---- where calls return ----
  logic [PW-1:0] back [0:15];
  logic          back_we;
  logic [3:0]    back_place;
  logic [PW-1:0] back_data;
  always_ff @(posedge clk_i) if (back_we) back[back_place] <= back_data;

  // ---- arithmetic ----
  logic        wide, taken, math_start, math_done;
  logic [63:0] operand, result, math_result;
  assign wide    = class_bits == 3'd7 || class_bits == 3'd5;
  assign operand = op[3] ? b : {{32{imm[31]}}, imm};

  bpf_engine_alu u_alu (
    .code_i   (op[7:4]),
    .wide_i   (wide),
    .source_i (op[3]),
    .offset_i (offset[5:0]),
    .imm_i    (imm[6:0]),
    .a_i      (a),
    .b_i      (operand),
    .result_o (result),
    .taken_o  (taken)
  );

  bpf_engine_math u_math (
    .clk_i,
    .rst_i,
    .start_i  (math_start),
    .kind_i   ((op[7:4] == 4'h2) ? 2'd0 : (op[7:4] == 4'h3) ? 2'd1 : 2'd2),
    .wide_i   (wide),
    .signed_i (offset[0] && op[7:4] != 4'h2),
    .a_i      (a),
    .b_i      (operand),
    .done_o   (math_done),
    .result_o (math_result)
  );

  // ---- addresses ----
  logic [63:0] address;
  logic [AW-1:0] address_q;
  logic [31:0] last;                           // last byte of the access
  logic [3:0]  bytes;
  logic        firmware, ours, in_memory, in_packet, in_io, good;
  assign address = ((class_bits == 3'd1) ? b : a) + {{48{offset[15]}}, offset};
  always_comb begin
    unique case (op[4:3])
      2'd0:    bytes = 4'd4;
      2'd1:    bytes = 4'd2;
      2'd2:    bytes = 4'd1;
      default: bytes = 4'd8;
    endcase
  end
  assign last      = {4'd0, address[27:0]} + 32'(bytes) - 32'd1;
  assign firmware  = 32'(pc_q) < limit_i;
  assign ours      = address[63:32] == '0 && last < 32'(BYTES);
  assign in_memory = ours && address[31:28] == 4'h1 && (firmware || {4'd0, address[27:0]} >= 32'(PACKET_BYTES));
  assign in_packet = ours && address[31:28] == 4'h2 && {4'd0, address[27:0]} >= 32'(low_i) && last < 32'(high_i);
  assign in_io     = firmware && address[63:8] == 56'h30_0000 && address[2:0] == 3'd0 && bytes == 4'd8;
  assign good      = in_memory || in_packet;

  // ---- what a load brings ----
  logic [63:0] loaded;
  logic        extend;                         // MEMSX
  assign extend = op[7:5] == 3'd4;
  logic        from_io_q;
  logic [63:0] io_q, raw;
  assign raw = from_io_q ? io_q : mem_rdata_i;
  always_comb begin
    unique case (op[4:3])
      2'd0:    loaded = {{32{extend && raw[31]}}, raw[31:0]};
      2'd1:    loaded = {{48{extend && raw[15]}}, raw[15:0]};
      2'd2:    loaded = {{56{extend && raw[7]}}, raw[7:0]};
      default: loaded = raw;
    endcase
  end

  // ---- atomic operations: r0 comes from the file while memory is read ----
  logic [63:0] old, changed;
  logic        same;
  assign old  = op[3] ? mem_rdata_i : {32'd0, mem_rdata_i[31:0]};
  assign same = mem_rdata_i[31:0] == a_file_q[31:0] && (!op[3] || mem_rdata_i[63:32] == a_file_q[63:32]);
  always_comb begin
    unique case (imm[7:4])
      4'h0:    changed = mem_rdata_i + b;
      4'h4:    changed = mem_rdata_i | b;
      4'h5:    changed = mem_rdata_i & b;
      4'hA:    changed = mem_rdata_i ^ b;
      4'hE:    changed = b;
      default: changed = same ? b : mem_rdata_i;
    endcase
  end

  // ---- the steps ----
  logic        fault, store;
  logic [PW-1:0] next, target;
  assign next   = pc_q + 1'b1;
  assign target = next + ((op == 8'h06 || op == 8'h85) ? PW'(imm) : PW'($signed(offset)));
  assign store  = class_bits == 3'd2 || class_bits == 3'd3;

  always_comb begin
    state_d     = state_q;
    pc_d        = pc_q;
    frame_d     = frame_q;
    fetch       = 1'b0;
    fault       = 1'b0;
    rf_we       = 1'b0;
    rf_reg      = dst;
    rf_data     = result;
    back_we     = 1'b0;
    back_place  = frame_q;
    back_data   = next;
    math_start  = 1'b0;
    mem_req_o   = 1'b0;
    mem_we_o    = 1'b0;
    mem_addr_o  = address[AW-1:0];
    mem_wdata_o = op[0] ? b : {{32{imm[31]}}, imm};
    io_req_o    = 1'b0;
    unique case (state_q)
      IDLE: if (start_i) begin
        state_d = DECODE;
        pc_d    = '0;
        frame_d = '0;
        fetch   = 1'b1;
        rf_we   = 1'b1;
        rf_reg  = 4'd1;
        rf_data = 64'(event_i);
      end
      DECODE: state_d = EXECUTE;
      EXECUTE: begin
        state_d = DECODE;
        pc_d    = next;
        fetch   = 1'b1;
        unique case (class_bits)
          3'd4, 3'd7: begin
            rf_we = dst < 4'd10;
            if (op[7:4] == 4'h2 || op[7:4] == 4'h3 || op[7:4] == 4'h9) begin
              rf_we      = 1'b0;
              math_start = 1'b1;
              state_d    = MATH;
            end
            fault = op[7:4] > 4'hD;
          end
          3'd5, 3'd6: begin
            if (op == 8'h85 || op == 8'h8D) begin
              pc_d    = op[3] ? PW'(a) : target;
              back_we = 1'b1;
              frame_d = frame_q + 1'b1;
              fault   = frame_q == 4'd15 || (op == 8'h85 && src != 4'd1);
            end else if (op == 8'h95) begin
              pc_d    = back[frame_q - 4'd1];
              frame_d = frame_q - 1'b1;
              if (frame_q == '0) begin
                state_d = IDLE;
                fetch   = 1'b0;
              end
            end else begin
              if (taken) pc_d = target;
              fault = op[7:4] > 4'hD || (op[7:4] == 4'h8 || op[7:4] == 4'h9);
            end
          end
          3'd0: begin
            state_d = WIDE;
            fault   = op != 8'h18;
          end
          3'd1: begin
            state_d   = LOAD;
            mem_req_o = good;
            io_req_o  = in_io;
            fault     = (!good && !in_io) || (op[7:5] != 3'd3 && op[7:5] != 3'd4);
          end
          default: begin
            mem_req_o = good;
            io_req_o  = in_io;
            mem_we_o  = 1'b1;
            fault     = !good && !in_io;
            if (op[7:5] == 3'd6) begin
              state_d  = ATOMIC;
              mem_we_o = 1'b0;
              io_req_o = 1'b0;
              fault    = !good || class_bits != 3'd3;
            end else if (in_io) begin
              state_d = WAIT;
              fetch   = 1'b0;
              if (io_index_o == 5'd14) begin
                rf_we   = 1'b1;
                rf_reg  = 4'd0;
                rf_data = mem_wdata_o;
                frame_d = '0;
                pc_d    = back[0];
              end
              back_we    = io_index_o == 5'd15;
              back_place = frame_q - 4'd1;
              back_data  = PW'(mem_wdata_o);
            end
          end
        endcase
        if (fault) begin
          state_d   = IDLE;
          fetch     = 1'b0;
          rf_we     = 1'b0;
          mem_req_o = 1'b0;
        end
      end
      LOAD: begin
        state_d = DECODE;
        rf_we   = dst < 4'd10;
        rf_data = loaded;
      end
      WIDE: begin
        // The second slot is in ir_q.
        state_d = DECODE;
        rf_we   = dst < 4'd10;
        rf_data = {ir_q[63:32], imm};
        pc_d    = next;
        fetch   = 1'b1;
      end
      MATH: if (math_done) begin
        state_d = DECODE;
        rf_we   = dst < 4'd10;
        rf_data = math_result;
      end
      ATOMIC: begin
        state_d     = DECODE;
        mem_req_o   = 1'b1;
        mem_we_o    = 1'b1;
        mem_addr_o  = address_q;
        mem_wdata_o = changed;
        rf_we       = imm[0];
        rf_reg      = (imm[7:4] == 4'hF) ? 4'd0 : src;
        rf_data     = old;
      end
      default: if (!io_busy_i) begin           // WAIT
        state_d = DECODE;
        fetch   = 1'b1;
      end
    endcase
  end

  assign mem_be_o   = 8'hFF >> (4'd8 - bytes);
  assign touch_o    = state_q == EXECUTE && mem_req_o && store && in_packet;
  assign io_we_o    = store;
  assign io_index_o = address[7:3];
  assign io_wdata_o = mem_wdata_o;
  assign idle_o     = state_q == IDLE;

  always_ff @(posedge clk_i) begin
    state_q   <= state_d;
    pc_q      <= pc_d;
    frame_q   <= frame_d;
    fault_o   <= state_q == EXECUTE && fault;
    if (state_q == EXECUTE) address_q <= address[AW-1:0];
    if (io_req_o) io_q <= io_rdata_i;
    if (state_q == EXECUTE) from_io_q <= in_io;
    if (state_q == EXECUTE && fault) begin
      fault_slot_o    <= 32'(pc_q);
      fault_address_o <= address[31:0];
    end
    if (rst_i) begin
      state_q <= IDLE;
      fault_o <= 1'b0;
    end
  end
endmodule

`default_nettype wire
