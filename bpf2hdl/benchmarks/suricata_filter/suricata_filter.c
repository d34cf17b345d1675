// SPDX-License-Identifier: Apache-2.0
// In front of a detection engine: bypassed flows are dropped and counted, the others are spread over workers by a hash that both
// directions of a flow share, through a cpumap. IPv4 (options too) and IPv6, one VLAN tag.
#include "../parse.h"

#define WORKERS 16

struct flow {
	__u32 src[4];
	__u32 dst[4];
	__u32 ports;
	__u16 protocol;
	__u16 vlan;
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct flow);
	__type(value, struct counter);
} bypassed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32); /* how many workers there are */
} worker_count SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WORKERS);
	__type(key, __u32);
	__type(value, __u32);
} workers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

static __always_inline __u32 mix(__u32 hash, __u32 word)
{
	hash = (hash ^ word) * 0x9e3779b1;
	return hash ^ hash >> 15;
}

static __always_inline int spread(const struct flow *flow)
{
	__u32 hash = 0, zero = 0, *count, *worker;

#pragma unroll
	for (int i = 0; i < 4; i++)
		hash = mix(hash, flow->src[i] + flow->dst[i]);
	hash = mix(hash, (flow->ports & 0xffff) + (flow->ports >> 16));
	count = bpf_map_lookup_elem(&worker_count, &zero);
	if (!count || !*count)
		return XDP_PASS;
	hash %= *count;
	worker = bpf_map_lookup_elem(&workers, &hash);
	if (!worker)
		return XDP_PASS;
	return bpf_redirect_map(&cpus, *worker, XDP_PASS);
}

SEC("xdp")
int suricata_filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	void *next = eth + 1;
	struct flow flow = {};
	struct counter *counter;
	struct ports *ports;
	__be16 type;

	if (next > data_end)
		return XDP_PASS;
	type = eth->h_proto;
	if (is_vlan(type)) {
		struct vlan_hdr *tag = next;

		next = tag + 1;
		if (next > data_end)
			return XDP_PASS;
		type = tag->encapsulated_proto;
		flow.vlan = bpf_ntohs(tag->tci) & 0xfff;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > data_end || ip->ihl < 5)
			return XDP_PASS;
		flow.src[0] = ip->saddr;
		flow.dst[0] = ip->daddr;
		flow.protocol = ip->protocol;
		ports = next + ip->ihl * 4;
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;

		if ((void *)(ip6 + 1) > data_end)
			return XDP_PASS;
		__builtin_memcpy(flow.src, &ip6->saddr, sizeof(flow.src));
		__builtin_memcpy(flow.dst, &ip6->daddr, sizeof(flow.dst));
		flow.protocol = ip6->nexthdr;
		ports = (void *)(ip6 + 1);
	} else {
		return XDP_PASS;
	}
	if (flow.protocol == IPPROTO_TCP || flow.protocol == IPPROTO_UDP) {
		if ((void *)(ports + 1) > data_end)
			return XDP_PASS;
		flow.ports = (__u32)ports->source << 16 | ports->dest;
	}
	counter = bpf_map_lookup_elem(&bypassed, &flow);
	if (counter) {
		counter->packets++;
		counter->bytes += data_end - data;
		return XDP_DROP;
	}
	return spread(&flow);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
