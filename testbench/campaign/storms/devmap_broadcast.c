// SPDX-License-Identifier: Apache-2.0
// Copies for all ports of two maps, with and without the port by which the packet came, among other redirects.
// covers: devmap devmap_hash bpf_redirect_map
// fill: doors 00000000 02000000
// fill: doors 02000000 01000000
// fill: doors 28000000 05000000
// fill: houses 07000000 03000000
// fill: houses 09000000 01000000
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} doors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 100);
	__type(key, __u32);
	__type(value, __u32);
} houses SEC(".maps");

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	VIEW(p);
	if (p->payload[0] & 1)
		return bpf_redirect_map(&houses, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	return bpf_redirect_map(&doors, p->payload[0] & 3, p->payload[1] & 0x1b);
}
