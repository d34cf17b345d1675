// SPDX-License-Identifier: Apache-2.0
// Counts packets per IP protocol behind up to two VLAN tags, and drops them.
#include "../parse.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} rxcnt SEC(".maps");

SEC("xdp")
int xdp1(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	void *next = eth + 1;
	__u32 protocol = 0;
	__u64 *count;
	__be16 type;

	if (next > data_end)
		return XDP_DROP;
	type = eth->h_proto;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		struct vlan_hdr *vlan = next;

		if (!is_vlan(type))
			break;
		next = vlan + 1;
		if (next > data_end)
			return XDP_DROP;
		type = vlan->encapsulated_proto;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > data_end)
			return XDP_DROP;
		protocol = ip->protocol;
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;

		if ((void *)(ip6 + 1) > data_end)
			return XDP_DROP;
		protocol = ip6->nexthdr;
	}
	count = bpf_map_lookup_elem(&rxcnt, &protocol);
	if (count)
		*count += 1;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
