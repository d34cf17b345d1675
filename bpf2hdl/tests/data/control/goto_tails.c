// SPDX-License-Identifier: Apache-2.0
// Shared tails that are reached with different pointers and values.
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
int goto_tails(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *at;
	__u32 sum = 0, kind = 0;

	if (data + 15 > end)
		goto drop;
	at = data + 14;
	switch (*at >> 4) {
	case 4:
		if (at + 20 > end)
			goto short_frame;
		kind = 4;
		sum = at[8];
		at += 20;
		goto ports;
	case 6:
		if (at + 40 > end)
			goto short_frame;
		kind = 6;
		sum = at[7];
		at += 40;
		goto ports;
	default:
		goto pass;
	}
ports:
	if (at + 4 > end)
		goto short_frame;
	sum += at[0] + at[3];
	at[1] = kind;
	if (sum & 1)
		goto tx;
pass:
	return kind ? XDP_PASS : XDP_ABORTED;
short_frame:
	if (kind == 0)
		goto drop;
	sum ^= 5;
	if (sum & 4)
		goto pass;
tx:
	return XDP_TX;
drop:
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
