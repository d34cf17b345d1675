// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Corundum's application block: the core at the taps of the interfaces (`*_axis_if_*`), behind the FIFO that keeps whole good frames only.
///
/// `bpf_shell` does the work, with a port for each interface (one port an interface: PORTS_PER_IF 1); the other taps and the completions are passed
/// through, DMA, memories, statistics and pins are not used. Frames of the core carry a transmit tag whose highest bit is clear, so that the transmit
/// engine ignores their completions. The host's queue is RX tdest. Time stamps of receive do not pass the core: the host sees 0.
/// Registers, byte offsets in the application's BAR (2): 0x00000 the core's, 0x10000 those of bpf_shell_regs.
module mqnic_app_block #(
  // Other states of the shell hand these over as well.
  parameter PTP_TS_FMT_TOD = 1, parameter PTP_USE_SAMPLE_CLOCK = 0,
  parameter IF_COUNT = 1, parameter PORTS_PER_IF = 1, parameter SCHED_PER_IF = PORTS_PER_IF, parameter PORT_COUNT = IF_COUNT*PORTS_PER_IF,
  parameter CLK_PERIOD_NS_NUM = 4, parameter CLK_PERIOD_NS_DENOM = 1, parameter PTP_CLK_PERIOD_NS_NUM = 4, parameter PTP_CLK_PERIOD_NS_DENOM = 1,
  parameter PTP_TS_WIDTH = 96, parameter PTP_PORT_CDC_PIPELINE = 0, parameter PTP_PEROUT_ENABLE = 0, parameter PTP_PEROUT_COUNT = 1,
  parameter PTP_TS_ENABLE = 1, parameter TX_TAG_WIDTH = 16, parameter MAX_TX_SIZE = 9214, parameter MAX_RX_SIZE = 9214, parameter DDR_CH = 1,
  parameter DDR_ENABLE = 0, parameter DDR_GROUP_SIZE = 1, parameter AXI_DDR_DATA_WIDTH = 256, parameter AXI_DDR_ADDR_WIDTH = 32,
  parameter AXI_DDR_STRB_WIDTH = AXI_DDR_DATA_WIDTH/8, parameter AXI_DDR_ID_WIDTH = 8, parameter AXI_DDR_AWUSER_ENABLE = 0,
  parameter AXI_DDR_AWUSER_WIDTH = 1, parameter AXI_DDR_WUSER_ENABLE = 0, parameter AXI_DDR_WUSER_WIDTH = 1, parameter AXI_DDR_BUSER_ENABLE = 0,
  parameter AXI_DDR_BUSER_WIDTH = 1, parameter AXI_DDR_ARUSER_ENABLE = 0, parameter AXI_DDR_ARUSER_WIDTH = 1, parameter AXI_DDR_RUSER_ENABLE = 0,
  parameter AXI_DDR_RUSER_WIDTH = 1, parameter AXI_DDR_MAX_BURST_LEN = 256, parameter AXI_DDR_NARROW_BURST = 0, parameter AXI_DDR_FIXED_BURST = 0,
  parameter AXI_DDR_WRAP_BURST = 0, parameter HBM_CH = 1, parameter HBM_ENABLE = 0, parameter HBM_GROUP_SIZE = 1, parameter AXI_HBM_DATA_WIDTH = 256,
  parameter AXI_HBM_ADDR_WIDTH = 32, parameter AXI_HBM_STRB_WIDTH = AXI_HBM_DATA_WIDTH/8, parameter AXI_HBM_ID_WIDTH = 8,
  parameter AXI_HBM_AWUSER_ENABLE = 0, parameter AXI_HBM_AWUSER_WIDTH = 1, parameter AXI_HBM_WUSER_ENABLE = 0, parameter AXI_HBM_WUSER_WIDTH = 1,
  parameter AXI_HBM_BUSER_ENABLE = 0, parameter AXI_HBM_BUSER_WIDTH = 1, parameter AXI_HBM_ARUSER_ENABLE = 0, parameter AXI_HBM_ARUSER_WIDTH = 1,
  parameter AXI_HBM_RUSER_ENABLE = 0, parameter AXI_HBM_RUSER_WIDTH = 1, parameter AXI_HBM_MAX_BURST_LEN = 256, parameter AXI_HBM_NARROW_BURST = 0,
  parameter AXI_HBM_FIXED_BURST = 0, parameter AXI_HBM_WRAP_BURST = 0, parameter APP_ID = 32'hB2F00001, parameter APP_CTRL_ENABLE = 1,
  parameter APP_DMA_ENABLE = 1, parameter APP_AXIS_DIRECT_ENABLE = 1, parameter APP_AXIS_SYNC_ENABLE = 1, parameter APP_AXIS_IF_ENABLE = 1,
  parameter APP_STAT_ENABLE = 1, parameter APP_GPIO_IN_WIDTH = 32, parameter APP_GPIO_OUT_WIDTH = 32, parameter DMA_ADDR_WIDTH = 64,
  parameter DMA_IMM_ENABLE = 0, parameter DMA_IMM_WIDTH = 32, parameter DMA_LEN_WIDTH = 16, parameter DMA_TAG_WIDTH = 16, parameter RAM_SEL_WIDTH = 4,
  parameter RAM_ADDR_WIDTH = 16, parameter RAM_SEG_COUNT = 2, parameter RAM_SEG_DATA_WIDTH = 256*2/RAM_SEG_COUNT,
  parameter RAM_SEG_BE_WIDTH = RAM_SEG_DATA_WIDTH/8, parameter RAM_SEG_ADDR_WIDTH = RAM_ADDR_WIDTH-$clog2(RAM_SEG_COUNT*RAM_SEG_BE_WIDTH),
  parameter RAM_PIPELINE = 2, parameter AXIL_APP_CTRL_DATA_WIDTH = 32, parameter AXIL_APP_CTRL_ADDR_WIDTH = 24,
  parameter AXIL_APP_CTRL_STRB_WIDTH = AXIL_APP_CTRL_DATA_WIDTH/8, parameter AXIL_CTRL_DATA_WIDTH = 32, parameter AXIL_CTRL_ADDR_WIDTH = 16,
  parameter AXIL_CTRL_STRB_WIDTH = AXIL_CTRL_DATA_WIDTH/8, parameter AXIS_DATA_WIDTH = 512, parameter AXIS_KEEP_WIDTH = AXIS_DATA_WIDTH/8,
  parameter AXIS_TX_USER_WIDTH = TX_TAG_WIDTH+1, parameter AXIS_RX_USER_WIDTH = (PTP_TS_ENABLE ? PTP_TS_WIDTH : 0) + 1,
  parameter AXIS_RX_USE_READY = 0, parameter AXIS_SYNC_DATA_WIDTH = AXIS_DATA_WIDTH, parameter AXIS_SYNC_KEEP_WIDTH = AXIS_SYNC_DATA_WIDTH/8,
  parameter AXIS_SYNC_TX_USER_WIDTH = AXIS_TX_USER_WIDTH, parameter AXIS_SYNC_RX_USER_WIDTH = AXIS_RX_USER_WIDTH,
  parameter AXIS_IF_DATA_WIDTH = AXIS_SYNC_DATA_WIDTH*2**$clog2(PORTS_PER_IF), parameter AXIS_IF_KEEP_WIDTH = AXIS_IF_DATA_WIDTH/8,
  parameter AXIS_IF_TX_ID_WIDTH = 12, parameter AXIS_IF_RX_ID_WIDTH = PORTS_PER_IF > 1 ? $clog2(PORTS_PER_IF) : 1,
  parameter AXIS_IF_TX_DEST_WIDTH = $clog2(PORTS_PER_IF)+4, parameter AXIS_IF_RX_DEST_WIDTH = 8,
  parameter AXIS_IF_TX_USER_WIDTH = AXIS_SYNC_TX_USER_WIDTH, parameter AXIS_IF_RX_USER_WIDTH = AXIS_SYNC_RX_USER_WIDTH, parameter STAT_ENABLE = 1,
  parameter STAT_INC_WIDTH = 24, parameter STAT_ID_WIDTH = 12
) (
  input  wire clk,
  input  wire rst,
  // registers, from the host
  input  wire [AXIL_APP_CTRL_ADDR_WIDTH-1:0] s_axil_app_ctrl_awaddr, s_axil_app_ctrl_araddr,
  input  wire [2:0] s_axil_app_ctrl_awprot, s_axil_app_ctrl_arprot,
  input  wire s_axil_app_ctrl_awvalid, s_axil_app_ctrl_wvalid, s_axil_app_ctrl_bready, s_axil_app_ctrl_arvalid, s_axil_app_ctrl_rready,
  input  wire [AXIL_APP_CTRL_DATA_WIDTH-1:0] s_axil_app_ctrl_wdata,
  input  wire [AXIL_APP_CTRL_STRB_WIDTH-1:0] s_axil_app_ctrl_wstrb,
  output wire s_axil_app_ctrl_awready, s_axil_app_ctrl_wready, s_axil_app_ctrl_bvalid, s_axil_app_ctrl_arready, s_axil_app_ctrl_rvalid,
  output wire [1:0] s_axil_app_ctrl_bresp, s_axil_app_ctrl_rresp,
  output wire [AXIL_APP_CTRL_DATA_WIDTH-1:0] s_axil_app_ctrl_rdata,
  // registers of the NIC, from the application
  output wire [AXIL_CTRL_ADDR_WIDTH-1:0] m_axil_ctrl_awaddr, m_axil_ctrl_araddr,
  output wire [2:0] m_axil_ctrl_awprot, m_axil_ctrl_arprot,
  output wire m_axil_ctrl_awvalid, m_axil_ctrl_wvalid, m_axil_ctrl_bready, m_axil_ctrl_arvalid, m_axil_ctrl_rready,
  output wire [AXIL_CTRL_DATA_WIDTH-1:0] m_axil_ctrl_wdata,
  output wire [AXIL_CTRL_STRB_WIDTH-1:0] m_axil_ctrl_wstrb,
  input  wire m_axil_ctrl_awready, m_axil_ctrl_wready, m_axil_ctrl_bvalid, m_axil_ctrl_arready, m_axil_ctrl_rvalid,
  input  wire [1:0] m_axil_ctrl_bresp, m_axil_ctrl_rresp,
  input  wire [AXIL_CTRL_DATA_WIDTH-1:0] m_axil_ctrl_rdata,
  // DMA
  output wire [DMA_ADDR_WIDTH-1:0] m_axis_ctrl_dma_read_desc_dma_addr, m_axis_ctrl_dma_write_desc_dma_addr, m_axis_data_dma_read_desc_dma_addr,
    m_axis_data_dma_write_desc_dma_addr,
  output wire [RAM_SEL_WIDTH-1:0] m_axis_ctrl_dma_read_desc_ram_sel, m_axis_ctrl_dma_write_desc_ram_sel, m_axis_data_dma_read_desc_ram_sel,
    m_axis_data_dma_write_desc_ram_sel,
  output wire [RAM_ADDR_WIDTH-1:0] m_axis_ctrl_dma_read_desc_ram_addr, m_axis_ctrl_dma_write_desc_ram_addr, m_axis_data_dma_read_desc_ram_addr,
    m_axis_data_dma_write_desc_ram_addr,
  output wire [DMA_IMM_WIDTH-1:0] m_axis_ctrl_dma_write_desc_imm, m_axis_data_dma_write_desc_imm,
  output wire m_axis_ctrl_dma_write_desc_imm_en, m_axis_data_dma_write_desc_imm_en,
  output wire [DMA_LEN_WIDTH-1:0] m_axis_ctrl_dma_read_desc_len, m_axis_ctrl_dma_write_desc_len, m_axis_data_dma_read_desc_len,
    m_axis_data_dma_write_desc_len,
  output wire [DMA_TAG_WIDTH-1:0] m_axis_ctrl_dma_read_desc_tag, m_axis_ctrl_dma_write_desc_tag, m_axis_data_dma_read_desc_tag,
    m_axis_data_dma_write_desc_tag,
  output wire m_axis_ctrl_dma_read_desc_valid, m_axis_ctrl_dma_write_desc_valid, m_axis_data_dma_read_desc_valid, m_axis_data_dma_write_desc_valid,
  input  wire m_axis_ctrl_dma_read_desc_ready, m_axis_ctrl_dma_write_desc_ready, m_axis_data_dma_read_desc_ready, m_axis_data_dma_write_desc_ready,
  input  wire [DMA_TAG_WIDTH-1:0] s_axis_ctrl_dma_read_desc_status_tag, s_axis_ctrl_dma_write_desc_status_tag, s_axis_data_dma_read_desc_status_tag,
    s_axis_data_dma_write_desc_status_tag,
  input  wire [3:0] s_axis_ctrl_dma_read_desc_status_error, s_axis_ctrl_dma_write_desc_status_error, s_axis_data_dma_read_desc_status_error,
    s_axis_data_dma_write_desc_status_error,
  input  wire s_axis_ctrl_dma_read_desc_status_valid, s_axis_ctrl_dma_write_desc_status_valid, s_axis_data_dma_read_desc_status_valid,
    s_axis_data_dma_write_desc_status_valid,
  input  wire [RAM_SEG_COUNT*RAM_SEL_WIDTH-1:0] ctrl_dma_ram_wr_cmd_sel, ctrl_dma_ram_rd_cmd_sel, data_dma_ram_wr_cmd_sel, data_dma_ram_rd_cmd_sel,
  input  wire [RAM_SEG_COUNT*RAM_SEG_BE_WIDTH-1:0] ctrl_dma_ram_wr_cmd_be, data_dma_ram_wr_cmd_be,
  input  wire [RAM_SEG_COUNT*RAM_SEG_ADDR_WIDTH-1:0] ctrl_dma_ram_wr_cmd_addr, ctrl_dma_ram_rd_cmd_addr, data_dma_ram_wr_cmd_addr,
    data_dma_ram_rd_cmd_addr,
  input  wire [RAM_SEG_COUNT*RAM_SEG_DATA_WIDTH-1:0] ctrl_dma_ram_wr_cmd_data, data_dma_ram_wr_cmd_data,
  input  wire [RAM_SEG_COUNT-1:0] ctrl_dma_ram_wr_cmd_valid, ctrl_dma_ram_rd_cmd_valid, data_dma_ram_wr_cmd_valid, data_dma_ram_rd_cmd_valid,
  output wire [RAM_SEG_COUNT-1:0] ctrl_dma_ram_wr_cmd_ready, ctrl_dma_ram_rd_cmd_ready, data_dma_ram_wr_cmd_ready, data_dma_ram_rd_cmd_ready,
  output wire [RAM_SEG_COUNT-1:0] ctrl_dma_ram_wr_done, data_dma_ram_wr_done,
  output wire [RAM_SEG_COUNT*RAM_SEG_DATA_WIDTH-1:0] ctrl_dma_ram_rd_resp_data, data_dma_ram_rd_resp_data,
  output wire [RAM_SEG_COUNT-1:0] ctrl_dma_ram_rd_resp_valid, data_dma_ram_rd_resp_valid,
  input  wire [RAM_SEG_COUNT-1:0] ctrl_dma_ram_rd_resp_ready, data_dma_ram_rd_resp_ready,
  // PTP
  input  wire ptp_clk, ptp_rst, ptp_sample_clk, ptp_td_sd, ptp_pps, ptp_pps_str, ptp_sync_locked, ptp_sync_ts_rel_step, ptp_sync_ts_tod_step,
    ptp_sync_pps, ptp_sync_pps_str,
  input  wire [PTP_TS_WIDTH-1:0] ptp_sync_ts_rel, ptp_sync_ts_tod,
  input  wire [PTP_PEROUT_COUNT-1:0] ptp_perout_locked, ptp_perout_error, ptp_perout_pulse,
  // MAC, in its clock
  input  wire [PORT_COUNT-1:0] direct_tx_clk, direct_tx_rst, direct_rx_clk, direct_rx_rst,
  input  wire [PORT_COUNT*AXIS_DATA_WIDTH-1:0] s_axis_direct_tx_tdata, s_axis_direct_rx_tdata,
  input  wire [PORT_COUNT*AXIS_KEEP_WIDTH-1:0] s_axis_direct_tx_tkeep, s_axis_direct_rx_tkeep,
  input  wire [PORT_COUNT-1:0] s_axis_direct_tx_tvalid, s_axis_direct_tx_tlast, s_axis_direct_rx_tvalid, s_axis_direct_rx_tlast,
  output wire [PORT_COUNT-1:0] s_axis_direct_tx_tready, s_axis_direct_rx_tready,
  input  wire [PORT_COUNT*AXIS_TX_USER_WIDTH-1:0] s_axis_direct_tx_tuser,
  input  wire [PORT_COUNT*AXIS_RX_USER_WIDTH-1:0] s_axis_direct_rx_tuser,
  output wire [PORT_COUNT*AXIS_DATA_WIDTH-1:0] m_axis_direct_tx_tdata, m_axis_direct_rx_tdata,
  output wire [PORT_COUNT*AXIS_KEEP_WIDTH-1:0] m_axis_direct_tx_tkeep, m_axis_direct_rx_tkeep,
  output wire [PORT_COUNT-1:0] m_axis_direct_tx_tvalid, m_axis_direct_tx_tlast, m_axis_direct_rx_tvalid, m_axis_direct_rx_tlast,
  input  wire [PORT_COUNT-1:0] m_axis_direct_tx_tready, m_axis_direct_rx_tready,
  output wire [PORT_COUNT*AXIS_TX_USER_WIDTH-1:0] m_axis_direct_tx_tuser,
  output wire [PORT_COUNT*AXIS_RX_USER_WIDTH-1:0] m_axis_direct_rx_tuser,
  // MAC, in the core's clock
  input  wire [PORT_COUNT*AXIS_SYNC_DATA_WIDTH-1:0] s_axis_sync_tx_tdata, s_axis_sync_rx_tdata,
  input  wire [PORT_COUNT*AXIS_SYNC_KEEP_WIDTH-1:0] s_axis_sync_tx_tkeep, s_axis_sync_rx_tkeep,
  input  wire [PORT_COUNT-1:0] s_axis_sync_tx_tvalid, s_axis_sync_tx_tlast, s_axis_sync_rx_tvalid, s_axis_sync_rx_tlast,
  output wire [PORT_COUNT-1:0] s_axis_sync_tx_tready, s_axis_sync_rx_tready,
  input  wire [PORT_COUNT*AXIS_SYNC_TX_USER_WIDTH-1:0] s_axis_sync_tx_tuser,
  input  wire [PORT_COUNT*AXIS_SYNC_RX_USER_WIDTH-1:0] s_axis_sync_rx_tuser,
  output wire [PORT_COUNT*AXIS_SYNC_DATA_WIDTH-1:0] m_axis_sync_tx_tdata, m_axis_sync_rx_tdata,
  output wire [PORT_COUNT*AXIS_SYNC_KEEP_WIDTH-1:0] m_axis_sync_tx_tkeep, m_axis_sync_rx_tkeep,
  output wire [PORT_COUNT-1:0] m_axis_sync_tx_tvalid, m_axis_sync_tx_tlast, m_axis_sync_rx_tvalid, m_axis_sync_rx_tlast,
  input  wire [PORT_COUNT-1:0] m_axis_sync_tx_tready, m_axis_sync_rx_tready,
  output wire [PORT_COUNT*AXIS_SYNC_TX_USER_WIDTH-1:0] m_axis_sync_tx_tuser,
  output wire [PORT_COUNT*AXIS_SYNC_RX_USER_WIDTH-1:0] m_axis_sync_rx_tuser,
  // completions of transmit
  input  wire [PORT_COUNT*PTP_TS_WIDTH-1:0] s_axis_direct_tx_cpl_ts, s_axis_sync_tx_cpl_ts,
  input  wire [PORT_COUNT*TX_TAG_WIDTH-1:0] s_axis_direct_tx_cpl_tag, s_axis_sync_tx_cpl_tag,
  input  wire [PORT_COUNT-1:0] s_axis_direct_tx_cpl_valid, s_axis_sync_tx_cpl_valid,
  output wire [PORT_COUNT-1:0] s_axis_direct_tx_cpl_ready, s_axis_sync_tx_cpl_ready,
  output wire [PORT_COUNT*PTP_TS_WIDTH-1:0] m_axis_direct_tx_cpl_ts, m_axis_sync_tx_cpl_ts,
  output wire [PORT_COUNT*TX_TAG_WIDTH-1:0] m_axis_direct_tx_cpl_tag, m_axis_sync_tx_cpl_tag,
  output wire [PORT_COUNT-1:0] m_axis_direct_tx_cpl_valid, m_axis_sync_tx_cpl_valid,
  input  wire [PORT_COUNT-1:0] m_axis_direct_tx_cpl_ready, m_axis_sync_tx_cpl_ready,
  // interfaces: behind the FIFO of whole frames, before checksum and queue
  input  wire [IF_COUNT*AXIS_IF_DATA_WIDTH-1:0] s_axis_if_tx_tdata, s_axis_if_rx_tdata,
  input  wire [IF_COUNT*AXIS_IF_KEEP_WIDTH-1:0] s_axis_if_tx_tkeep, s_axis_if_rx_tkeep,
  input  wire [IF_COUNT-1:0] s_axis_if_tx_tvalid, s_axis_if_tx_tlast, s_axis_if_rx_tvalid, s_axis_if_rx_tlast,
  output wire [IF_COUNT-1:0] s_axis_if_tx_tready, s_axis_if_rx_tready,
  input  wire [IF_COUNT*AXIS_IF_TX_ID_WIDTH-1:0] s_axis_if_tx_tid,
  input  wire [IF_COUNT*AXIS_IF_TX_DEST_WIDTH-1:0] s_axis_if_tx_tdest,
  input  wire [IF_COUNT*AXIS_IF_TX_USER_WIDTH-1:0] s_axis_if_tx_tuser,
  input  wire [IF_COUNT*AXIS_IF_RX_ID_WIDTH-1:0] s_axis_if_rx_tid,
  input  wire [IF_COUNT*AXIS_IF_RX_DEST_WIDTH-1:0] s_axis_if_rx_tdest,
  input  wire [IF_COUNT*AXIS_IF_RX_USER_WIDTH-1:0] s_axis_if_rx_tuser,
  output wire [IF_COUNT*AXIS_IF_DATA_WIDTH-1:0] m_axis_if_tx_tdata, m_axis_if_rx_tdata,
  output wire [IF_COUNT*AXIS_IF_KEEP_WIDTH-1:0] m_axis_if_tx_tkeep, m_axis_if_rx_tkeep,
  output wire [IF_COUNT-1:0] m_axis_if_tx_tvalid, m_axis_if_tx_tlast, m_axis_if_rx_tvalid, m_axis_if_rx_tlast,
  input  wire [IF_COUNT-1:0] m_axis_if_tx_tready, m_axis_if_rx_tready,
  output wire [IF_COUNT*AXIS_IF_TX_ID_WIDTH-1:0] m_axis_if_tx_tid,
  output wire [IF_COUNT*AXIS_IF_TX_DEST_WIDTH-1:0] m_axis_if_tx_tdest,
  output wire [IF_COUNT*AXIS_IF_TX_USER_WIDTH-1:0] m_axis_if_tx_tuser,
  output wire [IF_COUNT*AXIS_IF_RX_ID_WIDTH-1:0] m_axis_if_rx_tid,
  output wire [IF_COUNT*AXIS_IF_RX_DEST_WIDTH-1:0] m_axis_if_rx_tdest,
  output wire [IF_COUNT*AXIS_IF_RX_USER_WIDTH-1:0] m_axis_if_rx_tuser,
  input  wire [IF_COUNT*PTP_TS_WIDTH-1:0] s_axis_if_tx_cpl_ts,
  input  wire [IF_COUNT*TX_TAG_WIDTH-1:0] s_axis_if_tx_cpl_tag,
  input  wire [IF_COUNT-1:0] s_axis_if_tx_cpl_valid,
  output wire [IF_COUNT-1:0] s_axis_if_tx_cpl_ready,
  output wire [IF_COUNT*PTP_TS_WIDTH-1:0] m_axis_if_tx_cpl_ts,
  output wire [IF_COUNT*TX_TAG_WIDTH-1:0] m_axis_if_tx_cpl_tag,
  output wire [IF_COUNT-1:0] m_axis_if_tx_cpl_valid,
  input  wire [IF_COUNT-1:0] m_axis_if_tx_cpl_ready,
  // memories
  input  wire [DDR_CH-1:0] ddr_clk, ddr_rst, ddr_status,
  output wire [DDR_CH*AXI_DDR_ID_WIDTH-1:0] m_axi_ddr_awid, m_axi_ddr_arid,
  output wire [DDR_CH*AXI_DDR_ADDR_WIDTH-1:0] m_axi_ddr_awaddr, m_axi_ddr_araddr,
  output wire [DDR_CH*8-1:0] m_axi_ddr_awlen, m_axi_ddr_arlen,
  output wire [DDR_CH*3-1:0] m_axi_ddr_awsize, m_axi_ddr_arsize, m_axi_ddr_awprot, m_axi_ddr_arprot,
  output wire [DDR_CH*2-1:0] m_axi_ddr_awburst, m_axi_ddr_arburst,
  output wire [DDR_CH*4-1:0] m_axi_ddr_awcache, m_axi_ddr_arcache, m_axi_ddr_awqos, m_axi_ddr_arqos,
  output wire [DDR_CH*AXI_DDR_AWUSER_WIDTH-1:0] m_axi_ddr_awuser,
  output wire [DDR_CH*AXI_DDR_ARUSER_WIDTH-1:0] m_axi_ddr_aruser,
  output wire [DDR_CH-1:0] m_axi_ddr_awlock, m_axi_ddr_arlock, m_axi_ddr_awvalid, m_axi_ddr_arvalid, m_axi_ddr_wlast, m_axi_ddr_wvalid,
    m_axi_ddr_bready, m_axi_ddr_rready,
  output wire [DDR_CH*AXI_DDR_DATA_WIDTH-1:0] m_axi_ddr_wdata,
  output wire [DDR_CH*AXI_DDR_STRB_WIDTH-1:0] m_axi_ddr_wstrb,
  output wire [DDR_CH*AXI_DDR_WUSER_WIDTH-1:0] m_axi_ddr_wuser,
  input  wire [DDR_CH-1:0] m_axi_ddr_awready, m_axi_ddr_arready, m_axi_ddr_wready, m_axi_ddr_bvalid, m_axi_ddr_rvalid, m_axi_ddr_rlast,
  input  wire [DDR_CH*AXI_DDR_ID_WIDTH-1:0] m_axi_ddr_bid, m_axi_ddr_rid,
  input  wire [DDR_CH*2-1:0] m_axi_ddr_bresp, m_axi_ddr_rresp,
  input  wire [DDR_CH*AXI_DDR_BUSER_WIDTH-1:0] m_axi_ddr_buser,
  input  wire [DDR_CH*AXI_DDR_RUSER_WIDTH-1:0] m_axi_ddr_ruser,
  input  wire [DDR_CH*AXI_DDR_DATA_WIDTH-1:0] m_axi_ddr_rdata,
  input  wire [HBM_CH-1:0] hbm_clk, hbm_rst, hbm_status,
  output wire [HBM_CH*AXI_HBM_ID_WIDTH-1:0] m_axi_hbm_awid, m_axi_hbm_arid,
  output wire [HBM_CH*AXI_HBM_ADDR_WIDTH-1:0] m_axi_hbm_awaddr, m_axi_hbm_araddr,
  output wire [HBM_CH*8-1:0] m_axi_hbm_awlen, m_axi_hbm_arlen,
  output wire [HBM_CH*3-1:0] m_axi_hbm_awsize, m_axi_hbm_arsize, m_axi_hbm_awprot, m_axi_hbm_arprot,
  output wire [HBM_CH*2-1:0] m_axi_hbm_awburst, m_axi_hbm_arburst,
  output wire [HBM_CH*4-1:0] m_axi_hbm_awcache, m_axi_hbm_arcache, m_axi_hbm_awqos, m_axi_hbm_arqos,
  output wire [HBM_CH*AXI_HBM_AWUSER_WIDTH-1:0] m_axi_hbm_awuser,
  output wire [HBM_CH*AXI_HBM_ARUSER_WIDTH-1:0] m_axi_hbm_aruser,
  output wire [HBM_CH-1:0] m_axi_hbm_awlock, m_axi_hbm_arlock, m_axi_hbm_awvalid, m_axi_hbm_arvalid, m_axi_hbm_wlast, m_axi_hbm_wvalid,
    m_axi_hbm_bready, m_axi_hbm_rready,
  output wire [HBM_CH*AXI_HBM_DATA_WIDTH-1:0] m_axi_hbm_wdata,
  output wire [HBM_CH*AXI_HBM_STRB_WIDTH-1:0] m_axi_hbm_wstrb,
  output wire [HBM_CH*AXI_HBM_WUSER_WIDTH-1:0] m_axi_hbm_wuser,
  input  wire [HBM_CH-1:0] m_axi_hbm_awready, m_axi_hbm_arready, m_axi_hbm_wready, m_axi_hbm_bvalid, m_axi_hbm_rvalid, m_axi_hbm_rlast,
  input  wire [HBM_CH*AXI_HBM_ID_WIDTH-1:0] m_axi_hbm_bid, m_axi_hbm_rid,
  input  wire [HBM_CH*2-1:0] m_axi_hbm_bresp, m_axi_hbm_rresp,
  input  wire [HBM_CH*AXI_HBM_BUSER_WIDTH-1:0] m_axi_hbm_buser,
  input  wire [HBM_CH*AXI_HBM_RUSER_WIDTH-1:0] m_axi_hbm_ruser,
  input  wire [HBM_CH*AXI_HBM_DATA_WIDTH-1:0] m_axi_hbm_rdata,
  // statistics, pins
  output wire [STAT_INC_WIDTH-1:0] m_axis_stat_tdata,
  output wire [STAT_ID_WIDTH-1:0] m_axis_stat_tid,
  output wire m_axis_stat_tvalid,
  input  wire m_axis_stat_tready,
  input  wire [APP_GPIO_IN_WIDTH-1:0] gpio_in,
  output wire [APP_GPIO_OUT_WIDTH-1:0] gpio_out,
  input  wire jtag_tdi, jtag_tms, jtag_tck,
  output wire jtag_tdo
);
  if (PORTS_PER_IF != 1) begin : g_check_1
    $fatal(1, "mqnic_app_block (bpf2hdl): PORTS_PER_IF must be 1");
  end
  if (AXIL_APP_CTRL_ADDR_WIDTH < 21 || AXIL_APP_CTRL_DATA_WIDTH != 32) begin : g_check_2
    $fatal(1, "mqnic_app_block (bpf2hdl): the register bus must have 32 data bits and more than 20 address bits");
  end
  if (APP_ID != 32'hB2F00001) begin : g_check_3
    $fatal(1, "mqnic_app_block (bpf2hdl): APP_ID must be 32'hB2F00001");
  end
  if (APP_AXIS_IF_ENABLE == 0 || APP_CTRL_ENABLE == 0) begin : g_check_4
    $fatal(1, "mqnic_app_block (bpf2hdl): APP_AXIS_IF_ENABLE and APP_CTRL_ENABLE must be 1");
  end

  // ---- the core between the interfaces' taps ----
  localparam int unsigned USER_W = AXIS_IF_TX_ID_WIDTH + AXIS_IF_TX_DEST_WIDTH + AXIS_IF_TX_USER_WIDTH;

  logic [IF_COUNT-1:0]        steer, unused_own;
  logic [16*IF_COUNT-1:0]     queue, unused_host_length, unused_tx_length;
  logic [USER_W*IF_COUNT-1:0] own_user, sent_user;

  bpf_shell #(.PORTS(IF_COUNT), .BUS_W(AXIS_IF_DATA_WIDTH), .USER_W(USER_W), .MIN_TX((AXIS_IF_DATA_WIDTH >= 512) ? 60 : 0), .QUEUES(1), .SHELL(32'd2)) u_shell (
    .clk_i(clk), .rst_i(rst),
    .rx_tdata_i(s_axis_if_rx_tdata), .rx_tkeep_i(s_axis_if_rx_tkeep), .rx_tvalid_i(s_axis_if_rx_tvalid), .rx_tready_o(s_axis_if_rx_tready),
    .rx_tlast_i(s_axis_if_rx_tlast),
    .host_tdata_o(m_axis_if_rx_tdata), .host_tkeep_o(m_axis_if_rx_tkeep), .host_tvalid_o(m_axis_if_rx_tvalid), .host_tready_i(m_axis_if_rx_tready),
    .host_tlast_o(m_axis_if_rx_tlast), .host_length_o(unused_host_length), .host_steer_o(steer), .host_queue_o(queue),
    .own_tdata_i(s_axis_if_tx_tdata), .own_tkeep_i(s_axis_if_tx_tkeep), .own_tvalid_i(s_axis_if_tx_tvalid), .own_tready_o(s_axis_if_tx_tready),
    .own_tlast_i(s_axis_if_tx_tlast), .own_tuser_i(own_user),
    .tx_tdata_o(m_axis_if_tx_tdata), .tx_tkeep_o(m_axis_if_tx_tkeep), .tx_tvalid_o(m_axis_if_tx_tvalid), .tx_tready_i(m_axis_if_tx_tready),
    .tx_tlast_o(m_axis_if_tx_tlast), .tx_own_o(unused_own), .tx_tuser_o(sent_user), .tx_length_o(unused_tx_length),
    .s_axil_awaddr_i(s_axil_app_ctrl_awaddr[19:0]), .s_axil_awvalid_i(s_axil_app_ctrl_awvalid), .s_axil_awready_o(s_axil_app_ctrl_awready),
    .s_axil_wdata_i(s_axil_app_ctrl_wdata), .s_axil_wstrb_i(s_axil_app_ctrl_wstrb), .s_axil_wvalid_i(s_axil_app_ctrl_wvalid),
    .s_axil_wready_o(s_axil_app_ctrl_wready), .s_axil_bresp_o(s_axil_app_ctrl_bresp), .s_axil_bvalid_o(s_axil_app_ctrl_bvalid),
    .s_axil_bready_i(s_axil_app_ctrl_bready), .s_axil_araddr_i(s_axil_app_ctrl_araddr[19:0]), .s_axil_arvalid_i(s_axil_app_ctrl_arvalid),
    .s_axil_arready_o(s_axil_app_ctrl_arready), .s_axil_rdata_o(s_axil_app_ctrl_rdata), .s_axil_rresp_o(s_axil_app_ctrl_rresp),
    .s_axil_rvalid_o(s_axil_app_ctrl_rvalid), .s_axil_rready_i(s_axil_app_ctrl_rready));

  // A frame of the core has tid 0, tdest 0 (this interface's only port) and tuser 0: not bad, and a tag whose highest bit is clear. The host's own frames
  // have it set, and only their completions are looked at.
  for (genvar i = 0; i < IF_COUNT; i++) begin : g_interface
    assign own_user[USER_W*i +: USER_W] = {s_axis_if_tx_tid[AXIS_IF_TX_ID_WIDTH*i +: AXIS_IF_TX_ID_WIDTH],
        s_axis_if_tx_tdest[AXIS_IF_TX_DEST_WIDTH*i +: AXIS_IF_TX_DEST_WIDTH], s_axis_if_tx_tuser[AXIS_IF_TX_USER_WIDTH*i +: AXIS_IF_TX_USER_WIDTH]};
    assign {m_axis_if_tx_tid[AXIS_IF_TX_ID_WIDTH*i +: AXIS_IF_TX_ID_WIDTH], m_axis_if_tx_tdest[AXIS_IF_TX_DEST_WIDTH*i +: AXIS_IF_TX_DEST_WIDTH],
        m_axis_if_tx_tuser[AXIS_IF_TX_USER_WIDTH*i +: AXIS_IF_TX_USER_WIDTH]} = sent_user[USER_W*i +: USER_W];
    // The queue map adds tdest, as far as its app_mask says, to what the hash selects.
    assign m_axis_if_rx_tdest[AXIS_IF_RX_DEST_WIDTH*i +: AXIS_IF_RX_DEST_WIDTH] = steer[i] ? AXIS_IF_RX_DEST_WIDTH'(queue[16*i +: 16]) : '0;
  end
  assign m_axis_if_rx_tid   = '0;
  assign m_axis_if_rx_tuser = '0;

  // ---- not used ----
  assign {m_axil_ctrl_awaddr, m_axil_ctrl_araddr, m_axil_ctrl_awprot, m_axil_ctrl_arprot, m_axil_ctrl_awvalid, m_axil_ctrl_wvalid, m_axil_ctrl_bready,
    m_axil_ctrl_arvalid, m_axil_ctrl_rready, m_axil_ctrl_wdata, m_axil_ctrl_wstrb} = '0;
  assign {m_axis_ctrl_dma_read_desc_dma_addr, m_axis_ctrl_dma_read_desc_ram_sel, m_axis_ctrl_dma_read_desc_ram_addr, m_axis_ctrl_dma_read_desc_len,
    m_axis_ctrl_dma_read_desc_tag, m_axis_ctrl_dma_read_desc_valid} = '0;
  assign {m_axis_ctrl_dma_write_desc_dma_addr, m_axis_ctrl_dma_write_desc_ram_sel, m_axis_ctrl_dma_write_desc_ram_addr,
    m_axis_ctrl_dma_write_desc_imm, m_axis_ctrl_dma_write_desc_imm_en, m_axis_ctrl_dma_write_desc_len, m_axis_ctrl_dma_write_desc_tag,
    m_axis_ctrl_dma_write_desc_valid} = '0;
  assign {m_axis_data_dma_read_desc_dma_addr, m_axis_data_dma_read_desc_ram_sel, m_axis_data_dma_read_desc_ram_addr, m_axis_data_dma_read_desc_len,
    m_axis_data_dma_read_desc_tag, m_axis_data_dma_read_desc_valid} = '0;
  assign {m_axis_data_dma_write_desc_dma_addr, m_axis_data_dma_write_desc_ram_sel, m_axis_data_dma_write_desc_ram_addr,
    m_axis_data_dma_write_desc_imm, m_axis_data_dma_write_desc_imm_en, m_axis_data_dma_write_desc_len, m_axis_data_dma_write_desc_tag,
    m_axis_data_dma_write_desc_valid} = '0;
  assign {m_axi_ddr_awid, m_axi_ddr_arid, m_axi_ddr_awaddr, m_axi_ddr_araddr, m_axi_ddr_awlen, m_axi_ddr_arlen, m_axi_ddr_awsize, m_axi_ddr_arsize,
    m_axi_ddr_awprot, m_axi_ddr_arprot, m_axi_ddr_awburst, m_axi_ddr_arburst, m_axi_ddr_awcache, m_axi_ddr_arcache, m_axi_ddr_awqos, m_axi_ddr_arqos,
    m_axi_ddr_awuser, m_axi_ddr_aruser, m_axi_ddr_awlock, m_axi_ddr_arlock, m_axi_ddr_awvalid, m_axi_ddr_arvalid, m_axi_ddr_wlast, m_axi_ddr_wvalid,
    m_axi_ddr_bready, m_axi_ddr_rready, m_axi_ddr_wdata, m_axi_ddr_wstrb, m_axi_ddr_wuser} = '0;
  assign {m_axi_hbm_awid, m_axi_hbm_arid, m_axi_hbm_awaddr, m_axi_hbm_araddr, m_axi_hbm_awlen, m_axi_hbm_arlen, m_axi_hbm_awsize, m_axi_hbm_arsize,
    m_axi_hbm_awprot, m_axi_hbm_arprot, m_axi_hbm_awburst, m_axi_hbm_arburst, m_axi_hbm_awcache, m_axi_hbm_arcache, m_axi_hbm_awqos, m_axi_hbm_arqos,
    m_axi_hbm_awuser, m_axi_hbm_aruser, m_axi_hbm_awlock, m_axi_hbm_arlock, m_axi_hbm_awvalid, m_axi_hbm_arvalid, m_axi_hbm_wlast, m_axi_hbm_wvalid,
    m_axi_hbm_bready, m_axi_hbm_rready, m_axi_hbm_wdata, m_axi_hbm_wstrb, m_axi_hbm_wuser} = '0;
  assign {m_axis_stat_tdata, m_axis_stat_tid, m_axis_stat_tvalid} = '0;
  assign {gpio_out} = '0;
  assign {ctrl_dma_ram_wr_cmd_ready, data_dma_ram_wr_cmd_ready} = '1;
  assign {ctrl_dma_ram_wr_done, data_dma_ram_wr_done} = {ctrl_dma_ram_wr_cmd_valid, data_dma_ram_wr_cmd_valid};
  assign {ctrl_dma_ram_rd_cmd_ready, data_dma_ram_rd_cmd_ready} = {ctrl_dma_ram_rd_resp_ready, data_dma_ram_rd_resp_ready};
  assign {ctrl_dma_ram_rd_resp_valid, data_dma_ram_rd_resp_valid} = {ctrl_dma_ram_rd_cmd_valid, data_dma_ram_rd_cmd_valid};
  assign {ctrl_dma_ram_rd_resp_data, data_dma_ram_rd_resp_data} = '0;
  assign jtag_tdo = jtag_tdi;

  // ---- passed through ----
  assign {s_axis_direct_tx_tready, m_axis_direct_tx_tdata, m_axis_direct_tx_tkeep, m_axis_direct_tx_tvalid, m_axis_direct_tx_tlast,
    m_axis_direct_tx_tuser} = {m_axis_direct_tx_tready, s_axis_direct_tx_tdata, s_axis_direct_tx_tkeep, s_axis_direct_tx_tvalid,
    s_axis_direct_tx_tlast, s_axis_direct_tx_tuser};
  assign {s_axis_direct_rx_tready, m_axis_direct_rx_tdata, m_axis_direct_rx_tkeep, m_axis_direct_rx_tvalid, m_axis_direct_rx_tlast,
    m_axis_direct_rx_tuser} = {m_axis_direct_rx_tready, s_axis_direct_rx_tdata, s_axis_direct_rx_tkeep, s_axis_direct_rx_tvalid,
    s_axis_direct_rx_tlast, s_axis_direct_rx_tuser};
  assign {s_axis_sync_tx_tready, m_axis_sync_tx_tdata, m_axis_sync_tx_tkeep, m_axis_sync_tx_tvalid, m_axis_sync_tx_tlast, m_axis_sync_tx_tuser} =
    {m_axis_sync_tx_tready, s_axis_sync_tx_tdata, s_axis_sync_tx_tkeep, s_axis_sync_tx_tvalid, s_axis_sync_tx_tlast, s_axis_sync_tx_tuser};
  assign {s_axis_sync_rx_tready, m_axis_sync_rx_tdata, m_axis_sync_rx_tkeep, m_axis_sync_rx_tvalid, m_axis_sync_rx_tlast, m_axis_sync_rx_tuser} =
    {m_axis_sync_rx_tready, s_axis_sync_rx_tdata, s_axis_sync_rx_tkeep, s_axis_sync_rx_tvalid, s_axis_sync_rx_tlast, s_axis_sync_rx_tuser};
  assign {s_axis_direct_tx_cpl_ready, m_axis_direct_tx_cpl_ts, m_axis_direct_tx_cpl_tag, m_axis_direct_tx_cpl_valid} = {m_axis_direct_tx_cpl_ready,
    s_axis_direct_tx_cpl_ts, s_axis_direct_tx_cpl_tag, s_axis_direct_tx_cpl_valid};
  assign {s_axis_sync_tx_cpl_ready, m_axis_sync_tx_cpl_ts, m_axis_sync_tx_cpl_tag, m_axis_sync_tx_cpl_valid} = {m_axis_sync_tx_cpl_ready,
    s_axis_sync_tx_cpl_ts, s_axis_sync_tx_cpl_tag, s_axis_sync_tx_cpl_valid};
  assign {s_axis_if_tx_cpl_ready, m_axis_if_tx_cpl_ts, m_axis_if_tx_cpl_tag, m_axis_if_tx_cpl_valid} = {m_axis_if_tx_cpl_ready, s_axis_if_tx_cpl_ts,
    s_axis_if_tx_cpl_tag, s_axis_if_tx_cpl_valid};

  logic unused_inputs;
  assign unused_inputs = ^{m_axil_ctrl_awready, m_axil_ctrl_wready, m_axil_ctrl_bvalid, m_axil_ctrl_arready, m_axil_ctrl_rvalid, m_axil_ctrl_bresp,
    m_axil_ctrl_rresp, m_axil_ctrl_rdata, m_axis_ctrl_dma_read_desc_ready, m_axis_ctrl_dma_write_desc_ready, m_axis_data_dma_read_desc_ready,
    m_axis_data_dma_write_desc_ready, s_axis_ctrl_dma_read_desc_status_tag, s_axis_ctrl_dma_write_desc_status_tag,
    s_axis_data_dma_read_desc_status_tag, s_axis_data_dma_write_desc_status_tag, s_axis_ctrl_dma_read_desc_status_error,
    s_axis_ctrl_dma_write_desc_status_error, s_axis_data_dma_read_desc_status_error, s_axis_data_dma_write_desc_status_error,
    s_axis_ctrl_dma_read_desc_status_valid, s_axis_ctrl_dma_write_desc_status_valid, s_axis_data_dma_read_desc_status_valid,
    s_axis_data_dma_write_desc_status_valid, ctrl_dma_ram_wr_cmd_sel, ctrl_dma_ram_rd_cmd_sel, data_dma_ram_wr_cmd_sel, data_dma_ram_rd_cmd_sel,
    ctrl_dma_ram_wr_cmd_be, data_dma_ram_wr_cmd_be, ctrl_dma_ram_wr_cmd_addr, ctrl_dma_ram_rd_cmd_addr, data_dma_ram_wr_cmd_addr,
    data_dma_ram_rd_cmd_addr, ctrl_dma_ram_wr_cmd_data, data_dma_ram_wr_cmd_data, ptp_clk, ptp_rst, ptp_sample_clk, ptp_td_sd, ptp_pps, ptp_pps_str,
    ptp_sync_locked, ptp_sync_ts_rel_step, ptp_sync_ts_tod_step, ptp_sync_pps, ptp_sync_pps_str, ptp_sync_ts_rel, ptp_sync_ts_tod, ptp_perout_locked,
    ptp_perout_error, ptp_perout_pulse, direct_tx_clk, direct_tx_rst, direct_rx_clk, direct_rx_rst, ddr_clk, ddr_rst, ddr_status, m_axi_ddr_awready,
    m_axi_ddr_arready, m_axi_ddr_wready, m_axi_ddr_bvalid, m_axi_ddr_rvalid, m_axi_ddr_rlast, m_axi_ddr_bid, m_axi_ddr_rid, m_axi_ddr_bresp,
    m_axi_ddr_rresp, m_axi_ddr_buser, m_axi_ddr_ruser, m_axi_ddr_rdata, hbm_clk, hbm_rst, hbm_status, m_axi_hbm_awready, m_axi_hbm_arready,
    m_axi_hbm_wready, m_axi_hbm_bvalid, m_axi_hbm_rvalid, m_axi_hbm_rlast, m_axi_hbm_bid, m_axi_hbm_rid, m_axi_hbm_bresp, m_axi_hbm_rresp,
    m_axi_hbm_buser, m_axi_hbm_ruser, m_axi_hbm_rdata, m_axis_stat_tready, gpio_in, jtag_tms, jtag_tck, s_axil_app_ctrl_awprot,
    s_axil_app_ctrl_arprot, s_axis_if_rx_tid, s_axis_if_rx_tdest, s_axis_if_rx_tuser, s_axil_app_ctrl_awaddr[AXIL_APP_CTRL_ADDR_WIDTH-1:20],
    s_axil_app_ctrl_araddr[AXIL_APP_CTRL_ADDR_WIDTH-1:20]};
endmodule

`default_nettype wire
