// SPDX-License-Identifier: Apache-2.0
// A write to a constant.
// expect: refuse E0407
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

const volatile __u32 limit = 1;

SEC("xdp")
int bad_read_only(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	(void)data;
	(void)end;
	*(volatile __u32 *)&limit = 3;
	return limit > 2 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
