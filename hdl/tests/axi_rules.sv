// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Rules of AXI4 (and of bpf_dma, where it promises more) on both sides of a bus with one ID: what waits stands still, bursts are aligned to the bus and do not cross 4 KiB, W has as many
/// beats as AW said and WLAST at the last, each with a byte, none before its address; responses are to something.
module axi_rules #(
  parameter int unsigned BUS_W = 512,
  localparam int unsigned BUSB = BUS_W / 8
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [63:0]      awaddr,
  input  logic [7:0]       awlen,
  input  logic             awvalid,
  input  logic             awready,
  input  logic [BUS_W-1:0] wdata,
  input  logic [BUSB-1:0]  wstrb,
  input  logic             wlast,
  input  logic             wvalid,
  input  logic             wready,
  input  logic [1:0]       bresp,
  input  logic             bvalid,
  input  logic             bready,
  input  logic [63:0]      araddr,
  input  logic [7:0]       arlen,
  input  logic             arvalid,
  input  logic             arready,
  input  logic [BUS_W-1:0] rdata,
  input  logic [1:0]       rresp,
  input  logic             rlast,
  input  logic             rvalid,
  input  logic             rready
);
  logic [71:0]         aw_q, ar_q;
  logic [BUS_W+BUSB:0] w_q;
  logic [BUS_W+2:0]    r_q;
  logic [1:0]          b_q;
  logic                aw_waits, ar_waits, w_waits, b_waits, r_waits;
  int unsigned         lengths [$], reads [$];
  int unsigned         w_beat, r_beat, unanswered;

  task automatic check_burst(logic [63:0] addr, logic [7:0] len, string what);
    if (addr % 64'(BUSB) != 0) $fatal(1, "axi: %s at %h is not aligned to the bus", what, addr);
    if (64'(addr[11:0]) + (64'(len) + 1) * 64'(BUSB) > 4096) $fatal(1, "axi: %s at %h of %0d beats crosses 4 KiB", what, addr, 32'(len) + 1);
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      if (aw_waits && (!awvalid || {awlen, awaddr} != aw_q)) $fatal(1, "axi: AW changed while it waited");
      if (ar_waits && (!arvalid || {arlen, araddr} != ar_q)) $fatal(1, "axi: AR changed while it waited");
      if (w_waits && (!wvalid || {wlast, wstrb, wdata} != w_q)) $fatal(1, "axi: W changed while it waited");
      if (b_waits && (!bvalid || bresp != b_q)) $fatal(1, "axi: B changed while it waited");
      if (r_waits && (!rvalid || {rlast, rresp, rdata} != r_q)) $fatal(1, "axi: R changed while it waited");
    end
    aw_waits <= awvalid && !awready && !rst;
    ar_waits <= arvalid && !arready && !rst;
    w_waits  <= wvalid && !wready && !rst;
    b_waits  <= bvalid && !bready && !rst;
    r_waits  <= rvalid && !rready && !rst;
    aw_q <= {awlen, awaddr};
    ar_q <= {arlen, araddr};
    w_q  <= {wlast, wstrb, wdata};
    b_q  <= bresp;
    r_q  <= {rlast, rresp, rdata};
    if (rst) begin
      lengths.delete();
      reads.delete();
      {w_beat, r_beat, unanswered} <= '0;
    end else begin
      automatic int unsigned open = unanswered;
      if (awvalid && awready) begin
        check_burst(awaddr, awlen, "write");
        lengths.push_back(32'(awlen) + 1);
      end
      if (wvalid && wready) begin
        if (lengths.size() == 0) $fatal(1, "axi: W before AW");
        else begin
          if (wstrb == 0) $fatal(1, "axi: a beat without a byte");
          if (wlast != (w_beat + 1 == lengths[0])) $fatal(1, "axi: WLAST in beat %0d of %0d", w_beat + 1, lengths[0]);
          w_beat <= wlast ? 0 : w_beat + 1;
          if (wlast) void'(lengths.pop_front());
          if (wlast) open = open + 1;
        end
      end
      if (bvalid && bready) begin
        if (unanswered == 0) $fatal(1, "axi: B to no write");
        open = open - 1;
      end
      unanswered <= open;
      if (arvalid && arready) begin
        check_burst(araddr, arlen, "read");
        reads.push_back(32'(arlen) + 1);
      end
      if (rvalid && rready) begin
        if (reads.size() == 0) $fatal(1, "axi: R to no read");
        else begin
          if (rlast != (r_beat + 1 == reads[0])) $fatal(1, "axi: RLAST in beat %0d of %0d", r_beat + 1, reads[0]);
          r_beat <= rlast ? 0 : r_beat + 1;
          if (rlast) void'(reads.pop_front());
        end
      end
    end
  end
endmodule

`default_nettype wire
