// SPDX-License-Identifier: Apache-2.0
// data_end on the left, strict and not strict, and lengths by subtraction.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int ptr_end_left(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (end < data + 14)
		return XDP_DROP;
	if (!(end > data + 20))
		return XDP_PASS;
	__u32 length = end - data;
	if (end >= data + 40) {
		*(__u8 *)(data + 39) = length;
		return length > 100 ? XDP_TX : XDP_DROP;
	}
	return *(__u8 *)(data + 20) & 1 ? XDP_ABORTED : XDP_TX;
}

char _license[] SEC("license") = "GPL";
