// SPDX-License-Identifier: Apache-2.0
// Inner maps of the source's own: of different sizes, in two outer maps at once, and used directly as well.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct small {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
};

struct large {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP);
	__uint(max_entries, 9);
	__type(key, __u32);
	__type(value, __u64);
};

struct small one SEC(".maps"), two SEC(".maps");
struct large three SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct small);
} by_index SEC(".maps") = { .values = { [0] = &one, [1] = (struct small *)&three, [3] = &two } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct small);
} by_key SEC(".maps") = { .values = { [0] = &two, [1] = &one } };

SEC("xdp")
int direct(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	__u32 which, index, zero = 0;
	void *map = 0;
	__u64 *count;

	if (data + 40 > end)
		return XDP_ABORTED;
	which = data[14];
	index = data[15];
	// A pointer that may come from either outer map, or be none.
	if (data[16] & 1)
		map = bpf_map_lookup_elem(&by_index, &which);
	else if (data[16] & 2)
		map = bpf_map_lookup_elem(&by_key, &which);
	if (map) {
		count = bpf_map_lookup_elem(map, &index);
		if (count) {
			*count += data[17];
			data[18] = *count;
		} else {
			data[19] = 1;
		}
	}
	count = bpf_map_lookup_elem(&one, &zero);
	if (count && data[20] & 1)
		*count += 1;
	if (count)
		data[21] = *count;
	index = data[22];
	count = bpf_map_lookup_elem(&three, &index);
	if (count) {
		data[23] = *count;
		if (data[20] & 2)
			*count = data[24];
	}
	return map ? XDP_PASS : XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
