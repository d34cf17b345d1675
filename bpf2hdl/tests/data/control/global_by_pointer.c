// SPDX-License-Identifier: Apache-2.0
// A global function that writes through a pointer; its size comes from BTF.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct result {
	__u32 kind, offset;
	__u64 sum;
};

__attribute__((noinline)) int measure(struct xdp_md *ctx, struct result *result, __u32 offset)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *at;

	if (!result || offset > 100)
		return -1;
	at = data + offset;
	if ((void *)(at + 8) > end)
		return -2;
	result->kind = at[0];
	result->offset = offset + (at[1] & 15);
	result->sum += at[7];
	return at[2] & 1;
}

SEC("xdp")
int global_by_pointer(struct xdp_md *ctx)
{
	struct result result = {};
	int first = measure(ctx, &result, 14), second;

	if (first < 0)
		return XDP_DROP;
	second = measure(ctx, &result, result.offset);
	if (second == -2)
		return XDP_ABORTED;
	return (first + second + result.kind + result.sum) & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
