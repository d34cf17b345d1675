// SPDX-License-Identifier: Apache-2.0
// Counts packets per receive queue, checks the interface, and does what the configuration says: pass, drop, or touch the frame.
#include "../parse.h"

#define MAX_QUEUES 64

enum { READ_FRAME = 1, SWAP_MAC = 2 };

struct config {
	__u32 action;
	__u32 ifindex;
	__u32 options;
};

struct counters {
	__u64 processed;
	__u64 issue;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct config);
} config_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} stats SEC(".maps");

/* The last entry counts queues that are too many. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_QUEUES + 1);
	__type(key, __u32);
	__type(value, struct counters);
} queues SEC(".maps");

static __always_inline void swap_macs(struct ethhdr *eth)
{
	__u16 *mac = (__u16 *)eth;

#pragma unroll
	for (int i = 0; i < 3; i++) {
		__u16 old = mac[i];

		mac[i] = mac[i + 3];
		mac[i + 3] = old;
	}
}

SEC("xdp")
int rxq_info(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 queue = ctx->rx_queue_index;
	struct counters *all, *one;
	struct config *config;
	__u32 zero = 0;

	config = bpf_map_lookup_elem(&config_map, &zero);
	all = bpf_map_lookup_elem(&stats, &zero);
	if (!config || !all)
		return XDP_ABORTED;
	all->processed++;
	if (ctx->ingress_ifindex != config->ifindex) {
		all->issue++;
		return XDP_ABORTED;
	}
	if (queue >= MAX_QUEUES)
		queue = MAX_QUEUES;
	one = bpf_map_lookup_elem(&queues, &queue);
	if (!one)
		return XDP_ABORTED;
	one->processed++;
	if (queue == MAX_QUEUES)
		one->issue++;
	if (config->options & (READ_FRAME | SWAP_MAC)) {
		struct ethhdr *eth = data;

		if ((void *)(eth + 1) > data_end)
			return XDP_ABORTED;
		if (bpf_ntohs(eth->h_proto) < ETH_P_802_3_MIN)
			return XDP_ABORTED;
		if (config->options & SWAP_MAC)
			swap_macs(eth);
	}
	return config->action;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
