// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Store-and-forward gate behind a MAC: lets whole good frames pass, and never refuses a beat.
///
/// The MAC says only with the last beat that a frame is bad (`s_axis_bad_i`), when a program would have seen it already; so a frame is kept here until its end. A bad one
/// is forgotten, with a pulse of `bad_o`; so is one that finds no room, with a pulse of `full_o` (longer than the memory: never any room). Neither leaves anything behind.
/// A frame leaves without a pause in it when tready stays: tvalid does not fall before tlast.
/// One beat per clock in and out. Latency: 3 clocks from the last beat in to the first beat out of an empty gate.
/// Resources: (BUS_W + BUS_W/8 + 1) x WORDS bits of RAM, twice that width in flip-flops (one rank inside a block RAM).
module bpf_frame_gate #(
  parameter int unsigned BUS_W = 64,
  parameter int unsigned WORDS = 2048,         // beats, a power of two >= 4
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic [BUS_W-1:0] s_axis_tdata_i,
  input  logic [BUSB-1:0]  s_axis_tkeep_i,
  input  logic             s_axis_tvalid_i,    // always taken
  input  logic             s_axis_tlast_i,
  input  logic             s_axis_bad_i,       // with the last beat
  output logic [BUS_W-1:0] m_axis_tdata_o,
  output logic [BUSB-1:0]  m_axis_tkeep_o,
  output logic             m_axis_tvalid_o,
  input  logic             m_axis_tready_i,
  output logic             m_axis_tlast_o,
  output logic             bad_o,              // pulses
  output logic             full_o
);
  localparam int unsigned AW = $clog2(WORDS);
  localparam int unsigned WIDTH = BUS_W + BUSB + 1;

  if (WORDS < 4 || (1 << AW) != WORDS) begin : g_check_1
    $fatal(1, "bpf_frame_gate: WORDS must be a power of two, at least 4");
  end

  (* no_rw_check *)
  logic [WIDTH-1:0] mem [0:WORDS-1];
  logic [AW:0]      write_q, whole_q, read_q;  // the next beat; behind the last whole good frame; to read
  logic             lost_q, room, write, last, good;

  assign room  = (write_q ^ read_q) != {1'b1, {AW{1'b0}}};
  assign write = s_axis_tvalid_i && room && !lost_q;
  assign last  = s_axis_tvalid_i && s_axis_tlast_i;
  assign good  = write && s_axis_tlast_i && !s_axis_bad_i;

  always_ff @(posedge clk_i) begin
    if (write) mem[write_q[AW-1:0]] <= {s_axis_tlast_i, s_axis_tkeep_i, s_axis_tdata_i};
  end

  always_ff @(posedge clk_i) begin
    bad_o  <= last && !(lost_q || !room) && s_axis_bad_i;
    full_o <= last && (lost_q || !room);
    if (write) write_q <= write_q + 1'b1;
    if (good) whole_q <= write_q + 1'b1;
    if (last && !good) write_q <= whole_q;
    lost_q <= !last && (lost_q || (s_axis_tvalid_i && !room));
    if (rst_i) begin
      write_q <= '0;
      whole_q <= '0;
      lost_q  <= 1'b0;
      bad_o   <= 1'b0;
      full_o  <= 1'b0;
    end
  end

  // ---- out: a RAM with a registered read, then a register ----
  logic [WIDTH-1:0] ram_q, out_q;
  logic             pending, read, ram_valid_q, ram_take, out_valid_q;

  assign pending  = whole_q != read_q;
  assign ram_take = !out_valid_q || m_axis_tready_i;
  assign read     = pending && (!ram_valid_q || ram_take);

  always_ff @(posedge clk_i) begin
    if (read) ram_q <= mem[read_q[AW-1:0]];
  end
  always_ff @(posedge clk_i) begin
    if (ram_take) out_q <= ram_q;
  end
  always_ff @(posedge clk_i) begin
    if (read) read_q <= read_q + 1'b1;
    if (read) ram_valid_q <= 1'b1;
    else if (ram_take) ram_valid_q <= 1'b0;
    if (ram_take) out_valid_q <= ram_valid_q;
    if (rst_i) begin
      read_q      <= '0;
      ram_valid_q <= 1'b0;
      out_valid_q <= 1'b0;
    end
  end

  assign m_axis_tvalid_o = out_valid_q;
  assign {m_axis_tlast_o, m_axis_tkeep_o, m_axis_tdata_o} = out_q;
endmodule

`default_nettype wire
