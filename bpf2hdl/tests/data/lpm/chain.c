// SPDX-License-Identifier: Apache-2.0
// A look-up whose key is in the value of another one in the same trie: it is made while the first entry's section is open.
#include "trie.h"

TRIE(table, struct key4, 9);

SEC("xdp")
int chain(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct key4 key = {.length = 32};
	struct route *first, *next;

	if (is_short(ctx, frame))
		return XDP_ABORTED;
	__builtin_memcpy(key.address, frame->to4, 4);
	first = bpf_map_lookup_elem(&table, &key);
	if (!first)
		return XDP_PASS;
	first->state = first->state * 5 + frame->choice;
	__builtin_memcpy(key.address, &first->tag, 4);
	key.length = frame->choice & 31;
	next = bpf_map_lookup_elem(&table, &key);
	if (!next)
		return XDP_TX;
	next->packets += first->state;
	return follow(frame, next);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
