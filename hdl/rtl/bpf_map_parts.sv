// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The host's port of an array whose entries are in parts: RAMs with sections in different stages of the pipeline.
///
/// An access of the host takes the place of a token. It begins in a clock in which the first part's stage is empty (`gap_i`) and
/// is presented to each part DELAYS clocks later, when the empty place has come to that part's stage: there the pipeline does
/// not write. So the host reads of all parts what a token in that place would have read, and what it writes is seen as a whole by
/// the tokens behind that place and by none before it. Nothing may wait between the stages of the parts; where tokens may, `gap_i` says that
/// there is none from the first part's stage to the last's, and all DELAYS are 0.
/// Host port: as that of bpf_map_array. After 256 clocks without a gap `host_stall_o` asks for one, until the access is done.
/// Latency: the greatest of DELAYS + 6 clocks for a read, + 4 for a write.
/// Resources: VALUE_W + DEPTH + 2 x PARTS + 12 flip-flops.
module bpf_map_parts #(
  parameter int unsigned PARTS = 2,                  // >= 1
  parameter int unsigned VALUE_W = 64,               // bits of a whole entry
  parameter int unsigned DEPTH = 1,                  // the greatest of DELAYS, plus 1
  parameter logic [16*PARTS-1:0] DELAYS = '0,        // of part p at [16*p +: 16]: clocks after the gap
  parameter logic [32*PARTS-1:0] ENDS = '0           // bit behind the last one of each part, ascending; the first part begins at bit 0
) (
  input  logic               clk_i,
  input  logic               rst_i,
  input  logic               gap_i,                  // no token in the stage of the parts whose delay is 0
  // host
  input  logic               host_req_i,             // level until the acknowledge
  output logic               host_ack_o,             // 1 clock
  output logic [VALUE_W-1:0] host_rdata_o,           // with host_ack_o of a read
  output logic               host_stall_o,           // waited 256 clocks: ask the ingress for a gap
  // host ports of the parts; what is written goes to them directly
  output logic [PARTS-1:0]   part_req_o,
  input  logic [PARTS-1:0]   part_ack_i,
  input  logic [VALUE_W-1:0] part_rdata_i
);
  logic             busy_q, over_q, go;
  logic [DEPTH-1:0] place_q;                         // bit i: the gap has gone i + 1 stages
  logic [DEPTH:0]   place;
  logic [PARTS-1:0] pend_q, done_q, done;
  logic [8:0]       wait_q;

  assign go         = host_req_i && !busy_q && !over_q && gap_i;
  assign place      = {place_q, go};
  assign done       = done_q | part_ack_i;
  assign host_ack_o = busy_q && &done_q;

  for (genvar p = 0; p < PARTS; p++) begin : g_part
    localparam int unsigned FROM = (p == 0) ? 0 : 32'(ENDS[32*((p == 0) ? 0 : p-1) +: 32]);
    localparam int unsigned TO = 32'(ENDS[32*p +: 32]);
    localparam int unsigned DELAY = 32'(DELAYS[16*p +: 16]);

    assign part_req_o[p] = place[DELAY] || pend_q[p];

    always_ff @(posedge clk_i) begin
      if (part_ack_i[p]) host_rdata_o[TO-1:FROM] <= part_rdata_i[TO-1:FROM];
      pend_q[p] <= part_req_o[p] && !part_ack_i[p] && !rst_i;
    end
  end

  always_ff @(posedge clk_i) begin
    place_q <= rst_i ? '0 : place[DEPTH-1:0];
    busy_q  <= (go || busy_q && !host_ack_o) && !rst_i;
    over_q  <= (host_ack_o || over_q) && host_req_i && !rst_i;
    done_q  <= (busy_q && !host_ack_o && !rst_i) ? done : '0;
    wait_q  <= (!host_req_i || over_q || host_ack_o || rst_i) ? '0 : wait_q[8] ? wait_q : wait_q + 1'b1;
    host_stall_o <= wait_q[8] && !host_ack_o && !rst_i;
  end

  logic unused_place;
  assign unused_place = place[DEPTH];
endmodule

`default_nettype wire
