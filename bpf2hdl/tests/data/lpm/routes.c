// SPDX-License-Identifier: Apache-2.0
// IPv4 and IPv6: the entry's action, a counter in its value, and (SLOW) a number that takes many stages to compute anew.
#include "trie.h"

TRIE(routes4, struct key4, ENTRIES);
TRIE(routes6, struct key6, ENTRIES);

SEC("xdp")
int routes(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct route *route;

	if (is_short(ctx, frame))
		return XDP_ABORTED;
	if (frame->type == bpf_htons(0x0800)) {
		struct key4 key = {.length = 32};

		__builtin_memcpy(key.address, frame->to4, 4);
		route = bpf_map_lookup_elem(&routes4, &key);
	} else {
		struct key6 key = {.length = 128};

		__builtin_memcpy(key.address, frame->to6, 16);
		route = bpf_map_lookup_elem(&routes6, &key);
	}
	if (!route)
		return XDP_PASS;
#ifdef ATOMIC
	__sync_fetch_and_add(&route->packets, 1);
#else
	route->packets++;
#endif
#ifdef SLOW
	route->state = route->state * 0x9e3779b97f4a7c15ull + frame->choice;
	frame->choice = route->state >> 56;
#endif
	return follow(frame, route);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
