// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Addresses of IPv4 and IPv6 in the packet, on the stack and in a map; letters behind them, which vanish; fields, which do not count.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct in6_addr);
} last SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct ipv6hdr *ip6 = data + sizeof(*eth);

	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		__u32 both = ip->saddr ^ ip->daddr;

		bpf_printk("from %pI4 to %pI4, %u bytes", &ip->saddr, &ip->daddr, bpf_ntohs(ip->tot_len));
		bpf_printk("%pi4abc %30pI4;%pI4", &ip->saddr, &both, 0);
		return XDP_PASS;
	}
	if ((void *)(ip6 + 1) <= end && eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		__u32 key = ip6->hop_limit & 3;
		struct in6_addr *seen = bpf_map_lookup_elem(&last, &key);

		bpf_printk("from %pI6c to %pi6", &ip6->saddr, &ip6->daddr);
		if (seen) {
			bpf_printk("%u saw %pI6", key, seen);
			*seen = ip6->saddr;
		}
		return XDP_TX;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
