// SPDX-License-Identifier: Apache-2.0
// Records for the host (docs: registers, "Records for the host"): collected while the program runs, sent in their order when it has ended.
//
// In the buffer a record has two words in front: what is to become of it, and its bytes. Results and conditions are those of
// bpf_xdp_event_output (net/core/filter.c), __bpf_perf_event_output (kernel/trace/bpf_trace.c) and kernel/bpf/ringbuf.c of Linux 6.18.
#ifndef EVENTS_H
#define EVENTS_H
#include "packet.h"

#define EAGAIN 11
#define EFAULT 14
#define CURRENT_CPU 0xffffffffull
#define FRONT 8       // words in front
#define HEADER 16
#define OPEN 0
#define SUBMITTED 1
#define DISCARDED 2
#define RING_HEADER 8
#define MOST_BYTES 0xffffu

// Room for a record with its header but for number and losses; 0 if there is none.
ROUTINE u64 record(map_t *map, u64 size, u64 packet) {
  u64 front = packet ? (size + 79) & ~63ull : (size + 23) & ~7ull, bytes = front + ((packet + 7) & ~7ull);
  u64 used = STATE->record_bytes, at = STATE->buffer + used;
  if (bytes > MOST_BYTES || used + bytes + FRONT > STATE->buffer_bytes) {
    STATE->lost++;
    IO(IO_LOST) = 1;
    return 0;
  }
  STATE->record_bytes = used + bytes + FRONT;
  AT(u32, at) = OPEN;
  AT(u32, at + 4) = bytes;
  at += FRONT;
  u64 number = ((u64)map - MAPS) / 64;
  AT(u64, at) = packet << 48 | size << 32 | 1ull << 24 | number << 16 | bytes;
  return at + HEADER;
}

HELPER perf_event_output(u64 context, map_t *map, u64 flags, u64 data, u64 size) {
  u64 index = flags & CURRENT_CPU, count = flags >> 32 & 0xfffff;
  u64 entries = map->max_entries ? map->max_entries : 1;
  if (flags >> 52)
    return ERROR(EINVAL);
  if (count > length())
    return ERROR(EFAULT);
  if (index != CURRENT_CPU && index >= entries)
    return ERROR(E2BIG);
  if (index != CURRENT_CPU && index)
    return ERROR(ENOENT);
  u64 at = record(map, size, count);
  if (!at)
    return ERROR(ENOSPC);
  copy(at, place(data), size);
  if (count)
    copy(at - HEADER + ((size + 79) & ~63ull), place(CONTEXT->data), count);
  AT(u32, at - HEADER - FRONT) = SUBMITTED;
  return 0;
}

INLINE u64 most(map_t *map) {
  u32 bytes = map->max_entries - RING_HEADER;
  return bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

HELPER ringbuf_output(map_t *map, u64 data, u64 size, u64 flags) {
  if (flags & ~3ull)
    return ERROR(EINVAL);
  if (size > most(map))
    return ERROR(EAGAIN);
  u64 at = record(map, size, 0);
  if (!at)
    return ERROR(EAGAIN);
  copy(at, place(data), size);
  AT(u32, at - HEADER - FRONT) = SUBMITTED;
  return 0;
}

// What is not written is zero.
HELPER ringbuf_reserve(map_t *map, u64 size, u64 flags) {
  if (flags || size > most(map))
    return 0;
  u64 at = record(map, size, 0);
  if (at)
    clear(at, size);
  return at;
}

HELPER ringbuf_submit(u64 data, u64 flags) {
  AT(u32, data - HEADER - FRONT) = SUBMITTED;
  return 0;
}

HELPER ringbuf_discard(u64 data, u64 flags) {
  AT(u32, data - HEADER - FRONT) = DISCARDED;
  return 0;
}

// The size is all that does not depend on the reader.
HELPER ringbuf_query(map_t *map, u64 flags) { return flags == 1 ? map->max_entries : 0; }

// Sends what was collected.
ROUTINE void flush(void) {
  u64 at = STATE->buffer, end = at + STATE->record_bytes;
  STATE->record_bytes = 0;
  while (at < end) {
    u64 bytes = AT(u32, at + 4);
    if (AT(u32, at) == SUBMITTED) {
      AT(u64, at + FRONT + 8) = (u64)STATE->lost << 32 | STATE->number;
      IO(IO_FRAME) = at + FRONT - MEMORY;
      IO(IO_SEND) = 3 << 26 | bytes;
      if (IO(IO_ROOM) & 1) {
        STATE->number++;
      } else {
        STATE->lost++;
        IO(IO_LOST) = 1;
      }
    }
    at += bytes + FRONT;
  }
}

#endif
