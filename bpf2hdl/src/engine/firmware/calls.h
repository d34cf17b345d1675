// SPDX-License-Identifier: Apache-2.0
// Helpers that call back or go elsewhere, that tell time and chance, and legacy loads.
#ifndef CALLS_H
#define CALLS_H
#include "packet.h"

#define MOST_TAIL_CALLS 33
#define MOST_LOOPS (1u << 23)

// The program goes on at the other one, whose entry sets r1 (kernel/bpf/core.c; at most 33 in a chain).
HELPER tail_call(u64 context, map_t *map, u64 index) {
  index = (u32)index;
  if (index >= map->max_entries || STATE->tail_calls >= MOST_TAIL_CALLS)
    return ERROR(ENOENT);
  u32 number = AT(u32, map->values + index * map->stride);
  if (!number || number > STATE->program_count)
    return ERROR(ENOENT);
  u32 slot = AT(u32, STATE->programs + 4 * (number - 1));
  if (!slot)
    return ERROR(ENOENT);
  STATE->tail_calls++;
  IO(IO_RETURN) = slot;
  return 0;
}

HELPER loop(u64 count, u64 callback, u64 context, u64 flags) {
  count = (u32)count;
  if (flags)
    return ERROR(EINVAL);
  if (count > MOST_LOOPS)
    return ERROR(E2BIG);
  for (u64 i = 0; i < count; i++)
    if (((u64 (*)(u64, u64))callback)(i, context))
      return i + 1;
  return count;
}

// kernel/bpf/arraymap.c bpf_for_each_array_elem, hashtab.c bpf_for_each_hash_elem; the order of keys is our own.
HELPER for_each_map_elem(map_t *map, u64 callback, u64 context, u64 flags) {
  u64 calls = 0;
  if (flags)
    return ERROR(EINVAL);
  if (map->kind == ARRAY) {
    // The key is in this function's frame, where the callback finds it.
    volatile u32 key;
    for (u32 i = 0; i < map->max_entries; i++) {
      key = i;
      calls++;
      if (((u64 (*)(u64, u64, u64, u64))callback)((u64)map, (u64)&key, map->values + i * map->stride, context))
        break;
    }
    return calls;
  }
  if (map->kind != HASH || (map->flags & IS_INNER))
    return ERROR(EINVAL);
  u64 node = map->values;
  for (u32 i = 0; i < map->fresh; i++, node += map->stride) {
    if (!AT(u32, node + 4))
      continue;
    calls++;
    if (((u64 (*)(u64, u64, u64, u64))callback)((u64)map, node + NODE_KEY, value_of(map, node), context))
      break;
  }
  return calls;
}

HELPER ktime(void) { return IO(IO_TIME); }

// 250 a second.
HELPER jiffies(void) { return IO(IO_TIME) / 4000000; }

// The core's sequence: the first number is the generator's, the others follow from it (bpf2hdl_interface::arrival).
HELPER prandom(void) {
  u32 x = STATE->random;
  if (!STATE->asked) {
    STATE->asked = 1;
    x = (u32)IO(IO_RANDOM);
  } else {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
  }
  STATE->random = x;
  return x;
}

HELPER zero(void) {
  u64 result = 0;
  // Clang would see that no caller needs it.
  STEP(result);
  return result;
}

// LD_ABS, LD_IND: outside the packet the program ends with 0.
INLINE u64 legacy(u64 offset, u64 size) {
  u64 begin = place(CONTEXT->data_meta), bytes = CONTEXT->data;
  offset = (u32)offset;
  if (offset + size > bytes)
    IO(IO_END) = 0;
  return begin + offset;
}
HELPER legacy_byte(u64 offset) { return AT(u8, legacy(offset, 1)); }
HELPER legacy_half(u64 offset) { return __builtin_bswap16(AT(u16, legacy(offset, 2))); }
HELPER legacy_word(u64 offset) { return __builtin_bswap32(AT(u32, legacy(offset, 4))); }

#endif
