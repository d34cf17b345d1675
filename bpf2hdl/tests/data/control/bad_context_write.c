// SPDX-License-Identifier: Apache-2.0
// A write to the context.
// expect: refuse E0409
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_context_write(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	(void)data;
	(void)end;
	*(volatile __u32 *)&ctx->rx_queue_index = 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
