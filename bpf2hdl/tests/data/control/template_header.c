// SPDX-License-Identifier: Apache-2.0
// A header from constant data is put in front of the packet; parts of it are filled from the old one.
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

struct outer {
	struct iphdr ip;
	struct udphdr udp;
	__u8 vxlan[8];
};

static const struct outer template = {
	.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .saddr = 0x0100000a },
	.udp = { .dest = 0xb512 },
	.vxlan = { 8, 0, 0, 0, 0, 0, 42, 0 },
};

volatile const __u32 gateways[4] = { 0x0200000a, 0x0300000a, 0x0400000a, 0x0500000a };

SEC("xdp")
int template_header(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data, copy;
	struct outer *outer;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 sum = 0, flow;
	__u16 length, *word;
	int i;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	copy = *eth;
	flow = ip->saddr ^ ip->daddr;
	length = end - data;
	if (bpf_xdp_adjust_head(ctx, -(int)(sizeof(*eth) + sizeof(*outer))))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	eth = data;
	outer = (void *)(eth + 1);
	if ((void *)(outer + 1) > end)
		return XDP_DROP;
	*eth = copy;
	__builtin_memcpy(outer, &template, sizeof(*outer));
	outer->ip.daddr = gateways[flow >> 8 & 3];
	outer->ip.tot_len = bpf_htons(length + sizeof(*outer));
	outer->udp.len = bpf_htons(length + sizeof(struct udphdr) + 8);
	outer->udp.source = bpf_htons(flow | 0xc000);
	word = (void *)&outer->ip;
#pragma unroll
	for (i = 0; i < 10; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	outer->ip.check = ~(sum + (sum >> 16));
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
