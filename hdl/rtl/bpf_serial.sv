// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Registers over a serial line: requests of a host become AXI4-Lite accesses, one at a time. docs/src/serial.md has the protocol byte by byte.
///
///   request   A5 01 ADDRESS(2)              CRC    read
///             A5 02 ADDRESS(2) DATA(4)      CRC    write
///   answer    5A 00 [DATA(4)]               CRC    done; with data if it was a read
///             5A 01                         CRC    the request was damaged or none of these: nothing was done
///             5A 02                         CRC    the access ended with an error
///
/// Numbers are little-endian; CRC is CRC-8 (x^8 + x^2 + x + 1, from 0) over all bytes before it. Bytes between requests that are not A5 are skipped, and a
/// request that stops for 2^TIMEOUT_W clocks is forgotten without an answer. A request that comes before the answer to the last one is lost.
/// Resources: about 150 flip-flops with the line.
module bpf_serial #(
  parameter int unsigned CLOCKS = 543,         // of clk_i in a bit of the line
  parameter int unsigned TIMEOUT_W = 22
) (
  input  logic        clk_i,
  input  logic        rst_i,                   // synchronous, active high
  input  logic        rxd_i,
  output logic        txd_o,
  output logic [15:0] m_axil_awaddr_o,
  output logic        m_axil_awvalid_o,
  input  logic        m_axil_awready_i,
  output logic [31:0] m_axil_wdata_o,
  output logic [3:0]  m_axil_wstrb_o,
  output logic        m_axil_wvalid_o,
  input  logic        m_axil_wready_i,
  input  logic [1:0]  m_axil_bresp_i,
  input  logic        m_axil_bvalid_i,
  output logic        m_axil_bready_o,
  output logic [15:0] m_axil_araddr_o,
  output logic        m_axil_arvalid_o,
  input  logic        m_axil_arready_i,
  input  logic [31:0] m_axil_rdata_i,
  input  logic [1:0]  m_axil_rresp_i,
  input  logic        m_axil_rvalid_i,
  output logic        m_axil_rready_o
);
  localparam logic [7:0] REQUEST = 8'hA5, ANSWER = 8'h5A, READ = 8'h01, WRITE = 8'h02;
  localparam logic [7:0] DONE = 8'h00, DAMAGED = 8'h01, FAILED = 8'h02;
  localparam logic [1:0] IDLE = 2'd0, INPUT = 2'd1, ACCESS = 2'd2, OUTPUT = 2'd3;

  logic [1:0]           state_q;
  logic                 rx_valid, tx_valid_q, tx_ready, is_read_q, expired;
  logic [7:0]           rx_data, tx_data_q, crc_q, crc_in, crc_next, status_q;
  logic [3:0]           at_q, rx_end, tx_end;  // number of the byte; that of the CRC
  logic [47:0]          body_q;                // {data, address}, the newest byte on top
  logic [31:0]          data_q;
  logic [TIMEOUT_W:0]   silence_q;
  logic                 aw_q, w_q, ar_q, done, failed;

  bpf_uart #(.CLOCKS(CLOCKS)) u_uart (
    .clk_i, .rst_i, .rxd_i, .txd_o, .rx_valid_o(rx_valid), .rx_data_o(rx_data), .tx_valid_i(tx_valid_q), .tx_ready_o(tx_ready), .tx_data_i(tx_data_q));

  // ---- CRC-8 of what comes, then of what goes ----
  logic [7:0] next_tx;
  assign crc_in = crc_q ^ ((state_q == OUTPUT) ? next_tx : rx_data);
  always_comb begin
    crc_next = crc_in;
    for (int unsigned i = 0; i < 8; i++) crc_next = {crc_next[6:0], 1'b0} ^ ({8{crc_next[7]}} & 8'h07);
  end

  assign rx_end  = is_read_q ? 4'd4 : 4'd8;
  assign tx_end  = (status_q == DONE && is_read_q) ? 4'd6 : 4'd2;
  assign expired = silence_q[TIMEOUT_W];
  assign done    = (m_axil_rvalid_i && is_read_q) || (m_axil_bvalid_i && !is_read_q);
  assign failed  = is_read_q ? m_axil_rresp_i != 2'b00 : m_axil_bresp_i != 2'b00;

  always_comb begin
    case (at_q)
      4'd0:    next_tx = ANSWER;
      4'd1:    next_tx = status_q;
      default: next_tx = (at_q == tx_end) ? crc_q : data_q[7:0];
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (tx_ready) tx_valid_q <= 1'b0;
    silence_q <= (state_q == INPUT && !rx_valid) ? silence_q + 1'b1 : '0;
    case (state_q)
      IDLE: begin
        crc_q <= '0;
        at_q  <= 4'd1;
        if (rx_valid && rx_data == REQUEST) begin
          state_q <= INPUT;
          crc_q   <= crc_next;
        end
      end
      INPUT:
        if (expired) state_q <= IDLE;
        else if (rx_valid) begin
          at_q  <= at_q + 4'd1;
          crc_q <= crc_next;
          if (at_q == 4'd1) is_read_q <= rx_data == READ;
          if (at_q != 4'd1) body_q <= {rx_data, body_q[47:8]};
          if (at_q == 4'd1 && rx_data != READ && rx_data != WRITE) begin
            status_q <= DAMAGED;
            state_q  <= OUTPUT;
            at_q     <= '0;
            crc_q    <= '0;
          end else if (at_q == rx_end && at_q != 4'd1) begin
            body_q   <= body_q;
            status_q <= DAMAGED;
            state_q  <= (rx_data == crc_q) ? ACCESS : OUTPUT;
            at_q     <= '0;
            crc_q    <= '0;
          end
        end
      ACCESS:
        if (done) begin
          status_q <= failed ? FAILED : DONE;
          data_q   <= m_axil_rdata_i;
          state_q  <= OUTPUT;
        end
      default:
        if (!tx_valid_q) begin
          tx_valid_q <= 1'b1;
          tx_data_q  <= next_tx;
          crc_q      <= crc_next;
          at_q       <= at_q + 4'd1;
          if (at_q > 4'd1) data_q <= {8'd0, data_q[31:8]};
          if (at_q == tx_end) state_q <= IDLE;
        end
    endcase
    if (rst_i) begin
      state_q    <= IDLE;
      tx_valid_q <= 1'b0;
    end
  end

  // ---- AXI4-Lite: valid until ready, once for each access ----
  logic starts;
  assign starts = state_q == INPUT && rx_valid && !expired && at_q == rx_end && at_q != 4'd1 && rx_data == crc_q;

  always_ff @(posedge clk_i) begin
    if (starts) {aw_q, w_q, ar_q} <= is_read_q ? 3'b001 : 3'b110;
    else begin
      if (m_axil_awready_i) aw_q <= 1'b0;
      if (m_axil_wready_i) w_q <= 1'b0;
      if (m_axil_arready_i) ar_q <= 1'b0;
    end
    if (rst_i) {aw_q, w_q, ar_q} <= 3'b000;
  end

  assign m_axil_awvalid_o = aw_q;
  assign m_axil_wvalid_o  = w_q;
  assign m_axil_arvalid_o = ar_q;
  assign m_axil_awaddr_o  = body_q[15:0];
  assign m_axil_araddr_o  = body_q[47:32];
  assign m_axil_wdata_o   = body_q[47:16];
  assign m_axil_wstrb_o   = 4'hF;
  assign m_axil_bready_o  = state_q == ACCESS;
  assign m_axil_rready_o  = state_q == ACCESS;
endmodule

`default_nettype wire
