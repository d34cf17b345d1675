// SPDX-License-Identifier: Apache-2.0
// The longest prefix of the source, and a counter in it.
// covers: lpm_trie bpf_map_lookup_elem
// rate: 1.00
// fill: routes 080000000a000000 0000000000000000
// fill: routes 180000000a000000 0100000000000000
// fill: routes 1d0000000a000000 0200000000000000
// fill: routes 200000000a000007 0300000000000000
// fill: routes 1c0000000a000060 0400000000000000
#include "count.h"

struct prefix {
	__u32 length;
	__u32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} routes SEC(".maps");

SEC("xdp")
int lpm_count(struct xdp_md *ctx)
{
	VIEW(p);
	struct prefix key = {32, p->ip.saddr};
	__u64 *count = bpf_map_lookup_elem(&routes, &key);

	if (!count)
		return XDP_DROP;
	++*count;
	p->payload[0] = (__u8)*count;
	return XDP_TX;
}
