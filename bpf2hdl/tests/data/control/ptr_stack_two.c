// SPDX-License-Identifier: Apache-2.0
// One of two structures on the stack, chosen by the packet, through a function.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct pair {
	__u32 a, b;
};

static __attribute__((noinline)) void bump(struct pair *pair, __u32 by)
{
	pair->a += by;
	pair->b ^= pair->a;
}

SEC("xdp")
int ptr_stack_two(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct pair left = { 1, 2 }, right = { 3, 4 };

	if (data + 20 > end)
		return XDP_DROP;
	bump(*(__u8 *)(data + 16) & 1 ? &left : &right, *(__u8 *)(data + 17));
	bump(*(__u8 *)(data + 18) & 1 ? &right : &left, 9);
	return (left.a * 3 + right.b) & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
