// SPDX-License-Identifier: Apache-2.0
// A token bucket for each source, filled at a rate per second, in a hash map: the time and the tokens are parts of the value.
// Some packets delete the bucket, so that its slot goes to another source.
// covers: hash bpf_ktime_get_ns
// rate: 0.50
#include "count.h"

struct bucket {
	__u64 last;
	__u64 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

#define RATE 2000000ULL
#define BURST 6ULL

SEC("xdp")
int hash_bucket(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = p->ip.saddr;
	__u64 now = bpf_ktime_get_ns(), tokens;
	struct bucket *b, full = {now, BURST};

	if ((p->payload[0] & 0xff) == 0x5a) {
		bpf_map_delete_elem(&buckets, &key);
		return XDP_TX;
	}
	b = bpf_map_lookup_elem(&buckets, &key);
	if (!b) {
		bpf_map_update_elem(&buckets, &key, &full, BPF_ANY);
		return XDP_PASS;
	}
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
