// SPDX-License-Identifier: Apache-2.0
// The end of IPv4-in-IPv4 tunnels (RFC 2003), both ways. A packet to a network behind a tunnel gets an outer header and goes out
// again; a packet in an outer header from the other end of a tunnel, with options or without, is unpacked for the host.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TUNNELS 256
#define OUTER_TTL 64

struct tunnel {
	__be32 local;
	__be32 remote;
	__u8 dest[ETH_ALEN]; /* MAC addresses of the outer frame */
	__u8 source[ETH_ALEN];
};

/* By the /24 of the inner destination. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TUNNELS);
	__type(key, __be32);
	__type(value, struct tunnel);
} tunnels SEC(".maps");

/* Packets by the other end that sent them; who is not in it is not unpacked. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TUNNELS);
	__type(key, __be32);
	__type(value, __u64);
} remotes SEC(".maps");

/* What the path behind the tunnels carries: longer packets are left to the host, which fragments or complains. */
const volatile __u16 mtu = 9000;

static __always_inline __sum16 header_checksum(const struct iphdr *ip)
{
	const __u16 *half = (const void *)ip;
	__u32 sum = 0;

#pragma unroll
	for (int i = 0; i < (int)sizeof(*ip) / 2; i++)
		sum += half[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

/* A tunnel's entrance is a hop (RFC 2003, 3.1). */
static __always_inline void decrement_ttl(struct iphdr *ip)
{
	__u32 check = ip->check + bpf_htons(0x0100);

	ip->check = check + (check >= 0xffff);
	ip->ttl--;
}

static __always_inline int encapsulate(struct xdp_md *ctx, const struct tunnel *tunnel, const struct iphdr *inner)
{
	__u16 length = bpf_ntohs(inner->tot_len) + sizeof(struct iphdr);
	__be16 dont_fragment = inner->frag_off & bpf_htons(0x4000);
	__u8 tos = inner->tos;
	void *data, *data_end;
	struct ethhdr *eth;
	struct iphdr *ip;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip)))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	eth = data;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > data_end)
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_dest, tunnel->dest, ETH_ALEN);
	__builtin_memcpy(eth->h_source, tunnel->source, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = tos;
	ip->tot_len = bpf_htons(length);
	ip->id = 0;
	ip->frag_off = dont_fragment;
	ip->ttl = OUTER_TTL;
	ip->protocol = IPPROTO_IPIP;
	ip->check = 0;
	ip->saddr = tunnel->local;
	ip->daddr = tunnel->remote;
	ip->check = header_checksum(ip);
	return XDP_TX;
}

static __always_inline int unpack(struct xdp_md *ctx, const struct ethhdr *eth, __u32 header)
{
	struct ethhdr copy = *eth;
	void *data, *data_end;

	if (bpf_xdp_adjust_head(ctx, header))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + sizeof(copy) > data_end)
		return XDP_ABORTED;
	__builtin_memcpy(data, &copy, sizeof(copy));
	return XDP_PASS;
}

SEC("xdp")
int ipip(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tunnel *tunnel;
	__be32 network;
	__u64 *packets;
	__u32 header;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	header = ip->ihl * 4;
	if (ip->version != 4 || header < sizeof(*ip))
		return XDP_DROP;

	if (ip->protocol == IPPROTO_IPIP) {
		__be32 from = ip->saddr;

		if (ip->frag_off & bpf_htons(0x3fff))
			return XDP_PASS;
		packets = bpf_map_lookup_elem(&remotes, &from);
		if (!packets)
			return XDP_DROP;
		*packets += 1;
		return unpack(ctx, eth, header);
	}

	network = ip->daddr & bpf_htonl(0xffffff00);
	tunnel = bpf_map_lookup_elem(&tunnels, &network);
	if (!tunnel || ip->ttl <= 1 || bpf_ntohs(ip->tot_len) + sizeof(*ip) > mtu)
		return XDP_PASS;
	decrement_ttl(ip);
	return encapsulate(ctx, tunnel, ip);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
