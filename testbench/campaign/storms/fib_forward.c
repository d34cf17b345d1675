// SPDX-License-Identifier: Apache-2.0
// A router: the next hop of each packet's key, its MAC addresses, and how often each answer came.
// covers: bpf_fib_lookup bpf_redirect array
// network: 5
// keys: 60
// rate: 1.00
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} answers SEC(".maps");

SEC("xdp")
int fib_forward(struct xdp_md *ctx)
{
	VIEW(p);
	struct bpf_fib_lookup params = {};
	__u64 *count;
	__u32 slot;
	long found;

	params.family = 2;
	params.l4_protocol = p->ip.protocol;
	params.tot_len = bpf_ntohs(p->ip.tot_len);
	params.ipv4_src = p->ip.daddr;
	params.ipv4_dst = p->ip.saddr;
	params.ifindex = ctx->ingress_ifindex;
	found = bpf_fib_lookup(ctx, &params, sizeof(params), p->payload[0] & 1 ? BPF_FIB_LOOKUP_DIRECT : 0);
	slot = found & 15;
	count = bpf_map_lookup_elem(&answers, &slot);
	if (count)
		++*count;
	if (found == BPF_FIB_LKUP_RET_SUCCESS) {
		__builtin_memcpy(p->eth.h_dest, params.dmac, ETH_ALEN);
		__builtin_memcpy(p->eth.h_source, params.smac, ETH_ALEN);
		return bpf_redirect(params.ifindex, 0);
	}
	if (found < 0)
		return XDP_ABORTED;
	return found == BPF_FIB_LKUP_RET_NOT_FWDED ? XDP_PASS : XDP_DROP;
}
