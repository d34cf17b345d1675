// SPDX-License-Identifier: Apache-2.0
// bpf_fib_lookup in the tables `.dev`, `.fib4`, `.neigh4`, `.fib6`, `.neigh6` (bpf2hdl_interface::network), in the order of the kernel's checks
// (bpf_ipv4_fib_lookup, bpf_ipv6_fib_lookup, net/core/filter.c of Linux 6.18; bpf2hdl/src/verify/fib.rs has the same for pipelines).
#ifndef FIB_H
#define FIB_H
#include "maps.h"

// struct bpf_fib_lookup (include/uapi/linux/bpf.h).
#define FIB_BYTES 64
#define FIB_TOT_LEN 6
#define FIB_IFINDEX 8
#define FIB_METRIC 12
#define FIB_SRC 16
#define FIB_DST 32
#define FIB_VLAN 48
#define FIB_SMAC 52
#define FIB_DMAC 58

#define DIRECT 1
#define SKIP_NEIGH 4
#define KNOWN_FLAGS 0x3f
#define NOT_FORWARDED 4
#define DISABLED 5
#define NO_NEIGHBOUR 7
#define TOO_LONG 8
#define FORWARD 0
#define LOCAL 4
#define ENCAPSULATE 6
#define EAFNOSUPPORT 97

INLINE map_t *table(u64 number) { return MAP(STATE->tables + 64 * number); }

// Multicast, link-local, loopback (rt6_need_strict, include/net/ip6_route.h).
ROUTINE u64 is_strict(u64 address) {
  u8 first = AT(u8, address);
  if (first == 0xff || (first == 0xfe && AT(u8, address + 1) >> 6 == 2))
    return 1;
  return !AT(u64, address) && AT(u64, address + 8) == 1ull << 56;
}

HELPER fib_lookup(u64 context, u64 at, u64 size, u64 flags) {
  u64 words, is6, result;
  at = place(at);
  flags = (u32)flags;
  if ((u32)size < FIB_BYTES || flags & ~KNOWN_FLAGS)
    return ERROR(EINVAL);
  if (AT(u8, at) == 2) {
    is6 = 0;
    words = 4;
  } else if (AT(u8, at) == 10) {
    is6 = 1;
    words = 16;
    if (is_strict(at + FIB_DST) || is_strict(at + FIB_SRC))
      return NOT_FORWARDED;
  } else {
    return ERROR(EAFNOSUPPORT);
  }
  u32 interface = AT(u32, at + FIB_IFINDEX);
  AT(u32, SCRATCH) = interface;
  u64 device = map_lookup_elem(table(0), SCRATCH);
  if (!device || !(AT(u8, device) >> is6 & 1))
    return device || interface == 1 ? DISABLED : ERROR(ENODEV);

  AT(u32, SCRATCH) = 8 * words;
  copy(SCRATCH + 4, at + FIB_DST, words);
  u64 route = map_lookup_elem(table(1 + 2 * is6), SCRATCH);
  if (!route)
    return NOT_FORWARDED;
  u32 word = AT(u32, route + 4), mtu = word & 0xffffff;
  u64 answer = is6 && word >> 31 && !(flags & DIRECT) ? LOCAL : word >> 24 & 0x7f;
  if (answer != FORWARD && answer != ENCAPSULATE)
    return answer;
  if (mtu < AT(u16, at + FIB_TOT_LEN)) {
    AT(u16, at + FIB_TOT_LEN) = mtu;
    return TOO_LONG;
  }
  if (answer == ENCAPSULATE)
    return answer;

  u64 gateway = 0;
  for (u64 i = 0; i < words; i += 4) {
    gateway |= AT(u32, route + 12 + i);
    STEP(i);
  }
  interface = AT(u32, route);
  AT(u32, at + FIB_IFINDEX) = interface;
  AT(u32, at + FIB_METRIC) = AT(u32, route + 8);
  if (gateway)
    copy(at + FIB_DST, route + 12, words);
  result = 0;
  if (!(flags & SKIP_NEIGH)) {
    AT(u32, SCRATCH) = interface;
    copy(SCRATCH + 4, at + FIB_DST, words);
    u64 neighbour = map_lookup_elem(table(2 + 2 * is6), SCRATCH);
    if (!neighbour)
      return NO_NEIGHBOUR;
    copy(at + FIB_DMAC, neighbour, 6);
    copy(at + FIB_SMAC, neighbour + 6, 6);
  }
  AT(u16, at + FIB_TOT_LEN) = mtu;
  AT(u32, at + FIB_VLAN) = 0;
  return result;
}

#endif
