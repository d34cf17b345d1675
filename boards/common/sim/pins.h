// SPDX-License-Identifier: Apache-2.0
// Pieces of a Verilator model's ports, whatever the type that their width makes them: memory is little-endian words in each.
#pragma once

#include "frames.h"

template <class Port>
uint8_t* raw(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}
template <class Port>
void put_bit(Port& port, int bit, bool value) {
  uint8_t& byte = raw(port)[bit / 8];
  byte = uint8_t(value ? byte | 1 << bit % 8 : byte & ~(1 << bit % 8));
}
template <class Port>
bool get_bit(Port& port, int bit) {
  return raw(port)[bit / 8] >> bit % 8 & 1;
}
// A field of 1 to 8 bytes at a byte offset.
template <class Port>
void put(Port& port, int offset, int bytes, uint64_t value) {
  std::memcpy(raw(port) + offset, &value, bytes);
}
template <class Port>
uint64_t get(Port& port, int offset, int bytes) {
  uint64_t value = 0;
  std::memcpy(&value, raw(port) + offset, bytes);
  return value;
}
// A field of up to 64 bits at a bit offset.
template <class Port>
void put_bits(Port& port, int bit, int bits, uint64_t value) {
  for (int i = 0; i < bits; i++) put_bit(port, bit + i, value >> i & 1);
}
template <class Port>
uint64_t get_bits(Port& port, int bit, int bits) {
  uint64_t value = 0;
  for (int i = 0; i < bits; i++) value |= uint64_t(get_bit(port, bit + i)) << i;
  return value;
}
