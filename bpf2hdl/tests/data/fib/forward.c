// SPDX-License-Identifier: Apache-2.0
// A router as programs have it: time to live, next hop, MAC addresses, redirect by a devmap or by the interface's number. What can not be
// forwarded goes up, or (DROP) is dropped where the routes say so.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 16);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} results SEC(".maps");

static __always_inline void decrease_ttl(struct iphdr *ip)
{
	__u32 check = (__u32)ip->check + bpf_htons(0x0100);

	ip->check = check + (check >= 0xffff);
	ip->ttl--;
}

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct bpf_fib_lookup params = {};
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = 0;
	struct iphdr *ip = 0;
	__u32 slot;
	__u64 *count;
	int result;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		ip = data + sizeof(*eth);
		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		if (ip->ttl <= 1)
			return XDP_PASS;
		params.family = 2;
		params.tos = ip->tos;
		params.l4_protocol = ip->protocol;
		params.tot_len = bpf_ntohs(ip->tot_len);
		params.ipv4_src = ip->saddr;
		params.ipv4_dst = ip->daddr;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		ip6 = data + sizeof(*eth);
		if ((void *)(ip6 + 1) > end)
			return XDP_DROP;
		if (ip6->hop_limit <= 1)
			return XDP_PASS;
		params.family = 10;
		params.flowinfo = *(__be32 *)ip6 & bpf_htonl(0x0fffffff);
		params.l4_protocol = ip6->nexthdr;
		params.tot_len = bpf_ntohs(ip6->payload_len);
		__builtin_memcpy(params.ipv6_src, &ip6->saddr, 16);
		__builtin_memcpy(params.ipv6_dst, &ip6->daddr, 16);
	} else {
		return XDP_PASS;
	}
	params.ifindex = ctx->ingress_ifindex;
	result = bpf_fib_lookup(ctx, &params, sizeof(params), 0);
	slot = result & 15;
	count = bpf_map_lookup_elem(&results, &slot);
	if (count)
		(*count)++;
	switch (result) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		if (ip)
			decrease_ttl(ip);
		else if (ip6)
			ip6->hop_limit--;
		__builtin_memcpy(eth->h_dest, params.dmac, 6);
		__builtin_memcpy(eth->h_source, params.smac, 6);
#ifdef PORTS
		return bpf_redirect_map(&ports, params.ifindex, 0);
#else
		return bpf_redirect(params.ifindex, 0);
#endif
#ifdef DROP
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return XDP_DROP;
#endif
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
