// SPDX-License-Identifier: Apache-2.0
// A bloom filter that becomes full enough to err; its seed is zero, so that it errs as the kernel's.
// rate: 1.00
// covers: bloom_filter bpf_map_push_elem bpf_map_peek_elem
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 500);
	__uint(map_flags, BPF_F_ZERO_SEED);
	__type(value, __u32);
} seen SEC(".maps");

SEC("xdp")
int bloom_storm(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 source = p->ip.saddr ^ p->payload[1];

	if (p->payload[0] & 1)
		return bpf_map_push_elem(&seen, &source, BPF_ANY) ? XDP_ABORTED : XDP_PASS;
	return bpf_map_peek_elem(&seen, &source) ? XDP_DROP : XDP_TX;
}
