// SPDX-License-Identifier: Apache-2.0
// Addresses of ODD bytes, one prefix only or many, and whether there is one at all.
#include "trie.h"

struct odd {
	__u32 length;
	__u8 address[ODD];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ENTRIES);
	__type(key, struct odd);
	__type(value, __u8);
} odd_table SEC(".maps");

SEC("xdp")
int odd(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct odd key = {.length = 8 * ODD};

	if (is_short(ctx, frame))
		return XDP_ABORTED;
	__builtin_memcpy(key.address, frame->from4, ODD);
	return bpf_map_lookup_elem(&odd_table, &key) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
