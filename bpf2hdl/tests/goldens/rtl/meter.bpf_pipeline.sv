// SPDX-License-Identifier: Apache-2.0
// Made by bpf2hdl 0.1.0 from program `xdp_meter`; do not edit. To make it again:
//   bpf2hdl compile PROG -o DIR --prog xdp_meter --target xcup --clock 250 --bus 512 --optimize latency
`default_nettype none

/// The program `xdp_meter` as a pipeline of 8 stages.
///
/// A token enters stage 0 with `token_valid_i` and moves on by one stage each clock; nothing is ever refused. Names:
/// `sK_...` belongs to stage K, `_q` is a register at its input; `pkt_A_B` are packet bytes A to B as received; the
/// number behind an operation is its node.
/// Latency from token to result: 9 clocks, 1 elastic FIFO included, when nothing waits. Registers: 574 bits.
module bpf_pipeline (
  input  logic         clk_i,
  input  logic         rst_i,                // synchronous, active high: the pipeline is empty
  input  logic         token_valid_i,        // a token is in stage 0
  input  logic [191:0] token_window_i,       // packet byte i at [8*i +: 8]
  input  logic [15:0]  token_length_i,       // bytes of the frame; if more than 24, perhaps only those so far
  output logic         result_valid_o,       // the token in the last stage is done
  output logic [11:0]  result_o,             // see `result` below
  input  logic         host_cnt_req_i,       // host access to map cnt
  input  logic         host_cnt_we_i,
  input  logic [7:0]   host_cnt_idx_i,
  input  logic [95:0]  host_cnt_wdata_i,
  output logic         host_cnt_ack_o,
  output logic [95:0]  host_cnt_rdata_o,
  output logic         host_cnt_stall_o,
  input  logic         host_data_req_i,      // host access to map .data
  input  logic         host_data_we_i,
  input  logic         host_data_idx_i,
  input  logic [31:0]  host_data_wdata_i,
  output logic         host_data_ack_o,
  output logic [31:0]  host_data_rdata_o,
  output logic         host_data_stall_o,
  input  logic         host_n1st_hot_req_i,  // host access to map 1st-hot
  input  logic         host_n1st_hot_we_i,
  input  logic         host_n1st_hot_idx_i,
  input  logic [15:0]  host_n1st_hot_wdata_i,
  output logic         host_n1st_hot_ack_o,
  output logic [15:0]  host_n1st_hot_rdata_o,
  output logic         host_n1st_hot_stall_o
);

  // -- entries that the maps deliver --------------------------------------------------------------------------------
  logic [15:0] s1_n1st_hot_entry_3;  // map 1st-hot, index in stage 1
  logic [95:0] s3_cnt_entry_4;       // map cnt, index in stage 1
  logic [31:0] s7_data_entry_12;     // map .data, index in stage 7

  // -- stage 0 ------------------------------------------------------------------------------------------------------
  //     2: r2 = 1
  //     4: r2 = 1

  logic        s0_ult_1;
  logic [15:0] s0_pkt_at_2;

  // prog.c:11  x = f(y, 11);
  assign s0_ult_1 = 16'h0021 < token_length_i;  // insn 2
  // prog.c:12  x = f(y, 12);
  always_comb begin  // insn 4
    unique case (token_window_i[115:112])
      4'h0: s0_pkt_at_2 = token_window_i[127:112];
      4'h4: s0_pkt_at_2 = token_window_i[159:144];
      4'h8: s0_pkt_at_2 = token_window_i[191:176];
      default: s0_pkt_at_2 = '0;
    endcase
  end

  // -- stage 1 ------------------------------------------------------------------------------------------------------
  //     6: r2 = 1
  // Map cnt delivers in stage 3 and is written in stage 6: tokens of the same entry enter 4 clocks apart or more, so
  // that each sees what the one before wrote (6 - 3 + 1: a write shows in the next clock). No token overtakes.
  // Map 1st-hot delivers in stage 1 and is written in stage 3: tokens, whatever their entries, enter 3 clocks apart or
  // more, so that each sees what the one before wrote (3 - 1 + 1: a write shows in the next clock). No token overtakes.
  logic        s1_head_valid;
  logic        s1_enter;
  logic        unused_s1_ready;
  logic        unused_s1_idle;
  logic [15:0] s1_pkt_at_2_head;
  logic        s1_ult_1_head;
  logic [15:0] s1_pkt_3_4_head;
  logic [16:0] s1_pkt_bits16_0_head;

  // Can not overflow: it has room for every token in flight.
  bpf_fifo #(.WIDTH(50), .DEPTH(256)) u_s1_fifo (
    .clk_i,
    .rst_i,
    .wr_valid_i (token_valid_i),
    .wr_ready_o (unused_s1_ready),
    .wr_data_i  ({s0_pkt_at_2, s0_ult_1, token_window_i[39:24], token_window_i[16:0]}),
    .rd_valid_o (s1_head_valid),
    .rd_ready_i (s1_enter),
    .rd_data_o  ({s1_pkt_at_2_head, s1_ult_1_head, s1_pkt_3_4_head, s1_pkt_bits16_0_head}),
    .idle_o     (unused_s1_idle)
  );

  logic s1_go_cnt;
  logic unused_s1_busy_cnt;

  bpf_interlock #(.STAGES(4), .KEY_W(8)) u_s1_lock_cnt (
    .clk_i,
    .rst_i,
    .in_valid_i (s1_enter),
    .in_uses_i  (1'b1),
    .in_keeps_i (1'b1),
    .in_key_i   (s1_pkt_bits16_0_head[7:0]),
    .go_o       (s1_go_cnt),
    .busy_o     (unused_s1_busy_cnt)
  );

  logic s1_go_n1st_hot;
  logic unused_s1_busy_n1st_hot;

  bpf_interlock #(.STAGES(3), .KEY_W(1)) u_s1_lock_n1st_hot (
    .clk_i,
    .rst_i,
    .in_valid_i (s1_enter),
    .in_uses_i  (1'b1),
    .in_keeps_i (1'b1),
    .in_key_i   (1'b0),
    .go_o       (s1_go_n1st_hot),
    .busy_o     (unused_s1_busy_n1st_hot)
  );

  assign s1_enter = s1_head_valid && s1_go_cnt && s1_go_n1st_hot;

  logic        s1_valid_q;
  logic [16:0] s1_pkt_bits16_0_q;
  logic [15:0] s1_pkt_3_4_q;
  logic        s1_ult_1_q;
  logic [15:0] s1_pkt_at_2_q;

  always_ff @(posedge clk_i) begin
    s1_valid_q        <= s1_enter && !rst_i;
    s1_pkt_bits16_0_q <= s1_pkt_bits16_0_head;
    s1_pkt_3_4_q      <= s1_pkt_3_4_head;
    s1_ult_1_q        <= s1_ult_1_head;
    s1_pkt_at_2_q     <= s1_pkt_at_2_head;
  end

  // -- stage 2 ------------------------------------------------------------------------------------------------------
  logic        s2_valid_q;
  logic [16:0] s2_pkt_bits16_0_q;
  logic [15:0] s2_pkt_3_4_q;
  logic        s2_ult_1_q;
  logic [15:0] s2_pkt_at_2_q;
  logic [15:0] s2_n1st_hot_entry_3_q;

  always_ff @(posedge clk_i) begin
    s2_valid_q            <= s1_valid_q && !rst_i;
    s2_pkt_bits16_0_q     <= s1_pkt_bits16_0_q;
    s2_pkt_3_4_q          <= s1_pkt_3_4_q;
    s2_ult_1_q            <= s1_ult_1_q;
    s2_pkt_at_2_q         <= s1_pkt_at_2_q;
    s2_n1st_hot_entry_3_q <= s1_n1st_hot_entry_3;
  end

  // -- stage 3 ------------------------------------------------------------------------------------------------------
  //     8: r2 = 1
  //     9: r2 = 1
  //    13: r2 = 1
  //    17: r2 = 1
  //    18: r2 = 1
  //    19: r2 = 1
  //    20: r2 = 1
  logic        s3_valid_q;
  logic [16:0] s3_pkt_bits16_0_q;
  logic [15:0] s3_pkt_3_4_q;
  logic        s3_ult_1_q;
  logic [15:0] s3_pkt_at_2_q;
  logic [15:0] s3_n1st_hot_entry_3_q;

  always_ff @(posedge clk_i) begin
    s3_valid_q            <= s2_valid_q && !rst_i;
    s3_pkt_bits16_0_q     <= s2_pkt_bits16_0_q;
    s3_pkt_3_4_q          <= s2_pkt_3_4_q;
    s3_ult_1_q            <= s2_ult_1_q;
    s3_pkt_at_2_q         <= s2_pkt_at_2_q;
    s3_n1st_hot_entry_3_q <= s2_n1st_hot_entry_3_q;
  end

  logic [15:0] s3_add_5;
  logic [63:0] s3_add_6;
  logic [15:0] s3_rom_7;
  logic [31:0] s6_mul_8;    // in stage 6
  logic [15:0] s7_udiv_9;   // in stage 7
  logic [15:0] s7_urem_10;  // in stage 7

  // prog.c:14  x = f(y, 14);
  assign s3_add_5 = s3_n1st_hot_entry_3_q + 16'h0001;  // insn 9
  // prog.c:16  x = f(y, 16);
  assign s3_add_6 = s3_cnt_entry_4[63:0] + {48'h0, s3_pkt_at_2_q};  // insn 13
  // prog.c:18  x = f(y, 18);
  always_comb begin  // insn 17
    unique case (s3_pkt_at_2_q[1:0])
      2'h2: s3_rom_7 = 16'h0b0a;
      default: s3_rom_7 = '0;
    endcase
  end

  // prog.c:19  x = f(y, 19);
  // insn 18
  bpf_multiplier #(.WIDTH(32)) u_s6_mul_8 (
    .clk_i,
    .a_i       ({16'h0, s3_pkt_bits16_0_q[15:0]}),
    .b_i       ({16'h0, s3_pkt_at_2_q}),
    .product_o (s6_mul_8)
  );

  // insn 19
  bpf_divider #(.WIDTH(16), .BITS_PER_STAGE(4)) u_s7_udiv_9 (
    .clk_i,
    .dividend_i  (s3_pkt_at_2_q),
    .divisor_i   (s3_pkt_3_4_q),
    .quotient_o  (s7_udiv_9),
    .remainder_o (s7_urem_10)
  );

  // -- stage 4 ------------------------------------------------------------------------------------------------------
  logic        s4_valid_q;
  logic [15:0] s4_pkt_0_1_q;
  logic        s4_ult_1_q;
  logic [31:0] s4_cnt_entry_4_bits95_64_q;
  logic [63:0] s4_add_6_q;
  logic        s4_rom_7_bit0_q;

  always_ff @(posedge clk_i) begin
    s4_valid_q                 <= s3_valid_q && !rst_i;
    s4_pkt_0_1_q               <= s3_pkt_bits16_0_q[15:0];
    s4_ult_1_q                 <= s3_ult_1_q;
    s4_cnt_entry_4_bits95_64_q <= s3_cnt_entry_4[95:64];
    s4_add_6_q                 <= s3_add_6;
    s4_rom_7_bit0_q            <= s3_rom_7[0];
  end

  // -- stage 5 ------------------------------------------------------------------------------------------------------
  logic        s5_valid_q;
  logic [15:0] s5_pkt_0_1_q;
  logic        s5_ult_1_q;
  logic [31:0] s5_cnt_entry_4_bits95_64_q;
  logic [63:0] s5_add_6_q;
  logic        s5_rom_7_bit0_q;

  always_ff @(posedge clk_i) begin
    s5_valid_q                 <= s4_valid_q && !rst_i;
    s5_pkt_0_1_q               <= s4_pkt_0_1_q;
    s5_ult_1_q                 <= s4_ult_1_q;
    s5_cnt_entry_4_bits95_64_q <= s4_cnt_entry_4_bits95_64_q;
    s5_add_6_q                 <= s4_add_6_q;
    s5_rom_7_bit0_q            <= s4_rom_7_bit0_q;
  end

  // -- stage 6 ------------------------------------------------------------------------------------------------------
  logic        s6_valid_q;
  logic [15:0] s6_pkt_0_1_q;
  logic        s6_ult_1_q;
  logic [31:0] s6_cnt_entry_4_bits95_64_q;
  logic [63:0] s6_add_6_q;
  logic        s6_rom_7_bit0_q;

  always_ff @(posedge clk_i) begin
    s6_valid_q                 <= s5_valid_q && !rst_i;
    s6_pkt_0_1_q               <= s5_pkt_0_1_q;
    s6_ult_1_q                 <= s5_ult_1_q;
    s6_cnt_entry_4_bits95_64_q <= s5_cnt_entry_4_bits95_64_q;
    s6_add_6_q                 <= s5_add_6_q;
    s6_rom_7_bit0_q            <= s5_rom_7_bit0_q;
  end

  // -- stage 7 ------------------------------------------------------------------------------------------------------
  //    21: r2 = 1
  //    24: r2 = 1
  //    25: r2 = 1
  logic        s7_valid_q;
  logic [15:0] s7_pkt_0_1_q;
  logic        s7_ult_1_q;
  logic        s7_rom_7_bit0_q;
  logic [31:0] s7_mul_8_q;

  always_ff @(posedge clk_i) begin
    s7_valid_q      <= s6_valid_q && !rst_i;
    s7_pkt_0_1_q    <= s6_pkt_0_1_q;
    s7_ult_1_q      <= s6_ult_1_q;
    s7_rom_7_bit0_q <= s6_rom_7_bit0_q;
    s7_mul_8_q      <= s6_mul_8;
  end

  logic [15:0] s7_xor_11;
  logic        s7_slt_13;
  logic [2:0]  s7_sel_14;

  // prog.c:20  x = f(y, 20);
  assign s7_xor_11 = s7_udiv_9 ^ s7_urem_10;  // insn 21
  // prog.c:22  x = f(y, 22);
  assign s7_slt_13 = $signed(s7_data_entry_12) < $signed(s7_mul_8_q);  // insn 24
  assign s7_sel_14 = s7_slt_13 ? 3'h2 : {2'h1, s7_rom_7_bit0_q};  // insn 25

  // -- result -------------------------------------------------------------------------------------------------------
  // Only what varies: the core adds the constant bits behind the result queue.
  assign result_valid_o = s7_valid_q;
  assign result_o = {
    s7_data_entry_12[7:0],  // [11:4] byte 3
    s7_slt_13,              // [3] byte 3 is written
    s7_sel_14               // [2:0] verdict
  };

  // -- map cnt ------------------------------------------------------------------------------------------------------
  // percpu_array, 200 entries of 12 bytes in block RAM. Written in stage 6; the host's writes wait while an entry is
  // under way.

  logic        map_cnt_wr_en;
  logic [11:0] map_cnt_wr_be;
  logic [7:0]  map_cnt_wr_idx;
  logic [95:0] map_cnt_wr_data;

  // prog.c:17  x = f(y, 17);
  // prog.c:18  x = f(y, 18);
  assign map_cnt_wr_en   = s6_valid_q;  // insns 14, 16
  assign map_cnt_wr_be   = {{4{~s6_ult_1_q}}, {8{s6_ult_1_q}}};
  assign map_cnt_wr_idx  = s6_pkt_0_1_q[7:0];
  assign map_cnt_wr_data = {s6_cnt_entry_4_bits95_64_q, s6_add_6_q};

  bpf_map_array #(.ENTRIES(200), .VALUE_W(96), .READ_PORTS(1), .WRITE(1)) u_map_cnt (
    .clk_i,
    .rst_i,
    .rd_idx_i     (s1_pkt_bits16_0_q[7:0]),
    .rd_data_o    (s3_cnt_entry_4),
    .wr_en_i      (map_cnt_wr_en),
    .wr_be_i      (map_cnt_wr_be),
    .wr_idx_i     (map_cnt_wr_idx),
    .wr_data_i    (map_cnt_wr_data),
    .host_req_i   (host_cnt_req_i),
    .host_we_i    (host_cnt_we_i),
    .host_idx_i   (host_cnt_idx_i),
    .host_wdata_i (host_cnt_wdata_i),
    .host_ack_o   (host_cnt_ack_o),
    .host_rdata_o (host_cnt_rdata_o),
    .host_block_i (s3_valid_q || s4_valid_q || s5_valid_q),
    .host_stall_o (host_cnt_stall_o)
  );

  // -- map .data ----------------------------------------------------------------------------------------------------
  // globals, 1 entry of 4 bytes in flip-flops. Read and written as one step in stage 7: no token ever waits.

  logic        map_data_wr0_en;
  logic [3:0]  map_data_wr0_be;
  logic        map_data_wr0_idx;
  logic [31:0] map_data_wr0_data;

  // prog.c:20  x = f(y, 20);
  assign map_data_wr0_en   = s7_valid_q && s7_ult_1_q;  // insn 20
  assign map_data_wr0_be   = {3'h0, s7_ult_1_q};
  assign map_data_wr0_idx  = 1'b0;
  assign map_data_wr0_data = {24'h0, s7_pkt_0_1_q[7:0]};

  logic        map_data_wr1_en;
  logic [3:0]  map_data_wr1_be;
  logic        map_data_wr1_idx;
  logic [31:0] map_data_wr1_data;

  // prog.c:21  x = f(y, 21);
  assign map_data_wr1_en   = s7_valid_q;  // insns 22, 23
  assign map_data_wr1_be   = {2'h3, 1'b0, ~s7_ult_1_q};
  assign map_data_wr1_idx  = 1'b0;
  assign map_data_wr1_data = {s7_xor_11, 8'h0, s7_pkt_0_1_q[15:8]};

  bpf_map_regs #(.ENTRIES(1), .VALUE_W(32), .READ_PORTS(1), .WRITE_PORTS(2), .INIT(32'h04030201)) u_map_data (
    .clk_i,
    .rst_i,
    .rd_idx_i     (1'b0),
    .rd_data_o    (s7_data_entry_12),
    .wr_en_i      ({map_data_wr1_en, map_data_wr0_en}),
    .wr_be_i      ({map_data_wr1_be, map_data_wr0_be}),
    .wr_idx_i     ({map_data_wr1_idx, map_data_wr0_idx}),
    .wr_data_i    ({map_data_wr1_data, map_data_wr0_data}),
    .host_req_i   (host_data_req_i),
    .host_we_i    (host_data_we_i),
    .host_idx_i   (host_data_idx_i),
    .host_wdata_i (host_data_wdata_i),
    .host_ack_o   (host_data_ack_o),
    .host_rdata_o (host_data_rdata_o),
    .host_block_i (1'b0),
    .host_stall_o (host_data_stall_o)
  );

  // -- map 1st-hot --------------------------------------------------------------------------------------------------
  // array, 2 entries of 2 bytes in flip-flops. Written in stage 3; the host's writes wait while an entry is under way.

  logic        map_n1st_hot_wr_en;
  logic [1:0]  map_n1st_hot_wr_be;
  logic        map_n1st_hot_wr_idx;
  logic [15:0] map_n1st_hot_wr_data;

  assign map_n1st_hot_wr_en   = s3_valid_q;
  assign map_n1st_hot_wr_be   = 2'h3;
  assign map_n1st_hot_wr_idx  = s3_pkt_bits16_0_q[16];
  assign map_n1st_hot_wr_data = s3_add_5;

  bpf_map_regs #(.ENTRIES(2), .VALUE_W(16), .READ_PORTS(1), .WRITE_PORTS(1)) u_map_n1st_hot (
    .clk_i,
    .rst_i,
    .rd_idx_i     (s1_pkt_bits16_0_q[16]),
    .rd_data_o    (s1_n1st_hot_entry_3),
    .wr_en_i      (map_n1st_hot_wr_en),
    .wr_be_i      (map_n1st_hot_wr_be),
    .wr_idx_i     (map_n1st_hot_wr_idx),
    .wr_data_i    (map_n1st_hot_wr_data),
    .host_req_i   (host_n1st_hot_req_i),
    .host_we_i    (host_n1st_hot_we_i),
    .host_idx_i   (host_n1st_hot_idx_i),
    .host_wdata_i (host_n1st_hot_wdata_i),
    .host_ack_o   (host_n1st_hot_ack_o),
    .host_rdata_o (host_n1st_hot_rdata_o),
    .host_block_i (s1_valid_q || s2_valid_q),
    .host_stall_o (host_n1st_hot_stall_o)
  );

  // -- bits that nothing reads --------------------------------------------------------------------------------------
  logic unused_bits;
  assign unused_bits = ^{token_window_i[23:17], token_window_i[111:40], token_window_i[143:128],
      token_window_i[175:160], s3_rom_7[15:1]};
endmodule

`default_nettype wire
