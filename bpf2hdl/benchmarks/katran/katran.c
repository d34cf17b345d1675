// SPDX-License-Identifier: Apache-2.0
// A layer 4 load balancer of Katran's class. Parses IPv4 or IPv6 and TCP, UDP or QUIC; ICMP errors are followed to the flow that they are
// about; looks up the virtual address; finds the backend by QUIC connection id, by an LRU table of connections or by a ring of
// consistent hashing; counts per address, backend and event; encapsulates in IPv4 (IPIP) or IPv6 and sends to the router.
#include "maps.h"
#include "jhash.h"
#include <linux/icmp.h>
#include <linux/icmpv6.h>

#define QUIC_LONG_HEADER 0x80
#define QUIC_CLIENT_INITIAL 0x00
#define QUIC_0RTT 0x10
#define QUIC_PACKET_TYPE 0x30
#define QUIC_ID_VERSION_MASK 0xc0
#define QUIC_ID_VERSION_1 0x40
#define SYN_SET 1
#define IPV4_SEED 1
#define IPV6_SEED 2

struct packet {
	struct flow_key flow;
	__u32 flags;
	__u32 transport; /* offset in the frame */
	__u16 length;	 /* of the packet inside, for the outer header */
	__u8 tos;
	__u8 is_icmp;
};

static __always_inline void count_event(__u32 event, __u32 bytes)
{
	struct lb_stats *stats = bpf_map_lookup_elem(&events, &event);

	if (!stats)
		return;
	stats->packets += 1;
	stats->bytes += bytes;
}

static __always_inline int parse_ports(struct packet *pkt, void *transport, void *data_end)
{
	struct ports *ports = transport;

	if ((void *)(ports + 1) > data_end)
		return XDP_DROP;
	if (pkt->is_icmp) { /* the packet inside an error went the other way */
		pkt->flow.port16[0] = ports->dest;
		pkt->flow.port16[1] = ports->source;
		return XDP_PASS;
	}
	pkt->flow.port16[0] = ports->source;
	pkt->flow.port16[1] = ports->dest;
	if (pkt->flow.proto == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)ports;

		if ((void *)(tcp + 1) > data_end)
			return XDP_DROP;
		if (tcp->syn)
			pkt->flags |= SYN_SET;
	}
	return XDP_PASS;
}

/* XDP_PASS here and below: go on. XDP_TX: leave it to the host. */
static __always_inline int parse_icmp4(struct packet *pkt, void *data, void *data_end)
{
	struct icmphdr *icmp = data + sizeof(struct ethhdr) + sizeof(struct iphdr);
	struct iphdr *inner = (void *)(icmp + 1);

	if ((void *)(inner + 1) > data_end)
		return XDP_DROP;
	if (icmp->type != ICMP_DEST_UNREACH)
		return XDP_TX;
	if (inner->ihl != 5)
		return XDP_DROP;
	pkt->is_icmp = 1;
	pkt->flow.proto = inner->protocol;
	pkt->flow.src = inner->daddr;
	pkt->flow.dst = inner->saddr;
	pkt->transport += sizeof(*icmp) + sizeof(*inner);
	return XDP_PASS;
}

static __always_inline int parse_icmp6(struct packet *pkt, void *data, void *data_end)
{
	struct icmp6hdr *icmp = data + sizeof(struct ethhdr) + sizeof(struct ipv6hdr);
	struct ipv6hdr *inner = (void *)(icmp + 1);

	if ((void *)(inner + 1) > data_end)
		return XDP_DROP;
	if (icmp->icmp6_type != ICMPV6_DEST_UNREACH && icmp->icmp6_type != ICMPV6_PKT_TOOBIG)
		return XDP_TX;
	pkt->is_icmp = 1;
	pkt->flow.proto = inner->nexthdr;
	__builtin_memcpy(pkt->flow.srcv6, &inner->daddr, 16);
	__builtin_memcpy(pkt->flow.dstv6, &inner->saddr, 16);
	pkt->transport += sizeof(*icmp) + sizeof(*inner);
	return XDP_PASS;
}

static __always_inline int parse_ip4(struct packet *pkt, void *data, void *data_end)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);

	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	if (ip->ihl != 5 || ip->frag_off & bpf_htons(IP_MF_OFFSET))
		return XDP_DROP;
	pkt->length = bpf_ntohs(ip->tot_len);
	pkt->tos = ip->tos;
	pkt->flow.proto = ip->protocol;
	pkt->transport = sizeof(struct ethhdr) + sizeof(*ip);
	if (ip->protocol == IPPROTO_ICMP)
		return parse_icmp4(pkt, data, data_end);
	pkt->flow.src = ip->saddr;
	pkt->flow.dst = ip->daddr;
	return XDP_PASS;
}

