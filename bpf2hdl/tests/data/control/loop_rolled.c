// SPDX-License-Identifier: Apache-2.0
// A loop that stays rolled, with an end from the packet.
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
int loop_rolled(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 i, sum = 0, n;

	if (data + 14 > end)
		return XDP_DROP;
	n = *(__u8 *)(data + 13) & 15;
	#pragma clang loop unroll(disable)
	for (i = 0; i < n; i++) {
		__u8 *at = data + 14 + i;

		if (at + 1 > (__u8 *)end)
			break;
		if (*at == 0x45)
			continue;
		sum = sum * 5 + *at;
	}
	return sum & 1 ? XDP_TX : i > 6 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
