// SPDX-License-Identifier: Apache-2.0
// Counters in one of several hash maps: MAP_TYPE is the type of the map that holds them.
#pragma once
#include "count.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} even SEC(".maps"), odd SEC(".maps");

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner);
} tables SEC(".maps") = {.values = {[0] = &even, [1] = &odd}};

SEC("xdp")
int count_in_table(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 which = p->payload[0] & 3, key = p->ip.saddr;
	void *table = bpf_map_lookup_elem(&tables, &which);
	__u64 *count, one = 1;

	if (!table)
		return XDP_DROP;
	count = bpf_map_lookup_elem(table, &key);
	if (count)
		++*count;
	else
		bpf_map_update_elem(table, &key, &one, BPF_ANY);
	return XDP_PASS;
}
