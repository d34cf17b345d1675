// SPDX-License-Identifier: Apache-2.0
// Headers of Linux that lead to glibc's.
#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/icmp.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int length(struct xdp_md *ctx)
{
	return ctx->data_end - ctx->data > IFNAMSIZ + sizeof(struct icmphdr) + sizeof(long) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
