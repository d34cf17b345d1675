// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Writes records for the host on an AXI4-Stream, each as one packet: a header of 16 bytes, the data, the bytes of the packet.
///
/// Bytes 0, 1: length of all; 2: map; 3: format (1); 4, 5: bytes of data; 6, 7: bytes of the packet; 8 to 11: number of the record;
/// 12 to 15: records that found no room so far. The data begin at byte 16, the packet's bytes at the next multiple of 64 behind them. All is
/// filled up to a multiple of 8; what stands there means nothing. (`bpf2hdl/interface/src/event.rs` says the same to hosts.)
/// One beat per clock, without a bubble between records. tvalid never depends on tready; data are stable while waiting.
/// Latency: 1 clock. Resources: 8 * (16 + DATA_BYTES) flip-flops, rounded up to beats, and about 100.
module bpf_event_stream #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned DATA_BYTES = 8,       // of a record
  parameter int unsigned PACKETS = 0,          // 1: records can bring bytes of the packet
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic                    clk_i,
  input  logic                    rst_i,       // synchronous, active high
  // records; nothing waits longer than for the stream
  input  logic                    record_valid_i,
  output logic                    record_pop_o,
  input  logic [7:0]              map_i,
  input  logic [15:0]             length_i,
  input  logic [15:0]             packet_i,
  input  logic [8*DATA_BYTES-1:0] data_i,
  // beats of the packets, in the order of the records
  input  logic                    beat_valid_i,
  output logic                    beat_pop_o,
  input  logic [BUS_W-1:0]        beat_i,
  input  logic [31:0]             lost_i,
  // to the host
  output logic [BUS_W-1:0]        m_axis_tdata_o,
  output logic [BUSB-1:0]         m_axis_tkeep_o,
  output logic                    m_axis_tvalid_o,
  input  logic                    m_axis_tready_i,
  output logic                    m_axis_tlast_o,
  output logic [31:0]             m_axis_tuser_o,   // [15:0] bytes of the record
  output logic                    idle_o
);
  localparam int unsigned KL = $clog2(BUSB);
  localparam int unsigned LEFT_W = 16 - KL;
  localparam int unsigned UNIT = (PACKETS != 0) ? 64 : 8;
  localparam int unsigned LONGEST = (16 + DATA_BYTES + UNIT - 1) / UNIT * UNIT;
  localparam int unsigned BEATS = (LONGEST + BUSB - 1) / BUSB;
  localparam int unsigned FRONT_W = BEATS * BUS_W;

  // ---- lengths of the next record ----
  logic [15:0] front8, front64, front, front_m1, back, back_m1, total;
  logic        brings, unused_bits;

  assign brings   = PACKETS != 0 && packet_i != '0;
  assign front8   = (length_i + 16'd23) & ~16'd7;
  assign front64  = (length_i + 16'd79) & ~16'd63;
  assign front    = brings ? front64 : front8;
  assign front_m1 = front - 16'd1;
  assign back     = (PACKETS == 0) ? 16'd0 : (packet_i + 16'd7) & ~16'd7;
  assign back_m1  = back - 16'd1;
  assign total    = front + back;

  // ---- the record that leaves ----
  logic               valid_q, brings_q, behind_q, load, done, go, last;
  logic [FRONT_W-1:0] front_q;
  logic [LEFT_W-1:0]  left_q, back_left_q;
  logic [KL-1:0]      tail_q;
  logic [15:0]        total_q;
  logic [31:0]        number_q;

  assign m_axis_tvalid_o = valid_q && (!behind_q || beat_valid_i);
  assign m_axis_tdata_o  = behind_q ? beat_i : front_q[BUS_W-1:0];
  assign last            = left_q == '0 && (behind_q || !brings_q);
  assign m_axis_tlast_o  = last;
  assign m_axis_tuser_o  = {16'd0, total_q};
  assign go              = m_axis_tvalid_o && m_axis_tready_i;
  assign done            = go && last;
  assign load            = !valid_q || done;
  assign record_pop_o    = load && record_valid_i;
  assign beat_pop_o      = go && behind_q;
  assign idle_o          = !valid_q;
  assign unused_bits     = ^{front_m1[KL-1:0], back_m1[KL-1:0]};

  always_comb begin
    for (int unsigned i = 0; i < BUSB; i++) m_axis_tkeep_o[i] = !last || tail_q == '0 || KL'(i) < tail_q;
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      front_q     <= FRONT_W'({data_i, lost_i, number_q, packet_i, length_i, 8'd1, map_i, total});
      brings_q    <= brings;
      behind_q    <= 1'b0;
      left_q      <= front_m1[15:KL];
      back_left_q <= back_m1[15:KL];
      tail_q      <= brings ? back[KL-1:0] : front[KL-1:0];
      total_q     <= total;
    end else if (go) begin
      front_q  <= front_q >> BUS_W;
      left_q   <= (left_q == '0) ? back_left_q : left_q - 1'b1;
      behind_q <= behind_q || left_q == '0;
    end
    if (rst_i) begin
      valid_q  <= 1'b0;
      number_q <= '0;
    end else begin
      if (load) valid_q <= record_valid_i;
      if (record_pop_o) number_q <= number_q + 1'b1;
    end
  end
endmodule

`default_nettype wire
