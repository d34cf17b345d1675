// SPDX-License-Identifier: Apache-2.0
// NetFPGA-PLUS's side of the output port lookup: an input arbiter that hands over frames of the ports and of the host's interfaces in turn, whole, with length and
// source in tuser of the first beat and anything in the others; output queues that look at tuser's destination of the first beat. The queues never refuse a beat;
// here they do, to see more.
#include "Vbpf_output_port_lookup.h"
#include "bench.h"
#include "pins.h"

#ifndef SHELL_PORTS
#define SHELL_PORTS 1
#endif

class Dut {
 public:
  static constexpr int PORTS = SHELL_PORTS, BYTES = 64, INPUTS = 2 * PORTS;
  static constexpr bool RX_PAUSES = true;
  static constexpr unsigned BAD_EVERY = 0;  // the place has no flag for them
  bool gapless() const { return false; }
  bool has_size() const { return true; }

  // Chooses the input, then the output whose ready counts.
  void settle() {
    if (!inside_ && !offered_) {
      for (int i = 1; i <= INPUTS; i++) {
        int next = (current_ + i) % INPUTS;
        if (in_[next].valid) {
          current_ = next;
          break;
        }
      }
    }
    const Beat& beat = in_[current_];
    offered_ = beat.valid;
    std::memcpy(raw(top_.s_axis_tdata), beat.data, 64);
    put(top_.s_axis_tkeep, 0, 8, beat.keep);
    top_.s_axis_tvalid = beat.valid;
    top_.s_axis_tlast = beat.last;
    for (int i = 0; i < 16; i++) put(top_.s_axis_tuser, i, 1, inside_ ? random_() : 0);
    if (!inside_) put(top_.s_axis_tuser, 0, 4, beat.size | source(current_, beat) << 16);
    top_.eval();
    top_.m_axis_tready = top_.m_axis_tvalid && ready_[output()];
    top_.eval();
  }

  void clock() {
    settle();
    bool taken = top_.s_axis_tvalid && top_.s_axis_tready;
    bool sent = top_.m_axis_tvalid && top_.m_axis_tready;
    if (sent) {
      to_ = output();
      sending_ = !top_.m_axis_tlast;
    }
    if (taken) {
      inside_ = !top_.s_axis_tlast;
      offered_ = false;
    }
    top_.axis_aclk = 1;
    // The registers' clock is another one: 2 of 5 of the data path's.
    axi_phase_ += 2;
    if (axi_phase_ >= 5) {
      axi_phase_ -= 5;
      top_.S_AXI_ACLK = 1;
      axi_rose_ = true;
    }
    top_.eval();
    top_.axis_aclk = 0;
    top_.S_AXI_ACLK = 0;
    top_.eval();
  }

  void reset() {
    top_.S_AXI_BREADY = top_.S_AXI_RREADY = 1;
    top_.S_AXI_WSTRB = 15;
    top_.axis_resetn = top_.S_AXI_ARESETN = 0;
    for (int i = 0; i < 100; i++) clock();
    top_.axis_resetn = top_.S_AXI_ARESETN = 1;
    for (int i = 0; i < 200; i++) clock();
  }

  void write(unsigned address, unsigned data) {
    top_.S_AXI_AWADDR = BASE + address;
    top_.S_AXI_WDATA = data;
    top_.S_AXI_AWVALID = top_.S_AXI_WVALID = 1;
    bool answered = false;
    for (int i = 0; !answered; i++) {
      if (i > 1000) fail("write of %lx is not answered", "registers", address);
      top_.eval();
      bool aw = top_.S_AXI_AWVALID && top_.S_AXI_AWREADY, w = top_.S_AXI_WVALID && top_.S_AXI_WREADY;
      bool done = top_.S_AXI_BVALID;
      if (done && top_.S_AXI_BRESP) fail("write of %lx has an error", "registers", address);
      axi_clock();
      answered = done;
      if (aw) top_.S_AXI_AWVALID = 0;
      if (w) top_.S_AXI_WVALID = 0;
    }
  }

  unsigned read(unsigned address) {
    top_.S_AXI_ARADDR = BASE + address;
    top_.S_AXI_ARVALID = 1;
    for (int i = 0;; i++) {
      if (i > 1000) fail("read of %lx is not answered", "registers", address);
      top_.eval();
      bool ar = top_.S_AXI_ARVALID && top_.S_AXI_ARREADY, answered = top_.S_AXI_RVALID;
      unsigned data = top_.S_AXI_RDATA;
      axi_clock();
      if (ar) top_.S_AXI_ARVALID = 0;
      if (answered) return data;
    }
  }

  void rx(int p, const Beat& beat) { in_[2 * p] = beat; }
  void own(int p, const Beat& beat) { in_[2 * p + 1] = beat; }
  bool rx_ready(int p) { return current_ == 2 * p && top_.s_axis_tready; }
  bool own_ready(int p) { return current_ == 2 * p + 1 && top_.s_axis_tready; }

  Beat host(int p) { return beat_of(2 * p + 1); }
  Beat tx(int p) { return beat_of(2 * p); }
  void host_ready(int p, bool ready) { ready_[2 * p + 1] = ready; }
  void tx_ready(int p, bool ready) { ready_[2 * p] = ready; }
  void check_host(int p, uint64_t side, size_t index) {
    if (side != 1u << (2 * p)) fail("port %ld: source is %lx, frame %ld", "host", p, long(side), long(index));
  }
  void check_tx(int p, uint64_t side, bool own, unsigned number) {
    uint64_t wanted = own ? own_source(p, number) : 0;
    if (side != wanted) fail("port %ld: source is %lx, not %lx", "tx", p, long(side), long(wanted));
  }

 private:
  // Where the shell's crossbar puts the block.
  static constexpr unsigned BASE = 0x40000;

  // What is from nowhere goes to port 0.
  static unsigned own_source(int p, unsigned number) { return p == 0 && number % 5 == 4 ? 0 : 2u << (2 * p); }
  static unsigned source(int input, const Beat& beat) { return input % 2 ? own_source(input / 2, beat.index) : 1u << input; }

  // The queue that the present beat goes to, as a number of its bit.
  int output() {
    if (sending_) return to_;
    unsigned bits = unsigned(get(top_.m_axis_tuser, 3, 1));
    if (!bits || bits & (bits - 1) || bits >> INPUTS) fail("destination is %lx", "output", bits);
    return __builtin_ctz(bits);
  }

  Beat beat_of(int queue) {
    Beat beat{};
    if (!top_.m_axis_tvalid || output() != queue) return beat;
    std::memcpy(beat.data, raw(top_.m_axis_tdata), 64);
    beat.keep = get(top_.m_axis_tkeep, 0, 8);
    beat.valid = true;
    beat.last = top_.m_axis_tlast;
    beat.size = uint32_t(get(top_.m_axis_tuser, 0, 2));
    beat.side = get(top_.m_axis_tuser, 2, 1);
    if (get(top_.m_axis_tuser, 4, 8) || get(top_.m_axis_tuser, 12, 4)) fail("bits of tuser above 31 are set", "output");
    return beat;
  }

  void axi_clock() {
    axi_rose_ = false;
    while (!axi_rose_) clock();
  }

  Vbpf_output_port_lookup top_;
  std::mt19937 random_{11};
  Beat in_[INPUTS] = {};
  bool ready_[INPUTS] = {};
  int current_ = 0, to_ = 0, axi_phase_ = 0;
  bool inside_ = false, offered_ = false, sending_ = false, axi_rose_ = false;
};

int main(int argc, char** argv) { return bench_main<Dut>(argc, argv); }
