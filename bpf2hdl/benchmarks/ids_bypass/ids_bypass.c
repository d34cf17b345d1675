// SPDX-License-Identifier: Apache-2.0
// Bypass of an intrusion detection system: flows that it has seen enough of are counted and dropped before it; the others pass.
// IPv4 and IPv6, TCP and UDP, behind up to two VLAN tags.
#include "../parse.h"

struct flow4 {
	__be32 src;
	__be32 dst;
	__be16 sport;
	__be16 dport;
	__u8 protocol;
	__u8 pad;
	__u16 vlan;
};

struct flow6 {
	__be32 src[4];
	__be32 dst[4];
	__be16 sport;
	__be16 dport;
	__u8 protocol;
	__u8 pad;
	__u16 vlan;
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct flow4);
	__type(value, struct counter);
} flow_table_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct flow6);
	__type(value, struct counter);
} flow_table_v6 SEC(".maps");

static __always_inline int known(struct counter *counter, __u32 length)
{
	if (!counter)
		return XDP_PASS;
	counter->packets++;
	counter->bytes += length;
	return XDP_DROP;
}

SEC("xdp")
int ids_bypass(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	void *next = eth + 1;
	struct ports *ports;
	__u16 vlan = 0;
	__be16 type;

	if (next > data_end)
		return XDP_PASS;
	type = eth->h_proto;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		struct vlan_hdr *tag = next;

		if (!is_vlan(type))
			break;
		next = tag + 1;
		if (next > data_end)
			return XDP_PASS;
		type = tag->encapsulated_proto;
		if (i == 0)
			vlan = bpf_ntohs(tag->tci) & 0xfff;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;
		struct flow4 key = {.vlan = vlan};

		ports = (void *)(ip + 1);
		if ((void *)(ports + 1) > data_end || ip->ihl != 5 || ip->frag_off & bpf_htons(IP_MF_OFFSET))
			return XDP_PASS;
		if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
			return XDP_PASS;
		key.src = ip->saddr;
		key.dst = ip->daddr;
		key.sport = ports->source;
		key.dport = ports->dest;
		key.protocol = ip->protocol;
		return known(bpf_map_lookup_elem(&flow_table_v4, &key), data_end - data);
	}
	if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;
		struct flow6 key = {.vlan = vlan};

		ports = (void *)(ip6 + 1);
		if ((void *)(ports + 1) > data_end)
			return XDP_PASS;
		if (ip6->nexthdr != IPPROTO_TCP && ip6->nexthdr != IPPROTO_UDP)
			return XDP_PASS;
		__builtin_memcpy(key.src, &ip6->saddr, sizeof(key.src));
		__builtin_memcpy(key.dst, &ip6->daddr, sizeof(key.dst));
		key.sport = ports->source;
		key.dport = ports->dest;
		key.protocol = ip6->nexthdr;
		return known(bpf_map_lookup_elem(&flow_table_v6, &key), data_end - data);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
