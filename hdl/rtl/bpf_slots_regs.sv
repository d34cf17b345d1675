// SPDX-License-Identifier: Apache-2.0
// Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
`default_nettype none

/// Registers of the two program slots, beside the NIC's: decoder, what is read, plain registers.
///
/// AXI4-Lite; what is not the block's goes on to `m_axil_*`, see bpf_axil_split. `*_we_o` and `*_rd_o` are pulses, with `wr_*_o`, `rd_*_o` beside them.
/// Counters wrap at 2^32. Other addresses read 0, writes to them do nothing.
module bpf_slots_regs #(
  parameter int unsigned SLOTS = 1  // 1..2
) (
  input  logic                clk_i,
  input  logic                rst_i,  // synchronous, active high
  input  logic [19:0]         s_axil_awaddr_i,
  input  logic                s_axil_awvalid_i,
  output logic                s_axil_awready_o,
  input  logic [31:0]         s_axil_wdata_i,
  input  logic [3:0]          s_axil_wstrb_i,
  input  logic                s_axil_wvalid_i,
  output logic                s_axil_wready_o,
  output logic [1:0]          s_axil_bresp_o,
  output logic                s_axil_bvalid_o,
  input  logic                s_axil_bready_i,
  input  logic [19:0]         s_axil_araddr_i,
  input  logic                s_axil_arvalid_i,
  output logic                s_axil_arready_o,
  output logic [31:0]         s_axil_rdata_o,
  output logic [1:0]          s_axil_rresp_o,
  output logic                s_axil_rvalid_o,
  input  logic                s_axil_rready_i,
  output logic [19:0]         m_axil_awaddr_o,
  output logic                m_axil_awvalid_o,
  input  logic                m_axil_awready_i,
  output logic [31:0]         m_axil_wdata_o,
  output logic [3:0]          m_axil_wstrb_o,
  output logic                m_axil_wvalid_o,
  input  logic                m_axil_wready_i,
  input  logic [1:0]          m_axil_bresp_i,
  input  logic                m_axil_bvalid_i,
  output logic                m_axil_bready_o,
  output logic [19:0]         m_axil_araddr_o,
  output logic                m_axil_arvalid_o,
  input  logic                m_axil_arready_i,
  input  logic [31:0]         m_axil_rdata_i,
  input  logic [1:0]          m_axil_rresp_i,
  input  logic                m_axil_rvalid_i,
  output logic                m_axil_rready_o,
  output logic [1:0]          select_o,
  input  logic [1:0]          status_running_i,
  input  logic                status_done_i,
  input  logic                status_draining_i,
  input  logic                status_starting_i,
  input  logic                status_late_i,
  input  logic                status_inside_i,
  input  logic [1:0]          status_isolated_i,
  output logic [1:0]          policy_none_o,
  output logic [1:0]          policy_late_o,
  output logic [31:0]         limit_o,
  input  logic [31:0]         last_i,
  input  logic                switches_i,  // pulse
  input  logic                late_i,  // pulse
  input  logic                passed_i,  // pulse
  input  logic                dropped_i,  // pulse
  input  logic                waited_i,  // pulse
  output logic [1:0]          isolate_o,
  input  logic [SLOTS-1:0]    frames_i,  // pulses
  input  logic [SLOTS-1:0]    verdicts_i,  // pulses
  input  logic [SLOTS-1:0]    lost_i,  // pulses
  input  logic [32*SLOTS-1:0] unsent_i,
  input  logic [32*SLOTS-1:0] cut_i
);
  if (SLOTS < 1 || SLOTS > 2) begin : g_check_slots
    $fatal(1, "bpf_slots_regs: SLOTS must be 1..2");
  end

  logic        wr, rd;
  logic [11:2] wr_addr, rd_addr;
  logic [31:0] wr_data, rd_data;
  logic [3:0]  wr_strb;
  logic        unused_bus;
  assign unused_bus = ^{wr, wr_addr, wr_data, wr_strb, rd_addr, rd};

  bpf_axil_split #(.ADDR_W(20), .BASE(32'h12000), .BYTES(4096), .LAST(0)) u_split (
    .clk_i, .rst_i,
    .s_axil_awaddr_i, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_wdata_i, .s_axil_wstrb_i, .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_bresp_o, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_araddr_i, .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_rdata_o, .s_axil_rresp_o, .s_axil_rvalid_o, .s_axil_rready_i,
    .m_axil_awaddr_o, .m_axil_awvalid_o, .m_axil_awready_i, .m_axil_wdata_o, .m_axil_wstrb_o, .m_axil_wvalid_o, .m_axil_wready_i, .m_axil_bresp_i, .m_axil_bvalid_i, .m_axil_bready_o, .m_axil_araddr_o, .m_axil_arvalid_o, .m_axil_arready_i, .m_axil_rdata_i, .m_axil_rresp_i, .m_axil_rvalid_i, .m_axil_rready_o,
    .wr_o(wr), .wr_addr_o(wr_addr), .wr_data_o(wr_data), .wr_strb_o(wr_strb), .rd_o(rd), .rd_addr_o(rd_addr), .rd_data_i(rd_data));

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'h2 && wr_strb[0]) select_o[1:0] <= wr_data[1:0];
    if (rst_i) begin
      select_o <= 2'h1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'h4 && wr_strb[0]) policy_none_o[1:0] <= wr_data[1:0];
    if (wr && wr_addr == 10'h4 && wr_strb[0]) policy_late_o[1:0] <= wr_data[5:4];
    if (rst_i) begin
      policy_none_o <= 2'h0;
      policy_late_o <= 2'h0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'h5 && wr_strb[0]) limit_o[7:0] <= wr_data[7:0];
    if (wr && wr_addr == 10'h5 && wr_strb[1]) limit_o[15:8] <= wr_data[15:8];
    if (wr && wr_addr == 10'h5 && wr_strb[2]) limit_o[23:16] <= wr_data[23:16];
    if (wr && wr_addr == 10'h5 && wr_strb[3]) limit_o[31:24] <= wr_data[31:24];
    if (rst_i) begin
      limit_o <= 32'hffffffff;
    end
  end

  logic [31:0] switches_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) switches_q <= '0;
    else if (switches_i) switches_q <= switches_q + 32'd1;
  end

  logic [31:0] late_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) late_q <= '0;
    else if (late_i) late_q <= late_q + 32'd1;
  end

  logic [31:0] passed_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) passed_q <= '0;
    else if (passed_i) passed_q <= passed_q + 32'd1;
  end

  logic [31:0] dropped_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) dropped_q <= '0;
    else if (dropped_i) dropped_q <= dropped_q + 32'd1;
  end

  logic [31:0] waited_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) waited_q <= '0;
    else if (waited_i) waited_q <= waited_q + 32'd1;
  end

  always_ff @(posedge clk_i) begin
    if (wr && wr_addr == 10'hc && wr_strb[0]) isolate_o[1:0] <= wr_data[1:0];
    if (rst_i) begin
      isolate_o <= 2'h0;
    end
  end

  logic [32*SLOTS-1:0] frames_q;
  for (genvar i = 0; i < SLOTS; i++) begin : g_frames
    always_ff @(posedge clk_i) begin
      if (rst_i) frames_q[32*i +: 32] <= '0;
      else if (frames_i[i]) frames_q[32*i +: 32] <= frames_q[32*i +: 32] + 32'd1;
    end
  end

  logic [32*SLOTS-1:0] verdicts_q;
  for (genvar i = 0; i < SLOTS; i++) begin : g_verdicts
    always_ff @(posedge clk_i) begin
      if (rst_i) verdicts_q[32*i +: 32] <= '0;
      else if (verdicts_i[i]) verdicts_q[32*i +: 32] <= verdicts_q[32*i +: 32] + 32'd1;
    end
  end

  logic [32*SLOTS-1:0] lost_q;
  for (genvar i = 0; i < SLOTS; i++) begin : g_lost
    always_ff @(posedge clk_i) begin
      if (rst_i) lost_q[32*i +: 32] <= '0;
      else if (lost_i[i]) lost_q[32*i +: 32] <= lost_q[32*i +: 32] + 32'd1;
    end
  end


  always_comb begin
    unique casez (rd_addr)
      10'h0: rd_data = 32'h4232534c;  // 0x00 MAGIC
      10'h1: rd_data = 32'h00000001;  // 0x04 VERSION
      10'h2: rd_data = {30'd0, select_o};  // 0x08 SELECT
      10'h3: rd_data = {22'd0, status_isolated_i, 1'd0, status_inside_i, status_late_i, status_starting_i, status_draining_i, status_done_i, status_running_i};  // 0x0c STATUS
      10'h4: rd_data = {26'd0, policy_late_o, 2'd0, policy_none_o};  // 0x10 POLICY
      10'h5: rd_data = limit_o;  // 0x14 LIMIT
      10'h6: rd_data = last_i;  // 0x18 LAST
      10'h7: rd_data = switches_q;  // 0x1c SWITCHES
      10'h8: rd_data = late_q;  // 0x20 LATE
      10'h9: rd_data = passed_q;  // 0x24 PASSED
      10'ha: rd_data = dropped_q;  // 0x28 DROPPED
      10'hb: rd_data = waited_q;  // 0x2c WAITED
      10'hc: rd_data = {30'd0, isolate_o};  // 0x30 ISOLATE
      default: rd_data = 32'd0;
    endcase
    for (int unsigned i = 0; i < SLOTS; i++) if (rd_addr == 10'h10 + 10'(1 * i)) rd_data = frames_q[32*i +: 32];  // 0x40 FRAMES
    for (int unsigned i = 0; i < SLOTS; i++) if (rd_addr == 10'h12 + 10'(1 * i)) rd_data = verdicts_q[32*i +: 32];  // 0x48 VERDICTS
    for (int unsigned i = 0; i < SLOTS; i++) if (rd_addr == 10'h14 + 10'(1 * i)) rd_data = lost_q[32*i +: 32];  // 0x50 LOST
    for (int unsigned i = 0; i < SLOTS; i++) if (rd_addr == 10'h16 + 10'(1 * i)) rd_data = unsent_i[32*i +: 32];  // 0x58 UNSENT
    for (int unsigned i = 0; i < SLOTS; i++) if (rd_addr == 10'h18 + 10'(1 * i)) rd_data = cut_i[32*i +: 32];  // 0x60 CUT
  end
endmodule

`default_nettype wire
