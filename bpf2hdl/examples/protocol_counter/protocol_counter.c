// SPDX-License-Identifier: Apache-2.0
// Counts packets and bytes per IP protocol number, for IPv4 and IPv6, behind up to two VLAN tags.
// Every packet goes on to the stack.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_VLAN_TAGS 2

/* IANA reserves protocol number 255: it stands for "not IP, or cut short" here. */
#define NOT_IP 255

struct vlan_hdr {
	__be16 tci;
	__be16 encapsulated_proto;
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct counter);
} protocols SEC(".maps");

static __always_inline int is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

/* The IP protocol number of the packet, or NOT_IP. */
static __always_inline __u32 ip_protocol(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	void *next = eth + 1;
	__be16 proto;

	if (next > data_end)
		return NOT_IP;
	proto = eth->h_proto;

#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		struct vlan_hdr *vlan = next;

		if (!is_vlan(proto))
			break;
		next = vlan + 1;
		if (next > data_end)
			return NOT_IP;
		proto = vlan->encapsulated_proto;
	}

	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > data_end)
			return NOT_IP;
		return ip->protocol;
	}
	if (proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;

		if ((void *)(ip6 + 1) > data_end)
			return NOT_IP;
		return ip6->nexthdr;
	}
	return NOT_IP;
}

SEC("xdp")
int protocol_counter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 protocol = ip_protocol(data, data_end);
	struct counter *counter = bpf_map_lookup_elem(&protocols, &protocol);

	if (!counter)
		return XDP_ABORTED;
	counter->packets++;
	counter->bytes += data_end - data;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
