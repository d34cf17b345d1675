// SPDX-License-Identifier: Apache-2.0
// Only a program behind a devmap has a port to leave by.
// expect: refuse E0410
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int bad_egress(struct xdp_md *ctx)
{
	return ctx->egress_ifindex ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
