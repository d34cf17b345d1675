// SPDX-License-Identifier: Apache-2.0
// IPv4 router: longest prefix, then the next hop's addresses; decrements the time to live, mends the checksum, sends to a port.
#include "../parse.h"

struct lpm_key {
	__u32 length;
	__be32 address;
};

struct next_hop {
	__u32 port;
	unsigned char dest[ETH_ALEN];
	unsigned char source[ETH_ALEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lpm_key);
	__type(value, struct next_hop);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} rxcnt SEC(".maps");

SEC("xdp")
int router_ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct lpm_key key = {.length = 32};
	struct next_hop *hop;
	__u32 protocol;
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
	key.address = ip->daddr;
	hop = bpf_map_lookup_elem(&routes, &key);
	if (!hop)
		return XDP_PASS;
	ip->check = csum_replace2(ip->check, bpf_htons(ip->ttl << 8), bpf_htons((ip->ttl - 1) << 8));
	ip->ttl--;
	__builtin_memcpy(eth->h_dest, hop->dest, ETH_ALEN);
	__builtin_memcpy(eth->h_source, hop->source, ETH_ALEN);
	return bpf_redirect_map(&ports, hop->port, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
