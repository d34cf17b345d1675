// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_regs against a model: several ports in one clock, partial writes, host traffic, reset value.
module map_regs_bench #(
  parameter int unsigned ENTRIES = 5,
  parameter int unsigned VALUE_W = 32,
  parameter int unsigned RP = 2,
  parameter int unsigned WP = 2
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
  logic [WP-1:0]         wr_en;
  logic [WP*BW-1:0]      wr_be;
  logic [WP*IW-1:0]      wr_idx;
  logic [WP*VALUE_W-1:0] wr_data;
  logic                  req, we, ack, block, stall;
  logic [IW-1:0]         hidx;
  logic [VALUE_W-1:0]    hwdata, hrdata;
  logic [VALUE_W-1:0]    model [ENTRIES];
  logic [VALUE_W-1:0]    hexpect;
  int unsigned           n, stalls;

  bpf_map_regs #(.ENTRIES(ENTRIES), .VALUE_W(VALUE_W), .READ_PORTS(RP), .WRITE_PORTS(WP), .INIT(INIT)) u_dut (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(rd_idx), .rd_data_o(rd_data), .wr_en_i(wr_en), .wr_be_i(wr_be), .wr_idx_i(wr_idx),
    .wr_data_i(wr_data), .host_req_i(req), .host_we_i(we), .host_idx_i(hidx), .host_wdata_i(hwdata), .host_ack_o(ack),
    .host_rdata_o(hrdata), .host_block_i(block), .host_stall_o(stall));

  initial {n, stalls} = '0;

  always @(posedge clk) if (rst) begin
    {wr_en, req, block} <= '0;
    rd_idx <= '0;
    for (int unsigned e = 0; e < ENTRIES; e++) model[e] = INIT[e*VALUE_W +: VALUE_W];
  end else begin
    n <= n + 1;
    if (ack && we) begin
      // presented one clock ago, in a clock without a pipeline write to that entry
      model[hidx] = hwdata;
    end
    if (ack && !we && hrdata != hexpect) $fatal(1, "regs: host read %h, not %h", hrdata, hexpect);
    for (int unsigned p = 0; p < RP; p++) begin
      automatic logic [IW-1:0] i = rd_idx[p*IW +: IW];
      automatic logic [VALUE_W-1:0] want = (32'(i) < ENTRIES) ? model[i] : '0;
      if (rd_data[p*VALUE_W +: VALUE_W] != want) $fatal(1, "regs: port %0d entry %0d is %h, not %h", p, i, rd_data[p*VALUE_W +: VALUE_W], want);
    end
    hexpect = model[hidx];
    for (int unsigned p = 0; p < WP; p++) for (int unsigned b = 0; b < BW; b++) begin
      if (wr_en[p] && wr_be[p*BW + b] && 32'(wr_idx[p*IW +: IW]) < ENTRIES) model[wr_idx[p*IW +: IW]][8*b +: 8] = wr_data[p*VALUE_W + 8*b +: 8];
    end
    for (int unsigned p = 0; p < RP; p++) rd_idx[p*IW +: IW] <= IW'($urandom);
    for (int unsigned p = 0; p < WP; p++) begin
      wr_en[p] <= !stall && ((n / 1000) % 2 == 1 || $urandom % 2 == 0);
      wr_idx[p*IW +: IW] <= (n / 1000 % 2 == 1) ? hidx : IW'($urandom);
      for (int unsigned b = 0; b < BW; b++) begin
        wr_be[p*BW + b] <= 1'($urandom);
        wr_data[p*VALUE_W + 8*b +: 8] <= 8'($urandom);
      end
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

  assign done = n > 30000 && stalls > 0;
endmodule

module map_regs_tb;
  logic clk, rst;
  logic [1:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    repeat (999) @(negedge clk);
    rst = 1'b1;
    @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_regs");
    $finish;
  end

  map_regs_bench #(.ENTRIES(5), .VALUE_W(32), .RP(2), .WP(2)) u_small (.clk, .rst, .done(done[0]));
  map_regs_bench #(.ENTRIES(1), .VALUE_W(64), .RP(1), .WP(3)) u_one (.clk, .rst, .done(done[1]));
endmodule

`default_nettype wire
