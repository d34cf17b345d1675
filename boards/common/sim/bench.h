// SPDX-License-Identifier: Apache-2.0
// One run of a shell's wrapper: the shell's side of every stream, frames from captures, and what must come out.
//
// A shell gives a class `Dut` with: PORTS, BYTES (of a beat), RX_PAUSES (the shell's side may pause in a frame), BAD_EVERY (frames between bad ones, or 0),
// gapless(), has_size();
// clock() (one clock of the streams), reset(), write(address, data), read(address), and for port p: rx(p, Beat), rx_ready(p), own(p, Beat),
// own_ready(p), host(p) -> Beat, host_ready(p, bool), tx(p) -> Beat, tx_ready(p, bool), check_host(p, side, index, frame), check_tx(p, side, own).
#pragma once

#include "frames.h"

struct Run {
  std::string folder;
  bool stress;       // gaps, stalls, own frames; else everything at the full rate
  unsigned own;      // frames of the host's own for each port
  size_t min_tx;     // shorter frames leave padded
  bool blocked;      // the last port takes nothing until all others are served: it may lose frames, they may not
};

inline std::string file_of(const Run& run, const char* name, int port) { return run.folder + "/" + name + std::to_string(port) + ".pcap"; }

// Lines of `W address data`, `P address mask value` (read until it is so) and `R address value` (must be so), in hexadecimal.
template <class Dut>
void play(Dut& dut, const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "r");
  if (!file) return;
  char kind;
  unsigned a, b, c;
  while (std::fscanf(file, " %c %x %x", &kind, &a, &b) == 3) {
    if (kind == 'W') {
      dut.write(a, b);
    } else if (kind == 'P') {
      if (std::fscanf(file, "%x", &c) != 1) fail("three numbers", path);
      for (int tries = 0; (dut.read(a) & b) != c; tries++) {
        if (tries > 100) fail("register %lx stays %lx", path, a, dut.read(a));
      }
    } else if (unsigned found = dut.read(a); found != b) {
      fail("register %lx is %ld, not %ld", path, a, found, b);
    }
  }
  std::fclose(file);
}

inline void compare(const std::vector<Frame>& wanted, const std::vector<Frame>& found, const std::string& where) {
  for (size_t i = 0; i < wanted.size() && i < found.size(); i++) {
    if (wanted[i].size() != found[i].size()) fail("frame %ld has %ld bytes, not %ld", where, long(i), long(found[i].size()), long(wanted[i].size()));
    for (size_t j = 0; j < wanted[i].size(); j++) {
      if (wanted[i][j] != found[i][j]) fail("frame %ld, byte %ld is %02lx", where, long(i), long(j), found[i][j]);
    }
  }
  if (wanted.size() != found.size()) fail("%ld frames, not %ld", where, long(found.size()), long(wanted.size()));
}

