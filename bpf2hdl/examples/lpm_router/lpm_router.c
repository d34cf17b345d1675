// SPDX-License-Identifier: Apache-2.0
// One step of an IPv4 and IPv6 router: longest prefix, next hop, TTL or hop limit, IPv4 header checksum (RFC 1624), MAC addresses,
// out by the next hop's interface. A route whose next hop has no interface is a black hole. What has no route, has run out of
// hops, or is no IP goes to the host.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ROUTES 1024
#define NEXT_HOPS 64

struct prefix4 {
	__u32 length;
	__be32 address;
};

struct prefix6 {
	__u32 length;
	struct in6_addr address;
};

struct next_hop {
	__u32 ifindex; /* 0: black hole */
	__u8 dest[ETH_ALEN];
	__u8 source[ETH_ALEN];
};

struct traffic {
	__u64 packets;
	__u64 bytes;
};

/* Values are indices of next_hops. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, ROUTES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix4);
	__type(value, __u32);
} routes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, ROUTES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix6);
	__type(value, __u32);
} routes6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NEXT_HOPS);
	__type(key, __u32);
	__type(value, struct next_hop);
} next_hops SEC(".maps");

/* By next hop. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NEXT_HOPS);
	__type(key, __u32);
	__type(value, struct traffic);
} forwarded SEC(".maps");

/* Counts the TTL down. It is the upper byte of its word: the checksum grows by 0x0100, in network order and ones' complement. */
static __always_inline void decrement_ttl(struct iphdr *ip)
{
	__u32 check = ip->check + bpf_htons(0x0100);

	ip->check = check + (check >= 0xffff);
	ip->ttl--;
}

SEC("xdp")
int lpm_router(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct next_hop *hop;
	struct traffic *traffic;
	__u32 *route, index;

	if ((void *)(eth + 1) > data_end || eth->h_dest[0] & 1)
		return XDP_PASS;

	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct prefix4 key = { .length = 32 };

		if ((void *)(ip + 1) > data_end || ip->version != 4 || ip->ihl < 5 || ip->ttl <= 1)
			return XDP_PASS;
		key.address = ip->daddr;
		route = bpf_map_lookup_elem(&routes4, &key);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct prefix6 key = { .length = 128 };

		if ((void *)(ip6 + 1) > data_end || ip6->version != 6 || ip6->hop_limit <= 1)
			return XDP_PASS;
		key.address = ip6->daddr;
		route = bpf_map_lookup_elem(&routes6, &key);
	} else {
		return XDP_PASS;
	}
	if (!route)
		return XDP_PASS;
	index = *route;
	hop = bpf_map_lookup_elem(&next_hops, &index);
	if (!hop || !hop->ifindex)
		return XDP_DROP;

	if (eth->h_proto == bpf_htons(ETH_P_IP))
		decrement_ttl(ip);
	else
		ip6->hop_limit--;
	__builtin_memcpy(eth->h_dest, hop->dest, ETH_ALEN);
	__builtin_memcpy(eth->h_source, hop->source, ETH_ALEN);
	traffic = bpf_map_lookup_elem(&forwarded, &index);
	if (traffic) {
		traffic->packets++;
		traffic->bytes += data_end - data;
	}
	return bpf_redirect(hop->ifindex, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
