// SPDX-License-Identifier: Apache-2.0
// Any number of VLAN tags up to three is removed; the remembered priority goes into the header behind.
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

struct tag {
	__be16 tci, proto;
};

SEC("xdp")
int popped_tags(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data, copy;
	struct tag *tag = (void *)(eth + 1);
	__u32 tags = 0;
	__u8 priority = 0;
	struct iphdr *ip;
	int i;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	copy = *eth;
	for (i = 0; i < 3; i++) {
		if (copy.h_proto != bpf_htons(ETH_P_8021Q) && copy.h_proto != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return XDP_DROP;
		priority = bpf_ntohs(tag->tci) >> 13;
		copy.h_proto = tag->proto;
		tag++;
		tags++;
	}
	if (!tags)
		return XDP_PASS;
	if (bpf_xdp_adjust_head(ctx, tags * sizeof(*tag)))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + sizeof(*eth) + sizeof(*ip) > end)
		return XDP_DROP;
	*(struct ethhdr *)data = copy;
	ip = data + sizeof(*eth);
	if (copy.h_proto == bpf_htons(ETH_P_IP))
		ip->tos = priority << 5 | (ip->tos & 0x1f);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
