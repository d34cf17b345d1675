// SPDX-License-Identifier: Apache-2.0
// Counters by a byte of the packet: an array of 256 in a global variable and in a map value.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

__u32 protocols[256];
__u32 all;

struct table {
	__u16 hits[256];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

SEC("xdp")
int tables_of_256(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct table *table;
	__u32 key;

	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	all++;
	protocols[ip->protocol]++;
	key = ip->ihl & 3;
	table = bpf_map_lookup_elem(&tables, &key);
	if (!table)
		return XDP_ABORTED;
	table->hits[ip->ttl] += 3;
	return protocols[ip->tos] > 2 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
