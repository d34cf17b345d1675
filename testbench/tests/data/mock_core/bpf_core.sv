// SPDX-License-Identifier: Apache-2.0
// A stand-in for a generated core, to test the testbench: same ports, registers and rules, behavioural inside.
//
// Action = low three bits of byte 0 (5 and more: aborted). TX inverts byte 1. Map 0 `cnt` (8 x 8 bytes) counts
// packets by action; map 1 `.data` (1 x 4 bytes, initially 11 22 33 44) is there to be read and written.
// Faults are built in by macros: MOCK_HANG (the tenth packet never gets a verdict), MOCK_UNSTABLE (tvalid falls),
// MOCK_STOP (an assertion fails), MOCK_WRONG (the twentieth packet's byte 2 is damaged), MOCK_COUNTER.
`default_nettype none
module bpf_core #(
  parameter int BUS = @BUS@
) (
  input  logic clk, input logic rst,
  input  logic [BUS-1:0] s_axis_tdata, input logic [BUS/8-1:0] s_axis_tkeep, input logic s_axis_tvalid,
  output logic s_axis_tready, input logic s_axis_tlast, input logic [31:0] s_axis_tuser,
  output logic [BUS-1:0] m_axis_pass_tdata, output logic [BUS/8-1:0] m_axis_pass_tkeep,
  output logic m_axis_pass_tvalid, input logic m_axis_pass_tready, output logic m_axis_pass_tlast,
  output logic [31:0] m_axis_pass_tuser,
  output logic [BUS-1:0] m_axis_tx_tdata, output logic [BUS/8-1:0] m_axis_tx_tkeep,
  output logic m_axis_tx_tvalid, input logic m_axis_tx_tready, output logic m_axis_tx_tlast,
  output logic [31:0] m_axis_tx_tuser,
  output logic [BUS-1:0] m_axis_redirect_tdata, output logic [BUS/8-1:0] m_axis_redirect_tkeep,
  output logic m_axis_redirect_tvalid, input logic m_axis_redirect_tready, output logic m_axis_redirect_tlast,
  output logic [31:0] m_axis_redirect_tuser, output logic [1:0] m_axis_redirect_tid, output logic [31:0] m_axis_redirect_tdest,
  output logic [BUS-1:0] m_axis_event_tdata, output logic [BUS/8-1:0] m_axis_event_tkeep,
  output logic m_axis_event_tvalid, input logic m_axis_event_tready, output logic m_axis_event_tlast,
  output logic [31:0] m_axis_event_tuser,
  input  logic [15:0] s_axil_awaddr, input logic s_axil_awvalid, output logic s_axil_awready,
  input  logic [31:0] s_axil_wdata, input logic [3:0] s_axil_wstrb, input logic s_axil_wvalid, output logic s_axil_wready,
  output logic [1:0] s_axil_bresp, output logic s_axil_bvalid, input logic s_axil_bready,
  input  logic [15:0] s_axil_araddr, input logic s_axil_arvalid, output logic s_axil_arready,
  output logic [31:0] s_axil_rdata, output logic [1:0] s_axil_rresp, output logic s_axil_rvalid, input logic s_axil_rready,
  output logic mon_valid, output logic [2:0] mon_action, output logic [15:0] mon_length,
  output logic [1:0] mon_tid, output logic [31:0] mon_tdest
);
  localparam int KEEP = BUS / 8;
  localparam int DEPTH = 2048;   // beats of the packet buffer, and entries of the packet queue
  localparam int SINK = 512;     // beats of a sink

  // Input: beats and, at the end of a packet, its action and length.
  logic [BUS-1:0] buffer_data [DEPTH];
  logic [KEEP-1:0] buffer_keep [DEPTH];
  logic [18:0] queue [DEPTH];    // action, length
  logic [31:0] in_beat, out_beat, in_packet, out_packet;
  logic [15:0] bytes;
  logic [2:0] action;
  logic first;
  logic accept;
  logic [2:0] code;
  logic [15:0] length_now;
  assign s_axis_tready = in_beat - out_beat < DEPTH - 2 && in_packet - out_packet < DEPTH - 2;
  assign accept = s_axis_tvalid && s_axis_tready;
  always_comb begin
    code = action;
    if (first) code = s_axis_tdata[2:0] > 3'd4 ? 3'd0 : s_axis_tdata[2:0];
    length_now = bytes;
    for (int i = 0; i < KEEP; i++) length_now = length_now + 16'(s_axis_tkeep[i]);
  end
  always_ff @(posedge clk) begin
    if (accept) begin
      buffer_data[in_beat % DEPTH] <= s_axis_tdata;
      buffer_keep[in_beat % DEPTH] <= s_axis_tkeep;
      in_beat <= in_beat + 1;
      first <= s_axis_tlast;
      action <= code;
      bytes <= s_axis_tlast ? 16'd0 : length_now;
      if (s_axis_tlast) begin
        queue[in_packet % DEPTH] <= {code, length_now};
        in_packet <= in_packet + 1;
      end
    end
    if (rst) begin
      in_beat <= 0; in_packet <= 0; bytes <= 0; first <= 1;
    end
  end

  // Output: one packet after the other.
  logic [BUS-1:0] data [2][SINK];
  logic [KEEP-1:0] keep [2][SINK];
  logic [32:0] user [2][SINK];
  logic [31:0] head [2], tail [2];
  logic [15:0] beat;
  logic [2:0] out_action;
  logic [15:0] out_length, beats;
  logic have, skip, which, room, go, last;
  logic [BUS-1:0] edited;
  assign have = in_packet != out_packet;
  assign {out_action, out_length} = queue[out_packet % DEPTH];
  assign beats = (out_length + 16'(KEEP) - 1) / 16'(KEEP);
  assign which = out_action == 3'd3;
  assign room = 32'(beats) + (tail[which] - head[which]) <= SINK;
  assign skip = !(out_action == 3'd2 || out_action == 3'd3) || (beat == 0 && !room && !lossless);
  assign go = have && !skip && (beat != 0 || room);
  assign last = beat == beats - 1;
  always_comb begin
    edited = buffer_data[(out_beat + 32'(beat)) % DEPTH];
    if (beat == 0 && which) edited[15:8] = ~edited[15:8];
`ifdef MOCK_WRONG
    if (beat == 0 && out_packet == 19) edited[23:16] = ~edited[23:16];
