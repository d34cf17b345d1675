// SPDX-License-Identifier: Apache-2.0
// A packet that changes the prefixes: the host's business in hardware.
#include "trie.h"

TRIE(table, struct key4, ENTRIES);

SEC("xdp")
int learn(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct key4 key = {.length = 32};
	struct route route = {.action = XDP_DROP};

	if (is_short(ctx, frame))
		return XDP_ABORTED;
	__builtin_memcpy(key.address, frame->from4, 4);
#ifdef FORGET
	return bpf_map_delete_elem(&table, &key) ? XDP_PASS : XDP_DROP;
#else
	return bpf_map_update_elem(&table, &key, &route, BPF_ANY) ? XDP_PASS : XDP_DROP;
#endif
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
