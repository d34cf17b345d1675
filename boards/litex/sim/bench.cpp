// SPDX-License-Identifier: Apache-2.0
// LiteEth's side of the filter: the MAC core offers a beat whenever it has one and can not wait, last_be is one-hot on the last beat and zero before, and an error (a wrong
// checksum) comes with a frame's bytes, on the last beat at the latest.
#include "Vlitex_top.h"
#include "bench.h"
#include "pins.h"

class Dut {
 public:
  static constexpr int PORTS = 1, BYTES = 8;
  static constexpr bool RX_PAUSES = true;
  static constexpr unsigned BAD_EVERY = 3;
  bool gapless() const { return false; }
  bool has_size() const { return false; }

  void settle() { top_.eval(); }
  void clock() {
    top_.sys_clk = 1;
    top_.eval();
    top_.sys_clk = 0;
    top_.eval();
  }
  void reset() {
    top_.axil_bready = top_.axil_rready = 1;
    top_.axil_wstrb = 15;
    top_.sys_rst = 1;
    for (int i = 0; i < 10; i++) clock();
    top_.sys_rst = 0;
    for (int i = 0; i < 200; i++) clock();
  }

  void write(unsigned address, unsigned data) {
    top_.axil_awaddr = address;
    top_.axil_wdata = data;
    top_.axil_awvalid = top_.axil_wvalid = 1;
    bool answered = false;
    for (int i = 0; !answered; i++) {
      if (i > 1000) fail("write of %lx is not answered", "registers", address);
      settle();
      bool aw = top_.axil_awvalid && top_.axil_awready, w = top_.axil_wvalid && top_.axil_wready;
      answered = top_.axil_bvalid;
      clock();
      if (aw) top_.axil_awvalid = 0;
      if (w) top_.axil_wvalid = 0;
    }
  }
  unsigned read(unsigned address) {
    top_.axil_araddr = address;
    top_.axil_arvalid = 1;
    for (int i = 0;; i++) {
      if (i > 1000) fail("read of %lx is not answered", "registers", address);
      settle();
      bool ar = top_.axil_arvalid && top_.axil_arready, answered = top_.axil_rvalid;
      unsigned data = top_.axil_rdata;
      clock();
      if (ar) top_.axil_arvalid = 0;
      if (answered) return data;
    }
  }

  void rx(int, const Beat& beat) {
    std::memcpy(raw(top_.mac_sink_data), beat.data, 8);
    top_.mac_sink_last_be = last_be(beat);
    top_.mac_sink_error = beat.bad ? (beat.last ? last_be(beat) : 1) : 0;
    top_.mac_sink_valid = beat.valid;
    top_.mac_sink_last = beat.last;
  }
  bool rx_ready(int) {
    if (!top_.mac_sink_ready) fail("the MAC core was refused", "mac_sink");
    return true;
  }
  void own(int, const Beat& beat) {
    std::memcpy(raw(top_.host_sink_data), beat.data, 8);
    top_.host_sink_last_be = last_be(beat);
    top_.host_sink_valid = beat.valid;
    top_.host_sink_last = beat.last;
  }
  bool own_ready(int) { return top_.host_sink_ready; }

  Beat host(int) {
    return beat(top_.host_source_data, top_.host_source_valid, top_.host_source_last, top_.host_source_last_be, top_.host_source_error);
  }
  void host_ready(int, bool ready) { top_.host_source_ready = ready; }
  void check_host(int, uint64_t side, size_t index) {
    if (side) fail("error %lx, frame %ld", "host", long(side), long(index));
  }
  Beat tx(int) { return beat(top_.mac_source_data, top_.mac_source_valid, top_.mac_source_last, top_.mac_source_last_be, top_.mac_source_error); }
  void tx_ready(int, bool ready) { top_.mac_source_ready = ready; }
  void check_tx(int, uint64_t side, bool, unsigned number) {
    if (side) fail("error %lx, frame %ld", "tx", long(side), number);
  }

 private:
  static uint8_t last_be(const Beat& beat) { return beat.last ? uint8_t(beat.keep & ~(beat.keep >> 1)) : 0; }
  template <class Data>
  static Beat beat(Data& data, bool valid, bool last, unsigned last_be, unsigned error) {
    Beat made{};
    std::memcpy(made.data, raw(data), 8);
    if (valid && last != (last_be != 0)) fail("last is %ld, last_be %lx", "streams", last, last_be);
    if (last_be & (last_be - 1)) fail("last_be is %lx", "streams", last_be);
    made.keep = last ? (last_be | (last_be - 1)) : 0xFF;
    made.valid = valid;
    made.last = last;
    made.side = error;
    return made;
  }

  Vlitex_top top_;
};

int main(int argc, char** argv) { return bench_main<Dut>(argc, argv); }
