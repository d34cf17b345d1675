// SPDX-License-Identifier: Apache-2.0
// expect: limit E0305
// The result of a print that is not built.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return bpf_printk("context at %p", ctx) > 20 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
