// SPDX-License-Identifier: Apache-2.0
// A check that is one byte too short.
// expect: refuse E0401
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_packet_short(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 17 > end)
		return XDP_DROP;
	return *(__u32 *)(data + 14) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
