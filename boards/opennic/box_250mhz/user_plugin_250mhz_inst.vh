// SPDX-License-Identifier: Apache-2.0
// Included by the shell in the body of box_250mhz: our block takes reset pair 0.
initial begin
  if (USE_PHYS_FUNC == 0) $fatal(1, "bpf_250mhz: needs the host's streams, -use_phys_func 1");
  if (NUM_PHYS_FUNC != NUM_CMAC_PORT) $fatal(1, "bpf_250mhz: needs as many functions as ports: -num_phys_func %0d, not %0d", NUM_CMAC_PORT, NUM_PHYS_FUNC);
end

// Reset pairs that nobody uses are always done.
assign mod_rst_done[15:1] = '1;

bpf_250mhz #(
  .NUM_QDMA (NUM_QDMA),
  .NUM_INTF (NUM_PHYS_FUNC)
) bpf_250mhz_inst (
  .s_axil_awvalid                   (axil_bpf_awvalid),
  .s_axil_awaddr                    (axil_bpf_awaddr),
  .s_axil_awready                   (axil_bpf_awready),
  .s_axil_wvalid                    (axil_bpf_wvalid),
  .s_axil_wdata                     (axil_bpf_wdata),
  .s_axil_wready                    (axil_bpf_wready),
  .s_axil_bvalid                    (axil_bpf_bvalid),
  .s_axil_bresp                     (axil_bpf_bresp),
  .s_axil_bready                    (axil_bpf_bready),
  .s_axil_arvalid                   (axil_bpf_arvalid),
  .s_axil_araddr                    (axil_bpf_araddr),
  .s_axil_arready                   (axil_bpf_arready),
  .s_axil_rvalid                    (axil_bpf_rvalid),
  .s_axil_rdata                     (axil_bpf_rdata),
  .s_axil_rresp                     (axil_bpf_rresp),
  .s_axil_rready                    (axil_bpf_rready),

  .s_axis_qdma_h2c_tvalid           (s_axis_qdma_h2c_tvalid),
  .s_axis_qdma_h2c_tdata            (s_axis_qdma_h2c_tdata),
  .s_axis_qdma_h2c_tkeep            (s_axis_qdma_h2c_tkeep),
  .s_axis_qdma_h2c_tlast            (s_axis_qdma_h2c_tlast),
  .s_axis_qdma_h2c_tuser_size       (s_axis_qdma_h2c_tuser_size),
  .s_axis_qdma_h2c_tuser_src        (s_axis_qdma_h2c_tuser_src),
  .s_axis_qdma_h2c_tuser_dst        (s_axis_qdma_h2c_tuser_dst),
  .s_axis_qdma_h2c_tready           (s_axis_qdma_h2c_tready),

  .m_axis_qdma_c2h_tvalid           (m_axis_qdma_c2h_tvalid),
  .m_axis_qdma_c2h_tdata            (m_axis_qdma_c2h_tdata),
  .m_axis_qdma_c2h_tkeep            (m_axis_qdma_c2h_tkeep),
  .m_axis_qdma_c2h_tlast            (m_axis_qdma_c2h_tlast),
  .m_axis_qdma_c2h_tuser_size       (m_axis_qdma_c2h_tuser_size),
  .m_axis_qdma_c2h_tuser_src        (m_axis_qdma_c2h_tuser_src),
  .m_axis_qdma_c2h_tuser_dst        (m_axis_qdma_c2h_tuser_dst),
  .m_axis_qdma_c2h_tready           (m_axis_qdma_c2h_tready),

  .m_axis_adap_tx_250mhz_tvalid     (m_axis_adap_tx_250mhz_tvalid),
  .m_axis_adap_tx_250mhz_tdata      (m_axis_adap_tx_250mhz_tdata),
  .m_axis_adap_tx_250mhz_tkeep      (m_axis_adap_tx_250mhz_tkeep),
  .m_axis_adap_tx_250mhz_tlast      (m_axis_adap_tx_250mhz_tlast),
  .m_axis_adap_tx_250mhz_tuser_size (m_axis_adap_tx_250mhz_tuser_size),
  .m_axis_adap_tx_250mhz_tuser_src  (m_axis_adap_tx_250mhz_tuser_src),
  .m_axis_adap_tx_250mhz_tuser_dst  (m_axis_adap_tx_250mhz_tuser_dst),
  .m_axis_adap_tx_250mhz_tready     (m_axis_adap_tx_250mhz_tready),

  .s_axis_adap_rx_250mhz_tvalid     (s_axis_adap_rx_250mhz_tvalid),
  .s_axis_adap_rx_250mhz_tdata      (s_axis_adap_rx_250mhz_tdata),
  .s_axis_adap_rx_250mhz_tkeep      (s_axis_adap_rx_250mhz_tkeep),
  .s_axis_adap_rx_250mhz_tlast      (s_axis_adap_rx_250mhz_tlast),
  .s_axis_adap_rx_250mhz_tuser_size (s_axis_adap_rx_250mhz_tuser_size),
  .s_axis_adap_rx_250mhz_tuser_src  (s_axis_adap_rx_250mhz_tuser_src),
  .s_axis_adap_rx_250mhz_tuser_dst  (s_axis_adap_rx_250mhz_tuser_dst),
  .s_axis_adap_rx_250mhz_tready     (s_axis_adap_rx_250mhz_tready),

  .mod_rstn                         (mod_rstn[0]),
  .mod_rst_done                     (mod_rst_done[0]),

  .axil_aclk                        (axil_aclk),
  .axis_aclk                        (axis_aclk)
);
