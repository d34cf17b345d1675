// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// map_hash_bench over CAMs and tables, one to three ports, keys of 1 to 64 bytes, HASH and LRU, for fast and slow block RAM.
module map_hash_tb;
  logic        clk, rst;
  logic [14:0] done;

  always #1 clk = !clk;
  initial begin
    clk = 1'b0;
    rst = 1'b1;
    repeat (5) @(negedge clk);
    rst = 1'b0;
    wait (done == '1);
    $display("PASS map_hash");
    $finish;
  end

  map_hash_bench #(.KEY_W(32), .MAX_ENTRIES(16), .PORTS(1)) u_cam (.clk, .rst, .done(done[0]));
  map_hash_bench #(.KEY_W(48), .MAX_ENTRIES(5), .PORTS(3), .LRU(1)) u_cam_lru (.clk, .rst, .done(done[1]));
  map_hash_bench #(.KEY_W(8), .MAX_ENTRIES(1), .PORTS(1), .LRU(1)) u_cam_one (.clk, .rst, .done(done[2]));
  map_hash_bench #(.KEY_W(32), .MAX_ENTRIES(17), .PORTS(1), .SLOW_RAM(1)) u_tiny (.clk, .rst, .done(done[3]));
  map_hash_bench #(.KEY_W(104), .MAX_ENTRIES(20), .PORTS(3), .SLOW_RAM(1)) u_ports (.clk, .rst, .done(done[4]));
  map_hash_bench #(.KEY_W(320), .MAX_ENTRIES(40), .PORTS(2)) u_wide (.clk, .rst, .done(done[5]));
  map_hash_bench #(.KEY_W(8), .MAX_ENTRIES(100), .PORTS(1), .KEYS(256), .SLOW_RAM(1)) u_byte (.clk, .rst, .done(done[6]));
  map_hash_bench #(.KEY_W(64), .MAX_ENTRIES(300), .PORTS(1)) u_more (.clk, .rst, .done(done[7]));
  map_hash_bench #(.KEY_W(32), .MAX_ENTRIES(17), .PORTS(1), .LRU(1), .SLOW_RAM(1)) u_tiny_lru (.clk, .rst, .done(done[8]));
  map_hash_bench #(.KEY_W(512), .MAX_ENTRIES(33), .PORTS(2), .LRU(1)) u_wide_lru (.clk, .rst, .done(done[9]));
  map_hash_bench #(.KEY_W(40), .MAX_ENTRIES(500), .PORTS(1), .LRU(1), .SLOW_RAM(1)) u_more_lru (.clk, .rst, .done(done[10]));
  map_hash_bench #(.KEY_W(40), .MAX_ENTRIES(16), .PORTS(2), .GROUPS(4)) u_cam_groups (.clk, .rst, .done(done[11]));
  map_hash_bench #(.KEY_W(40), .MAX_ENTRIES(24), .PORTS(1), .GROUPS(3)) u_groups (.clk, .rst, .done(done[12]));
  map_hash_bench #(.KEY_W(72), .MAX_ENTRIES(400), .PORTS(2), .GROUPS(2)) u_two_groups (.clk, .rst, .done(done[13]));
  map_hash_bench #(.KEY_W(48), .MAX_ENTRIES(900), .PORTS(1), .GROUPS(300)) u_many_groups (.clk, .rst, .done(done[14]));
endmodule

`default_nettype wire
