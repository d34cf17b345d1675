// SPDX-License-Identifier: Apache-2.0
// Drops every packet. The smallest XDP program there is, and the ceiling of any packet rate.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int drop_all(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