`endif
  end
  logic hung;
`ifdef MOCK_HANG
  assign hung = out_packet == 9;
`else
  assign hung = 1'b0;
`endif
  always_ff @(posedge clk) begin
    mon_valid <= 0;
    if (go && !hung) begin
      data[which][tail[which] % SINK] <= edited;
      keep[which][tail[which] % SINK] <= buffer_keep[(out_beat + 32'(beat)) % DEPTH];
      user[which][tail[which] % SINK] <= {last, 15'd0, which, out_length};
      tail[which] <= tail[which] + 1;
      beat <= last ? 16'd0 : beat + 1;
    end
    if (have && !hung && (skip || (go && last))) begin
      mon_valid <= 1;
      mon_action <= out_action;
      mon_length <= out_length;
      out_packet <= out_packet + 1;
      out_beat <= out_beat + 32'(beats);
      count[out_action] <= count[out_action] + 1;
      total[out_action] <= total[out_action] + 1;
      octets[out_action] <= octets[out_action] + 64'(out_length);
      if (skip && (out_action == 3'd2 || out_action == 3'd3)) lost[which] <= lost[which] + 1;
`ifdef MOCK_STOP
      assert (out_packet != 9) else $error("the tenth packet");
`endif
    end
    if (m_axis_pass_tvalid && m_axis_pass_tready) head[0] <= head[0] + 1;
    if (m_axis_tx_tvalid && m_axis_tx_tready) head[1] <= head[1] + 1;
    if (command == 2 && select == 0) count[3'(index)] <= {window[1], window[0]};
    if (rst) begin
      out_packet <= 0; out_beat <= 0; beat <= 0;
      for (int i = 0; i < 2; i++) begin head[i] <= 0; tail[i] <= 0; lost[i] <= 0; end
      for (int i = 0; i < 8; i++) begin count[i] <= 0; total[i] <= 0; octets[i] <= 0; end
    end
  end
`ifdef MOCK_UNSTABLE
  logic [4:0] blink;
  always_ff @(posedge clk) blink <= rst ? 5'd0 : blink + 1;
  assign m_axis_pass_tvalid = head[0] != tail[0] && blink != 0;
`else
  assign m_axis_pass_tvalid = head[0] != tail[0];
`endif
  assign m_axis_pass_tdata = data[0][head[0] % SINK];
  assign m_axis_pass_tkeep = keep[0][head[0] % SINK];
  assign {m_axis_pass_tlast, m_axis_pass_tuser} = user[0][head[0] % SINK];
  assign m_axis_tx_tvalid = head[1] != tail[1];
  assign m_axis_tx_tdata = data[1][head[1] % SINK];
  assign m_axis_tx_tkeep = keep[1][head[1] % SINK];
  assign {m_axis_tx_tlast, m_axis_tx_tuser} = user[1][head[1] % SINK];

  // No redirect names a target.
  assign {m_axis_redirect_tdata, m_axis_redirect_tkeep, m_axis_redirect_tvalid, m_axis_redirect_tlast} = '0;
  assign {m_axis_event_tdata, m_axis_event_tkeep, m_axis_event_tvalid, m_axis_event_tlast, m_axis_event_tuser} = '0;
  assign {m_axis_redirect_tuser, m_axis_redirect_tid, m_axis_redirect_tdest, mon_tid, mon_tdest} = '0;

  // Registers.
  logic [63:0] count [8], total [8], octets [8];
  logic [63:0] lost [2];
  logic [63:0] stalls, cycles, counter;
  logic [31:0] high, select, index, value;
  logic [31:0] window [1024];
  logic [31:0] dot_data;
  logic [1:0] command;
  logic lossless, fault;
  logic [31:0] memory [2];
  initial $readmemh("contents.hex", memory);
  always_comb begin
    case (s_axil_araddr[7:3])
`ifdef MOCK_COUNTER
      5'd0: counter = 64'(out_packet) + 1;
`else
      5'd0: counter = 64'(out_packet);
`endif
      5'd1: counter = octets[0] + octets[1] + octets[2] + octets[3] + octets[4];
      5'd2, 5'd4, 5'd6, 5'd8, 5'd10: counter = total[3'(s_axil_araddr[6:4] - 1)];
      5'd3, 5'd5, 5'd7, 5'd9, 5'd11: counter = octets[3'(s_axil_araddr[6:4] - 1)];
      5'd12: counter = lost[0];
      5'd13: counter = lost[1];
      5'd14: counter = stalls;
      5'd16: counter = total[4];  // no redirect has a target
      5'd17, 5'd18: counter = '0;
      default: counter = cycles;
    endcase
    casez (s_axil_araddr)
      16'h0000: value = 32'h42324831;
      16'h0004: value = 1;
      16'h0008: value = BUS;
      16'h000c: value = 2;
      16'b0000_0000_0001_????, 16'b0000_0000_0010_????: value = 32'habababab;
      16'h0030: value = 32'(lossless);
      16'h0034: value = 32'(in_packet == out_packet && head[0] == tail[0] && head[1] == tail[1]);
      16'b0000_0001_????_?000: value = counter[31:0];
      16'b0000_0001_????_?100: value = high;
      16'h0400: value = select;
      16'h0404: value = index;
      16'h040c: value = {30'd0, fault, command != 0};
      16'b0001_????_????_????: value = window[s_axil_araddr[11:2]];
      16'h0fe0: value = memory[1];
      default: value = 0;
    endcase
  end
  assign s_axil_arready = !s_axil_rvalid;
  assign s_axil_awready = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_wready = s_axil_awready;
  assign s_axil_bresp = 0;
  assign s_axil_rresp = 0;
  always_ff @(posedge clk) begin
    cycles <= cycles + 1;
    stalls <= stalls + 64'(s_axis_tvalid && !s_axis_tready);
    command <= 0;
    if (s_axil_rready) s_axil_rvalid <= 0;
    if (s_axil_bready) s_axil_bvalid <= 0;
    if (s_axil_arvalid && s_axil_arready) begin
      s_axil_rdata <= value;
      s_axil_rvalid <= 1;
      high <= counter[63:32];
    end
    if (s_axil_awready) begin
      s_axil_bvalid <= 1;
      casez (s_axil_awaddr)
        16'h0030: lossless <= s_axil_wdata[0];
        16'h0400: select <= s_axil_wdata;
        16'h0404: index <= s_axil_wdata;
        16'h0408: begin
          command <= s_axil_wdata[1:0];
          fault <= !(select == 0 && index < 8 || select == 1 && index < 1);
          if (s_axil_wdata[0]) begin
            window[0] <= select == 0 ? count[3'(index)][31:0] : dot_data;
            window[1] <= count[3'(index)][63:32];
          end
          if (s_axil_wdata[1] && select == 1) dot_data <= window[0];
          if (s_axil_wdata[8]) index <= index + 1;
        end
        16'b0001_????_????_????: window[s_axil_awaddr[11:2]] <= s_axil_wdata;
        default: ;
      endcase
    end
    if (rst) begin
      cycles <= 0; stalls <= 0; s_axil_rvalid <= 0; s_axil_bvalid <= 0; lossless <= 0; dot_data <= 32'h44332211; command <= 0; fault <= 0;
    end
  end
endmodule
