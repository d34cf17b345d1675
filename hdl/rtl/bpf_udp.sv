// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Registers over UDP: an endpoint between a port and the core. Takes ARP requests for its address, and datagrams to its port, out of the frames that go to the core; all
/// others pass, whole, in their order, at the full rate. Datagrams become AXI4-Lite accesses, one at a time. docs/src/udp.md has the protocol byte by byte.
///
///   request   A5 OP ADDRESS(2) NUMBER(4) DATA(4)      OP 0 hello, 1 read, 2 write
///   answer    5A OP/STATUS ADDRESS(2) NUMBER(4) DATA(4)
///
/// Numbers are little-endian. A request is carried out if its number is larger than the last one (modulo 2^32; after reset, whatever it is); the same number again gets the
/// same answer again, and nothing is done; a smaller one is dropped. A frame that comes while an answer is made or waits is taken out and lost: the host asks again.
///
/// Input: whole good frames of Ethernet (bpf_frame_fifo), without FCS, from 60 bytes on. IPv4 without options and fragments, checksums are checked (that of UDP if it is
/// there). ARP: requests for IP to its own or the broadcast address. Answers are frames of 60 bytes to whom asked, UDP without checksum.
/// Latency of a frame that passes: its first 7 beats and 2 clocks. Resources: FIFOs of 16 beats, 1,100 flip-flops (most of them the first 7 beats of a frame, twice).
module bpf_udp #(
  parameter int unsigned USER_W = 32,          // whatever goes with each beat
  parameter logic [47:0] MAC = 48'h02_00_00_00_00_01,  // own address, first byte on top
  parameter logic [31:0] IP = 32'hC0A8_0164,
  parameter logic [15:0] PORT = 16'd45808
) (
  input  logic              clk_i,
  input  logic              rst_i,             // synchronous, active high
  input  logic [63:0]       s_axis_tdata_i,    // from the port
  input  logic [7:0]        s_axis_tkeep_i,
  input  logic              s_axis_tvalid_i,
  output logic              s_axis_tready_o,
  input  logic              s_axis_tlast_i,
  input  logic [USER_W-1:0] s_axis_tuser_i,
  output logic [63:0]       m_axis_tdata_o,    // to the core
  output logic [7:0]        m_axis_tkeep_o,
  output logic              m_axis_tvalid_o,
  input  logic              m_axis_tready_i,
  output logic              m_axis_tlast_o,
  output logic [USER_W-1:0] m_axis_tuser_o,
  output logic [63:0]       a_axis_tdata_o,    // answers, for the port
  output logic [7:0]        a_axis_tkeep_o,
  output logic              a_axis_tvalid_o,
  input  logic              a_axis_tready_i,
  output logic              a_axis_tlast_o,
  output logic [15:0]       m_axil_awaddr_o,
  output logic              m_axil_awvalid_o,
  input  logic              m_axil_awready_i,
  output logic [31:0]       m_axil_wdata_o,
  output logic [3:0]        m_axil_wstrb_o,
  output logic              m_axil_wvalid_o,
  input  logic              m_axil_wready_i,
  input  logic [1:0]        m_axil_bresp_i,
  input  logic              m_axil_bvalid_i,
  output logic              m_axil_bready_o,
  output logic [15:0]       m_axil_araddr_o,
  output logic              m_axil_arvalid_o,
  input  logic              m_axil_arready_i,
  input  logic [31:0]       m_axil_rdata_i,
  input  logic [1:0]        m_axil_rresp_i,
  input  logic              m_axil_rvalid_i,
  output logic              m_axil_rready_o
);
  localparam int unsigned BEATS = 7;           // 56 bytes: all that is looked at
  localparam logic [2:0] LAST = 3'd6, FULL = 3'd7;
  localparam logic [7:0] REQUEST = 8'hA5, ANSWER = 8'h5A;
  localparam logic [7:0] HELLO = 8'h00, READ = 8'h01, WRITE = 8'h02;
  localparam logic [3:0] DONE = 4'h0, UNKNOWN = 4'h1, FAILED = 4'h2;

  // ---- frames wait until it is known whose they are ----
  localparam int unsigned WIDTH = 64 + 8 + 1 + USER_W;
  logic fifo_ready, fifo_valid, take, mine_valid, mine, mine_ready, unused_idle, unused_mine_idle, mine_wready;
  logic beat;

  assign s_axis_tready_o = fifo_ready && mine_wready;
  assign beat            = s_axis_tvalid_i && s_axis_tready_o;

  bpf_fifo #(.WIDTH(WIDTH), .DEPTH(16)) u_frames (
    .clk_i, .rst_i, .wr_valid_i(beat), .wr_ready_o(fifo_ready), .wr_data_i({s_axis_tuser_i, s_axis_tlast_i, s_axis_tkeep_i, s_axis_tdata_i}),
    .rd_valid_o(fifo_valid), .rd_ready_i(take), .rd_data_o({m_axis_tuser_o, m_axis_tlast_o, m_axis_tkeep_o, m_axis_tdata_o}), .idle_o(unused_idle));

  // ---- the first beats of a frame: byte i of it at [8*i +: 8] ----
  logic [BEATS*64-1:0] head_q, head;
  logic [2:0]          at_q;                   // beats of the frame so far; FULL: it was decided
  logic                decide, is_arp, is_udp;

  function automatic logic [15:0] be16(input logic [15:0] bytes);
    be16 = {bytes[7:0], bytes[15:8]};
  endfunction
  function automatic logic [31:0] be32(input logic [31:0] bytes);
    be32 = {bytes[7:0], bytes[15:8], bytes[23:16], bytes[31:24]};
  endfunction
  function automatic logic [47:0] be48(input logic [47:0] bytes);
    be48 = {bytes[7:0], bytes[15:8], bytes[23:16], bytes[31:24], bytes[39:32], bytes[47:40]};
  endfunction

  always_comb begin
    head = head_q;
    for (int unsigned i = 0; i < BEATS; i++) if (at_q == 3'(i)) head[64*i +: 64] = s_axis_tdata_i;
  end

  assign decide = beat && (at_q == LAST || (s_axis_tlast_i && at_q != FULL));
  assign is_arp = at_q == LAST && (head[47:0] == '1 || be48(head[47:0]) == MAC) && be16(head[8*12 +: 16]) == 16'h0806 &&
                  be48(head[8*14 +: 48]) == 48'h0001_0800_0604 && be16(head[8*20 +: 16]) == 16'h0001 && be32(head[8*38 +: 32]) == IP;
  assign is_udp = at_q == LAST && be48(head[47:0]) == MAC && be16(head[8*12 +: 16]) == 16'h0800 && head[8*14 +: 8] == 8'h45 &&
                  (be16(head[8*20 +: 16]) & 16'hBFFF) == 16'h0000 && head[8*23 +: 8] == 8'h11 && be32(head[8*30 +: 32]) == IP && be16(head[8*36 +: 16]) == PORT;

  bpf_fifo #(.WIDTH(1), .DEPTH(16)) u_mine (
    .clk_i, .rst_i, .wr_valid_i(decide), .wr_ready_o(mine_wready), .wr_data_i(is_arp || is_udp), .rd_valid_o(mine_valid), .rd_ready_i(mine_ready), .rd_data_o(mine),
    .idle_o(unused_mine_idle));

  assign m_axis_tvalid_o = fifo_valid && mine_valid && !mine;
  assign take            = mine_valid && (mine || m_axis_tready_i);
  assign mine_ready      = fifo_valid && take && m_axis_tlast_o;

  always_ff @(posedge clk_i) begin
    if (beat) begin
      at_q <= s_axis_tlast_i ? 3'd0 : (at_q == FULL) ? FULL : at_q + 3'd1;
      if (at_q != FULL) head_q <= head;
    end
    if (rst_i) at_q <= '0;
  end

  // ---- one request: kept, checked halfword by halfword, carried out, answered ----
  localparam logic [2:0] IDLE = 3'd0, CHECK = 3'd1, JUDGE = 3'd2, ACCESS = 3'd3, OUTPUT = 3'd4;
  logic [2:0]          state_q, beat_q;
  logic [BEATS*64-1:0] own_q;
  logic                arp_q, hello_q, fresh_q, done, failed, hello, is_read, is_write, newer, again, aw_q, w_q, ar_q;
  logic [4:0]          half_q;                 // halfword n of the frame's bytes from 14 on
  logic [16:0]         ip_q, udp_q;            // sums with the carry of the last addition
  logic [15:0]         half, ip_sum, udp_sum;
  logic [31:0]         last_q, data_q, number;
  logic [7:0]          op;
  logic [15:0]         address, last_address_q;
  logic [7:0]          last_status_q;

  // Bytes 14 to 53: the header of IP (halfwords 0 to 9), that of UDP (10 to 13), the request (14 to 19).
  assign half    = be16(own_q[8*14 + 16*half_q +: 16]);
  assign ip_sum  = ip_q[15:0] + 16'(ip_q[16]);
  assign udp_sum = udp_q[15:0] + 16'(udp_q[16]);
  assign op      = own_q[8*43 +: 8];
  assign address = own_q[8*44 +: 16];
  assign number  = own_q[8*46 +: 32];
  assign newer   = fresh_q || (number != last_q && !((number - last_q) >> 31 != 32'd0));
  assign again   = !fresh_q && number == last_q;
  assign hello    = op == HELLO;
  assign is_read  = op == READ;
  assign is_write = op == WRITE;
  assign done     = (m_axil_rvalid_i && is_read) || (m_axil_bvalid_i && is_write);
  assign failed   = is_read ? m_axil_rresp_i != 2'b00 : m_axil_bresp_i != 2'b00;

  logic good_ip, good_udp;
  // Sizes are those of a request; a checksum of UDP that is 0 is none (RFC 768).
  assign good_ip  = ip_sum == 16'hFFFF && be16(own_q[8*16 +: 16]) == 16'd40;
  assign good_udp = be16(own_q[8*38 +: 16]) == 16'd20 && (udp_sum == 16'hFFFF || own_q[8*40 +: 16] == 16'd0) && own_q[8*42 +: 8] == REQUEST;

  always_ff @(posedge clk_i) begin
    case (state_q)
      IDLE: begin
        half_q <= '0;
        beat_q <= '0;
        ip_q   <= '0;
        udp_q  <= 17'd17 + 17'd20;             // of the pseudo header: protocol and length
        if (decide && (is_arp || is_udp)) begin
          own_q   <= head;
          arp_q   <= is_arp;
          state_q <= is_arp ? OUTPUT : CHECK;
        end
      end
      CHECK: begin
        half_q <= half_q + 5'd1;
        if (half_q < 5'd10) ip_q <= 17'(ip_sum) + 17'(half);
        if (half_q >= 5'd6) udp_q <= 17'(udp_sum) + 17'(half);
        if (half_q == 5'd19) state_q <= JUDGE;
      end
      JUDGE: begin
        state_q <= IDLE;
        hello_q <= hello;
        if (good_ip && good_udp) begin
          // A hello, whenever it comes, leaves everything as it is.
          if (hello || again) state_q <= OUTPUT;
          else if (newer) begin
            last_q         <= number;
            fresh_q        <= 1'b0;
            last_address_q <= address;
            last_status_q  <= {UNKNOWN, op[3:0]};
            data_q         <= '0;
            state_q        <= (is_read || is_write) ? ACCESS : OUTPUT;
          end
        end
      end
      ACCESS:
        if (done) begin
          last_status_q <= {failed ? FAILED : DONE, op[3:0]};
          data_q        <= is_read ? m_axil_rdata_i : '0;
          state_q       <= OUTPUT;
        end
      default:
        if (a_axis_tready_i) begin
          beat_q <= beat_q + 3'd1;
          if (a_axis_tlast_o) state_q <= IDLE;
        end
    endcase
    if (rst_i) begin
      state_q <= IDLE;
      fresh_q <= 1'b1;
      last_q  <= '0;
    end
  end

  // ---- AXI4-Lite: valid until ready, once for each access ----
  logic starts;
  assign starts = state_q == JUDGE && good_ip && good_udp && !hello && !again && newer && (is_read || is_write);

  always_ff @(posedge clk_i) begin
    if (starts) {aw_q, w_q, ar_q} <= is_read ? 3'b001 : 3'b110;
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
  assign m_axil_awaddr_o  = address;
  assign m_axil_araddr_o  = address;
  assign m_axil_wdata_o   = own_q[8*50 +: 32];
  assign m_axil_wstrb_o   = 4'hF;
  assign m_axil_bready_o  = state_q == ACCESS;
  assign m_axil_rready_o  = state_q == ACCESS;

  // ---- the answer: 60 bytes ----
  // The sum over what is always the same in the header of IP: version and length, 40 bytes, no fragments, 64 hops, UDP, own address.
  localparam logic [31:0] FIXED = 32'h4500 + 32'd40 + 32'h4000 + 32'h4011 + 32'(IP[31:16]) + 32'(IP[15:0]);
  logic [19:0]       peer_sum;
  logic [16:0]       folded;
  logic [15:0]       ip_checksum;
  logic [511:0]      ip_frame, arp_frame, frame;

  assign peer_sum    = 20'(FIXED) + 20'(be16(own_q[8*26 +: 16])) + 20'(be16(own_q[8*28 +: 16]));
  assign folded      = 17'(peer_sum[15:0]) + 17'(peer_sum[19:16]);
  assign ip_checksum = ~(folded[15:0] + 16'(folded[16]));

  assign ip_frame = {
    32'd0,                                                                                   // 60 .. 63, not sent
    48'd0, hello_q ? last_q : data_q, number, hello_q ? address : last_address_q, hello_q ? {DONE, HELLO[3:0]} : last_status_q, ANSWER,                            // 42 .. 59
    16'd0, be16(16'd20), own_q[8*34 +: 16], be16(PORT),                                      // 34 .. 41: UDP
    own_q[8*26 +: 32], be32(IP), be16(ip_checksum), 8'h11, 8'd64, be16(16'h4000), 16'd0, be16(16'd40), 16'h0045,  // 14 .. 33: IP
    16'h0008, be48(MAC), own_q[8*6 +: 48]};
  assign arp_frame = {
    176'd0,                                                                                  // 42 .. 63
    own_q[8*28 +: 32], own_q[8*22 +: 48], be32(IP), be48(MAC),                               // 22 .. 41: who is asked for, who asks
    be16(16'h0002), be48(48'h0001_0800_0604), 16'h0608, be48(MAC), own_q[8*22 +: 48]};
  assign frame = arp_q ? arp_frame : ip_frame;

  assign a_axis_tdata_o  = frame[64*beat_q +: 64];
  assign a_axis_tkeep_o  = a_axis_tlast_o ? 8'h0F : 8'hFF;
  assign a_axis_tvalid_o = state_q == OUTPUT;
  assign a_axis_tlast_o  = beat_q == 3'd7;
endmodule

`default_nettype wire
