// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Sending half of a gigabit MAC: words of frames to GMII, with preamble, padding to 60 bytes, FCS and the gap of 12 bytes.
///
/// Once a frame has begun, its words must follow in time, one every 8 clocks: the FIFO before it holds whole frames (`bpf_frame_fifo`). Should a
/// word be late nevertheless, the rest of the frame is sent with `gmii_tx_er_o`, so that nobody takes it for a frame.
/// Back to back, a frame of n bytes takes max(n, 60) + 24 clocks. Latency: 3 clocks from `valid_i` to the first byte of the preamble.
module bpf_mac_tx (
  input  logic        clk_i,                   // 125 MHz
  input  logic        rst_i,                   // synchronous, active high
  input  logic        valid_i,
  output logic        ready_o,
  input  logic [63:0] data_i,                  // byte 0 first
  input  logic [2:0]  count_m1_i,              // bytes of the word, minus 1; all 8 but in the last
  input  logic        last_i,
  output logic [7:0]  gmii_txd_o,
  output logic        gmii_tx_en_o,
  output logic        gmii_tx_er_o,
  output logic        frame_o                  // pulse, for a counter
);
  localparam logic [5:0] LEAST = 6'd60;
  localparam logic [2:0] IDLE = 3'd0, PREAMBLE = 3'd1, FRAME = 3'd2, PAD = 3'd3, FCS = 3'd4, GAP = 3'd5;

  logic [2:0]  state_q, left_q;
  logic [3:0]  step_q;                         // within preamble, FCS and gap
  logic [63:0] word_q;
  logic        last_q, late_q, word_end, load_q;
  logic [5:0]  count_q;                        // bytes so far, up to LEAST
  logic        enough;
  logic [31:0] crc_q, crc_next;
  logic [7:0]  text;

  assign word_end = state_q == FRAME && left_q == 3'd0;
  assign ready_o  = load_q;
  assign enough   = count_q == LEAST - 6'd1 || count_q == LEAST;
  assign text     = (state_q == PAD) ? 8'd0 : word_q[7:0];

  bpf_crc32 u_crc (.crc_i(crc_q), .data_i(text), .crc_o(crc_next));

  always_ff @(posedge clk_i) begin
    step_q <= step_q + 4'd1;
    case (state_q)
      IDLE: begin
        step_q <= '0;
        if (valid_i) state_q <= PREAMBLE;
      end
      PREAMBLE: if (step_q == 4'd7) state_q <= FRAME;
      FRAME, PAD: begin
        step_q <= '0;
        if (state_q == PAD || (word_end && last_q)) state_q <= enough ? FCS : PAD;
      end
      FCS: if (step_q == 4'd3) state_q <= GAP;
      // The clock of IDLE counts as one; step_q goes on from 4.
      default: if (step_q == 4'd14) state_q <= IDLE;
    endcase
    if (rst_i) state_q <= IDLE;
  end

  always_ff @(posedge clk_i) begin
    // In the last byte of the preamble, and of a word that another follows (all those have 8 bytes).
    load_q <= ((state_q == PREAMBLE && step_q == 4'd6) || (state_q == FRAME && left_q == 3'd1 && !last_q)) && !rst_i;
    if (load_q) begin
      word_q <= data_i;
      left_q <= valid_i ? count_m1_i : 3'd7;
      last_q <= last_i && valid_i;
    end else begin
      word_q <= {8'd0, word_q[63:8]};
      left_q <= left_q - 3'd1;
    end
    if (state_q == IDLE) late_q <= 1'b0;
    else if (load_q && !valid_i) late_q <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (state_q == PREAMBLE) begin
      count_q <= '0;
      crc_q   <= '1;
    end else if (state_q == FCS) begin
      crc_q <= {8'd0, crc_q[31:8]};
    end else if (state_q == FRAME || state_q == PAD) begin
      crc_q <= crc_next;
      if (count_q != LEAST) count_q <= count_q + 6'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    gmii_tx_en_o <= (state_q == PREAMBLE || state_q == FRAME || state_q == PAD || state_q == FCS) && !rst_i;
    gmii_tx_er_o <= late_q && (state_q == FRAME || state_q == PAD || state_q == FCS);
    frame_o      <= state_q == FCS && step_q == 4'd3 && !rst_i;
    case (state_q)
      PREAMBLE: gmii_txd_o <= (step_q == 4'd7) ? 8'hD5 : 8'h55;
      FCS:      gmii_txd_o <= ~crc_q[7:0];
      default:  gmii_txd_o <= text;
    endcase
  end
endmodule

`default_nettype wire
