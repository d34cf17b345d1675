// SPDX-License-Identifier: Apache-2.0
// Two pointers are added.
// expect: refuse E0402
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_pointer_sum(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	unsigned long address = (unsigned long)data;

	asm volatile("%0 += %1" : "+r"(address) : "r"(end));
	return address & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
