// SPDX-License-Identifier: Apache-2.0
// Headers that may be missing, as pointers that are null.
// expect: accept
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
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static __always_inline void count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		*value += 1;
}

SEC("xdp")
int ptr_packet_or_null(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = 0;
	struct udphdr *udp = 0;
	struct ipv6hdr *ip6 = 0;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		if (data + 34 <= end)
			ip = data + 14;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		if (data + 54 <= end)
			ip6 = data + 14;
	}
	if (ip && ip->protocol == 17 && data + 42 <= end)
		udp = data + 34;
	else if (ip6 && ip6->nexthdr == 17 && data + 62 <= end)
		udp = data + 54;
	count(1);
	if (udp)
		return udp->dest & bpf_htons(1) ? XDP_TX : XDP_PASS;
	if (ip6)
		return ip6->hop_limit > 63 ? XDP_DROP : XDP_PASS;
	return ip ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
