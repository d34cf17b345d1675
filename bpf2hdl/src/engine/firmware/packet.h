// SPDX-License-Identifier: Apache-2.0
// Helpers on the packet: its extent, checksums, copies, redirects (net/core/filter.c of Linux 6.18).
#ifndef PACKET_H
#define PACKET_H
#include "maps.h"

#define FRAME_BYTES 40u   // struct xdp_frame stands at the start of the headroom
#define HARD_END 3776u    // a page less struct skb_shared_info
#define ETHERNET 14u

INLINE void bounds(void) { IO(IO_BOUNDS) = (u64)(CONTEXT->data_end & 0xffff) << 16 | (CONTEXT->data_meta & 0xffff); }

// Bytes from here on belong to the packet now; those that never did are zero.
INLINE void reach(u32 low) {
  u32 before = STATE->low;
  if (low < before) {
    clear(MEMORY + low, before - low);
    STATE->low = low;
  }
}

HELPER xdp_adjust_head(u64 context, u64 delta) {
  s64 offset = (int)delta;
  s64 head = CONTEXT->data & 0xffff, end = CONTEXT->data_end & 0xffff, meta = CONTEXT->data_meta & 0xffff;
  s64 metadata = head - meta, data = head + offset;
  if (data < FRAME_BYTES + metadata || data > end - ETHERNET)
    return ERROR(EINVAL);
  IO(IO_MODIFIED) = 0;
  reach((u32)(meta + offset));
  // Front first where it moves down, back first where it moves up.
  if (offset < 0)
    for (s64 i = 0; i < metadata; i += 4) {
      AT(u32, MEMORY + meta + offset + i) = AT(u32, MEMORY + meta + i);
      STEP(i);
    }
  else
    for (s64 i = metadata - 4; i >= 0; i -= 4) {
      AT(u32, MEMORY + meta + offset + i) = AT(u32, MEMORY + meta + i);
      STEP(i);
    }
  CONTEXT->data = PACKET | data;
  CONTEXT->data_meta = PACKET | (meta + offset);
  bounds();
  return 0;
}

HELPER xdp_adjust_meta(u64 context, u64 delta) {
  s64 offset = (int)delta, head = CONTEXT->data & 0xffff, meta = (CONTEXT->data_meta & 0xffff) + offset;
  if (meta < FRAME_BYTES || meta > head)
    return ERROR(EINVAL);
  if (((head - meta) & 3) || head - meta > 252)
    return ERROR(EACCES);
  reach((u32)meta);
  CONTEXT->data_meta = PACKET | meta;
  bounds();
  return 0;
}

HELPER xdp_adjust_tail(u64 context, u64 delta) {
  s64 offset = (int)delta, head = CONTEXT->data & 0xffff, end = (CONTEXT->data_end & 0xffff), after = end + offset;
  if (after > HARD_END || after < head + ETHERNET)
    return ERROR(EINVAL);
  if (offset > 0)
    clear(MEMORY + end, offset);
  if (offset)
    IO(IO_MODIFIED) = 0;
  CONTEXT->data_end = PACKET | after;
  bounds();
  return 0;
}

INLINE u64 length(void) { return CONTEXT->data_end - CONTEXT->data; }

HELPER xdp_get_buff_len(u64 context) { return length(); }

HELPER xdp_load_bytes(u64 context, u64 at, u64 to, u64 size) {
  at = (u32)at;
  size = (u32)size;
  if (at > 0xffff || size > 0xffff || at + size > length())
    return ERROR(EINVAL);
  copy(place(to), place(CONTEXT->data) + at, size);
  return 0;
}

HELPER xdp_store_bytes(u64 context, u64 at, u64 from, u64 size) {
  at = (u32)at;
  size = (u32)size;
  if (at > 0xffff || size > 0xffff || at + size > length())
    return ERROR(EINVAL);
  IO(IO_MODIFIED) = 0;
  copy(place(CONTEXT->data) + at, place(from), size);
  return 0;
}

// ---- sums in ones' complement, with the form of zero that csum_partial and csum_sub give ----
INLINE u64 folded(u64 sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  return (sum & 0xffffffff) + (sum >> 32);
}

ROUTINE u64 sum_of(u64 at, u64 size, u64 sum) {
  for (; size >= 4; size -= 4, at += 4) {
    sum += AT(u32, at);
    STEP(size);
  }
  return folded(sum);
}

HELPER csum_diff(u64 from, u64 from_size, u64 to, u64 to_size, u64 seed) {
  from_size = (u32)from_size;
  to_size = (u32)to_size;
  seed = (u32)seed;
  if ((from_size | to_size) & 3)
    return ERROR(EINVAL);
  u64 sum = seed;
  if (to_size)
    sum = sum_of(place(to), to_size, seed);
  if (from_size && to_size)
    sum = folded(sum + (u32)~sum_of(place(from), from_size, 0));
  else if (from_size)
    sum = (u32)~sum_of(place(from), from_size, (u32)~seed);
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

// bpf_xdp_check_mtu; every interface from 1 to 65,535 is there and has 1,500.
HELPER check_mtu(u64 context, u64 ifindex, u64 mtu_len, u64 difference, u64 flags) {
  if (flags)
    return ERROR(EINVAL);
  ifindex = (u32)ifindex;
  if (ifindex > 65535)
    return ERROR(ENODEV);
  mtu_len = place(mtu_len);
  u32 given = AT(u32, mtu_len);
  int frame = (int)((given ? given + ETHERNET : (u32)length()) + (u32)difference);
  AT(u32, mtu_len) = 1500;
  return frame > 1514;
}

// ---- redirects ----
#define REDIRECT 4

HELPER redirect(u64 ifindex, u64 flags) {
  if (flags)
    return 0;
  STATE->target = ifindex & 0x7fffffff;
  STATE->kind = (u32)ifindex >> 31 ? 0 : 1;
  return REDIRECT;
}

#define PORTS 1
#define CPUS 2
#define SOCKETS 3
#define ALL_OF 0x80000000u
#define BUT_INGRESS 0x40000000u

HELPER redirect_map(map_t *map, u64 key, u64 flags) {
  u32 kind = map->oldest, target = 0;
  if (map->kind == HASH)
    kind = PORTS;
  if (flags & (kind == PORTS ? ~27ull : ~3ull))
    return 0;
  if (flags & 8) {
    STATE->kind = PORTS;
    STATE->target = ALL_OF | (flags & 16 ? BUT_INGRESS : 0) | (u32)(((u64)map - MAPS) / 64);
    return REDIRECT;
  }
  AT(u32, SCRATCH) = (u32)key;
  u64 value = map_lookup_elem(map, SCRATCH);
  if (value)
    target = AT(u32, value);
  if (!value) {
    STATE->kind = 0;
    return flags & 3;
  }
  STATE->kind = kind;
  STATE->target = kind == CPUS ? (u32)key : kind == PORTS ? target & 0x7fffffff : target;
  return REDIRECT;
}

#endif
