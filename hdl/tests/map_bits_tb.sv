// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_map_bits against a model: sets from all ports and looks at few bits at full rate, a host that sets, clears and reads.
module map_bits_bench #(
  parameter int unsigned ENTRIES = 64,
  parameter int unsigned RP = 3,
  parameter int unsigned WP = 2
) (
  input  logic clk,
  input  logic rst,
  output logic done
);
  localparam int unsigned IW = $clog2(ENTRIES);
  localparam int unsigned WN = (WP == 0) ? 1 : WP;

  logic [RP*IW-1:0] rd_idx, idx1, idx2;
  logic [RP*8-1:0]  rd_data;
  logic [WN-1:0]    wr_en, wr_be;
  logic [WN*IW-1:0] wr_idx;
  logic [WN*8-1:0]  wr_data;
  logic             req, we, ack, block, stall;
  logic [IW-1:0]    hidx;
  logic [7:0]       hwdata, hrdata;
  // A bit that the host clears is read as 1 until at most 3 clocks later.
  logic             model [ENTRIES];
  int unsigned      cleared [ENTRIES];
  int unsigned      n, stalls, reads, clears, seen, quiet, got;
  logic [2:0]       check;

  bpf_map_bits #(.ENTRIES(ENTRIES), .READ_PORTS(RP), .WRITE_PORTS(WP)) u_dut (
    .clk_i(clk), .rst_i(rst), .rd_idx_i(rd_idx), .rd_data_o(rd_data), .wr_en_i(wr_en), .wr_be_i(wr_be), .wr_idx_i(wr_idx),
    .wr_data_i(wr_data), .host_req_i(req), .host_we_i(we), .host_idx_i(hidx), .host_wdata_i(hwdata), .host_ack_o(ack),
    .host_rdata_o(hrdata), .host_block_i(block), .host_stall_o(stall));

  initial begin
    {n, stalls, reads, clears, seen, quiet, got} = '0;
    for (int unsigned e = 0; e < ENTRIES; e++) begin
      model[e] = 1'b0;
      cleared[e] = 0;
    end
  end

  always @(posedge clk) if (rst) begin
    {wr_en, req, block, check} <= '0;
    rd_idx <= '0;
  end else begin
    n <= n + 1;
    check <= {check[1:0], 1'b1};
    // 1. a host write acknowledged now was presented one clock ago
    if (ack && we) begin
      if (!hwdata[0]) begin
        cleared[hidx] = n;
        clears <= clears + 1;
      end
      model[hidx] = hwdata[0];
    end
    // 2. what is looked at: every set of the clocks before, none that was not
    for (int unsigned p = 0; p < RP; p++) begin
      automatic logic [IW-1:0] i = idx2[p*IW +: IW];
      if (check[2] && rd_data[8*p +: 8] != 8'(model[i]) && (model[i] || n > cleared[i] + 3 || rd_data[8*p+1 +: 7] != '0)) begin
        $fatal(1, "bits %0d clock %0d: port %0d bit %0d is %h, not %b", ENTRIES, n, p, i, rd_data[8*p +: 8], model[i]);
      end
      if (model[i]) seen <= seen + 1;
    end
    // 3. host reads: what no packet has changed meanwhile
    if (ack && !we) begin
      if (quiet > 5 && hrdata != 8'(model[hidx])) $fatal(1, "bits: host read %h of bit %0d, not %b", hrdata, hidx, model[hidx]);
      if (quiet > 5) got <= got + 1;
      reads <= reads + 1;
    end
    // 4. the pipeline's sets of this clock
    quiet <= quiet + 1;
    for (int unsigned p = 0; p < WN; p++) if (WP != 0 && wr_en[p] && wr_be[p]) begin
      model[wr_idx[p*IW +: IW]] = 1'b1;
      quiet <= 0;
    end
    {idx2, idx1} <= {idx1, rd_idx};
    for (int unsigned p = 0; p < RP; p++) rd_idx[p*IW +: IW] <= IW'($urandom % ((n / 500 % 2 == 1) ? 3 : ENTRIES));
    for (int unsigned p = 0; p < WN; p++) begin
      wr_en[p] <= !stall && ((n / 1000) % 4 == 1 || (n / 1000) % 4 == 2 && $urandom % 16 == 0);
      wr_be[p] <= $urandom % 8 != 0;
      wr_idx[p*IW +: IW] <= IW'($urandom % ((n / 500 % 2 == 1) ? 3 : ENTRIES));
      wr_data[8*p +: 8] <= 8'd1;
    end
    block <= $urandom % 3 == 0;
    if (stall) stalls <= stalls + 1;
    if (ack) req <= 1'b0;
    else if (!req && $urandom % 4 == 0) begin
      req <= 1'b1;
      we <= 1'($urandom);
      hidx <= IW'($urandom % ((n / 500 % 2 == 1) ? 3 : ENTRIES));
      hwdata <= {7'($urandom), $urandom % 3 == 0};
    end
  end

  assign done = n > 40000 && (stalls > 0 || WP == 0) && got > 100 && reads > 1000 && clears > 1000 && seen > 1000;
endmodule

module map_bits_tb;
  logic clk, rst;
  logic [2:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_bits");
    $finish;
  end

  map_bits_bench #(.ENTRIES(64), .RP(3), .WP(2)) u_small (.clk, .rst, .done(done[0]));
  map_bits_bench #(.ENTRIES(4096), .RP(5), .WP(5)) u_large (.clk, .rst, .done(done[1]));
  map_bits_bench #(.ENTRIES(128), .RP(2), .WP(0)) u_host (.clk, .rst, .done(done[2]));
endmodule

`default_nettype wire
