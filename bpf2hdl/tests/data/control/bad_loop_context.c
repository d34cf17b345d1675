// SPDX-License-Identifier: Apache-2.0
// A callback context that is no stack pointer.
// expect: refuse E0305
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static long nothing(__u32 index, void *unused)
{
	return 0;
}

SEC("xdp")
int bad_loop_context(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	(void)end;
	return bpf_loop(3, nothing, data, 0) > 2 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
