// SPDX-License-Identifier: Apache-2.0
// Several look-ups of one packet: source and destination in one trie, both counted, perhaps the same entry; the key of a third
// one comes from the second one's value, or from another path.
#include "trie.h"

TRIE(table, struct key4, 7);
TRIE(after, struct key4, ENTRIES);

SEC("xdp")
int several(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct key4 key = {.length = 32};
	struct route *from, *to, *third;

	if (is_short(ctx, frame))
		return XDP_ABORTED;
	__builtin_memcpy(key.address, frame->from4, 4);
	from = bpf_map_lookup_elem(&table, &key);
	__builtin_memcpy(key.address, frame->to4, 4);
	to = bpf_map_lookup_elem(&table, &key);
	if (from) {
		from->packets++;
		from->tag ^= frame->choice;
	}
	if (to) {
		to->packets += 3;
		to->tag += 0x10001;
	}
	if (to && frame->choice & 1)
		__builtin_memcpy(key.address, &to->tag, 4);
	else
		__builtin_memcpy(key.address, frame->from6, 4);
	key.length = 24;
	third = bpf_map_lookup_elem(&after, &key);
	if (third) {
		__sync_fetch_and_add(&third->packets, 1);
		return follow(frame, third);
	}
	return from ? follow(frame, from) : XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