template <class Dut>
void run_bench(Dut& dut, const Run& run) {
  std::mt19937 random(1);
  std::vector<Source> rx, own;
  std::vector<Sink> host, tx;
  size_t wanted_host = 0, wanted_tx = 0, frames_in = 0;
  std::vector<std::vector<Frame>> expect_host, expect_tx;
  for (int p = 0; p < Dut::PORTS; p++) {
    auto frames = read_pcap(file_of(run, "rx", p));
    frames_in += frames.size();
    rx.emplace_back(Dut::BYTES, frames, Dut::BAD_EVERY);
    std::vector<Frame> owns;
    for (unsigned n = 0; n < run.own; n++) owns.push_back(own_frame(p, n));
    own.emplace_back(Dut::BYTES, owns);
    host.emplace_back("host " + std::to_string(p), Dut::BYTES, dut.has_size(), false);
    tx.emplace_back("tx " + std::to_string(p), Dut::BYTES, dut.has_size(), dut.gapless() && !run.stress);
    expect_host.push_back(read_pcap(file_of(run, "host", p)));
    expect_tx.push_back(read_pcap(file_of(run, "tx", p)));
    for (auto& frame : expect_tx.back()) frame.resize(std::max(frame.size(), run.min_tx));
    wanted_host += expect_host.back().size();
    wanted_tx += expect_tx.back().size() + run.own;
  }
  dut.reset();
  play(dut, run.folder + "/setup.txt");

  auto arrived = [](const std::vector<Sink>& sinks) {
    size_t count = 0;
    for (auto& sink : sinks) count += sink.frames.size();
    return count;
  };
  std::vector<bool> host_ready(Dut::PORTS, true), tx_ready(Dut::PORTS, true);
  size_t clock = 0, quiet = 0;
  while (quiet < 3000) {
    bool left = !run.blocked && (arrived(host) < wanted_host || arrived(tx) < wanted_tx);
    for (int p = 0; p < Dut::PORTS; p++) left = left || !rx[p].done() || !own[p].done();
    quiet = left ? 0 : quiet + 1;
    if (++clock > 3000000) fail("nothing more comes: host %ld, tx %ld, clock %ld", run.folder, long(arrived(host)), long(arrived(tx)), long(clock));
    // Inputs for this clock; what the device answers does not depend on the outputs of the same clock.
    for (int p = 0; p < Dut::PORTS; p++) {
      dut.rx(p, rx[p].beat());
      dut.own(p, own[p].beat());
      host_ready[p] = !run.stress || random() % 3;
      tx_ready[p] = !run.stress || random() % 3;
      if (run.blocked && p == Dut::PORTS - 1) tx_ready[p] = !left && quiet > 1000;
      dut.host_ready(p, host_ready[p]);
      dut.tx_ready(p, tx_ready[p]);
    }
    dut.settle();
    std::vector<bool> rx_taken, own_taken;
    for (int p = 0; p < Dut::PORTS; p++) {
      rx_taken.push_back(dut.rx_ready(p));
      own_taken.push_back(dut.own_ready(p));
      host[p].step(dut.host(p), host_ready[p], clock);
      tx[p].step(dut.tx(p), tx_ready[p], clock);
    }
    dut.clock();
    for (int p = 0; p < Dut::PORTS; p++) {
      bool inside = rx[p].beat().valid && !rx[p].beat().last;
      rx[p].step(rx_taken[p], run.stress && random() % 4 == 0 && (Dut::RX_PAUSES || !inside), clock);
      own[p].step(own_taken[p], run.stress && random() % 4 == 0, clock);
    }
  }

  size_t gaps = 0, active = 0;
  for (auto& source : rx) active += source.taken_beats != 0;
  for (int p = 0; p < Dut::PORTS; p++) {
    compare(expect_host[p], host[p].frames, "host " + std::to_string(p));
    std::vector<Frame> sent;
    unsigned number = 0;
    for (size_t i = 0; i < tx[p].frames.size(); i++) {
      const Frame& frame = tx[p].frames[i];
      bool mine = is_own(frame);
      dut.check_tx(p, tx[p].sides[i], mine, number);
      if (!mine) {
        sent.push_back(frame);
      } else if (frame != own_frame(p, number++)) {
        fail("own frame %ld of port %ld", run.folder, number - 1, p);
      }
    }
    for (size_t i = 0; i < host[p].frames.size(); i++) dut.check_host(p, host[p].sides[i], i);
    if (run.blocked && p == Dut::PORTS - 1) {
      // Some are lost, as many as the register says; the others come in order.
      unsigned lost = dut.read(0x10060 + 4 * p);
      size_t next = 0;
      for (auto& frame : sent) {
        while (next < expect_tx[p].size() && expect_tx[p][next] != frame) next++;
        if (next++ == expect_tx[p].size()) fail("a frame of the blocked port that was not expected", run.folder);
      }
      if (lost == 0 || sent.empty() || lost + sent.size() != expect_tx[p].size()) fail("%ld frames and %ld lost of %ld", run.folder, long(sent.size()), lost, long(expect_tx[p].size()));
      continue;
    }
    compare(expect_tx[p], sent, "tx " + std::to_string(p));
    if (number != run.own) fail("%ld own frames of port %ld", run.folder, number, p);
    gaps += tx[p].gaps;
    // Several ports at the full rate share the core's one beat a clock.
    if (!run.stress && active == 1 && rx[p].refused) fail("%ld beats of port %ld were refused", run.folder, long(rx[p].refused), p);
  }
  if (!run.blocked) play(dut, run.folder + "/final.txt");
  size_t beats_all = 0, first = SIZE_MAX, last = 0;
  for (auto& source : rx) {
    if (source.taken_beats == 0) continue;
    beats_all += source.taken_beats;
    first = std::min(first, source.first_clock);
    last = std::max(last, source.last_clock);
  }
  std::printf("{\"frames\": %zu, \"beats\": %zu, \"beats_all\": %zu, \"clocks\": %zu, \"host\": %zu, \"tx\": %zu, \"own\": %zu, \"refused\": %zu, \"tx_gaps\": %zu}\n", frames_in,
              rx[0].taken_beats, beats_all, last - first + 1, arrived(host), arrived(tx) - size_t(run.own) * Dut::PORTS, size_t(run.own) * Dut::PORTS,
              rx[0].refused, gaps);
}

// bench FOLDER stress|line|blocked OWN_FRAMES MIN_TX, several times
template <class Dut>
int bench_main(int argc, char** argv) {
  for (int i = 1; i + 3 < argc; i += 4) {
    Dut dut;
    run_bench(dut, Run{argv[i], !std::strcmp(argv[i + 1], "stress"), unsigned(std::atoi(argv[i + 2])), size_t(std::atoi(argv[i + 3])),
                       !std::strcmp(argv[i + 1], "blocked")});
  }
  return 0;
}
