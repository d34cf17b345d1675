// SPDX-License-Identifier: Apache-2.0
// A socket whose datagrams become frames at the port of a simulated board, and whose answers come out of it: udp_bench SEED ONE_IN. Prints the port's number. Of every
// ONE_IN datagrams in either direction one is lost or comes twice, by chance (0: none). Behind each datagram a frame from 10.0.0.7 goes to the core. Ends when standard
// input does, and then says how many datagrams went astray, and how many frames went to the core.
#include "Vtop.h"
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using Bytes = std::vector<uint8_t>;
static uint64_t seed;
static unsigned one_in, astray;

static unsigned chance(unsigned below) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return unsigned(seed >> 33) % below;
}
// How often a datagram arrives.
static int copies() {
  if (!one_in || chance(one_in)) return 1;
  astray++;
  return chance(2) ? 2 : 0;
}
static void word(Bytes& bytes, unsigned value) {
  bytes.push_back(uint8_t(value >> 8));
  bytes.push_back(uint8_t(value));
}
static unsigned sum(const Bytes& bytes, size_t from, size_t to, unsigned start) {
  for (size_t i = from; i < to; i += 2) start += unsigned(bytes[i]) << 8 | bytes[i + 1];
  while (start >> 16) start = (start & 0xFFFF) + (start >> 16);
  return ~start & 0xFFFF;
}

// The frame of a datagram to 127.0.0.1:45808, as Linux sends it.
static Bytes frame(const uint8_t* payload, size_t size, unsigned port) {
  Bytes f = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0, 0x45, 0};
  word(f, unsigned(28 + size));
  for (unsigned value : {chance(0x10000), 0x4000u, 0x4011u, 0u, 0x7F00u, 1u, 0x7F00u, 1u}) word(f, value);
  unsigned check = sum(f, 14, 34, 0);
  f[24] = uint8_t(check >> 8), f[25] = uint8_t(check);
  for (unsigned value : {port, 45808u, unsigned(8 + size), 0u}) word(f, value);
  f.insert(f.end(), payload, payload + size);
  if (size % 2) f.push_back(0);
  check = sum(f, 26, f.size(), unsigned(17 + 8 + size));
  f[40] = uint8_t(check >> 8), f[41] = uint8_t(check);
  if (f.size() < 60) f.resize(60);
  return f;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  seed = std::strtoull(argv[1], nullptr, 10);
  one_in = unsigned(std::atoi(argv[2]));
  int line = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in own{}, peer{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof own;
  if (line < 0 || bind(line, reinterpret_cast<sockaddr*>(&own), size) || getsockname(line, reinterpret_cast<sockaddr*>(&own), &size)) return 1;
  std::printf("%u\n", ntohs(own.sin_port));
  std::fflush(stdout);

  Vtop top;
  unsigned others = 0;
  Bytes answer;
  auto clock = [&] {
    top.clk = 0;
    top.eval();
    if (top.tx_valid) {
      for (int i = 0; i < 8; i++)
        if (top.tx_keep >> i & 1) answer.push_back(uint8_t(top.tx_data >> 8 * i));
      if (top.tx_last) {
        // What Linux would take: from the right port, a length that fits.
        unsigned port = unsigned(answer[36]) << 8 | answer[37], length = unsigned(answer[38]) << 8 | answer[39];
        bool good = answer.size() == 60 && sum(answer, 14, 34, 0) == 0 && port == ntohs(peer.sin_port) && length >= 8 && length <= 26;
        if (!good) std::exit(3);
        for (int n = copies(); n > 0; n--) sendto(line, answer.data() + 42, length - 8, 0, reinterpret_cast<sockaddr*>(&peer), sizeof peer);
        answer.clear();
      }
    }
    top.clk = 1;
    top.eval();
  };
  auto send = [&](const Bytes& bytes) {
    for (size_t at = 0; at < bytes.size(); at += 8) {
      size_t count = std::min<size_t>(8, bytes.size() - at);
      top.rx_data = 0;
      for (size_t i = 0; i < count; i++) top.rx_data |= uint64_t(bytes[at + i]) << 8 * i;
      top.rx_keep = uint8_t((1u << count) - 1);
      top.rx_valid = 1;
      top.rx_last = at + count == bytes.size();
      top.clk = 0;
      top.eval();
      while (!top.rx_ready) clock();
      clock();
    }
    top.rx_valid = 0;
  };
  top.rst = 1;
  for (int i = 0; i < 20; i++) clock();
  top.rst = 0;
  for (int i = 0; i < 2000; i++) clock();
  for (;;) {
    pollfd files[2] = {{line, POLLIN, 0}, {0, POLLIN, 0}};
    poll(files, 2, -1);
    if (files[1].revents) break;
    uint8_t bytes[1500];
    size = sizeof peer;
    ssize_t count = recvfrom(line, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&peer), &size);
    if (count < 0) continue;
    for (int n = copies(); n > 0; n--) send(frame(bytes, size_t(count), ntohs(peer.sin_port)));
    Bytes other = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 7};
    other.resize(60 + others % 100);
    send(other);
    others++;
    for (int i = 0; i < 300; i++) clock();
  }
  std::printf("%u %u\n", astray, others);
  return 0;
}
