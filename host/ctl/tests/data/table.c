// SPDX-License-Identifier: Apache-2.0
// A large array of maps that the source fills: its first contents are a file of the design, beside the hardware's.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct verdict {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

struct verdict first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2048);
	__type(key, __u32);
	__array(values, struct verdict);
} verdicts SEC(".maps") = { .values = { [2] = &first, [7] = &second, [2047] = &first } };

SEC("xdp")
int table(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u32 index, zero = 0, *verdict;
	void *map;

	if ((void *)(eth + 1) > data_end)
		return XDP_ABORTED;
	index = eth->h_dest[5];
	map = bpf_map_lookup_elem(&verdicts, &index);
	if (!map)
		return XDP_PASS;
	verdict = bpf_map_lookup_elem(map, &zero);
	return verdict && *verdict ? XDP_TX : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
