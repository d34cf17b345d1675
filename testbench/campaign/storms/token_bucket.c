// SPDX-License-Identifier: Apache-2.0
// A token bucket for each of 1,024 classes of source.
// covers: array bpf_ktime_get_ns
// rate: 1.00
#include "count.h"

struct bucket {
	__u64 when;
	__u32 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

#define MOST 64
#define SHIFT 8

SEC("xdp")
int token_bucket(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 1023;
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);
	__u64 now = bpf_ktime_get_ns() >> SHIFT, gained;
	__u32 tokens;

	if (!b)
		return XDP_ABORTED;
	gained = now - b->when;
	tokens = gained > MOST ? MOST : b->tokens + (__u32)gained;
	if (tokens > MOST)
		tokens = MOST;
	b->when = now;
	if (!tokens) {
		b->tokens = 0;
		return XDP_DROP;
	}
	b->tokens = tokens - 1;
	return XDP_PASS;
}