static __always_inline int parse_ip6(struct packet *pkt, void *data, void *data_end)
{
	struct ipv6hdr *ip6 = data + sizeof(struct ethhdr);

	if ((void *)(ip6 + 1) > data_end)
		return XDP_DROP;
	if (ip6->nexthdr == IPPROTO_FRAGMENT)
		return XDP_DROP;
	pkt->length = bpf_ntohs(ip6->payload_len) + sizeof(*ip6);
	pkt->tos = ip6->priority << 4 | ip6->flow_lbl[0] >> 4;
	pkt->flow.proto = ip6->nexthdr;
	pkt->transport = sizeof(struct ethhdr) + sizeof(*ip6);
	if (ip6->nexthdr == IPPROTO_ICMPV6)
		return parse_icmp6(pkt, data, data_end);
	__builtin_memcpy(pkt->flow.srcv6, &ip6->saddr, 16);
	__builtin_memcpy(pkt->flow.dstv6, &ip6->daddr, 16);
	return XDP_PASS;
}

static __always_inline __u32 hash_flow(const struct packet *pkt, int is_ipv6, int seed_only_ports)
{
	if (seed_only_ports)
		return jhash_2words(pkt->flow.ports, 0, IPV4_SEED);
	if (is_ipv6)
		return jhash_2words(jhash2_4((const __u32 *)pkt->flow.srcv6, IPV6_SEED), pkt->flow.ports, IPV6_SEED);
	return jhash_2words(pkt->flow.src, pkt->flow.ports, IPV4_SEED);
}

/* The backend that a QUIC connection id names, 0 if none. */
static __always_inline __u32 quic_real(void *transport, void *data_end)
{
	__u8 *quic = transport + sizeof(struct udphdr);
	__u32 id, *position;
	__u8 *connection;

	if ((void *)(quic + 1) > data_end)
		return 0;
	if (*quic & QUIC_LONG_HEADER) {
		if ((void *)(quic + 14) > data_end)
			return 0;
		if ((*quic & QUIC_PACKET_TYPE) <= QUIC_0RTT || quic[5] < 8)
			return 0;
		connection = quic + 6;
	} else {
		if ((void *)(quic + 9) > data_end)
			return 0;
		connection = quic + 1;
	}
	if ((connection[0] & QUIC_ID_VERSION_MASK) != QUIC_ID_VERSION_1)
		return 0;
	id = (connection[0] & 0x3f) << 10 | connection[1] << 2 | connection[2] >> 6;
	position = bpf_map_lookup_elem(&server_ids, &id);
	return position ? *position : 0;
}

static __always_inline __u32 ring_real(const struct packet *pkt, const struct vip_meta *vip, int is_ipv6)
{
	__u32 slot = hash_flow(pkt, is_ipv6, vip->flags & VIP_DPORT_HASH) % RING_SIZE;
	__u32 key = vip->number * RING_SIZE + slot;
	__u32 *position = bpf_map_lookup_elem(&rings, &key);

	return position ? *position : 0;
}

/* From the table of connections, else from the ring, which is then remembered. */
static __always_inline __u32 flow_real(struct packet *pkt, const struct vip_meta *vip, int is_ipv6, __u32 bytes)
{
	struct real_position remembered = {}, *known;

	if (vip->flags & VIP_NO_LRU)
		return ring_real(pkt, vip, is_ipv6);
	if (pkt->flags & SYN_SET) {
		count_event(EVENT_TCP_SYN, bytes);
	} else {
		known = bpf_map_lookup_elem(&connections, &pkt->flow);
		if (known) {
			count_event(EVENT_LRU_HIT, bytes);
			return known->position;
		}
		count_event(pkt->flow.proto == IPPROTO_TCP ? EVENT_TCP_NON_SYN_MISS : EVENT_LRU_MISS, bytes);
	}
	remembered.position = ring_real(pkt, vip, is_ipv6);
	if (remembered.position)
		bpf_map_update_elem(&connections, &pkt->flow, &remembered, BPF_ANY);
	return remembered.position;
}

