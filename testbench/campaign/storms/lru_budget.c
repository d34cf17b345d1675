// SPDX-License-Identifier: Apache-2.0
// A budget of bytes for each source and period, in a map that forgets sources.
// covers: lru_hash bpf_ktime_get_ns
// rate: 1.00
#include "count.h"

struct budget {
	__u64 period;
	__u64 left;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct budget);
} budgets SEC(".maps");

#define BUDGET 6400

SEC("xdp")
int lru_budget(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = p->ip.saddr, bytes = BYTES(p);
	__u64 period = bpf_ktime_get_ns() >> 14;
	struct budget *b = bpf_map_lookup_elem(&budgets, &key), fresh = {period, BUDGET};

	if (!b) {
		bpf_map_update_elem(&budgets, &key, &fresh, BPF_ANY);
		return XDP_PASS;
	}
	if (b->period != period) {
		b->period = period;
		b->left = BUDGET;
	}
	if (b->left < bytes)
		return XDP_DROP;
	b->left -= bytes;
	return XDP_PASS;
}
