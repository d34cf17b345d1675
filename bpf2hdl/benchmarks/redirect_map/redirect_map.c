// SPDX-License-Identifier: Apache-2.0
// Swaps MAC addresses and sends every packet to the port in entry 0 of a devmap; counts.
#include "../parse.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} tx_port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} rxcnt SEC(".maps");

SEC("xdp")
int redirect_map(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	unsigned char old_dest[ETH_ALEN];
	struct ethhdr *eth = data;
	__u32 zero = 0;
	__u64 *count;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	count = bpf_map_lookup_elem(&rxcnt, &zero);
	if (count)
		*count += 1;
	__builtin_memcpy(old_dest, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, old_dest, ETH_ALEN);
	return bpf_redirect_map(&tx_port, 0, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
