// SPDX-License-Identifier: Apache-2.0
// A global function that gets the context.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

__attribute__((noinline)) int parse(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 24 > end)
		return -1;
	return *(__u8 *)(data + 23);
}

SEC("xdp")
int global_context(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int kind = parse(ctx);

	if (kind < 0)
		return XDP_DROP;
	if (data + 15 > end)
		return XDP_PASS;
	*(__u8 *)(data + 14) = kind;
	return kind & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
