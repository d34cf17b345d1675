// SPDX-License-Identifier: Apache-2.0
// bpf_loop inside the callback of bpf_loop.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct outer {
	__u32 sum;
	__u32 n;
};

static long inner(__u32 index, struct outer *outer)
{
	outer->sum = outer->sum * 3 + index;
	return index >= outer->n;
}

static long outer_step(__u32 index, struct outer *outer)
{
	outer->n = index;
	bpf_loop(4, inner, outer, 0);
	return 0;
}

SEC("xdp")
int loop_nested(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct outer outer = {};

	if (data + 20 > end)
		return XDP_DROP;
	outer.sum = *(__u8 *)(data + 13);
	bpf_loop(3, outer_step, &outer, 0);
	*(__u32 *)data = outer.sum;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
