// SPDX-License-Identifier: Apache-2.0
// A callback returns 0 or 1 only.
// expect: refuse E0305
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static long two(__u32 index, void *unused)
{
	return 2;
}

SEC("xdp")
int loop_bad_return(struct xdp_md *ctx)
{
	bpf_loop(3, two, 0, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
