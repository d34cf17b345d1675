// SPDX-License-Identifier: Apache-2.0
// A chain of IPv6 extension headers with a pointer that every step moves.
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
int recursive_headers(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip = data + 14;
	__u8 *at = data + 54, next;
	int i;

	if ((void *)(ip + 1) > end || *(__u16 *)(data + 12) != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	next = ip->nexthdr;
	for (i = 0; i < 4; i++) {
		if (next != 0 && next != 43 && next != 60)
			break;
		if (at + 8 > (__u8 *)end)
			return XDP_DROP;
		next = at[0];
		at += (at[1] & 7) * 8 + 8;
	}
	if (next != 17 || at + 8 > (__u8 *)end)
		return XDP_PASS;
	return at[3] & 1 ? XDP_TX : XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
