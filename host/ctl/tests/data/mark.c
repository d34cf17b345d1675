// SPDX-License-Identifier: Apache-2.0
// As guard.c, and writes 0x5a into the last byte of the destination MAC, so that one sees which program a packet has met. Its `seen` has
// another size.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be32);
	__type(value, __u32);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("xdp")
int mark(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 first = 0;
	__u64 *packets;
	__be32 source;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	packets = bpf_map_lookup_elem(&seen, &first);
	if (packets)
		(*packets)++;
	source = ip->saddr;
	if (eth->h_proto == bpf_htons(ETH_P_IP) && bpf_map_lookup_elem(&blocked, &source))
		return XDP_DROP;
	eth->h_dest[5] = 0x5a;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
