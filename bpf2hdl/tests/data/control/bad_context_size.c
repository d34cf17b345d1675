// SPDX-License-Identifier: Apache-2.0
// An access of the context that is not a whole field.
// expect: refuse E0408
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_context_size(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	(void)data;
	(void)end;
	return *(volatile __u8 *)&ctx->rx_queue_index ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