static __always_inline int encapsulate4(struct xdp_md *ctx, const struct control *cfg, const struct packet *pkt,
					const struct real_definition *real, __be32 source)
{
	struct ethhdr *eth, *old;
	void *data, *data_end;
	struct iphdr *ip;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct iphdr)))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	eth = data;
	ip = data + sizeof(*eth);
	old = data + sizeof(*ip);
	if ((void *)(ip + 1) > data_end || (void *)(old + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, cfg->router_mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = pkt->tos;
	ip->tot_len = bpf_htons(pkt->length + sizeof(*ip));
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->protocol = IPPROTO_IPIP;
	ip->check = 0;
	/* The source differs per flow, so that switches spread the tunnels. */
	ip->saddr = (source & bpf_htonl(0xffff0000)) |
		    ((pkt->flow.src ^ (pkt->flow.ports << 16) ^ pkt->flow.ports) & bpf_htonl(0x0000ffff));
	ip->daddr = real->dst;
	ip->check = ipv4_csum(ip);
	return XDP_TX;
}

static __always_inline int encapsulate6(struct xdp_md *ctx, const struct control *cfg, const struct packet *pkt,
					const struct real_definition *real, int is_ipv6)
{
	struct ethhdr *eth, *old;
	void *data, *data_end;
	struct ipv6hdr *ip6;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct ipv6hdr)))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	eth = data;
	ip6 = data + sizeof(*eth);
	old = data + sizeof(*ip6);
	if ((void *)(ip6 + 1) > data_end || (void *)(old + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, cfg->router_mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IPV6);
	ip6->version = 6;
	ip6->priority = pkt->tos >> 4;
	ip6->flow_lbl[0] = pkt->tos << 4;
	ip6->flow_lbl[1] = 0;
	ip6->flow_lbl[2] = 0;
	ip6->payload_len = bpf_htons(pkt->length);
	ip6->nexthdr = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
	ip6->hop_limit = 64;
	__builtin_memcpy(&ip6->saddr, cfg->source6, 12);
	ip6->saddr.in6_u.u6_addr32[3] =
		(is_ipv6 ? pkt->flow.srcv6[3] : pkt->flow.src) ^ pkt->flow.ports ^ (pkt->flow.ports << 16);
	__builtin_memcpy(&ip6->daddr, real->dstv6, 16);
	return XDP_TX;
}

static __always_inline int process(struct xdp_md *ctx, int is_ipv6)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 zero = 0, position = 0, number, bytes;
	struct real_definition *real;
	struct vip_key key = {};
	struct packet pkt = {};
	struct lb_stats *stats;
	struct vip_meta *vip;
	struct control *cfg;
	void *transport;
	int action;

	action = is_ipv6 ? parse_ip6(&pkt, data, data_end) : parse_ip4(&pkt, data, data_end);
	if (action == XDP_TX)
		return XDP_PASS;
	if (action == XDP_DROP)
		return XDP_DROP;
	if (pkt.flow.proto != IPPROTO_TCP && pkt.flow.proto != IPPROTO_UDP)
		return XDP_PASS;
	transport = data + pkt.transport;
	/* One pointer for all accesses: the verifier does not see that two sums are equal. */
	asm volatile("" : "+r"(transport));
	if (parse_ports(&pkt, transport, data_end) == XDP_DROP)
		return XDP_DROP;
	bytes = pkt.length;
	if (pkt.is_icmp)
		count_event(EVENT_ICMP, bytes);

	if (is_ipv6)
		__builtin_memcpy(key.vipv6, pkt.flow.dstv6, 16);
	else
		key.vip = pkt.flow.dst;
	key.port = pkt.flow.port16[1];
	key.proto = pkt.flow.proto;
	vip = bpf_map_lookup_elem(&vip_map, &key);
	if (!vip) {
		key.port = 0;
		vip = bpf_map_lookup_elem(&vip_map, &key);
		if (!vip)
			return XDP_PASS;
		if (!(vip->flags & VIP_DPORT_HASH))
			pkt.flow.port16[1] = 0;
	}
	if (vip->flags & VIP_NO_SOURCE_PORT)
		pkt.flow.port16[0] = 0;
	if (vip->flags & VIP_QUIC && pkt.flow.proto == IPPROTO_UDP && !pkt.is_icmp) {
		position = quic_real(transport, data_end);
		count_event(position ? EVENT_QUIC_ID : EVENT_QUIC_HASH, bytes);
	}
	if (!position)
		position = flow_real(&pkt, vip, is_ipv6, bytes);
	real = bpf_map_lookup_elem(&reals, &position);
	cfg = bpf_map_lookup_elem(&control, &zero);
	if (!position || !real || !cfg) {
		count_event(EVENT_NO_REAL, bytes);
		return XDP_DROP;
	}
	number = vip->number;
	stats = bpf_map_lookup_elem(&vip_stats, &number);
	if (stats) {
		stats->packets += 1;
		stats->bytes += bytes;
	}
	stats = bpf_map_lookup_elem(&reals_stats, &position);
	if (stats) {
		stats->packets += 1;
		stats->bytes += bytes;
	}
	if (is_ipv6 || real->flags & REAL_IPV6)
		return encapsulate6(ctx, cfg, &pkt, real, is_ipv6);
	return encapsulate4(ctx, cfg, &pkt, real, cfg->source4);
}

SEC("xdp")
int katran(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return process(ctx, 0);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return process(ctx, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
