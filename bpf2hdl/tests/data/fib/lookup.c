// SPDX-License-Identifier: Apache-2.0
// Looks up what the packet asks for, and puts the whole structure back into the packet, with the result behind it. Fields that the kernel
// leaves alone keep bytes of the packet. FAMILY: 4 or 6, or both. FLAGS: a constant, or bits of the packet.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef PLEN
#define PLEN sizeof(struct bpf_fib_lookup)
#endif

struct frame {
	__u8 to[6], from[6];
	__be16 type;
	union {
		struct {
			__u8 version, tos;
			__be16 tot_len;
			__u8 other[8];
			__be32 source, destination;
		} ip4;
		struct {
			__be32 flow;
			__be16 payload;
			__u8 next, hops;
			__u32 source[4], destination[4];
		} ip6;
		__u8 bytes[80];
	};
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} results SEC(".maps");

SEC("xdp")
int lookup(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct bpf_fib_lookup params;
	__u32 flags, slot;
	__u64 *count;
	int result;

	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	__builtin_memcpy(&params, frame->bytes + 8, sizeof(params));
	if (frame->type == bpf_htons(0x0800)) {
#if FAMILY == 6
		return XDP_PASS;
#endif
		params.family = 2;
		params.tot_len = bpf_ntohs(frame->ip4.tot_len);
		params.ipv4_src = frame->ip4.source;
		params.ipv4_dst = frame->ip4.destination;
	} else {
#if FAMILY == 4
		return XDP_PASS;
#endif
		params.family = 10;
		params.tot_len = bpf_ntohs(frame->ip6.payload) + 40;
		__builtin_memcpy(params.ipv6_src, frame->ip6.source, 16);
		__builtin_memcpy(params.ipv6_dst, frame->ip6.destination, 16);
	}
#ifdef ANY_FAMILY
	params.family = frame->to[1];
#endif
	params.ifindex = frame->from[5];
#ifdef FLAGS
	flags = FLAGS;
#else
	// DIRECT, SKIP_NEIGH, MARK, and one that there is not.
	flags = frame->to[0] & 0x65;
	if (frame->to[1] == 7)
		flags |= 1 << (frame->to[2] & 31 | 6);
#endif
	result = bpf_fib_lookup(ctx, &params, PLEN, flags);
	slot = result < 0 ? 15 : result & 15;
	count = bpf_map_lookup_elem(&results, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	__builtin_memcpy(frame->bytes + 8, &params, sizeof(params));
	*(int *)(frame->bytes + 72) = result;
	return result ? XDP_PASS : XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
