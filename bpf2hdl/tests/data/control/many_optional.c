// SPDX-License-Identifier: Apache-2.0
// A structure of optional headers on the stack, filled by a function, used by conditions that belong together.
// expect: accept
// opt: O1 O2 Os
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct headers {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct ipv6hdr *ip6;
	struct tcphdr *tcp;
	struct udphdr *udp;
	void *payload;
};

static __attribute__((noinline)) int parse(struct xdp_md *ctx, struct headers *h)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *next;
	__u8 protocol;

	h->eth = data;
	if ((void *)(h->eth + 1) > end)
		return -1;
	next = h->eth + 1;
	if (h->eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > end || ip->ihl < 5)
			return -1;
		protocol = ip->protocol;
		next += 20;
		h->ip = ip;
	} else if (h->eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;

		if ((void *)(ip6 + 1) > end)
			return -1;
		protocol = ip6->nexthdr;
		next = ip6 + 1;
		h->ip6 = ip6;
	} else {
		return 1;
	}
	if (protocol == 6) {
		struct tcphdr *tcp = next;

		if ((void *)(tcp + 1) > end)
			return -1;
		h->tcp = tcp;
		h->payload = tcp + 1;
	} else if (protocol == 17) {
		struct udphdr *udp = next;

		if ((void *)(udp + 1) > end)
			return -1;
		h->udp = udp;
		h->payload = udp + 1;
	}
	return 0;
}

SEC("xdp")
int many_optional(struct xdp_md *ctx)
{
	struct headers h = {};
	__u32 key = 0, hash = 0;
	__u64 *count;
	int result = parse(ctx, &h);

	if (result < 0)
		return XDP_DROP;
	if (h.ip)
		hash = h.ip->saddr ^ h.ip->daddr;
	if (h.ip6)
		hash = h.ip6->saddr.in6_u.u6_addr32[3] ^ h.ip6->hop_limit;
	if (h.tcp)
		hash += h.tcp->source ^ h.tcp->dest;
	else if (h.udp)
		hash -= h.udp->source;
	key = (hash ^ hash >> 16) & 7;
	count = bpf_map_lookup_elem(&counts, &key);
	if (!count)
		return XDP_ABORTED;
	__sync_fetch_and_add(count, 1);
	if (h.payload && h.tcp)
		h.tcp->check ^= 0xffff;
	if (h.ip && h.udp)
		h.ip->ttl -= 1;
	if (h.payload)
		return XDP_TX;
	return h.eth->h_source[0] & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
