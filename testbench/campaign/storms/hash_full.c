// SPDX-License-Identifier: Apache-2.0
// A map that is full most of the time: insertion, deletion, flags and their results.
// covers: hash bpf_map_delete_elem bpf_map_update_elem
// keys: 400
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} table SEC(".maps");

SEC("xdp")
int hash_full(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 key = p->ip.saddr, value = p->payload[0];
	long r;

	if ((value & 7) == 7)
		r = bpf_map_delete_elem(&table, &key);
	else
		r = bpf_map_update_elem(&table, &key, &value, value & 3);
	p->payload[1] = (__u8)-r;
	return XDP_TX;
}
