// SPDX-License-Identifier: Apache-2.0
// A bucket of bytes whose rate and depth the host sets in the entry itself; time goes on only when something has come in.
// covers: array bpf_ktime_get_ns
// rate: 0.50
#include "count.h"

struct bucket {
	__u64 last;
	__u64 bytes;
	__u64 rate;
	__u64 depth;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

SEC("xdp")
int byte_bucket(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 255;
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);
	__u64 now = bpf_ktime_get_ns(), length = BYTES(p), periods;

	if (!b)
		return XDP_ABORTED;
	if (!b->rate) {
		b->rate = 40;
		b->depth = 4000;
	}
	periods = (now - b->last) >> 6;
	if (periods) {
		b->last = now;
		b->bytes += periods * b->rate;
		if (b->bytes > b->depth)
			b->bytes = b->depth;
	}
	if (b->bytes < length)
		return XDP_DROP;
	b->bytes -= length;
	return XDP_PASS;
}
