// SPDX-License-Identifier: Apache-2.0
// OpenNIC's side of box_250mhz: packet adapters and QDMA functions as their sources say. tuser_size is valid on every beat; the adapter of transmit drops what
// is not for its port (tuser_dst) and makes tkeep from tuser_size; resets are a low clock of mod_rstn, answered by mod_rst_done.
#include "Vbox_250mhz.h"
#include "bench.h"
#include "pins.h"

#ifndef SHELL_PORTS
#define SHELL_PORTS 1
#endif

class Dut {
 public:
  static constexpr int PORTS = SHELL_PORTS, BYTES = 64;
  static constexpr bool RX_PAUSES = true;
  static constexpr unsigned BAD_EVERY = 0;  // bad frames end in the shell's FIFO
  bool gapless() const { return false; }
  bool has_size() const { return true; }

  Dut() {
    top_.mod_rstn = 0xFFFF;
    top_.box_rstn = 1;
    top_.s_axil_bready = top_.s_axil_rready = 1;
    top_.eval();
  }

  void settle() { top_.eval(); }

  // axil_aclk rises with every other rise of axis_aclk.
  void clock() {
    phase_ ^= 1;
    top_.axis_aclk = 1;
    top_.axil_aclk = phase_;
    top_.eval();
    top_.axis_aclk = 0;
    top_.eval();
  }

  // A register access needs the slower clock's edge.
  void slow_clock() {
    if (phase_) clock();
    top_.eval();
    clock();
  }

  void reset() {
    for (int i = 0; i < 400; i++) clock();
    if ((top_.mod_rst_done & 1) == 0) fail("not out of reset after power up", "reset");
    top_.mod_rstn = 0;
    top_.box_rstn = 0;
    slow_clock();
    top_.mod_rstn = 0xFFFF;
    top_.box_rstn = 1;
    slow_clock();
    if (top_.mod_rst_done != 0xFFFE) fail("mod_rst_done is %lx in reset", "reset", top_.mod_rst_done);
    int clocks = 0;
    for (; top_.mod_rst_done != 0xFFFF; clocks++) {
      if (clocks > 1000) fail("reset does not end", "reset");
      slow_clock();
    }
    if (clocks < 50) fail("reset lasts %ld clocks", "reset", clocks);
    for (int i = 0; i < 300; i++) slow_clock();
    if (!top_.box_rst_done) fail("box_rst_done", "reset");
  }

  void write(unsigned address, unsigned data) {
    top_.s_axil_awaddr = address;
    top_.s_axil_wdata = data;
    top_.s_axil_awvalid = top_.s_axil_wvalid = 1;
    bool answered = false;
    for (int i = 0; !answered; i++) {
      if (i > 1000) fail("write of %lx is not answered", "registers", address);
      sync();
      bool aw = top_.s_axil_awvalid && top_.s_axil_awready, w = top_.s_axil_wvalid && top_.s_axil_wready;
      answered = top_.s_axil_bvalid;
      if (answered && top_.s_axil_bresp) fail("write of %lx has an error", "registers", address);
      clock();
      if (aw) top_.s_axil_awvalid = 0;
      if (w) top_.s_axil_wvalid = 0;
    }
  }

  unsigned read(unsigned address) {
    top_.s_axil_araddr = address;
    top_.s_axil_arvalid = 1;
    for (int i = 0;; i++) {
      if (i > 1000) fail("read of %lx is not answered", "registers", address);
      sync();
      bool ar = top_.s_axil_arvalid && top_.s_axil_arready, answered = top_.s_axil_rvalid;
      unsigned data = top_.s_axil_rdata;
      clock();
      if (ar) top_.s_axil_arvalid = 0;
      if (answered) return data;
    }
  }

