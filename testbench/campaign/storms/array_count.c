// SPDX-License-Identifier: Apache-2.0
// Counters by plain addition: packets and bytes.
// covers: array percpu_array bpf_map_lookup_elem
// rate: 1.00
#include "count.h"

struct totals {
	__u64 packets, bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct totals);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} firsts SEC(".maps");

SEC("xdp")
int array_count(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 4095, first = p->payload[0];
	struct totals *t = bpf_map_lookup_elem(&sources, &key);
	__u64 *f = bpf_map_lookup_elem(&firsts, &first);

	if (!t || !f)
		return XDP_ABORTED;
	t->packets++;
	t->bytes += BYTES(p);
	++*f;
	return t->packets & 1 ? XDP_PASS : XDP_TX;
}
