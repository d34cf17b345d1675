// SPDX-License-Identifier: Apache-2.0
// The literature's simple firewall: a UDP flow is opened from inside (interface 1) and may then be used both ways; what comes from
// outside and belongs to no open flow is dropped. Flows are kept without direction: the lower address first.
#include "../parse.h"

#define INSIDE 1

struct flow {
	__be32 low;
	__be32 high;
	__be16 low_port;
	__be16 high_port;
	__u32 protocol;
};

struct flow_state {
	__u32 opened_at; /* interface */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, struct flow_state);
} flows SEC(".maps");

SEC("xdp")
int simple_firewall(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct flow flow = {};

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)(udp + 1) > data_end)
		return XDP_DROP;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (bpf_ntohl(ip->saddr) < bpf_ntohl(ip->daddr)) {
		flow.low = ip->saddr;
		flow.high = ip->daddr;
		flow.low_port = udp->source;
		flow.high_port = udp->dest;
	} else {
		flow.low = ip->daddr;
		flow.high = ip->saddr;
		flow.low_port = udp->dest;
		flow.high_port = udp->source;
	}
	flow.protocol = ip->protocol;
	if (bpf_map_lookup_elem(&flows, &flow))
		return XDP_TX;
	if (ctx->ingress_ifindex == INSIDE) {
		struct flow_state state = {.opened_at = INSIDE};

		bpf_map_update_elem(&flows, &flow, &state, BPF_ANY);
		return XDP_TX;
	}
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
