// SPDX-License-Identifier: Apache-2.0
// IP-in-IP tunnel: packets to a virtual address and port get an outer IPv4 or IPv6 header and go out again; counts per protocol.
#include "../parse.h"

struct vip {
	union {
		__u32 v6[4];
		__u32 v4;
	} daddr;
	__u16 dport;
	__u16 family; /* 2 or 10, as in the sockets' AF_ */
	__u8 protocol;
	__u8 pad[3];
};

struct tunnel {
	union {
		__u32 v6[4];
		__u32 v4;
	} saddr;
	union {
		__u32 v6[4];
		__u32 v4;
	} daddr;
	__u16 family;
	__u8 dmac[ETH_ALEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct vip);
	__type(value, struct tunnel);
} vip2tnl SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} rxcnt SEC(".maps");

enum { FAMILY_4 = 2, FAMILY_6 = 10 };

static __always_inline void count(__u32 protocol)
{
	__u64 *rx = bpf_map_lookup_elem(&rxcnt, &protocol);

	if (rx)
		*rx += 1;
}

/* The destination port in network order, 0 if there is none, -1 if it is cut off. */
static __always_inline int dest_port(void *transport, void *data_end, __u8 protocol)
{
	struct ports *ports = transport;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return 0;
	if ((void *)(ports + 1) > data_end)
		return -1;
	return ports->dest;
}

static __always_inline void set_ethernet(struct ethhdr *new_eth, const struct ethhdr *old_eth,
					 const struct tunnel *tnl, __be16 proto)
{
	__builtin_memcpy(new_eth->h_source, old_eth->h_dest, ETH_ALEN);
	__builtin_memcpy(new_eth->h_dest, tnl->dmac, ETH_ALEN);
	new_eth->h_proto = proto;
}

static __always_inline int handle_ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct ethhdr *new_eth, *old_eth;
	struct vip vip = {};
	struct tunnel *tnl;
	__u16 payload;
	int dport;

	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	dport = dest_port(ip + 1, data_end, ip->protocol);
	if (dport < 0)
		return XDP_DROP;
	vip.protocol = ip->protocol;
	vip.family = FAMILY_4;
	vip.daddr.v4 = ip->daddr;
	vip.dport = dport;
	payload = bpf_ntohs(ip->tot_len);
	tnl = bpf_map_lookup_elem(&vip2tnl, &vip);
	if (!tnl || tnl->family != FAMILY_4)
		return XDP_PASS;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct iphdr)))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	new_eth = data;
	ip = data + sizeof(*new_eth);
	old_eth = data + sizeof(*ip);
	if ((void *)(new_eth + 1) > data_end || (void *)(old_eth + 1) > data_end || (void *)(ip + 1) > data_end)
		return XDP_DROP;
	set_ethernet(new_eth, old_eth, tnl, bpf_htons(ETH_P_IP));
	ip->version = 4;
	ip->ihl = sizeof(*ip) >> 2;
	ip->frag_off = 0;
	ip->protocol = IPPROTO_IPIP;
	ip->check = 0;
	ip->tos = 0;
	ip->id = 0;
	ip->tot_len = bpf_htons(payload + sizeof(*ip));
	ip->daddr = tnl->daddr.v4;
	ip->saddr = tnl->saddr.v4;
	ip->ttl = 8;
	ip->check = ipv4_csum(ip);
	count(vip.protocol);
	return XDP_TX;
}

static __always_inline int handle_ipv6(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip6 = data + sizeof(struct ethhdr);
	struct ethhdr *new_eth, *old_eth;
	struct vip vip = {};
	struct tunnel *tnl;
	__u16 payload;
	int dport;

	if ((void *)(ip6 + 1) > data_end)
		return XDP_DROP;
	dport = dest_port(ip6 + 1, data_end, ip6->nexthdr);
	if (dport < 0)
		return XDP_DROP;
	vip.protocol = ip6->nexthdr;
	vip.family = FAMILY_6;
	__builtin_memcpy(vip.daddr.v6, &ip6->daddr, sizeof(vip.daddr));
	vip.dport = dport;
	payload = bpf_ntohs(ip6->payload_len);
	tnl = bpf_map_lookup_elem(&vip2tnl, &vip);
	if (!tnl || tnl->family != FAMILY_6)
		return XDP_PASS;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct ipv6hdr)))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	new_eth = data;
	ip6 = data + sizeof(*new_eth);
	old_eth = data + sizeof(*ip6);
	if ((void *)(new_eth + 1) > data_end || (void *)(old_eth + 1) > data_end || (void *)(ip6 + 1) > data_end)
		return XDP_DROP;
	set_ethernet(new_eth, old_eth, tnl, bpf_htons(ETH_P_IPV6));
	ip6->version = 6;
	ip6->priority = 0;
	__builtin_memset(ip6->flow_lbl, 0, sizeof(ip6->flow_lbl));
	ip6->payload_len = bpf_htons(payload + sizeof(*ip6));
	ip6->nexthdr = IPPROTO_IPV6;
	ip6->hop_limit = 8;
	__builtin_memcpy(&ip6->saddr, tnl->saddr.v6, sizeof(tnl->saddr));
	__builtin_memcpy(&ip6->daddr, tnl->daddr.v6, sizeof(tnl->daddr));
	count(vip.protocol);
	return XDP_TX;
}

SEC("xdp")
int tx_iptunnel(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return handle_ipv4(ctx);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return handle_ipv6(ctx);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
