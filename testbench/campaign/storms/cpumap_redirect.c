// SPDX-License-Identifier: Apache-2.0
// Redirects through a map with holes, and what happens where nothing is entered.
// covers: cpumap bpf_redirect_map
// rate: 1.00
// fill: targets 00000000 c0000000
// fill: targets 01000000 c0000000
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

SEC("xdp")
int cpumap_redirect(struct xdp_md *ctx)
{
	VIEW(p);
	return bpf_redirect_map(&targets, p->payload[0] & 3, p->payload[1] & 3);
}
