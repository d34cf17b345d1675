// SPDX-License-Identifier: Apache-2.0
// Tail calls through a prog array that the source fills; a missing entry falls through.
// expect: accept
// prog: first
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

int second(struct xdp_md *ctx);
int third(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 6);
	__uint(key_size, 4);
	__array(values, int (void *));
} jumps SEC(".maps") = {
	.values = {
		[1] = (void *)&second,
		[4] = (void *)&third,
		[5] = (void *)&second,
	},
};

SEC("xdp")
int first(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 24 > end)
		return XDP_DROP;
	*(__u8 *)data = 0x11;
	bpf_tail_call(ctx, &jumps, *(__u8 *)(data + 23) & 7);
	*(__u8 *)(data + 1) = 0x22;
	return XDP_PASS;
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 16 > end)
		return XDP_ABORTED;
	*(__u8 *)(data + 2) = *(__u8 *)data + 1;
	return XDP_TX;
}

SEC("xdp")
int third(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 20 > end)
		return XDP_ABORTED;
	*(__u8 *)(data + 3) = 0x33;
	bpf_tail_call(ctx, &jumps, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
