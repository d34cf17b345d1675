// SPDX-License-Identifier: Apache-2.0
// The end of GRE tunnels over IPv4 (RFC 2784, keys and sequence numbers of RFC 2890), both ways. IPv4 and IPv6 packets to a network
// behind a tunnel are wrapped, with the tunnel's key if it has one, and go out again; a GRE packet from the other end is unpacked for
// the host if its key is the tunnel's. Checksums of GRE, routing, fragments and outer options are left to the host.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TUNNELS 256
#define OUTER_TTL 64
#define GRE_KEY bpf_htons(0x2000)
#define GRE_SEQUENCE bpf_htons(0x1000)

struct gre {
	__be16 flags;
	__be16 proto;
};

/* The first bits of the inner destination: 24 of IPv4, 64 of IPv6. */
struct network {
	__be32 high;
	__be32 low;
	__be16 proto;
	__u16 pad;
};

struct tunnel {
	__be32 local;
	__be32 remote;
	__be32 key;
	__u16 has_key;
	__u8 dest[ETH_ALEN]; /* MAC addresses of the outer frame */
	__u8 source[ETH_ALEN];
	__u16 pad;
};

struct remote {
	__be32 key;
	__u32 has_key;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TUNNELS);
	__type(key, struct network);
	__type(value, struct tunnel);
} tunnels SEC(".maps");

/* By outer source. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TUNNELS);
	__type(key, __be32);
	__type(value, struct remote);
} remotes SEC(".maps");

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

/* `length`: of the inner packet. */
static __always_inline int wrap(struct xdp_md *ctx, const struct tunnel *tunnel, __be16 proto, __u16 length)
{
	int more = sizeof(struct iphdr) + sizeof(struct gre);
	void *data, *data_end;
	struct ethhdr *eth;
	struct iphdr *ip;
	struct gre *gre;

	if (tunnel->has_key)
		more += sizeof(__be32);
	if (bpf_xdp_adjust_head(ctx, -more))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	eth = data;
	ip = (void *)(eth + 1);
	gre = (void *)(ip + 1);
	if ((void *)(gre + 2) > data_end)
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_dest, tunnel->dest, ETH_ALEN);
	__builtin_memcpy(eth->h_source, tunnel->source, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = 0;
	ip->tot_len = bpf_htons(length + more);
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = OUTER_TTL;
	ip->protocol = IPPROTO_GRE;
	ip->check = 0;
	ip->saddr = tunnel->local;
	ip->daddr = tunnel->remote;
	ip->check = header_checksum(ip);
	gre->flags = 0;
	gre->proto = proto;
	if (tunnel->has_key) {
		gre->flags = GRE_KEY;
		__builtin_memcpy(gre + 1, &tunnel->key, sizeof(tunnel->key));
	}
	return XDP_TX;
}

static __always_inline int unpack(struct xdp_md *ctx, const struct ethhdr *eth, const struct iphdr *ip, void *data_end)
{
	const struct gre *gre = (const void *)(ip + 1);
	struct ethhdr copy = *eth;
	__u32 header = sizeof(*ip) + sizeof(*gre);
	__be32 from = ip->saddr, key = 0;
	struct remote *remote;
	void *data;

	if ((void *)(gre + 1) > data_end)
		return XDP_DROP;
	if (ip->ihl != 5 || ip->frag_off & bpf_htons(0x3fff) || gre->flags & ~(GRE_KEY | GRE_SEQUENCE))
		return XDP_PASS;
	if (gre->proto != bpf_htons(ETH_P_IP) && gre->proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	if (gre->flags & GRE_KEY) {
		if ((void *)(gre + 2) > data_end)
			return XDP_DROP;
		__builtin_memcpy(&key, gre + 1, sizeof(key));
		header += 4;
	}
	if (gre->flags & GRE_SEQUENCE)
		header += 4;
	remote = bpf_map_lookup_elem(&remotes, &from);
	if (!remote || remote->key != key || remote->has_key != !!(gre->flags & GRE_KEY))
		return XDP_DROP;
	remote->packets++;
	copy.h_proto = gre->proto;
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
int gre(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct network network = {};
	struct tunnel *tunnel;
	__u16 length;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	network.proto = eth->h_proto;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		if ((void *)(ip + 1) > data_end)
			return XDP_DROP;
		if (ip->protocol == IPPROTO_GRE)
			return unpack(ctx, eth, ip, data_end);
		network.high = ip->daddr & bpf_htonl(0xffffff00);
		length = bpf_ntohs(ip->tot_len);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(ip6 + 1) > data_end)
			return XDP_DROP;
		network.high = ip6->daddr.s6_addr32[0];
		network.low = ip6->daddr.s6_addr32[1];
		length = bpf_ntohs(ip6->payload_len) + sizeof(*ip6);
	} else {
		return XDP_PASS;
	}
	tunnel = bpf_map_lookup_elem(&tunnels, &network);
	if (!tunnel)
		return XDP_PASS;
	return wrap(ctx, tunnel, network.proto, length);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
