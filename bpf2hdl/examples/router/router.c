// SPDX-License-Identifier: Apache-2.0
// One step of an IPv4 router for the 256 subnets of a /16: finds the next hop by the third byte of the destination, counts the
// TTL down, corrects the header checksum by what has changed, writes the MAC addresses and sends the packet on.
// What has no route, is not plain IPv4, or whose TTL has run out goes to the host.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SUBNETS 256

struct next_hop {
	__u32 ifindex; /* 0: no route */
	__u8 dest[ETH_ALEN];
	__u8 source[ETH_ALEN];
};

struct traffic {
	__u64 packets;
	__u64 bytes;
};

/* By the third byte of the destination. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SUBNETS);
	__type(key, __u32);
	__type(value, struct next_hop);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SUBNETS);
	__type(key, __u32);
	__type(value, struct traffic);
} forwarded SEC(".maps");

/* The /16, in network order; 192.0.0.0 unless changed. */
const volatile __be32 network = bpf_htonl(0xc0000000);

/* RFC 1624: the checksum after one 16-bit word has grown by `by`, all in network order. */
static __always_inline __sum16 grown(__sum16 check, __be16 by)
{
	__u32 sum = (__u16)~check + by;

	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

SEC("xdp")
int router(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct next_hop *hop;
	struct traffic *traffic;
	__u32 subnet;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (ip->version != 4 || ip->ihl < 5 || ip->ttl <= 1 || eth->h_dest[0] & 1)
		return XDP_PASS;
	if ((ip->daddr & bpf_htonl(0xffff0000)) != network)
		return XDP_PASS;
	subnet = bpf_ntohl(ip->daddr) >> 8 & (SUBNETS - 1);
	hop = bpf_map_lookup_elem(&routes, &subnet);
	if (!hop || !hop->ifindex)
		return XDP_PASS;
	traffic = bpf_map_lookup_elem(&forwarded, &subnet);
	if (traffic) {
		traffic->packets++;
		traffic->bytes += data_end - data;
	}
	/* The TTL is the upper byte of its word: counting it down adds 0xfeff in ones' complement. */
	ip->check = grown(ip->check, bpf_htons(0xfeff));
	ip->ttl--;
	__builtin_memcpy(eth->h_dest, hop->dest, ETH_ALEN);
	__builtin_memcpy(eth->h_source, hop->source, ETH_ALEN);
	return bpf_redirect(hop->ifindex, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
