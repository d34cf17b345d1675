// SPDX-License-Identifier: Apache-2.0
// Calls back: bpf_loop and a walk over an array, copies out of and into the packet.
// covers: bpf_loop bpf_for_each_map_elem bpf_xdp_load_bytes bpf_xdp_store_bytes
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sums SEC(".maps");

struct work {
	__u32 total;
	__u8 bytes[8];
};

static long add(__u32 i, void *context)
{
	struct work *w = context;

	w->total += w->bytes[i & 7];
	return w->total > 1000;
}

static long each(struct bpf_map *map, const void *key, void *value, void *context)
{
	__u32 *sum = value;
	struct work *w = context;

	*sum += w->total;
	return 0;
}

SEC("xdp")
int loops(struct xdp_md *ctx)
{
	VIEW(p);
	struct work w = {};

	if (bpf_xdp_load_bytes(ctx, 42, w.bytes, sizeof(w.bytes)))
		return XDP_ABORTED;
	bpf_loop(8, add, &w, 0);
	bpf_for_each_map_elem(&sums, each, &w, 0);
	if (bpf_xdp_store_bytes(ctx, 50, &w.total, 4))
		return XDP_ABORTED;
	return XDP_TX;
}
