// SPDX-License-Identifier: Apache-2.0
// The whole TCP checksum: pseudo header, options, a payload whose end is the packet's, folded in a loop.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static __always_inline __u16 fold(__u64 sum)
{
	for (int i = 0; i < 4; i++)
		if (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("xdp")
int checksum_tcp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;
	__u16 *word, left;
	__u64 sum;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl < 5 || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	tcp = (void *)ip + ip->ihl * 4;
	if ((void *)(tcp + 1) > end)
		return XDP_DROP;
	left = bpf_ntohs(ip->tot_len) - ip->ihl * 4;
	tcp->urg_ptr = 0;
	tcp->window ^= bpf_htons(1);
	tcp->check = 0;
	sum = (ip->saddr & 0xffff) + (ip->saddr >> 16) + (ip->daddr & 0xffff) + (ip->daddr >> 16);
	sum += bpf_htons(IPPROTO_TCP) + bpf_htons(left);
	word = (void *)tcp;
	for (int i = 0; i < 40; i++) {
		if (left < 2 || (void *)(word + 1) > end)
			break;
		sum += *word++;
		left -= 2;
	}
	if (left == 1 && (void *)word + 1 <= end)
		sum += *(__u8 *)word;
	tcp->check = fold(sum);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
