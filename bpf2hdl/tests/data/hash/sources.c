// SPDX-License-Identifier: Apache-2.0
// Keys and values from stack, packet and map values; pointers that live across other calls.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct addresses {
	__u8 destination[6];
	__u8 source[6];
	__u16 type;
};

struct value {
	__u32 count;
	__u8 last_source[6];
	__u16 type;
	__u64 copies;
};

/* Keyed by bytes of the packet. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 40);
	__type(key, __u8[6]);
	__type(value, struct value);
} by_source SEC(".maps");

/* Keyed by part of a value of the other map; its values are such values. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 24);
	__type(key, __u32);
	__type(value, struct value);
} by_count SEC(".maps");

/* Values from the packet. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1000);
	__type(key, __u16);
	__type(value, struct addresses);
} by_type SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, struct value);
} slots SEC(".maps");

SEC("xdp")
int sources(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct addresses *frame = data;
	struct value *mine, *other, fresh;
	__u32 slot;
	long failed = 0;

	if (data + 32 > data_end)
		return XDP_DROP;
	__builtin_memset(&fresh, 0, sizeof(fresh));
	fresh.type = frame->type;
	__builtin_memcpy(fresh.last_source, frame->source, 6);
	mine = bpf_map_lookup_elem(&by_source, frame->source);
	if (!mine) {
		failed |= bpf_map_update_elem(&by_source, frame->source, &fresh, BPF_NOEXIST);
		mine = bpf_map_lookup_elem(&by_source, frame->source);
		if (!mine)
			return XDP_ABORTED;
	}
	/* `mine` is used again after calls on three other maps. */
	failed |= bpf_map_update_elem(&by_type, &frame->type, frame, BPF_ANY);
	other = bpf_map_lookup_elem(&by_count, &mine->count);
	if (other)
		other->copies++;
	else
		failed |= bpf_map_update_elem(&by_count, &mine->count, mine, BPF_ANY);
	slot = mine->count & 3;
	failed |= bpf_map_update_elem(&slots, &slot, mine, frame->destination[0] & 7);
	if (other && frame->destination[1] == 3)
		failed |= bpf_map_delete_elem(&by_count, &mine->count);
	mine->count++;
	mine->copies += failed;
	*(long *)(data + 16) = failed;
	*(__u32 *)(data + 24) = mine->count;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
