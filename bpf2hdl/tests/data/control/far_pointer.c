// SPDX-License-Identifier: Apache-2.0
// A packet pointer moved far away is compared, but not used.
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
int far_pointer(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 34 > end)
		return XDP_DROP;
	__u32 far = *(__u32 *)(data + 26);
	void *at = data + far;
	asm volatile("" : "+r"(at));
	return at > end ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
