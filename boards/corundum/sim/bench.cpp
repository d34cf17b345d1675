// SPDX-License-Identifier: Apache-2.0
// Corundum's side of the application block at the taps of the interfaces: receive comes out of a FIFO of whole good frames, with a time stamp in tuser; transmit
// frames of the host have a tag whose highest bit is set; the MAC answers each frame that was sent with a completion that holds its tag, of which the
// transmit engine uses those with that bit.
#include <deque>

#include "Vmqnic_app_block.h"
#include "bench.h"
#include "pins.h"

#ifndef SHELL_PORTS
#define SHELL_PORTS 1
#endif

class Dut {
 public:
  static constexpr int PORTS = SHELL_PORTS, BYTES = 64, RX_USER = 97, TX_USER = 17, TX_ID = 12, TX_DEST = 4, TS = 96, TAG = 16;
  static constexpr bool RX_PAUSES = true;
  static constexpr unsigned BAD_EVERY = 0;  // bad frames end in the shell's FIFO
  bool gapless() const { return false; }
  bool has_size() const { return false; }

  ~Dut() {
    if (!used_ && !ignored_) return;
    for (auto& queue : completions_) {
      if (!queue.empty()) fail("%ld completions were not passed on", "completions", long(queue.size()));
    }
    if (used_ != own_sent_) fail("the transmit engine would use %ld completions, not %ld", "completions", long(used_), long(own_sent_));
  }

  void settle() { top_.eval(); }

  void clock() {
    for (int p = 0; p < PORTS; p++) {
      // The frame that ends with this clock has its completion later.
      if (get_bit(top_.m_axis_if_tx_tvalid, p) && get_bit(top_.m_axis_if_tx_tready, p) && get_bit(top_.m_axis_if_tx_tlast, p)) {
        uint32_t tag = uint32_t(get_bits(top_.m_axis_if_tx_tuser, TX_USER * p + 1, TAG));
        if (get_bits(top_.m_axis_if_tx_tuser, TX_USER * p, 1)) fail("frame sent with the bad flag, port %ld", "tx", p);
        completions_[p].push_back(tag);
      }
      bool offered = get_bit(top_.s_axis_if_tx_cpl_valid, p);
      if (offered != get_bit(top_.m_axis_if_tx_cpl_valid, p)) fail("completion of port %ld is not passed on", "completions", p);
      if (offered && get_bit(top_.s_axis_if_tx_cpl_ready, p)) {
        uint32_t tag = uint32_t(get_bits(top_.m_axis_if_tx_cpl_tag, TAG * p, TAG));
        if (tag != completions_[p].front()) fail("completion has tag %lx, not %lx", "completions", tag, completions_[p].front());
        completions_[p].pop_front();
        tag >> (TAG - 1) ? used_++ : ignored_++;
      }
    }
    top_.clk = 1;
    top_.eval();
    top_.clk = 0;
    for (int p = 0; p < PORTS; p++) {
      put_bit(top_.s_axis_if_tx_cpl_valid, p, !completions_[p].empty());
      if (!completions_[p].empty()) put_bits(top_.s_axis_if_tx_cpl_tag, TAG * p, TAG, completions_[p].front());
      put_bit(top_.m_axis_if_tx_cpl_ready, p, random_() % 2);
    }
    top_.eval();
  }

  void reset() {
    top_.s_axil_app_ctrl_bready = top_.s_axil_app_ctrl_rready = 1;
    top_.s_axil_app_ctrl_wstrb = 15;
    top_.rst = 1;
    for (int i = 0; i < 10; i++) clock();
    top_.rst = 0;
    for (int i = 0; i < 200; i++) clock();
  }

  void write(unsigned address, unsigned data) {
    top_.s_axil_app_ctrl_awaddr = address;
    top_.s_axil_app_ctrl_wdata = data;
    top_.s_axil_app_ctrl_awvalid = top_.s_axil_app_ctrl_wvalid = 1;
    bool answered = false;
    for (int i = 0; !answered; i++) {
      if (i > 1000) fail("write of %lx is not answered", "registers", address);
      settle();
      bool aw = top_.s_axil_app_ctrl_awvalid && top_.s_axil_app_ctrl_awready, w = top_.s_axil_app_ctrl_wvalid && top_.s_axil_app_ctrl_wready;
      answered = top_.s_axil_app_ctrl_bvalid;
      clock();
      if (aw) top_.s_axil_app_ctrl_awvalid = 0;
      if (w) top_.s_axil_app_ctrl_wvalid = 0;
    }
  }

