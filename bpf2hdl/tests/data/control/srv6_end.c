// SPDX-License-Identifier: Apache-2.0
// Segment routing: the segment list is indexed by a field of the packet and copied over the destination.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct routing {
	__u8 next, length, type, left, last, flags;
	__u16 tag;
	struct in6_addr segments[];
};

SEC("xdp")
int srv6_end(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip = (void *)(eth + 1);
	struct routing *srh = (void *)(ip + 1);
	struct in6_addr *segment;

	if ((void *)(srh + 1) > end || eth->h_proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	if (ip->nexthdr != 43 || srh->type != 4 || srh->left == 0)
		return XDP_PASS;
	if (srh->left > 7 || srh->left > srh->last + 1)
		return XDP_DROP;
	srh->left--;
	segment = &srh->segments[srh->left];
	if ((void *)(segment + 1) > end)
		return XDP_DROP;
	ip->daddr = *segment;
	if (ip->hop_limit <= 1)
		return XDP_DROP;
	ip->hop_limit--;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
