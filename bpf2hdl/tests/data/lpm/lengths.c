// SPDX-License-Identifier: Apache-2.0
// Look-ups of every length: from the packet, shorter constants, and longer than any address. KEY: key4 or key6.
#include "trie.h"

#ifdef WIDE
#define KEY struct key6
#define ADDRESS to6
#else
#define KEY struct key4
#define ADDRESS to4
#endif

TRIE(table, KEY, ENTRIES);

SEC("xdp")
int lengths(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct route *route;
	KEY key;

	if (is_short(ctx, frame))
		return XDP_ABORTED;
	__builtin_memcpy(key.address, frame->ADDRESS, sizeof(key.address));
	switch (frame->choice & 3) {
	case 0:
		key.length = 8 * sizeof(key.address);
		break;
	case 1:
		key.length = 9;
		break;
	case 2:
		/* Far longer than the address, too. */
		key.length = frame->length << (frame->choice >> 2 & 24);
		break;
	default:
		key.length = frame->length & 31;
	}
	route = bpf_map_lookup_elem(&table, &key);
	if (route)
		return follow(frame, route);
	key.length = 8 * sizeof(key.address) + 1;
	return bpf_map_lookup_elem(&table, &key) ? XDP_ABORTED : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
