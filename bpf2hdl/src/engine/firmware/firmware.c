// SPDX-License-Identifier: Apache-2.0
// The engine's firmware: what it does with a packet around the program, the kernel's helpers, the host's commands.
//
// ../firmware.s is made from this by the test `firmware` with BPF2HDL_UPDATE_GOLDENS=1. `program` is replaced by the linked program, helpers by their names
// (../helpers.rs) at the calls.
#include "calls.h"
#include "events.h"
#include "fib.h"
#include "host.h"
#include "prints.h"

#define PACKET_EVENT 1
#define COMMAND_EVENT 2
#define SEED_EVENT 3
#define FAULT 16
#define PASS 2
#define TX 3

// The linker puts the program here.
HELPER program(volatile struct context *context) {
  u64 result = (u64)context;
  asm volatile("" : "+r"(result));
  return result;
}

// bpf2hdl_interface::ProgramType::action
INLINE u64 action_of(u64 code) {
  u32 kind = STATE->program_kind;
  code = (u32)code;
  if (kind == PHYS_DEV)
    return code == 0 ? 1 : code == 1 ? PASS : 0;
  if (code > 4 || (kind == AT_DEVMAP && code > PASS) || (kind == AT_CPUMAP && code == TX))
    return 0;
  return code;
}

INLINE void send(u64 sink, u64 begin, u64 bytes, u64 metadata, u64 kind, u64 target) {
  IO(IO_FRAME) = target << 32 | begin;
  IO(IO_SEND) = sink << 26 | kind << 24 | metadata << 16 | bytes;
}

// A copy to each port of a devmap.
INLINE void broadcast(u64 begin, u64 bytes, u32 target, u32 ingress) {
  map_t *map = MAP(MAPS + 64 * (u64)(target & 0x3fffffff));
  u32 is_hash = map->kind == HASH, count = is_hash ? map->fresh : map->max_entries;
  for (u32 i = 0; i < count; i++) {
    u64 entry = map->values + i * map->stride;
    if (is_hash && !AT(u32, entry + 4))
      continue;
    u32 port = AT(u32, is_hash ? value_of(map, entry) : entry) & 0x7fffffff;
    if (!AT(u32, is_hash ? value_of(map, entry) : entry) || (target & BUT_INGRESS && port == ingress))
      continue;
    send(2, begin, bytes, 0, PORTS, port);
  }
}

INLINE void packet(void) {
  u64 arrived = IO(IO_ARRIVED), bytes = arrived & 0xffff, ifindex = arrived >> 32 & 0xffff, queue = arrived >> 48;
  u32 kind = STATE->program_kind;
  if (arrived & 0x10000) {
    IO(IO_VERDICT) = bytes << 32;
    return;
  }
  STATE->low = HEAD;
  STATE->tail_calls = 0;
  STATE->kind = 0;
  STATE->target = 0;
  STATE->asked = 0;
  STATE->record_bytes = 0;
  CONTEXT->data_meta = PACKET | HEAD;
  if (kind == PHYS_DEV) {
    CONTEXT->data = bytes;
    CONTEXT->data_end = PACKET | (HEAD + bytes);
  } else {
    CONTEXT->data = PACKET | HEAD;
    CONTEXT->data_end = PACKET | (HEAD + bytes);
    CONTEXT->ingress_ifindex = ifindex;
    CONTEXT->rx_queue_index = kind == AT_DEVMAP ? 0 : queue;
    CONTEXT->egress_ifindex = kind == AT_DEVMAP ? queue : 0;
  }
  bounds();
  u64 action = action_of(program(CONTEXT));
  u64 begin = kind == PHYS_DEV ? HEAD : CONTEXT->data & 0xffff;
  u64 metadata = begin - (CONTEXT->data_meta & 0xffff), target = STATE->target;
  bytes = (CONTEXT->data_end & 0xffff) - begin;
  u64 kind_of = STATE->kind;
  if (action != REDIRECT) {
    target = 0;
    kind_of = 0;
  }
  if (STATE->record_bytes)
    flush();
  IO(IO_VERDICT) = kind_of << 51 | action << 48 | bytes << 32 | target;
  if (action == PASS)
    send(0, begin - metadata, bytes + metadata, metadata, 0, 0);
  else if (action == TX)
    send(1, begin, bytes, 0, 0, 0);
  else if (kind_of == PORTS && (target & ALL_OF))
    broadcast(begin, bytes, (u32)target, (u32)ifindex);
  else if (kind_of)
    send(2, begin, bytes, 0, kind_of, target);
}

// Helpers stay because this calls them; it never happens.
ROUTINE u64 keep(u64 n) {
  map_t *map = MAP(n);
  return map_lookup_elem(map, n) + map_update_elem(map, n, n, n) + map_delete_elem(map, n) + map_push_elem(map, n, n) + map_pop_elem(map, n) +
         map_peek_elem(map, n) + xdp_adjust_head(n, n) + xdp_adjust_meta(n, n) + xdp_adjust_tail(n, n) + xdp_get_buff_len(n) +
         xdp_load_bytes(n, n, n, n) + xdp_store_bytes(n, n, n, n) + csum_diff(n, n, n, n, n) + check_mtu(n, n, n, n, n) + redirect(n, n) +
         redirect_map(map, n, n) + tail_call(n, map, n) + loop(n, n, n, n) + for_each_map_elem(map, n, n, n) + ktime() + jiffies() + prandom() +
         zero() + perf_event_output(n, map, n, n, n) + ringbuf_output(map, n, n, n) + ringbuf_reserve(map, n, n) + ringbuf_submit(n, n) +
         ringbuf_discard(n, n) + ringbuf_query(map, n) + trace_printk(n, n, n, n, n) + trace_vprintk(n, n, n, n) + fib_lookup(n, n, n, n) + legacy_byte(n) + legacy_half(n) + legacy_word(n);
}

__attribute__((section("xdp"), used)) int firmware(u64 event) {
  if (event == PACKET_EVENT)
    packet();
  else if (event == COMMAND_EVENT)
    command();
  else if (event == SEED_EVENT)
    seed();
  else if (event == (FAULT | PACKET_EVENT))
    IO(IO_VERDICT) = (IO(IO_ARRIVED) & 0xffff) << 32;
  else if (event == (FAULT | COMMAND_EVENT))
    refuse();
  else if (event == (FAULT | SEED_EVENT))
    answer(0);
  else
    return (int)keep(event);
  return 0;
}

char license_text[] __attribute__((section("license"), used)) = "Apache-2.0";
