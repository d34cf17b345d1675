// SPDX-License-Identifier: Apache-2.0
// Clamps the segment size of a SYN: options of any length, a write at a computed place, an incremental checksum.
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

#define MOST 1400

SEC("xdp")
int mss_clamp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;
	__u8 *option, *last;
	int i;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl < 5 || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	tcp = (void *)ip + ip->ihl * 4;
	if ((void *)(tcp + 1) > end)
		return XDP_PASS;
	option = (void *)(tcp + 1);
	last = (void *)tcp + tcp->doff * 4;
	for (i = 0; i < 10; i++) {
		if (option >= last || (void *)option + 4 > end)
			break;
		if (option[0] == 0)
			break;
		if (option[0] == 1) {
			option++;
			continue;
		}
		if (option[0] == 2 && option[1] == 4) {
			__u16 *mss = (void *)(option + 2);
			__u32 sum;

			if (bpf_ntohs(*mss) <= MOST)
				return XDP_PASS;
			sum = (__u16)~tcp->check + (__u16)~*mss + bpf_htons(MOST);
			sum = (sum & 0xffff) + (sum >> 16);
			sum = (sum & 0xffff) + (sum >> 16);
			*mss = bpf_htons(MOST);
			tcp->check = ~sum;
			return XDP_TX;
		}
		if (option[1] < 2)
			return XDP_DROP;
		option += option[1] & 15;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
