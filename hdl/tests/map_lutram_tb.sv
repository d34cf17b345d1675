// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_lutram against a model: read-modify-writes on few entries at full rate, partial writes, host traffic.
module map_lutram_bench #(
  parameter int unsigned ENTRIES = 5,
  parameter int unsigned VALUE_W = 32,
  parameter int unsigned RP = 2,
  parameter int unsigned WRITE = 1,
  parameter int unsigned INIT_W = ENTRIES * VALUE_W
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned IW = (ENTRIES > 1) ? $clog2(ENTRIES) : 1;
  localparam int unsigned BW = VALUE_W / 8;
  localparam logic [ENTRIES*VALUE_W-1:0] INIT = (ENTRIES*VALUE_W)'(160'h0123456789ABCDEF_02468ACE13579BDF_DEADBEEF);

  logic [RP*IW-1:0]      rd_idx;
  logic [RP*VALUE_W-1:0] rd_data;
  logic                  wr_en, wr_pick, req, we, ack, block, stall, add;
  logic [BW-1:0]         wr_be;
  logic [IW-1:0]         wr_idx, hidx;
  logic [VALUE_W-1:0]    wr_data, operand, hwdata, hrdata, hexpect;
  logic [VALUE_W-1:0]    model [ENTRIES];
  int unsigned           n, stalls, reads, writes;

  bpf_map_lutram #(.ENTRIES(ENTRIES), .VALUE_W(VALUE_W), .READ_PORTS(RP), .WRITE(WRITE),
    .INIT_W(INIT_W), .INIT(((INIT_W == 0) ? 1 : INIT_W)'(INIT))) u_dut (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(rd_idx), .rd_data_o(rd_data), .wr_en_i(wr_en), .wr_be_i(wr_be), .wr_idx_i(wr_idx),
    .wr_data_i(wr_data), .host_req_i(req), .host_we_i(we), .host_idx_i(hidx), .host_wdata_i(hwdata), .host_ack_o(ack),
    .host_rdata_o(hrdata), .host_block_i(block), .host_stall_o(stall));

  initial begin
    {n, stalls, reads, writes} = '0;
    for (int unsigned e = 0; e < ENTRIES; e++) model[e] = (INIT_W == 0) ? '0 : INIT[e*VALUE_W +: VALUE_W];
  end

  // What is written is what was read in this clock and a number, or the number alone.
  assign wr_en   = wr_pick;
  assign wr_idx  = rd_idx[IW-1:0];
  assign wr_data = add ? rd_data[VALUE_W-1:0] + operand : operand;

  always @(posedge clk) if (rst) begin
    // What the pipeline's registers hold is noise, and must not be written.
    {req, block} <= '0;
    wr_pick <= 1'b1;
    wr_be   <= '1;
    operand <= VALUE_W'({$urandom, $urandom, $urandom});
    rd_idx  <= '0;
    add     <= 1'b0;
  end else begin
    n <= n + 1;
    if (ack && we) begin
      // presented one clock ago
      model[hidx] = hwdata;
      writes <= writes + 1;
    end
    if (ack && !we) begin
      if (hrdata != hexpect) $fatal(1, "lutram: host read %h, not %h", hrdata, hexpect);
      reads <= reads + 1;
    end
    for (int unsigned p = 0; p < RP; p++) begin
      if (rd_data[p*VALUE_W +: VALUE_W] != model[rd_idx[p*IW +: IW]]) begin
        $fatal(1, "lutram %0dx%0d: port %0d entry %0d is %h, not %h", ENTRIES, VALUE_W, p, rd_idx[p*IW +: IW], rd_data[p*VALUE_W +: VALUE_W],
               model[rd_idx[p*IW +: IW]]);
      end
    end
    hexpect = model[hidx];
    if (WRITE != 0 && wr_en) begin
      for (int unsigned b = 0; b < BW; b++) if (wr_be[b]) model[wr_idx][8*b +: 8] = wr_data[8*b +: 8];
    end
    for (int unsigned p = 0; p < RP; p++) rd_idx[p*IW +: IW] <= IW'($urandom % ((n / 500 % 2 == 1) ? 1 : ENTRIES));
    wr_pick <= !stall && ((n / 1000) % 2 == 1 || $urandom % 2 == 0);
    add     <= 1'($urandom);
    for (int unsigned b = 0; b < BW; b++) begin
      wr_be[b]         <= $urandom % 4 != 0;
      operand[8*b +: 8] <= 8'($urandom);
    end
    block <= $urandom % 3 == 0;
    if (stall) stalls <= stalls + 1;
    if (ack) req <= 1'b0;
    else if (!req && $urandom % 4 == 0) begin
      req <= 1'b1;
      we <= 1'($urandom);
      hidx <= IW'($urandom % ENTRIES);
      hwdata <= VALUE_W'({$urandom, $urandom});
    end
  end

  assign done = n > 30000 && (stalls > 0 || WRITE == 0) && reads > 1000 && writes > 1000;
endmodule

module map_lutram_tb;
  logic clk, rst;
  logic [3:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_lutram");
    $finish;
  end

  map_lutram_bench #(.ENTRIES(5), .VALUE_W(32), .RP(2)) u_small (.clk, .rst, .done(done[0]));
  map_lutram_bench #(.ENTRIES(64), .VALUE_W(64), .RP(1), .INIT_W(0)) u_deep (.clk, .rst, .done(done[1]));
  map_lutram_bench #(.ENTRIES(16), .VALUE_W(8), .RP(3), .WRITE(0)) u_read (.clk, .rst, .done(done[2]));
  map_lutram_bench #(.ENTRIES(2), .VALUE_W(72), .RP(1)) u_two (.clk, .rst, .done(done[3]));
endmodule

`default_nettype wire
