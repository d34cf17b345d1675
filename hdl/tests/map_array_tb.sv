// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_array against a model: read-modify-writes on few entries at full rate, partial writes, host traffic.
module map_array_bench #(
  parameter int unsigned ENTRIES = 5,
  parameter int unsigned VALUE_W = 32,
  parameter int unsigned READ_PORTS = 2,
  parameter int unsigned WRITE = 1
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned IW = (ENTRIES > 1) ? $clog2(ENTRIES) : 1;
  localparam int unsigned BW = VALUE_W / 8;

  logic [READ_PORTS*IW-1:0]      rd_idx, idx1, idx2;
  logic [READ_PORTS*VALUE_W-1:0] rd_data;
  logic                          wr_en, req, we, ack, block, stall;
  logic [BW-1:0]                 wr_be;
  logic [IW-1:0]                 wr_idx, hidx;
  logic [VALUE_W-1:0]            wr_data, hwdata, hrdata;
  logic [VALUE_W-1:0]            model [ENTRIES];
  logic [VALUE_W-1:0]            seen [$];
  int unsigned                   n, stalls, reads, writes, waited;
  logic [2:0]                    check;

  bpf_map_array #(.ENTRIES(ENTRIES), .VALUE_W(VALUE_W), .READ_PORTS(READ_PORTS), .WRITE(WRITE)) u_dut (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(rd_idx), .rd_data_o(rd_data), .wr_en_i(wr_en), .wr_be_i(wr_be), .wr_idx_i(wr_idx),
    .wr_data_i(wr_data), .host_req_i(req), .host_we_i(we), .host_idx_i(hidx), .host_wdata_i(hwdata), .host_ack_o(ack),
    .host_rdata_o(hrdata), .host_block_i(block), .host_stall_o(stall));

  function automatic logic [VALUE_W-1:0] random_value();
    for (int unsigned b = 0; b < BW; b++) random_value[8*b +: 8] = 8'($urandom);
  endfunction

  initial begin
    {n, stalls, reads, writes, waited} = '0;
    foreach (model[i]) model[i] = '0;
  end

  // The data consumed in this clock is combined with the write presented in this clock (a fused read-modify-write).
  logic [VALUE_W-1:0] operand;
  logic               add;
  assign wr_data = add ? rd_data[VALUE_W-1:0] + operand : operand;

  always @(posedge clk) if (rst) begin
    {wr_en, req, block, check} <= '0;
    rd_idx <= '0;
  end else begin
    n <= n + 1;
    check <= {check[1:0], 1'b1};
    // 1. a host write acknowledged now was presented one clock ago
    if (ack && we) model[hidx] = hwdata;
    // 2. reads
    for (int unsigned p = 0; p < READ_PORTS; p++) begin
      if (check[2] && rd_data[p*VALUE_W +: VALUE_W] != model[idx2[p*IW +: IW]]) begin
        $fatal(1, "map %0dx%0d clock %0d: port %0d entry %0d is %h, not %h", ENTRIES, VALUE_W, n, p, idx2[p*IW +: IW],
               rd_data[p*VALUE_W +: VALUE_W], model[idx2[p*IW +: IW]]);
      end
    end
    // 3. host reads return a value the entry had between request and acknowledge
    if (req && !we) seen.push_back(model[hidx]);
    if (ack && !we) begin
      automatic logic found = 1'b0;
      foreach (seen[i]) if (seen[i] == hrdata) found = 1'b1;
      if (!found) $fatal(1, "map %0dx%0d clock %0d: host read %h", ENTRIES, VALUE_W, n, hrdata);
    end
    // 4. this clock's write
    if (WRITE != 0 && wr_en) for (int unsigned b = 0; b < BW; b++) if (wr_be[b]) model[wr_idx][8*b +: 8] = wr_data[8*b +: 8];
    // 5. stimulus
    for (int unsigned p = 0; p < READ_PORTS; p++) rd_idx[p*IW +: IW] <= IW'($urandom % ((n / 1000 % 2 == 0) ? 2 : ENTRIES) % ENTRIES);
    idx1 <= rd_idx;
    idx2 <= idx1;
    wr_en <= !(stall && n / 2000 % 2 == 1) && ((n / 2000) % 2 == 1 || $urandom % 4 != 0);
    add <= $urandom % 8 != 0;
    operand <= random_value();
    wr_be <= ($urandom % 2 == 0) ? '1 : BW'($urandom);
    wr_idx <= ($urandom % 4 != 0) ? idx1[IW-1:0] : IW'($urandom % ENTRIES);
    block <= $urandom % 3 == 0;
    if (stall) stalls <= stalls + 1;
    waited <= req ? waited + 1 : 0;
    if (waited > 300) $fatal(1, "map: host starved");
    if (ack) begin
      req <= 1'b0;
      seen.delete();
      if (we) writes <= writes + 1; else reads <= reads + 1;
    end else if (!req && $urandom % 4 == 0) begin
      req <= 1'b1;
      we <= 1'($urandom);
      hidx <= IW'($urandom % ENTRIES);
      hwdata <= random_value();
    end
  end

  assign done = n > 60000 && reads > 100 && writes > 100 && (WRITE == 0 || stalls > 0);
endmodule

module map_array_tb;
  logic clk, rst;
  logic [3:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_array");
    $finish;
  end

  map_array_bench #(.ENTRIES(5), .VALUE_W(32), .READ_PORTS(2)) u_small (.clk, .rst, .done(done[0]));
  map_array_bench #(.ENTRIES(1), .VALUE_W(64), .READ_PORTS(1)) u_one (.clk, .rst, .done(done[1]));
  map_array_bench #(.ENTRIES(300), .VALUE_W(192), .READ_PORTS(3)) u_wide (.clk, .rst, .done(done[2]));
  map_array_bench #(.ENTRIES(7), .VALUE_W(8), .READ_PORTS(1), .WRITE(0)) u_read (.clk, .rst, .done(done[3]));
endmodule

`default_nettype wire
