// SPDX-License-Identifier: Apache-2.0
// Packet pointers compared as signed numbers: no proof, but an answer.
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
int signed_compare(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	long left = (long)(data + 60), right = (long)end;

	asm volatile("" : "+r"(left), "+r"(right));
	return left > right ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
