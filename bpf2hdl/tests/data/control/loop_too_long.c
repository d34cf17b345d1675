// SPDX-License-Identifier: Apache-2.0
// bpf_loop with more iterations than become hardware.
// expect: limit E0414
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static long work(__u32 index, __u32 *state)
{
	*state = *state * 33 + index;
	return 0;
}

SEC("xdp")
int loop_too_long(struct xdp_md *ctx)
{
	__u32 state = ctx->rx_queue_index;

	bpf_loop(100000, work, &state, 0);
	return state & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
