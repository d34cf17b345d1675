// SPDX-License-Identifier: Apache-2.0
// bpf_loop with a constant count; the context is on the stack.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct sum {
	__u8 *data;
	__u32 total;
	__u8 bytes[16];
};

static long add(__u64 index, void *argument)
{
	struct sum *sum = argument;

	sum->total += sum->bytes[index & 15];
	return 0;
}

SEC("xdp")
int loop_sum(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct sum sum = {};

	if (data + 34 > end)
		return XDP_DROP;
	__builtin_memcpy(sum.bytes, data + 14, 16);
	long n = bpf_loop(12, add, &sum, 0);

	return (sum.total + n) & 1 ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
