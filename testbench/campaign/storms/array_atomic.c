// SPDX-License-Identifier: Apache-2.0
// Counters by atomic addition, with and without result.
// covers: array atomic_add fetch_add
// rate: 1.00
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64[2]);
} sources SEC(".maps");

SEC("xdp")
int array_atomic(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 1023;
	__u64 *t = bpf_map_lookup_elem(&sources, &key);

	if (!t)
		return XDP_ABORTED;
	__sync_fetch_and_add(&t[0], BYTES(p));
	p->payload[1] = __sync_fetch_and_add(&t[1], 1);
	return XDP_TX;
}
