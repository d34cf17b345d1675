// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Random reads and writes of 1, 2, 4 and 8 bytes at any address against an array of bytes, also across the end.
module engine_memory_tb;
  localparam int unsigned BYTES = 256;
  logic clk;
  initial clk = 1'b0;
  always #5 clk = !clk;

  logic        req, we;
  logic [7:0]  addr, be;
  logic [63:0] wdata, rdata, want;
  logic [7:0]  model [0:BYTES-1];
  int unsigned size, reads, errors;

  bpf_engine_memory #(.BYTES(BYTES)) u_dut (.clk_i(clk), .req_i(req), .we_i(we), .addr_i(addr), .be_i(be), .wdata_i(wdata), .rdata_o(rdata));

  task automatic access(input logic write, input logic [7:0] at, input int unsigned bytes, input logic [63:0] data);
    req   = 1'b1;
    we    = write;
    addr  = at;
    be    = 8'hFF >> (8 - bytes);
    wdata = data;
    @(posedge clk);
    #1;
    req = 1'b0;
    if (write) for (int unsigned i = 0; i < bytes; i++) model[8'(at + 8'(i))] = data[8*i +: 8];
  endtask

  initial begin
    reads  = 0;
    errors = 0;
    req    = 1'b0;
    @(posedge clk);
    #1;
    for (int unsigned i = 0; i < BYTES; i += 8) access(1'b1, 8'(i), 8, {$urandom, $urandom});
    for (int unsigned n = 0; n < 20000; n++) begin
      size = 1 << ($urandom % 4);
      access(($urandom % 2) == 0, 8'($urandom), size, {$urandom, $urandom});
      if (!we) begin
        for (int unsigned i = 0; i < 8; i++) want[8*i +: 8] = model[8'(addr + 8'(i))];
        reads++;
        if (rdata !== want) begin
          errors++;
          if (errors < 5) $display("address %0d: %h, expected %h", addr, rdata, want);
        end
        // What was read stays while nothing is asked for.
        @(posedge clk);
        #1;
        if (rdata !== want) errors++;
      end
    end
    if (errors == 0 && reads > 5000) $display("PASS engine_memory");
    else $display("FAIL engine_memory: %0d errors in %0d reads", errors, reads);
    $finish;
  end
endmodule

`default_nettype wire