  unsigned read(unsigned address) {
    top_.s_axil_app_ctrl_araddr = address;
    top_.s_axil_app_ctrl_arvalid = 1;
    for (int i = 0;; i++) {
      if (i > 1000) fail("read of %lx is not answered", "registers", address);
      settle();
      bool ar = top_.s_axil_app_ctrl_arvalid && top_.s_axil_app_ctrl_arready, answered = top_.s_axil_app_ctrl_rvalid;
      unsigned data = top_.s_axil_app_ctrl_rdata;
      clock();
      if (ar) top_.s_axil_app_ctrl_arvalid = 0;
      if (answered) return data;
    }
  }

  void rx(int p, const Beat& beat) {
    std::memcpy(raw(top_.s_axis_if_rx_tdata) + 64 * p, beat.data, 64);
    put(top_.s_axis_if_rx_tkeep, 8 * p, 8, beat.keep);
    put_bit(top_.s_axis_if_rx_tvalid, p, beat.valid);
    put_bit(top_.s_axis_if_rx_tlast, p, beat.last);
    put_bits(top_.s_axis_if_rx_tuser, RX_USER * p, 60, (uint64_t(beat.index) * 77777) << 1);
  }
  bool rx_ready(int p) { return get_bit(top_.s_axis_if_rx_tready, p); }

  void own(int p, const Beat& beat) {
    std::memcpy(raw(top_.s_axis_if_tx_tdata) + 64 * p, beat.data, 64);
    put(top_.s_axis_if_tx_tkeep, 8 * p, 8, beat.keep);
    put_bit(top_.s_axis_if_tx_tvalid, p, beat.valid);
    put_bit(top_.s_axis_if_tx_tlast, p, beat.last);
    put_bits(top_.s_axis_if_tx_tid, TX_ID * p, TX_ID, beat.index * 5);
    put_bits(top_.s_axis_if_tx_tdest, TX_DEST * p, TX_DEST, beat.index);
    put_bits(top_.s_axis_if_tx_tuser, TX_USER * p, TX_USER, uint64_t(own_tag(beat.index)) << 1);
  }
  bool own_ready(int p) { return get_bit(top_.s_axis_if_tx_tready, p); }

  Beat host(int p) {
    Beat beat{};
    std::memcpy(beat.data, raw(top_.m_axis_if_rx_tdata) + 64 * p, 64);
    beat.keep = get(top_.m_axis_if_rx_tkeep, 8 * p, 8);
    beat.valid = get_bit(top_.m_axis_if_rx_tvalid, p);
    beat.last = get_bit(top_.m_axis_if_rx_tlast, p);
    beat.side = get_bits(top_.m_axis_if_rx_tdest, 8 * p, 8) << 8 | get_bit(top_.m_axis_if_rx_tid, p) << 1 | get_bits(top_.m_axis_if_rx_tuser, RX_USER * p, 1);
    return beat;
  }
  void host_ready(int p, bool ready) { put_bit(top_.m_axis_if_rx_tready, p, ready); }
  void check_host(int p, uint64_t side, size_t index) {
    if (side) fail("port %ld: tdest, tid, bad flag are %lx, frame %ld", "host", p, long(side), long(index));
  }

  Beat tx(int p) {
    Beat beat{};
    std::memcpy(beat.data, raw(top_.m_axis_if_tx_tdata) + 64 * p, 64);
    beat.keep = get(top_.m_axis_if_tx_tkeep, 8 * p, 8);
    beat.valid = get_bit(top_.m_axis_if_tx_tvalid, p);
    beat.last = get_bit(top_.m_axis_if_tx_tlast, p);
    beat.side = get_bits(top_.m_axis_if_tx_tid, TX_ID * p, TX_ID) << 32 | get_bits(top_.m_axis_if_tx_tdest, TX_DEST * p, TX_DEST) << 24 |
                get_bits(top_.m_axis_if_tx_tuser, TX_USER * p, TX_USER);
    return beat;
  }
  void tx_ready(int p, bool ready) { put_bit(top_.m_axis_if_tx_tready, p, ready); }
  void check_tx(int p, uint64_t side, bool own, unsigned number) {
    uint64_t wanted = own ? uint64_t(number * 5 & 0xFFF) << 32 | uint64_t(number & 0xF) << 24 | uint64_t(own_tag(number)) << 1 : 0;
    if (side != wanted) fail("port %ld: tid, tdest, tuser are %lx, not %lx", "tx", p, long(side), long(wanted));
    own_sent_ += own;
  }

 private:
  // The transmit engine sets the highest bit of every tag that it gives out.
  static uint32_t own_tag(unsigned number) { return 1u << (TAG - 1) | (number & 0x7FFF); }

  Vmqnic_app_block top_;
  std::mt19937 random_{7};
  std::deque<uint32_t> completions_[PORTS];
  size_t used_ = 0, ignored_ = 0, own_sent_ = 0;
};

int main(int argc, char** argv) { return bench_main<Dut>(argc, argv); }
