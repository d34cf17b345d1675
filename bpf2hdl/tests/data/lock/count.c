// SPDX-License-Identifier: Apache-2.0
// Values with a lock, at LOCK_FIRST, in the middle, or LOCK_LAST. A packet changes an entry under its lock (INSIDE: in a function of its own),
// and, by the first byte, replaces it, with flags of the packet; DELETE: or deletes it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_HASH
#endif
#ifndef ENTRIES
#define ENTRIES 16
#endif

struct value {
#ifdef LOCK_FIRST
	struct bpf_spin_lock lock;
	__u32 first;
#endif
	__u64 packets;
#if !defined(LOCK_FIRST) && !defined(LOCK_LAST)
	__u32 first;
	struct bpf_spin_lock lock;
#endif
	__u32 bytes, last;
#ifdef LOCK_LAST
	__u32 first;
	struct bpf_spin_lock lock;
#endif
};

struct {
	__uint(type, MAP_TYPE);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, ENTRIES);
} values SEC(".maps");

struct frame {
	__u8 command, key, flags, other;
	__u32 number;
	__u8 rest[24];
};

#ifdef INSIDE
static __attribute__((noinline)) int change(struct value *value, __u32 number)
#else
static __always_inline int change(struct value *value, __u32 number)
#endif
{
	value->packets++;
	if (value->first == 0)
		value->first = number;
	value->bytes += number & 0xffff;
	value->last = value->bytes ^ number;
	return value->last & 1;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct value *value;
	int result = 0;
	__u32 key;

	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	key = frame->key;
	switch (frame->command & 7) {
	case 0:
	case 1: {
		struct value fresh = {.packets = frame->number, .first = frame->other, .last = 7};
		__u64 flags = frame->flags & 15;

		result = bpf_map_update_elem(&values, &key, &fresh, flags);
		break;
	}
#ifdef DELETE
	case 2:
		result = bpf_map_delete_elem(&values, &key);
		break;
#endif
	default:
		value = bpf_map_lookup_elem(&values, &key);
		if (!value)
			return XDP_PASS;
		bpf_spin_lock(&value->lock);
		if (frame->command & 8)
			result = change(value, frame->number);
		else
			value->bytes++;
		bpf_spin_unlock(&value->lock);
		result += value->packets;
	}
	frame->number = result;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
