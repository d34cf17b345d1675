// SPDX-License-Identifier: Apache-2.0
// The low half of a packet pointer is used as an address.
// expect: refuse E0402 E0415
// cpu: v3 v4
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_low_half(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	unsigned long address = (unsigned long)data;

	if (data + 14 > end)
		return XDP_DROP;
	asm volatile("%0 = *(u32 *)(%1 + 0)" : "=r"(address) : "r"(ctx));
	address = (__u32)address;
	asm volatile("r1 = %0\nw1 = w1\n%0 = r1" : "+r"(address) : : "r1");
	return *(__u8 *)address ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
