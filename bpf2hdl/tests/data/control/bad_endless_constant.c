// SPDX-License-Identifier: Apache-2.0
// A loop that always runs on.
// expect: refuse E0414 E0413 E0412
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_endless_constant(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	volatile __u32 n = 0;

	if (data + 20 > end)
		return XDP_DROP;
	#pragma clang loop unroll(disable)
	while (n < 5)
		asm volatile("" : : : "memory");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
