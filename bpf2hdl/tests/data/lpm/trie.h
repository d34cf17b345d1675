/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, values and packet access of the programs with LPM tries. */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#ifndef ENTRIES
#define ENTRIES 200
#endif

struct key4 {
	__u32 length;
	__u8 address[4];
};

struct key6 {
	__u32 length;
	__u8 address[16];
};

struct route {
	__u32 action;
	__u32 tag;
	__u64 packets;
	__u64 state;
};

#define TRIE(name, key_type, entries)                   \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);    \
		__uint(map_flags, BPF_F_NO_PREALLOC);   \
		__uint(max_entries, entries);           \
		__type(key, key_type);                  \
		__type(value, struct route);            \
	} name SEC(".maps")

/* What the programs look at: Ethernet, then addresses and small numbers at fixed places. */
struct frame {
	__u8 ethernet[12];
	__u16 type;
	__u8 from4[4];
	__u8 to4[4];
	__u8 from6[16];
	__u8 to6[16];
	__u8 length;
	__u8 choice;
	__u8 tag[4];
} __attribute__((packed));

#define is_short(ctx, frame) ((void *)((frame) + 1) > (void *)(long)(ctx)->data_end)

/* An action from the table, and the entry's tag in the packet. */
static __always_inline int follow(struct frame *frame, struct route *route)
{
	__builtin_memcpy(frame->tag, &route->tag, 4);
	return route->action & 3;
}
