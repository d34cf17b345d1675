// SPDX-License-Identifier: Apache-2.0
// Pushes, pops and looks at what comes next: MAP_TYPE is a queue or a stack.
#pragma once
#include "count.h"

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, 200);
	__type(value, __u64);
} waiting SEC(".maps");

SEC("xdp")
int push_and_pop(struct xdp_md *ctx)
{
	VIEW(p);
	__u64 *first = (void *)p->payload, value = 0;
	long r;

	switch (p->payload[15] % 5) {
	case 0:
	case 1:
		r = bpf_map_push_elem(&waiting, first, BPF_ANY);
		break;
	case 2:
		r = bpf_map_push_elem(&waiting, first, BPF_EXIST);
		break;
	case 3:
		r = bpf_map_pop_elem(&waiting, &value);
		break;
	default:
		r = bpf_map_peek_elem(&waiting, &value);
	}
	*first = value + r;
	return XDP_TX;
}
