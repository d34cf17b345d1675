// SPDX-License-Identifier: Apache-2.0
// Helpers on maps of all kinds.
#ifndef MAPS_H
#define MAPS_H
#include "hash.h"
#include "trie.h"

// The key in the pool of an inner map: its number goes in front (bpf2hdl_interface::inner_maps).
ROUTINE u64 pool_key(map_t *map, u64 key) {
  u64 bytes = map->fresh, size = map->key_size, to = SCRATCH;
  if (map->kind == TRIE) {
    AT(u32, to) = AT(u32, key) + 8 * (u32)bytes;
    to += 4;
    key += 4;
    size -= 4;
  }
  AT(u32, to) = map->free;
  copy(to + bytes, key, size);
  return SCRATCH;
}

HELPER map_lookup_elem(map_t *map, u64 key) {
  key = place(key);
  u32 kind = map->kind;
  if (kind == ARRAY) {
    u32 index = AT(u32, key);
    if (index >= map->max_entries)
      return 0;
    u64 value = map->values + index * map->stride;
    if (map->flags & (IS_TARGETS | IS_OUTER)) {
      u32 first = AT(u32, value);
      if (!first)
        return 0;
      if (map->flags & IS_OUTER)
        return map->oldest + 64 * (first & 0x7fffffff);
    }
    return value;
  }
  if (map->flags & IS_INNER) {
    key = pool_key(map, key);
    map = MAP(map->newest);
  }
  if (kind == HASH) {
    u64 node = AT(u32, find(map, key));
    if (!node)
      return 0;
    if (map->flags & IS_LRU)
      touch(map, node);
    u64 value = value_of(map, node);
    if (map->flags & IS_OUTER)
      return map->oldest + 64 * (AT(u32, value) & 0x7fffffff);
    return value;
  }
  if (kind == TRIE)
    return trie_lookup(map, key);
  return 0;
}

HELPER map_update_elem(map_t *map, u64 key, u64 value, u64 flags) {
  key = place(key);
  value = place(value);
  u32 kind = map->kind;
  if (kind == ARRAY) {
    // kernel/bpf/arraymap.c array_map_update_elem
    if ((flags & ~4ull) > 2 || (flags & 4 && !(map->flags >> LOCK_SHIFT)))
      return ERROR(EINVAL);
    u32 index = AT(u32, key);
    if (index >= map->max_entries)
      return ERROR(E2BIG);
    if (flags & 1)
      return ERROR(EEXIST);
    put(map, map->values + index * map->stride, value);
    return 0;
  }
  if (kind != HASH || (flags & ~4ull) > 2 || (flags & 4 && !(map->flags >> LOCK_SHIFT)))
    return ERROR(EINVAL);
  if (!(map->flags & IS_INNER))
    return hash_update(map, key, value, flags, map->max_entries);
  // An inner map is full by itself.
  u64 inner = pool_key(map, key);
  map_t *pool = MAP(map->newest);
  u32 before = pool->entries;
  u64 most = map->entries < map->max_entries || (pool->flags & IS_LRU) ? pool->max_entries : 0;
  u64 result = hash_update(pool, inner, value, flags, most);
  map->entries += pool->entries - before;
  return result;
}

HELPER map_delete_elem(map_t *map, u64 key) {
  key = place(key);
  if (map->kind != HASH)
    return ERROR(EINVAL);
  if (!(map->flags & IS_INNER))
    return hash_delete(map, key);
  u64 result = hash_delete(MAP(map->newest), pool_key(map, key));
  if (!result)
    map->entries--;
  return result;
}

// ---- queues and stacks: kernel/bpf/queue_stack_maps.c; state: next place, oldest place, elements ----
HELPER map_push_elem(map_t *map, u64 value, u64 flags) {
  u64 state = map->spare;
  u32 next = AT(u32, state), oldest = AT(u32, state + 4), count = AT(u32, state + 8);
  if (map->kind == BLOOM)
    return flags ? ERROR(EINVAL) : bloom_push(map, place(value));
  if (flags != 0 && flags != 2)
    return ERROR(EINVAL);
  if (count == map->max_entries) {
    if (!flags)
      return ERROR(E2BIG);
    oldest++;
    AT(u32, state + 4) = oldest == map->max_entries ? 0 : oldest;
  } else {
    AT(u32, state + 8) = count + 1;
  }
  copy(map->values + next * map->stride, place(value), map->value_size);
  next++;
  AT(u32, state) = next == map->max_entries ? 0 : next;
  return 0;
}

INLINE u64 front(map_t *map, u64 value, int take) {
  u64 state = map->spare;
  u32 next = AT(u32, state), oldest = AT(u32, state + 4), count = AT(u32, state + 8), at;
  value = place(value);
  if (!count) {
    clear(value, map->value_size);
    return ERROR(ENOENT);
  }
  if (map->kind == STACK) {
    at = next ? next - 1 : map->max_entries - 1;
    if (take)
      AT(u32, state) = at;
  } else {
    at = oldest;
    if (take)
      AT(u32, state + 4) = at + 1 == map->max_entries ? 0 : at + 1;
  }
  if (take)
    AT(u32, state + 8) = count - 1;
  copy(value, map->values + at * map->stride, map->value_size);
  return 0;
}

HELPER map_pop_elem(map_t *map, u64 value) { return front(map, value, 1); }

HELPER map_peek_elem(map_t *map, u64 value) {
  if (map->kind == BLOOM)
    return bloom_has(map, place(value)) ? 0 : ERROR(ENOENT);
  return front(map, value, 0);
}

#endif
