// SPDX-License-Identifier: Apache-2.0
// TCP options in a bounded loop with a moving pointer.
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
int loop_options(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 54 > end)
		return XDP_PASS;
	__u8 *at = data + 54, *stop = data + 14 + 20 + ((*(__u8 *)(data + 46) >> 4) & 15) * 4;
	__u32 found = 0;
	int i;

	#pragma clang loop unroll(disable)
	for (i = 0; i < 10; i++) {
		if (at >= stop || at + 2 > (__u8 *)end)
			break;
		if (at[0] == 0)
			break;
		if (at[0] == 1) {
			at++;
			continue;
		}
		if (at[0] == 2 && at + 4 <= (__u8 *)end)
			found = at[2] << 8 | at[3];
		if (at[1] < 2)
			break;
		at += at[1] & 15;
	}
	return found ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
