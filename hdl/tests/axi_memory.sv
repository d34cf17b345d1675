// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// An AXI4 memory for the benches, with the rules of the protocol checked (axi_rules). Responses come `latency` clocks after their request at the earliest, in order; each channel stalls at random.
/// Addresses wrap at SIZE; with bit 40 set they are answered with SLVERR, with bit 41 with DECERR, and the memory is left alone.
module axi_memory #(
  parameter int unsigned BUS_W = 512,
  parameter int unsigned SIZE = 1 << 20,       // bytes, a power of two
  parameter int unsigned LATE = SIZE,          // what is written from here on is in the memory only when it is answered; below, at once
  localparam int unsigned BUSB = BUS_W / 8,
  localparam int unsigned AW = $clog2(SIZE)
) (
  input  logic             clk,
  input  logic             rst,
  input  int unsigned      latency,
  input  int unsigned      stalls,             // of 100 clocks, on each channel
  input  logic             blocks,             // no address of a write is taken for 1,024 clocks of 2,048
  input  logic [63:0]      awaddr,
  input  logic [7:0]       awlen,
  input  logic             awvalid,
  output logic             awready,
  input  logic [BUS_W-1:0] wdata,
  input  logic [BUSB-1:0]  wstrb,
  input  logic             wlast,
  input  logic             wvalid,
  output logic             wready,
  output logic [1:0]       bresp,
  output logic             bvalid,
  input  logic             bready,
  input  logic [63:0]      araddr,
  input  logic [7:0]       arlen,
  input  logic             arvalid,
  output logic             arready,
  output logic [BUS_W-1:0] rdata,
  output logic [1:0]       rresp,
  output logic             rlast,
  output logic             rvalid,
  input  logic             rready
);
  logic [7:0]  mem [0:SIZE-1];
  longint      now;
  int unsigned w_beats, r_beats, aw_bursts, ar_bursts; // seen
  int unsigned largest;                        // most bursts of writes that awaited their response

  typedef struct {
    logic [63:0] addr;
    int unsigned beats;
    longint      time_;
  } burst_t;
  typedef struct {
    logic [AW-1:0] addr;
    logic [BUS_W-1:0] data;
    logic [BUSB-1:0] strobe;
    logic last;
  } beat_t;
  burst_t aws [$], ars [$], bs [$];
  beat_t  late [$];                            // beats that are not in the memory yet

  function automatic logic [1:0] response(logic [63:0] addr);
    response = addr[41] ? 2'b11 : addr[40] ? 2'b10 : 2'b00;
  endfunction

  function automatic logic chance();
    chance = stalls == 0 || $urandom % 100 >= stalls;
  endfunction

  axi_rules #(.BUS_W(BUS_W)) u_rules (
    .clk, .rst, .awaddr, .awlen, .awvalid, .awready, .wdata, .wstrb, .wlast, .wvalid, .wready, .bresp, .bvalid, .bready,
    .araddr, .arlen, .arvalid, .arready, .rdata, .rresp, .rlast, .rvalid, .rready);

  // The beats of the oldest burst, into the memory.
  task automatic settle();
    automatic logic more = 1'b1;
    while (more) begin
      automatic beat_t beat = late.pop_front();
      for (int unsigned i = 0; i < BUSB; i++) if (beat.strobe[i]) mem[beat.addr + AW'(i)] = beat.data[8*i +: 8];
      more = !beat.last;
    end
  endtask

  // ---- writes ----
  int unsigned beat;

  always @(posedge clk) begin
    now <= now + 1;
    awready <= chance() && aws.size() < 600 && !(blocks && now[10]);
    wready  <= chance();
    if (awvalid && awready) begin
      aws.push_back('{awaddr, 32'(awlen) + 1, now});
      aw_bursts <= aw_bursts + 1;
    end
    if (wvalid && wready) begin
      w_beats <= w_beats + 1;
      if (aws.size() != 0) begin
        automatic logic [63:0] at = aws[0].addr + 64'(beat) * 64'(BUSB);
        if (response(aws[0].addr) == 0) begin
          if (32'(aws[0].addr) % SIZE >= LATE) late.push_back('{AW'(at), wdata, wstrb, wlast});
          else for (int unsigned i = 0; i < BUSB; i++) if (wstrb[i]) mem[AW'(at + 64'(i))] = wdata[8*i +: 8];
        end
        beat <= wlast ? 0 : beat + 1;
        if (wlast) begin
          bs.push_back('{aws[0].addr, 1, now + 64'(latency)});
          void'(aws.pop_front());
        end
      end
    end
    if (32'(bs.size()) > largest) largest <= 32'(bs.size());
    if (bvalid && bready) bvalid <= 1'b0;
    if ((!bvalid || bready) && bs.size() != 0 && now >= bs[0].time_ && chance()) begin
      bvalid <= 1'b1;
      bresp  <= response(bs[0].addr);
      if (response(bs[0].addr) == 0 && 32'(bs[0].addr) % SIZE >= LATE) settle();
      void'(bs.pop_front());
    end
    if (rst) begin
      {awready, wready, bvalid} <= '0;
      {beat, w_beats, aw_bursts, largest} <= '0;
      now <= 0;
      aws.delete();
      bs.delete();
      late.delete();
    end
  end

  // ---- reads ----
  int unsigned r_beat;

  always @(posedge clk) begin
    arready <= chance() && ars.size() < 600;
    if (arvalid && arready) begin
      ars.push_back('{araddr, 32'(arlen) + 1, now + 64'(latency)});
      ar_bursts <= ar_bursts + 1;
    end
    if (rvalid && rready) r_beats <= r_beats + 1;
    if (rvalid && rready) rvalid <= 1'b0;
    if ((!rvalid || rready) && ars.size() != 0 && now >= ars[0].time_ && chance()) begin
      automatic logic [63:0] at = ars[0].addr + 64'(r_beat) * 64'(BUSB);
      rvalid <= 1'b1;
      rresp  <= response(ars[0].addr);
      rlast  <= r_beat + 1 == ars[0].beats;
      for (int unsigned i = 0; i < BUSB; i++) rdata[8*i +: 8] <= mem[AW'(at + 64'(i))];
      r_beat <= (r_beat + 1 == ars[0].beats) ? 0 : r_beat + 1;
      if (r_beat + 1 == ars[0].beats) void'(ars.pop_front());
    end
    if (rst) begin
      {arready, rvalid} <= '0;
      {r_beat, r_beats, ar_bursts} <= '0;
      ars.delete();
    end
  end
endmodule

`default_nettype wire
