// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// bpf_serial and bpf_uart: a host on the line against registers behind AXI4-Lite that take their time: reads, writes, damaged requests, noise, requests that stop,
/// accesses that fail, clocks that differ by 2 %.
module serial_tb;
  localparam int unsigned CLOCKS = 20;
  logic        clk, rst, to_core, from_core;
  logic [15:0] awaddr, araddr;
  logic [31:0] wdata, rdata;
  logic [3:0]  wstrb;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [1:0]  bresp, rresp;
  logic [31:0] memory [0:255], model [0:255];
  int unsigned bit_time;

  always #10 clk = !clk;

  bpf_serial #(.CLOCKS(CLOCKS), .TIMEOUT_W(14)) u_dut (
    .clk_i(clk), .rst_i(rst), .rxd_i(to_core), .txd_o(from_core),
    .m_axil_awaddr_o(awaddr), .m_axil_awvalid_o(awvalid), .m_axil_awready_i(awready), .m_axil_wdata_o(wdata), .m_axil_wstrb_o(wstrb), .m_axil_wvalid_o(wvalid),
    .m_axil_wready_i(wready), .m_axil_bresp_i(bresp), .m_axil_bvalid_i(bvalid), .m_axil_bready_o(bready), .m_axil_araddr_o(araddr), .m_axil_arvalid_o(arvalid),
    .m_axil_arready_i(arready), .m_axil_rdata_i(rdata), .m_axil_rresp_i(rresp), .m_axil_rvalid_i(rvalid), .m_axil_rready_o(rready));

  // ---- registers; address and data of a write may come apart; addresses from 0x1000 on fail ----
  logic        have_a, have_w;
  logic [15:0] at;
  logic [31:0] value;
  int unsigned writes;
  always @(posedge clk) begin
    awready <= $urandom % 4 == 0 && !(awvalid && awready);
    wready  <= $urandom % 4 == 0 && !(wvalid && wready);
    arready <= $urandom % 4 == 0 && !(arvalid && arready);
    if (rst) {bvalid, rvalid, have_a, have_w} <= '0;
    else begin
      if (awvalid && awready) begin have_a <= 1'b1; at <= awaddr; end
      if (wvalid && wready) begin have_w <= 1'b1; value <= wdata; end
      if (have_a && have_w && !bvalid && $urandom % 3 == 0) begin
        bvalid <= 1'b1;
        bresp <= (at >= 16'h1000) ? 2'b10 : 2'b00;
        if (at < 16'h1000) memory[at[9:2]] <= value;
        if (wstrb != '1) $fatal(1, "serial: strobes");
        writes <= writes + 1;
        {have_a, have_w} <= 2'b00;
      end
      if (bvalid && bready) bvalid <= 1'b0;
      if (arvalid && arready) begin
        rvalid <= 1'b1;
        rdata <= memory[araddr[9:2]];
        rresp <= (araddr >= 16'h1000) ? 2'b11 : 2'b00;
      end
      if (rvalid && rready) rvalid <= 1'b0;
    end
  end

  // ---- the host ----
  byte unsigned answer [$];
  logic [7:0]   crc;

  function automatic logic [7:0] crc8(logic [7:0] c, logic [7:0] b);
    crc8 = c;
    for (int i = 7; i >= 0; i--) crc8 = {crc8[6:0], 1'b0} ^ ((crc8[7] ^ b[i]) ? 8'h07 : 8'h00);
  endfunction

  task automatic put(logic [7:0] b);
    automatic logic [9:0] bits = {1'b1, b, 1'b0};
    for (int i = 0; i < 10; i++) begin
      to_core = bits[i];
      repeat (bit_time) #1;
    end
    crc = crc8(crc, b);
  endtask

  task automatic request(logic write, logic [15:0] address, logic [31:0] data, logic [7:0] damage);
    crc = '0;
    put(8'hA5);
    put(write ? 8'h02 : 8'h01);
    put(address[7:0]);
    put(address[15:8]);
    if (write) for (int i = 0; i < 4; i++) put(data[8*i +: 8]);
    put(crc ^ damage);
  endtask

  initial forever begin
    automatic logic [7:0] b;
    @(negedge from_core);
    repeat (bit_time * 3 / 2) #1;
    for (int i = 0; i < 8; i++) begin
      b[i] = from_core;
      repeat (bit_time) #1;
    end
    if (!from_core) $fatal(1, "serial: no stop bit");
    answer.push_back(b);
  end

  task automatic expect_answer(logic [7:0] status, logic has_data, logic [31:0] data, string what);
    automatic int unsigned size = has_data ? 7 : 3;
    automatic logic [7:0] sum = '0;
    for (int unsigned i = 0; i < 2000 && answer.size() < size; i++) repeat (bit_time) #1;
    repeat (bit_time * 15) #1;
    if (answer.size() != size) $fatal(1, "serial: %s: %0d bytes of an answer instead of %0d", what, answer.size(), size);
    for (int unsigned i = 0; i + 1 < size; i++) sum = crc8(sum, answer[i]);
    if (answer[0] != 8'h5A || answer[1] != status || answer[size-1] != sum) $fatal(1, "serial: %s: answer %h %h, crc %h", what, answer[0], answer[1], answer[size-1]);
    if (has_data && {answer[5], answer[4], answer[3], answer[2]} != data) $fatal(1, "serial: %s: data", what);
    answer.delete();
  endtask

  initial begin
    automatic logic [7:0] known = '0;
    for (int i = 0; i < 9; i++) known = crc8(known, 8'("1") + 8'(i));
    if (known != 8'hF4) $fatal(1, "serial: the bench's CRC-8 of 123456789 is %h, not f4", known);
    foreach (memory[i]) begin
      memory[i] = $urandom;
      model[i] = memory[i];
    end
    {clk, writes} = '0;
    to_core = 1'b1;
    bit_time = 20 * CLOCKS;
    rst = 1'b1;
    #500 rst = 1'b0;
    for (int unsigned n = 0; n < 400; n++) begin
      automatic logic [15:0] address = {6'd0, 8'($urandom), 2'b00};
      automatic logic [31:0] data = $urandom;
      bit_time = 20 * CLOCKS + n % 3 * 8 - 8;
      case (n % 8)
        0, 1: begin
          request(1'b1, address, data, 8'd0);
          expect_answer(8'h00, 1'b0, 0, "write");
          model[address[9:2]] = data;
        end
        2, 3: begin
          request(1'b0, address, 0, 8'd0);
          expect_answer(8'h00, 1'b1, model[address[9:2]], "read");
        end
        4: begin
          request(data[0], address, data, 8'(1 << (n / 8 % 8)));
          expect_answer(8'h01, 1'b0, 0, "damaged");
        end
        5: begin
          request(data[0], address | 16'h1000, data, 8'd0);
          expect_answer(8'h02, !data[0] && 1'b0, 0, "failed");
        end
        6: begin
          for (int i = 0; i < 5; i++) put(8'h5A ^ 8'(i));
          put(8'hA5);
          put(8'h07);
          expect_answer(8'h01, 1'b0, 0, "unknown");
        end
        default: begin
          put(8'hA5);
          if (n % 16 == 7) put(8'h02);
          #(20 * 20000);                         // longer than 2^14 clocks
          if (answer.size() != 0) $fatal(1, "serial: an answer to nothing");
        end
      endcase
    end
    foreach (model[i]) if (memory[i] != model[i]) $fatal(1, "serial: register %0d", i);
    $display("PASS serial");
    $finish;
  end
endmodule

`default_nettype wire
