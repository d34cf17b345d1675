// SPDX-License-Identifier: Apache-2.0
// A load balancer's front half: functions that fill a flow through a pointer, and hash it.
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
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} verdicts SEC(".maps");

struct flow {
	union {
		__be32 v4;
		__be32 v6[4];
	} src, dst;
	__be16 ports[2];
	__u8 protocol;
	__u8 flags;
};

static __attribute__((noinline)) __u32 mix(const struct flow *flow, __u32 seed)
{
	__u32 hash = seed ^ flow->protocol;
	int i;

	#pragma clang loop unroll(disable)
	for (i = 0; i < 4; i++) {
		hash += flow->src.v6[i] ^ (flow->dst.v6[i] << 3);
		hash = hash << 5 | hash >> 27;
	}
	return hash ^ flow->ports[0] ^ (__u32)flow->ports[1] << 16;
}

static __always_inline int parse_ports(void *at, void *end, struct flow *flow)
{
	if (at + 4 > end)
		return 0;
	flow->ports[0] = *(__be16 *)at;
	flow->ports[1] = *(__be16 *)(at + 2);
	return 1;
}

static __attribute__((noinline)) int parse_v4(struct xdp_md *ctx, __u64 offset, struct flow *flow)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip;

	if (offset > 64)
		return -1;
	ip = data + offset;
	if ((void *)(ip + 1) > end || ip->ihl != 5)
		return -1;
	flow->src.v4 = ip->saddr;
	flow->dst.v4 = ip->daddr;
	flow->protocol = ip->protocol;
	if (ip->frag_off & bpf_htons(0x3fff)) {
		flow->flags |= 1;
		return 1;
	}
	if ((ip->protocol == 6 || ip->protocol == 17) && !parse_ports(ip + 1, end, flow))
		return -1;
	return 0;
}

static __attribute__((noinline)) int parse_v6(struct xdp_md *ctx, __u64 offset, struct flow *flow)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip;

	if (offset > 64)
		return -1;
	ip = data + offset;
	if ((void *)(ip + 1) > end)
		return -1;
	__builtin_memcpy(flow->src.v6, &ip->saddr, 16);
	__builtin_memcpy(flow->dst.v6, &ip->daddr, 16);
	flow->protocol = ip->nexthdr;
	if ((ip->nexthdr == 6 || ip->nexthdr == 17) && !parse_ports(ip + 1, end, flow))
		return -1;
	return 0;
}

SEC("xdp")
int flow_parser(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct flow flow = {};
	__u32 *verdict, key;
	int result;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		result = parse_v4(ctx, sizeof(*eth), &flow);
	else if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		result = parse_v6(ctx, sizeof(*eth), &flow);
	else
		return XDP_PASS;
	if (result < 0)
		return XDP_DROP;
	if (result > 0)
		return XDP_TX;
	key = mix(&flow, 0x9e3779b9) & 63;
	verdict = bpf_map_lookup_elem(&verdicts, &key);
	if (!verdict)
		return XDP_ABORTED;
	*verdict += 1;
	return *verdict & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
