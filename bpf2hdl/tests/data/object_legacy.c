// SPDX-License-Identifier: Apache-2.0
// Maps by value, as before BTF, in the layout that LAYOUT chooses.
#include <linux/bpf.h>

#define SEC(NAME) __attribute__((section(NAME), used))
static void *(*lookup)(void *map, const void *key) = (void *)1;

struct definition {
	__u32 type, key_size, value_size, max_entries, flags;
#if LAYOUT >= 28
	__u32 id, pinning;
#endif
#if LAYOUT >= 36
	__u32 inner_id, inner_idx;
#endif
};

struct definition SEC("maps") ports = {
	.type = BPF_MAP_TYPE_HASH, .key_size = 2, .value_size = 8, .max_entries = 64,
#if LAYOUT >= 36
	.id = 5,
#endif
};
struct definition SEC("maps") table = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS, .key_size = 4, .value_size = 4, .max_entries = 100000, .flags = 0,
#if LAYOUT >= 36
	.inner_id = 5,
#endif
};

SEC("prog")
int old(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u16 port = 80;

	if (lookup(&table, &key))
		return XDP_PASS;
	return lookup(&ports, &port) ? XDP_DROP : XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
