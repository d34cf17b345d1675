// SPDX-License-Identifier: Apache-2.0
// Packet pointers in the context of a callback.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct scan {
	void *data, *end;
	__u32 at, found;
};

static long scan_byte(__u32 index, struct scan *scan)
{
	__u8 *byte = scan->data + 14 + (index & 31);

	if ((void *)(byte + 1) > scan->end)
		return 1;
	if (*byte == 0x40) {
		scan->found++;
		scan->at = index;
	}
	return 0;
}

SEC("xdp")
int loop_packet(struct xdp_md *ctx)
{
	struct scan scan = {
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};
	long n = bpf_loop(24, scan_byte, &scan, 0);

	if (scan.found > 1)
		return XDP_TX;
	return scan.found ? (scan.at & 1 ? XDP_PASS : XDP_DROP) : n > 23 ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
