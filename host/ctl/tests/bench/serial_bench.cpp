// SPDX-License-Identifier: Apache-2.0
// A pseudo-terminal whose other end is the pin of a simulated board: serial_bench SEED ONE_IN FRAMES. Prints the terminal's name. Of every ONE_IN bytes in either
// direction one is damaged or lost (0: none), by chance. Ends when standard input does, and then says how many bytes that were.
#include "Vtop.h"
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

static constexpr int CLOCKS = 4;
static uint64_t seed;
static unsigned one_in, spoilt;

static unsigned chance(unsigned below) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return unsigned(seed >> 33) % below;
}
// Whether a byte arrives, perhaps changed.
static bool pass(uint8_t& byte) {
  if (!one_in || chance(one_in)) return true;
  spoilt++;
  if (chance(3) == 0) return false;
  byte ^= uint8_t(1 + chance(255));
  return true;
}

class Board {
 public:
  explicit Board(bool frames) {
    top_.rxd = 1;
    top_.rst = 1;
    for (int i = 0; i < 20; i++) clock();
    top_.rst = 0;
    top_.frames = frames;
  }
  std::deque<uint8_t> to, from;

  // One clock, with both directions of the line.
  void step() {
    if (out_ == 0 && !to.empty()) {
      shift_ = uint32_t(to.front()) << 1 | 0x200;
      to.pop_front();
      out_ = 10 * CLOCKS;
    }
    if (out_) {
      top_.rxd = shift_ >> ((10 * CLOCKS - out_) / CLOCKS) & 1;
      out_--;
    } else {
      top_.rxd = 1;
    }
    clock();
    if (in_ == 0 && !top_.txd) {
      in_ = 1;
      bits_ = 0;
    } else if (in_) {
      // The middle of bit n, the start bit being 0.
      if (in_ % CLOCKS == CLOCKS / 2) bits_ |= uint32_t(top_.txd) << (in_ / CLOCKS);
      if (++in_ == 10 * CLOCKS - CLOCKS / 2 + 1) {
        if ((bits_ & 0x201) != 0x200) std::fprintf(stderr, "framing %x\n", bits_);
        from.push_back(uint8_t(bits_ >> 1));
        in_ = 0;
      }
    }
  }
  bool idle() const { return to.empty() && !out_ && !in_; }

 private:
  void clock() {
    top_.clk = 1;
    top_.eval();
    top_.clk = 0;
    top_.eval();
  }
  Vtop top_;
  uint32_t shift_ = 0, bits_ = 0;
  int out_ = 0, in_ = 0;
};

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  seed = std::strtoull(argv[1], nullptr, 10);
  one_in = unsigned(std::atoi(argv[2]));
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (master < 0 || grantpt(master) || unlockpt(master)) return 1;
  // Kept open, so that the line stays while no command uses it.
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  termios modes;
  if (slave < 0 || tcgetattr(slave, &modes)) return 1;
  cfmakeraw(&modes);
  tcsetattr(slave, TCSANOW, &modes);
  std::printf("%s\n", ptsname(master));
  std::fflush(stdout);
  Board board(std::atoi(argv[3]) != 0);
  for (;;) {
    pollfd files[2] = {{master, POLLIN, 0}, {0, POLLIN, 0}};
    poll(files, 2, board.idle() ? 1 : 0);
    if (files[1].revents) break;
    uint8_t bytes[256];
    ssize_t count = read(master, bytes, sizeof bytes);
    for (ssize_t i = 0; i < count; i++)
      if (pass(bytes[i])) board.to.push_back(bytes[i]);
    // 25 bytes' time: half a request is forgotten 16 turns later.
    for (int i = 0; i < 1000; i++) board.step();
    while (!board.from.empty()) {
      uint8_t byte = board.from.front();
      board.from.pop_front();
      if (pass(byte) && write(master, &byte, 1) != 1 && errno != EAGAIN) return 1;
    }
  }
  std::printf("%u\n", spoilt);
  return 0;
}