  void rx(int p, const Beat& beat) {
    std::memcpy(raw(top_.s_axis_adap_rx_250mhz_tdata) + 64 * p, beat.data, 64);
    put(top_.s_axis_adap_rx_250mhz_tkeep, 8 * p, 8, beat.keep);
    put(top_.s_axis_adap_rx_250mhz_tuser_size, 2 * p, 2, beat.size);
    put(top_.s_axis_adap_rx_250mhz_tuser_src, 2 * p, 2, 1 << (6 + p));
    put_bit(top_.s_axis_adap_rx_250mhz_tvalid, p, beat.valid);
    put_bit(top_.s_axis_adap_rx_250mhz_tlast, p, beat.last);
  }
  bool rx_ready(int p) { return get_bit(top_.s_axis_adap_rx_250mhz_tready, p); }

  void own(int p, const Beat& beat) {
    std::memcpy(raw(top_.s_axis_qdma_h2c_tdata) + 64 * p, beat.data, 64);
    put(top_.s_axis_qdma_h2c_tkeep, 8 * p, 8, beat.keep);
    put(top_.s_axis_qdma_h2c_tuser_size, 2 * p, 2, beat.size);
    put(top_.s_axis_qdma_h2c_tuser_src, 2 * p, 2, 1 << p);
    put_bit(top_.s_axis_qdma_h2c_tvalid, p, beat.valid);
    put_bit(top_.s_axis_qdma_h2c_tlast, p, beat.last);
  }
  bool own_ready(int p) { return get_bit(top_.s_axis_qdma_h2c_tready, p); }

  Beat host(int p) {
    Beat beat{};
    std::memcpy(beat.data, raw(top_.m_axis_qdma_c2h_tdata) + 64 * p, 64);
    beat.keep = get(top_.m_axis_qdma_c2h_tkeep, 8 * p, 8);
    beat.valid = get_bit(top_.m_axis_qdma_c2h_tvalid, p);
    beat.last = get_bit(top_.m_axis_qdma_c2h_tlast, p);
    beat.size = uint32_t(get(top_.m_axis_qdma_c2h_tuser_size, 2 * p, 2));
    beat.side = get(top_.m_axis_qdma_c2h_tuser_src, 2 * p, 2) << 16 | get(top_.m_axis_qdma_c2h_tuser_dst, 2 * p, 2);
    return beat;
  }
  void host_ready(int p, bool ready) { put_bit(top_.m_axis_qdma_c2h_tready, p, ready); }
  void check_host(int p, uint64_t side, size_t index) {
    if (side != (uint64_t(1) << (6 + p) << 16 | 1u << p)) fail("tuser_src, tuser_dst are %lx, frame %ld", "host", long(side), long(index));
  }

  Beat tx(int p) {
    Beat beat{};
    std::memcpy(beat.data, raw(top_.m_axis_adap_tx_250mhz_tdata) + 64 * p, 64);
    beat.keep = get(top_.m_axis_adap_tx_250mhz_tkeep, 8 * p, 8);
    beat.valid = get_bit(top_.m_axis_adap_tx_250mhz_tvalid, p);
    beat.last = get_bit(top_.m_axis_adap_tx_250mhz_tlast, p);
    beat.size = uint32_t(get(top_.m_axis_adap_tx_250mhz_tuser_size, 2 * p, 2));
    beat.side = get(top_.m_axis_adap_tx_250mhz_tuser_src, 2 * p, 2) << 16 | get(top_.m_axis_adap_tx_250mhz_tuser_dst, 2 * p, 2);
    return beat;
  }
  void tx_ready(int p, bool ready) { put_bit(top_.m_axis_adap_tx_250mhz_tready, p, ready); }
  void check_tx(int p, uint64_t side, bool own, unsigned) {
    if (side != (uint64_t(own ? 1u << p : 0) << 16 | 1u << (6 + p))) fail("tuser_src, tuser_dst are %lx", "tx", long(side));
  }

 private:
  // To just before a rise of axil_aclk.
  void sync() {
    if (phase_) clock();
    top_.eval();
  }

  Vbox_250mhz top_;
  int phase_ = 0;
};

int main(int argc, char** argv) { return bench_main<Dut>(argc, argv); }
