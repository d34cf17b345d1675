// SPDX-License-Identifier: Apache-2.0
// Hash maps: chains of nodes { next, used, older, newer, key, value }, key and value padded to 8 bytes.
//
// As kernel/bpf/hashtab.c: a map takes max_entries keys and then answers E2BIG; the update of a key that is there makes a new node (`spare`),
// so that pointers to the old value keep it; the values of per-CPU maps are changed in place. A full LRU map drops the key that was used least recently.
#ifndef HASH_H
#define HASH_H
#include "memory.h"

#define NODE_KEY 16

INLINE u64 padded(u64 size) { return (size + 7) & ~7ull; }

// The link that leads to the key's node, or that ends its chain.
ROUTINE u64 find(map_t *map, u64 key) {
  u64 size = map->key_size, hash = IO(IO_SEED);
  for (u64 at = key, left = size;; at += 8, left -= 8) {
    hash = (hash ^ word(at, left)) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
    if (left <= 8)
      break;
  }
  u64 link = map->buckets + 4 * (hash & map->mask);
  for (;;) {
    u64 node = AT(u32, link);
    if (!node)
      return link;
    u64 at = key, there = node + NODE_KEY, left = size;
    for (;;) {
      if (AT(u64, there) != word(at, left))
        break;
      if (left <= 8)
        return link;
      at += 8;
      there += 8;
      left -= 8;
    }
    link = node;
  }
}

// A value; a lock in it stays as it is.
ROUTINE void put(map_t *map, u64 to, u64 from) {
  u32 lock = map->flags >> LOCK_SHIFT, old = 0;
  if (lock)
    old = AT(u32, to + lock - 1);
  copy(to, from, map->value_size);
  if (lock)
    AT(u32, to + lock - 1) = old;
}

INLINE u64 value_of(map_t *map, u64 node) { return node + NODE_KEY + padded(map->key_size); }

// ---- the order of use ----
#define OLDER(node) AT(u32, (node) + 8)
#define NEWER(node) AT(u32, (node) + 12)

INLINE void forget(map_t *map, u64 node) {
  u32 older = OLDER(node), newer = NEWER(node);
  if (older)
    NEWER(older) = newer;
  else
    map->oldest = newer;
  if (newer)
    OLDER(newer) = older;
  else
    map->newest = older;
}

INLINE void use(map_t *map, u64 node) {
  u32 last = map->newest;
  OLDER(node) = last;
  NEWER(node) = 0;
  if (last)
    NEWER(last) = node;
  else
    map->oldest = node;
  map->newest = node;
}

ROUTINE void touch(map_t *map, u64 node) {
  if (map->newest != node) {
    forget(map, node);
    use(map, node);
  }
}

// ---- nodes ----
ROUTINE u64 take(map_t *map) {
  u32 node = map->free;
  if (node) {
    map->free = AT(u32, node);
    return node;
  }
  node = map->values + map->fresh * map->stride;
  map->fresh++;
  return node;
}

ROUTINE void drop(map_t *map, u64 link) {
  u32 node = AT(u32, link);
  AT(u32, link) = AT(u32, node);
  AT(u32, node) = map->free;
  AT(u32, node + 4) = 0;
  map->free = node;
  map->entries--;
  if (map->flags & IS_LRU)
    forget(map, node);
}

ROUTINE u64 hash_update(map_t *map, u64 key, u64 value, u64 flags, u64 most) {
  u64 link = find(map, key);
  u32 node = AT(u32, link), fresh;
  if (node) {
    if (flags & 1)
      return ERROR(EEXIST);
    if (map->flags & IS_CPUS || flags & 4) {
      put(map, value_of(map, node), value);
      if (map->flags & IS_LRU)
        touch(map, node);
      return 0;
    }
    fresh = map->spare;
    if (!fresh)
      fresh = take(map);
    map->spare = node;
    if (map->flags & IS_LRU)
      forget(map, node);
    AT(u32, node + 4) = 0;
    AT(u32, fresh) = AT(u32, node);
  } else {
    if (flags & 2)
      return ERROR(ENOENT);
    if (map->entries >= most) {
      if (!(map->flags & IS_LRU))
        return ERROR(E2BIG);
      drop(map, find(map, map->oldest + NODE_KEY));
      // That may have been the end of this chain.
      link = find(map, key);
    }
    fresh = take(map);
    map->entries++;
    AT(u32, fresh) = 0;
  }
  u64 size = map->key_size;
  for (u64 at = 0;; at += 8) {
    AT(u64, fresh + NODE_KEY + at) = word(key + at, size);
    if (size <= 8)
      break;
    size -= 8;
  }
  put(map, value_of(map, fresh), value);
  AT(u32, fresh + 4) = 1;
  AT(u32, link) = fresh;
  if (map->flags & IS_LRU)
    use(map, fresh);
  return 0;
}

ROUTINE u64 hash_delete(map_t *map, u64 key) {
  u64 link = find(map, key);
  if (!AT(u32, link))
    return ERROR(ENOENT);
  drop(map, link);
  return 0;
}

// The map is empty again.
ROUTINE void hash_clear(map_t *map) {
  clear(map->buckets, 4 * (u64)(map->mask + 1));
  for (u32 n = 0, node = map->values; n < map->fresh; n++, node += map->stride) {
    AT(u32, node + 4) = 0;
    STEP(n);
  }
  map->entries = 0;
  map->free = 0;
  map->fresh = 0;
  map->spare = 0;
  if (map->flags & IS_LRU) {
    map->newest = 0;
    map->oldest = 0;
  }
}

#endif
