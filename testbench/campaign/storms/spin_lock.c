// SPDX-License-Identifier: Apache-2.0
// A value under a lock.
// covers: array bpf_spin_lock bpf_spin_unlock
// rate: 1.00
#include "count.h"

struct account {
	struct bpf_spin_lock lock;
	__u32 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 512);
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

SEC("xdp")
int spin_lock(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = bpf_ntohl(p->ip.saddr) & 511, bytes = BYTES(p);
	struct account *a = bpf_map_lookup_elem(&accounts, &key);

	if (!a)
		return XDP_ABORTED;
	bpf_spin_lock(&a->lock);
	a->packets++;
	a->bytes += bytes;
	bpf_spin_unlock(&a->lock);
	return XDP_PASS;
}
