// SPDX-License-Identifier: Apache-2.0
// What an interface takes: lengths with and without a difference, interfaces that are there and that are not. The answers leave in the packet.
// covers: bpf_check_mtu bpf_get_numa_node_id bpf_ktime_get_tai_ns
// rate: 1.00
#include "count.h"

SEC("xdp")
int check_mtu(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 *words = (void *)p->payload;
	__u32 mtu = p->payload[1] & 1 ? 0 : bpf_ntohs(p->ip.tot_len);
	__s32 difference = (__s8)p->payload[0] * 16;
	long found = bpf_check_mtu(ctx, 0, &mtu, difference, 0);

	words[1] = mtu;
	words[2] = found + bpf_get_numa_node_id();
	if (p->payload[15] & 1)
		words[3] = bpf_ktime_get_tai_ns();
	return found ? XDP_PASS : XDP_TX;
}
