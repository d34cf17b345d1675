// SPDX-License-Identifier: Apache-2.0
// Packets and bytes per source, in a map of type MAP_TYPE.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_HASH
#endif

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

SEC("xdp")
int counter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct counter *known, first = { 1, 0 };
	__u32 source;

	if (data + 34 > data_end)
		return XDP_DROP;
	source = *(__u32 *)(data + 26);
	known = bpf_map_lookup_elem(&counters, &source);
	if (known) {
		__sync_fetch_and_add(&known->packets, 1);
		__sync_fetch_and_add(&known->bytes, data_end - data);
	} else {
		first.bytes = data_end - data;
		bpf_map_update_elem(&counters, &source, &first, BPF_ANY);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
