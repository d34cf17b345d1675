// SPDX-License-Identifier: Apache-2.0
// Whole values written by bpf_map_update_elem, its flags and results.
// covers: array bpf_map_update_elem
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 300);
	__type(key, __u32);
	__type(value, __u8[8]);
} last SEC(".maps");

SEC("xdp")
int array_update(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 511;
	long r = bpf_map_update_elem(&last, &key, p->payload, p->payload[8] & 3);

	p->payload[9] = (__u8)-r;
	return r ? XDP_PASS : XDP_TX;
}
