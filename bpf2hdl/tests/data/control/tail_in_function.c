// SPDX-License-Identifier: Apache-2.0
// A tail call in a function returns to that function's caller.
// expect: accept
// prog: caller
// cpu: v2 v3 v4
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

int leaf(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int (void *));
} jumps SEC(".maps") = { .values = { [1] = (void *)&leaf } };

static __attribute__((noinline)) int jump(struct xdp_md *ctx, __u32 index)
{
	volatile int result = 7;

	bpf_tail_call(ctx, &jumps, index);
	return result;
}

SEC("xdp")
int caller(struct xdp_md *ctx)
{
	__u32 index = ctx->data_end - ctx->data;
	int first = jump(ctx, index & 1);
	int second = jump(ctx, 1);

	if (first == 7)
		return XDP_PASS;
	return first + second == 6 ? XDP_TX : XDP_DROP;
}

SEC("xdp")
int leaf(struct xdp_md *ctx)
{
	return 3;
}

char _license[] SEC("license") = "GPL";
