// SPDX-License-Identifier: Apache-2.0
// A token bucket that is filled at a rate per second: a multiplication and a division between the two fields.
// covers: array bpf_ktime_get_ns
#include "count.h"

struct bucket {
	__u64 last;
	__u64 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

#define RATE 1000000ULL
#define BURST 2000ULL

SEC("xdp")
int rate_bucket(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 255;
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);
	__u64 now = bpf_ktime_get_ns(), tokens;

	if (!b)
		return XDP_ABORTED;
	tokens = b->tokens + (now - b->last) * RATE / 1000000000ULL;
	if (tokens > BURST)
		tokens = BURST;
	b->last = now;
	if (tokens < 1) {
		b->tokens = tokens;
		return XDP_DROP;
	}
	b->tokens = tokens - 1;
	return XDP_PASS;
}
