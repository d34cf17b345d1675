// SPDX-License-Identifier: Apache-2.0
// A computed place outside of the stack.
// expect: refuse E0404
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_stack_range(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 table[16] = {};

	if (data + 20 > end)
		return XDP_DROP;
	asm volatile("" : : "r"(table) : "memory");
	return table[*(__u8 *)(data + 14)] ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
