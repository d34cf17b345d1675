// SPDX-License-Identifier: Apache-2.0
// Divisions, products, look-ups and a slow section one after another, each with what the one before gave: what stages can share when packets
// come far enough apart.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct hop {
	__u32 next;
	__u32 weight;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 200);
	__type(key, __u32);
	__type(value, struct hop);
} hops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} scale SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} mixed SEC(".maps");

static __always_inline __u32 weighed(__u32 by)
{
	__u32 key = by & 255, *found = bpf_map_lookup_elem(&scale, &key);

	return found ? *found : 1;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 *words = data;
	struct hop *hop;
	__u32 at, sum, key;
	__u64 *slow;

	if (data + 60 > end)
		return XDP_DROP;
	at = words[8] & 255;
	hop = bpf_map_lookup_elem(&hops, &at);
	if (!hop) {
		struct hop new = { .next = words[9] & 255, .weight = words[10] };

		if (words[11] & 1)
			bpf_map_update_elem(&hops, &at, &new, BPF_ANY);
		return XDP_PASS;
	}
	sum = hop->weight / (words[9] | 1) + words[10] % (words[11] & 0xffff);
	sum = sum * weighed(sum >> 3) + words[12];
	at = hop->next + (sum & 3);
	sum = sum * weighed(sum) + at / (sum & 7);
	hop = bpf_map_lookup_elem(&hops, &at);
	if (hop)
		sum += hop->weight * weighed(sum >> 8);
	key = sum & 7;
	slow = bpf_map_lookup_elem(&mixed, &key);
	if (slow)
		*slow = *slow * 0x9e3779b97f4a7c15ULL + sum;
	words[4] = sum;
	return sum & 16 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
