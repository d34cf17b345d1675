// SPDX-License-Identifier: Apache-2.0
// Counters of flows: MAP_TYPE is the type of the map, FLAGS are those of an entry's first update.
#pragma once
#include "count.h"

struct flow {
	__u32 source, target;
	__u16 ports[2];
	__u32 unused;
};

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, 8192);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

SEC("xdp")
int count_flows(struct xdp_md *ctx)
{
	VIEW(p);
	struct flow key = {p->ip.saddr, p->ip.daddr, {p->udp.source, p->udp.dest}, 0};
	__u64 *count = bpf_map_lookup_elem(&flows, &key), one = 1;

	if (count)
		++*count;
	else
		bpf_map_update_elem(&flows, &key, &one, FLAGS);
	return XDP_PASS;
}
