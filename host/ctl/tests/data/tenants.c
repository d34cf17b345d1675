// SPDX-License-Identifier: Apache-2.0
// Drops what the tenant's own list has: the last byte of the destination MAC chooses the list, the source address is looked up in it.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct list {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __be32);
	__type(value, __u32);
};

struct list alice SEC(".maps");
struct list bob SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct list);
} tenants SEC(".maps") = { .values = { [1] = &alice, [2] = &bob } };

SEC("xdp")
int tenant(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 index;
	__be32 source;
	void *list;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	index = eth->h_dest[5];
	source = ip->saddr;
	list = bpf_map_lookup_elem(&tenants, &index);
	if (!list)
		return XDP_TX;
	return bpf_map_lookup_elem(list, &source) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
