// SPDX-License-Identifier: Apache-2.0
// Counters of an array: a packet counts in `UPDATES` entries that it names, one after the other; a later one may be an earlier one.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_ARRAY
#endif
#ifndef ENTRIES
#define ENTRIES 4096
#endif
#ifndef UPDATES
#define UPDATES 2
#endif

struct counter {
	__u64 packets;
	__u32 last;
	__u32 sum;
};

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

SEC("xdp")
int several(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u8 *bytes = data;
	__u32 seen = 0;

	if (data + 60 > data_end)
		return XDP_DROP;
#pragma unroll
	for (int i = 0; i < UPDATES; i++) {
		__u32 key = bytes[i % 24 + 30] * 16 + i / 24;
		struct counter *counter = bpf_map_lookup_elem(&counters, &key);

		if (!counter)
			return XDP_ABORTED;
		if (bytes[i % 5] & 1)
			continue;
		counter->packets++;
		counter->sum += counter->last ^ seen;
		counter->last = bytes[i % 24 + 6];
		seen += counter->sum;
	}
#ifdef WHOLE
	struct counter set = {.packets = seen, .last = 7};
	__u32 key = bytes[20];

	bpf_map_update_elem(&counters, &key, &set, BPF_ANY);
	key = bytes[21] * 16;
	set.sum = 1;
	bpf_map_update_elem(&counters, &key, &set, BPF_ANY);
#endif
	*(__u32 *)(data + 56) = seen;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
