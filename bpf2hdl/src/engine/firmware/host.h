// SPDX-License-Identifier: Apache-2.0
// What the host asks for between two packets: commands on maps (docs: registers), a new seed.
#ifndef HOST_H
#define HOST_H
#include "maps.h"

#define READ 1
#define WRITE 2
#define LOOKUP 4
#define UPDATE 5
#define DELETE 6

INLINE void answer(u64 errno) { IO(IO_ANSWER) = errno; }
INLINE void refuse(void) { IO(IO_ANSWER) = 1 << 8; }
INLINE void cursor(u64 at, u64 errno) { IO(IO_ANSWER) = at << 32 | 1 << 9 | errno; }

INLINE void array_command(map_t *map, u64 op, u64 index) {
  u64 entries = map->kind == ARRAY || map->kind == QUEUE || map->kind == STACK ? map->max_entries : 0;
  if (index >= entries || (op != READ && op != WRITE))
    return refuse();
  u64 value = map->values + index * map->stride;
  if (op == READ)
    copy(DATA, value, map->value_size);
  else
    put(map, value, DATA);
  answer(0);
}

// A pool's inner maps count their keys, too.
INLINE void recount(map_t *pool, u32 before) {
  u32 now = pool->entries;
  if (now == before)
    return;
  for (u32 n = 0; n < STATE->map_count; n++) {
    map_t *outer = MAP(MAPS + 64 * (u64)n);
    if (!(outer->flags & IS_OUTER) || outer->newest != (u32)(u64)pool)
      continue;
    map_t *inner = MAP(outer->oldest);
    u64 number = word(KEY, inner->fresh);
    inner = MAP(outer->oldest + 64 * number);
    inner->entries += now - before;
    return;
  }
}

INLINE void hash_command(map_t *map, u64 op, u64 flags, u64 index) {
  u32 before = map->entries;
  if (op == LOOKUP) {
    u64 node = AT(u32, find(map, KEY));
    if (!node)
      return answer(ENOENT);
    copy(DATA, value_of(map, node), map->value_size);
    return answer(0);
  }
  if (op == UPDATE) {
    u64 error = -hash_update(map, KEY, DATA, flags, map->max_entries);
    recount(map, before);
    return answer(error);
  }
  if (op == DELETE) {
    u64 error = -hash_delete(map, KEY);
    recount(map, before);
    return answer(error);
  }
  if (op != 7)
    return refuse();
  for (; index < map->fresh; index++) {
    u64 node = map->values + index * map->stride;
    if (AT(u32, node + 4)) {
      copy(KEY, node + NODE_KEY, map->key_size);
      copy(DATA, value_of(map, node), map->value_size);
      return cursor(index + 1, 0);
    }
  }
  cursor(index, ENOENT);
}

INLINE void trie_command(map_t *map, u64 op, u64 flags, u64 index) {
  if (op == WRITE)
    return answer(trie_word(map, (u32)index, flags & 1));
  if (op == 7) {
    for (; index < map->max_entries; index++) {
      u64 slot = map->values + index * map->stride;
      if (AT(u32, slot)) {
        copy(KEY, slot + SLOT_KEY, map->key_size);
        copy(DATA, slot + slot_value(map), map->value_size);
        return cursor(index + 1, 0);
      }
    }
    return cursor(index, ENOENT);
  }
  if (op < LOOKUP)
    return refuse();
  if (index >= map->max_entries)
    return answer(EINVAL);
  u64 slot = map->values + index * map->stride;
  u32 used = AT(u32, slot);
  if (op == UPDATE) {
    copy(slot + SLOT_KEY, KEY, map->key_size);
    copy(slot + slot_value(map), DATA, map->value_size);
    AT(u32, slot) = 1;
    map->entries += !used;
    return answer(0);
  }
  if (!used)
    return answer(ENOENT);
  if (op == DELETE) {
    AT(u32, slot) = 0;
    map->entries--;
    return answer(0);
  }
  copy(KEY, slot + SLOT_KEY, map->key_size);
  copy(DATA, slot + slot_value(map), map->value_size);
  answer(0);
}

ROUTINE void command(void) {
  u64 which = IO(IO_MAP), op = IO(IO_COMMAND), flags = op >> 8 & 3;
  map_t *map = MAP(MAPS + 64 * (which & 0xffffffff));
  op &= 7;
  if (map->kind == HASH)
    hash_command(map, op, flags, which >> 32);
  else if (map->kind == TRIE)
    trie_command(map, op, flags, which >> 32);
  else
    array_command(map, op, which >> 32);
}

// All hash maps are empty, and inner ones count from zero.
ROUTINE void seed(void) {
  for (u32 n = 0; n < STATE->all_maps; n++) {
    map_t *map = MAP(MAPS + 64 * (u64)n);
    if (map->flags & IS_INNER)
      map->entries = 0;
    else if (map->kind == HASH)
      hash_clear(map);
  }
  answer(0);
}

#endif
