// SPDX-License-Identifier: Apache-2.0
// A loop without an end.
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
int bad_endless(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 20 > end)
		return XDP_DROP;
	volatile __u32 n = *(__u8 *)(data + 14);
	#pragma clang loop unroll(disable)
	while (n != 77)
		n = n * 5 + 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
