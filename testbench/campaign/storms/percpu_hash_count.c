// SPDX-License-Identifier: Apache-2.0
// Counters of flows, entered by the first packet, per CPU.
// covers: percpu_hash bpf_map_lookup_elem bpf_map_update_elem
// rate: 1.00
// keys: 4000
#include "count.h"

struct flow {
	__u32 source, target;
	__u16 ports[2];
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

SEC("xdp")
int percpu_hash_count(struct xdp_md *ctx)
{
	VIEW(p);
	struct flow key = {p->ip.saddr, p->ip.daddr, {p->udp.source, p->udp.dest}, 0};
	__u64 *count = bpf_map_lookup_elem(&flows, &key), one = 1;

	if (count)
		++*count;
	else
		bpf_map_update_elem(&flows, &key, &one, BPF_NOEXIST);
	return XDP_PASS;
}
