// SPDX-License-Identifier: Apache-2.0
// A function gives a packet pointer or null, and the low half of it is tested.
// expect: accept
// cpu: v4
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u8 *at(struct xdp_md *ctx, __u32 offset)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + offset + 1 > end)
		return 0;
	return data + offset;
}

SEC("xdp")
int ptr_null_low(struct xdp_md *ctx)
{
	__u8 *first = at(ctx, 12), *second = at(ctx, 40);

	if (!first)
		return XDP_DROP;
	asm goto("if %w0 == 0 goto %l1" : : "r"(second) : : missing);
	return *first > 4 ? XDP_TX : XDP_PASS;
missing:
	return XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
