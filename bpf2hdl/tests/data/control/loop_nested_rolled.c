// SPDX-License-Identifier: Apache-2.0
// Nested loops that stay rolled.
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
int loop_nested_rolled(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 i, j, sum = 0;

	if (data + 40 > end)
		return XDP_DROP;
	#pragma clang loop unroll(disable)
	for (i = 0; i < 5; i++)
		#pragma clang loop unroll(disable)
		for (j = i; j < 6; j++) {
			if (((__u8 *)data)[14 + i] == ((__u8 *)data)[20 + j])
				break;
			sum += ((__u8 *)data)[14 + j] ^ i;
		}
	return sum & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
