// SPDX-License-Identifier: Apache-2.0
// LPM tries: the search tree that the host builds (host/src/lpm.rs), as hdl/rtl/bpf_map_lpm.sv walks it; and bloom filters.
//
// Two banks, of which one is in use. In a bank, the nodes of level l begin at node (4^l - 1) / 3; a node has three borders, a border is its address in words
// of 8 bytes, the most significant byte first, then its length + 1, or 0 if it is not used. The results follow: the slot + 1 of each range.
// Slots are { used, key, value }, key and value padded to 8 bytes.
#ifndef TRIE_H
#define TRIE_H
#include "memory.h"

#define SLOT_KEY 8

INLINE u64 words_of(map_t *map) { return (map->key_size - 4 + 7) >> 3; }
// Nodes before a level: (4^level - 1) / 3.
INLINE u64 nodes_before(u64 level) { return ((1ull << (2 * level)) - 1) & 0x5555555555555555ull; }
INLINE u64 slot_value(map_t *map) { return SLOT_KEY + ((map->key_size + 7) & ~7ull); }

// Bits `from` to `from` + 63 of an address, the first one highest, without what is behind `bits`.
INLINE u64 address_word(u64 address, u64 bytes, u64 from, u64 bits) {
  u64 value = __builtin_bswap64(word(address + from / 8, bytes - from / 8));
  if (bits <= from)
    return 0;
  if (bits - from < 64)
    value &= ~(~0ull >> (bits - from));
  return value;
}

// Whether a border is not behind a key.
ROUTINE u64 is_right(u64 border, u64 words, u64 address, u64 bytes, u64 bits) {
  u64 length = AT(u64, border + 8 * words);
  if (!length)
    return 0;
  for (u64 i = 0; i < words; i++) {
    u64 first = AT(u64, border + 8 * i), key = address_word(address, bytes, 64 * i, bits);
    if (first != key)
      return first < key;
    STEP(i);
  }
  return length - 1 <= bits;
}

ROUTINE u64 trie_lookup(map_t *map, u64 key) {
  u64 bytes = map->key_size - 4, bits = AT(u32, key), words = words_of(map), size = 8 * (words + 1), at = 0;
  if (bits > 8 * bytes)
    return 0;
  u64 bank = map->buckets + map->free * map->fresh, levels = map->mask;
  for (u64 level = 0; level < levels; level++) {
    u64 border = bank + 3 * size * (nodes_before(level) + at), right = 0;
    while (right < 3 && is_right(border, words, key + 4, bytes, bits)) {
      right++;
      border += size;
      STEP(right);
    }
    at = 4 * at + right;
  }
  u32 slot = AT(u32, bank + 3 * size * nodes_before(levels) + 4 * at);
  return slot ? map->values + (slot - 1) * map->stride + slot_value(map) : 0;
}

// A word of the bank that is not in use; the errno.
ROUTINE u64 trie_word(map_t *map, u32 index, u32 used) {
  u64 words = words_of(map), size = 8 * (words + 1), levels = map->mask;
  u64 level = index >> 24 & 15, border = index >> 20 & 3, at = index & 0xfffff;
  u64 bank = map->buckets + (1 - map->free) * map->fresh;
  if (index >> 31) {
    map->free = 1 - map->free;
    return 0;
  }
  if (level > levels || at >= 1ull << (2 * level) || (level < levels && border > 2))
    return EINVAL;
  if (level == levels) {
    AT(u32, bank + 3 * size * nodes_before(levels) + 4 * at) = used ? AT(u32, KEY) + 1 : 0;
    return 0;
  }
  u64 to = bank + size * (3 * (nodes_before(level) + at) + border);
  u64 bits = AT(u32, KEY);
  for (u64 i = 0; i < words; i++) {
    // What is behind a prefix begins at a whole address, with length 0.
    AT(u64, to + 8 * i) = address_word(KEY + 4, map->key_size - 4, 64 * i, ~0ull >> 1);
    STEP(i);
  }
  AT(u64, to + 8 * words) = used ? bits + 1 : 0;
  return 0;
}

// ---- bloom filters: kernel/bpf/bloom_filter.c; `spare` has the bits, one byte each, `mask` their number less 1, `oldest` the functions ----
INLINE u32 turned(u32 value, u32 by) { return value << by | value >> (32 - by); }

// jhash (include/linux/jhash.h) of whole words, the last one filled up with zeros.
ROUTINE u32 jhash(u64 value, u64 size, u32 start) {
  u32 a = 0xdeadbeef + (u32)size + start, b = a, c = a;
  for (;;) {
    a += (u32)word(value, size);
    if (size > 4)
      b += (u32)word(value + 4, size - 4);
    if (size > 8)
      c += (u32)word(value + 8, size - 8);
    if (size <= 12)
      break;
    a -= c; a ^= turned(c, 4); c += b;
    b -= a; b ^= turned(a, 6); a += c;
    c -= b; c ^= turned(b, 8); b += a;
    a -= c; a ^= turned(c, 16); c += b;
    b -= a; b ^= turned(a, 19); a += c;
    c -= b; c ^= turned(b, 4); b += a;
    value += 12;
    size -= 12;
  }
  c ^= b; c -= turned(b, 14);
  a ^= c; a -= turned(c, 11);
  b ^= a; b -= turned(a, 25);
  c ^= b; c -= turned(b, 16);
  a ^= c; a -= turned(c, 4);
  b ^= a; b -= turned(a, 14);
  c ^= b; c -= turned(b, 24);
  return c;
}

ROUTINE u64 bloom_push(map_t *map, u64 value) {
  for (u32 n = 0; n < map->oldest; n++)
    AT(u8, map->spare + map->stride * (u64)(jhash(value, map->value_size, n) & map->mask)) = 1;
  return 0;
}

ROUTINE u64 bloom_has(map_t *map, u64 value) {
  for (u32 n = 0; n < map->oldest; n++)
    if (!AT(u8, map->spare + map->stride * (u64)(jhash(value, map->value_size, n) & map->mask)))
      return 0;
  return 1;
}

#endif
