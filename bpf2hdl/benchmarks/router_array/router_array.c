// SPDX-License-Identifier: Apache-2.0
// IPv4 router without a trie: 16 prefixes in an array, all compared, the longest that matches wins; sends back to the port that the
// packet came from. Does less than router_ipv4 and is no substitute for it: its table has 16 routes.
#include "../parse.h"

#define ROUTES 16

struct route {
	__be32 address;
	__be32 mask;
	unsigned char dest[ETH_ALEN];
	unsigned char source[ETH_ALEN];
	__u32 length; /* 1 to 33: of the prefix, plus 1; 0 is no route */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ROUTES);
	__type(key, __u32);
	__type(value, struct route);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} rxcnt SEC(".maps");

SEC("xdp")
int router_array(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 protocol, best_length = 0, best = 0;
	struct route *route;
	__u64 *count;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	protocol = ip->protocol;
	count = bpf_map_lookup_elem(&rxcnt, &protocol);
	if (count)
		*count += 1;
	if (ip->ttl <= 1)
		return XDP_PASS;
#pragma unroll
	for (__u32 i = 0; i < ROUTES; i++) {
		__u32 key = i;

		route = bpf_map_lookup_elem(&routes, &key);
		if (route && (ip->daddr & route->mask) == route->address && route->length > best_length) {
			best_length = route->length;
			best = i;
		}
	}
	if (!best_length)
		return XDP_PASS;
	route = bpf_map_lookup_elem(&routes, &best);
	if (!route)
		return XDP_PASS;
	ip->check = csum_replace2(ip->check, bpf_htons(ip->ttl << 8), bpf_htons((ip->ttl - 1) << 8));
	ip->ttl--;
	__builtin_memcpy(eth->h_dest, route->dest, ETH_ALEN);
	__builtin_memcpy(eth->h_source, route->source, ETH_ALEN);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
