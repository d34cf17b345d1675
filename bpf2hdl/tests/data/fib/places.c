// SPDX-License-Identifier: Apache-2.0
// The parameters in a map (IN_MAP), in a record of a ring buffer (IN_RECORD) or, which no kernel takes, in the packet (IN_PACKET), of another size (PLEN), or of two look-ups (TWICE): the next hop of the next
// hop. FIRST: with room behind the structure.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef PLEN
#define PLEN sizeof(struct bpf_fib_lookup)
#endif

struct frame {
	__u8 to[6], from[6];
	__be16 type;
	__u8 before[12];
	__be32 source, destination;
	__u8 after[64];
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct bpf_fib_lookup[2]);
	__uint(max_entries, 1);
} area SEC(".maps");

#ifdef IN_RECORD
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");
#endif

SEC("xdp")
int places(struct xdp_md *ctx)
{
	struct frame *frame = (void *)(long)ctx->data;
	struct bpf_fib_lookup *params;
	__u32 zero = 0;
	int result;

	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
#ifdef IN_MAP
	params = bpf_map_lookup_elem(&area, &zero);
	if (!params)
		return XDP_ABORTED;
#ifndef FIRST
	params++;
#endif
#elif defined(IN_RECORD)
	params = bpf_ringbuf_reserve(&ring, sizeof(*params), 0);
	if (!params)
		return XDP_ABORTED;
	__builtin_memset(params, 0, sizeof(*params));
#elif defined(IN_PACKET)
	params = (void *)frame->after;
#else
	struct bpf_fib_lookup local = {}, twice[2];

	params = &local;
#endif
	params->family = 2;
	params->tot_len = 1400;
	params->ifindex = frame->from[5];
	params->ipv4_dst = frame->destination;
	result = bpf_fib_lookup(ctx, params, PLEN, 0);
#ifdef TWICE
	if (result == 0) {
		__builtin_memcpy(twice, params, sizeof(*params));
		twice[0].ifindex = frame->from[5];
		twice[0].tot_len = 1400;
		twice[0].ipv4_dst ^= frame->to[4];
		result = bpf_fib_lookup(ctx, twice, PLEN, BPF_FIB_LOOKUP_DIRECT) + 100;
		__builtin_memcpy(params, twice, sizeof(*params));
	}
#endif
	frame->before[0] = result;
	frame->source = params->ifindex;
	__builtin_memcpy(frame->to, params->dmac, 6);
	__builtin_memcpy(frame->from, params->smac, 6);
	__builtin_memcpy(frame->after, &params->ipv4_dst, 4);
	__builtin_memcpy(frame->after + 4, &params->tot_len, 2);
	__builtin_memcpy(frame->after + 6, &params->rt_metric, 4);
#ifdef IN_RECORD
	bpf_ringbuf_submit(params, 0);
#endif
	return result ? XDP_PASS : XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
