// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Serial line, 8 data bits, no parity, one stop bit: bytes in and out. Received bytes can not be refused; one with a wrong stop bit is dropped.
/// Bits are sampled in their middle, after two registers. CLOCKS is the length of a bit; both ends may differ by 4 % in all.
module bpf_uart #(
  parameter int unsigned CLOCKS = 543          // of clk_i in a bit, at least 4
) (
  input  logic       clk_i,
  input  logic       rst_i,                    // synchronous, active high
  input  logic       rxd_i,                    // asynchronous
  output logic       txd_o,
  output logic       rx_valid_o,               // pulse
  output logic [7:0] rx_data_o,
  input  logic       tx_valid_i,
  output logic       tx_ready_o,
  input  logic [7:0] tx_data_i
);
  localparam int unsigned W = $clog2(CLOCKS);

  if (CLOCKS < 4) begin : g_check_1
    $fatal(1, "bpf_uart: CLOCKS must be at least 4");
  end

  // ---- receiver: bit 0 is the start bit, 9 the stop bit ----
  logic         rxd, rx_busy_q, rx_tick;
  logic [W-1:0] rx_wait_q;
  logic [3:0]   rx_bit_q;
  logic [8:0]   rx_shift_q;

  bpf_sync u_sync (.clk_i, .d_i(rxd_i), .q_o(rxd));

  assign rx_tick = rx_wait_q == '0;

  always_ff @(posedge clk_i) begin
    rx_valid_o <= 1'b0;
    if (!rx_busy_q) begin
      rx_wait_q <= W'(CLOCKS / 2 - 1);
      rx_bit_q  <= '0;
      rx_busy_q <= !rxd;
    end else begin
      rx_wait_q <= rx_tick ? W'(CLOCKS - 1) : rx_wait_q - 1'b1;
      if (rx_tick) begin
        rx_bit_q   <= rx_bit_q + 4'd1;
        rx_shift_q <= {rxd, rx_shift_q[8:1]};
        if (rx_bit_q == 4'd0 && rxd) rx_busy_q <= 1'b0;         // it was noise
        if (rx_bit_q == 4'd9) begin
          rx_busy_q  <= 1'b0;
          rx_valid_o <= rxd;
        end
      end
    end
    if (rst_i) begin
      rx_busy_q  <= 1'b0;
      rx_valid_o <= 1'b0;
    end
  end

  assign rx_data_o = rx_shift_q[7:0];

  // ---- sender ----
  logic [W-1:0] tx_wait_q;
  logic [3:0]   tx_left_q;                     // bits that are not over yet
  logic [8:0]   tx_shift_q;

  assign tx_ready_o = tx_left_q == '0;

  always_ff @(posedge clk_i) begin
    if (tx_ready_o) begin
      txd_o     <= !tx_valid_i;
      tx_wait_q <= W'(CLOCKS - 1);
      if (tx_valid_i) begin
        tx_shift_q <= {1'b1, tx_data_i};
        tx_left_q  <= 4'd10;
      end
    end else begin
      tx_wait_q <= (tx_wait_q == '0) ? W'(CLOCKS - 1) : tx_wait_q - 1'b1;
      if (tx_wait_q == '0) begin
        tx_left_q  <= tx_left_q - 4'd1;
        txd_o      <= tx_shift_q[0];
        tx_shift_q <= {1'b1, tx_shift_q[8:1]};
      end
    end
    if (rst_i) begin
      tx_left_q <= '0;
      txd_o     <= 1'b1;
    end
  end
endmodule

`default_nettype wire
