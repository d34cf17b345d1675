// SPDX-License-Identifier: Apache-2.0
// bpf_for_each_map_elem over a small array.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} table SEC(".maps");

struct best {
	__u32 key;
	__u32 value;
};

static long larger(struct bpf_map *map, __u32 *key, __u32 *value, struct best *best)
{
	if (*value > best->value) {
		best->value = *value;
		best->key = *key;
	}
	*value += 1;
	return best->value > 20;
}

SEC("xdp")
int for_each_array(struct xdp_md *ctx)
{
	struct best best = {};
	long n = bpf_for_each_map_elem(&table, larger, &best, 0);

	return (n + best.key) & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
