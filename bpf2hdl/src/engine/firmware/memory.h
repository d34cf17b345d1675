// SPDX-License-Identifier: Apache-2.0
// Bytes: copies, comparisons, places. Loads and stores may be at any address.
#ifndef MEMORY_H
#define MEMORY_H
#include "layout.h"

// A program's pointer as one that is not bound to the packet's extent.
INLINE u64 place(u64 pointer) { return MEMORY | (pointer & 0x0fffffff); }

ROUTINE void copy(u64 to, u64 from, u64 size) {
  for (; size >= 8; size -= 8, to += 8, from += 8) {
    AT(u64, to) = AT(u64, from);
    STEP(size);
  }
  if (size & 4) {
    AT(u32, to) = AT(u32, from);
    to += 4;
    from += 4;
  }
  if (size & 2) {
    AT(u16, to) = AT(u16, from);
    to += 2;
    from += 2;
  }
  if (size & 1)
    AT(u8, to) = AT(u8, from);
}

// To lower addresses, front first; the areas may overlap so.
ROUTINE void clear(u64 to, u64 size) {
  for (; size >= 8; size -= 8, to += 8) {
    AT(u64, to) = 0;
    STEP(size);
  }
  for (; size; size--, to++) {
    AT(u8, to) = 0;
    STEP(size);
  }
}

// The next up to 8 bytes, the missing ones as 0.
INLINE u64 word(u64 at, u64 left) {
  u64 value = AT(u64, at);
  return left >= 8 ? value : value & ((1ull << (8 * left)) - 1);
}

#endif
