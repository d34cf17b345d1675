// SPDX-License-Identifier: Apache-2.0
// A packet pointer that stands at different places, with checks before and after the join.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int ptr_offsets_merge(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	void *next = data + 14;
	__u16 proto;

	if (next > end)
		return XDP_DROP;
	proto = eth->h_proto;
	if (proto == bpf_htons(0x8100)) {
		if (data + 18 > end)
			return XDP_DROP;
		proto = *(__u16 *)(data + 16);
		next = data + 18;
	}
	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		next = (void *)ip + ip->ihl * 4;
	} else if (proto == bpf_htons(ETH_P_IPV6)) {
		next += 40;
	}
	if (next + 4 > end)
		return XDP_PASS;
	*(__u16 *)next = *(__u16 *)(next + 2);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
