// SPDX-License-Identifier: Apache-2.0
// Tells senders of packets that are too long for the path: ICMP "fragmentation needed" (RFC 1191) where IPv4 must not fragment, ICMPv6
// "packet too big" (RFC 4443). The packet is cut down to its beginning and goes back behind new headers.

#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define QUOTED4 68 /* of the packet: the longest header and eight bytes */
#define QUOTED6 96
#define TTL 64
#define ICMP_UNREACHABLE 3
#define ICMP_NEEDS_FRAGMENTING 4

struct icmp_too_big {
	__u8 type;
	__u8 code;
	__sum16 check;
	__u16 unused;
	__be16 mtu;
};

const volatile __u16 mtu = 576;
const volatile __be32 own_address4 = bpf_htonl(0xc0000201); /* 192.0.2.1 */
const volatile struct in6_addr own_address6 = { { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } };

enum { SENT4, SENT6, LONG4, KINDS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} sent SEC(".maps");

static __always_inline void count(__u32 kind)
{
	__u64 *counter = bpf_map_lookup_elem(&sent, &kind);

	if (counter)
		*counter += 1;
}

static __always_inline __sum16 folded(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

/* Cuts the frame to `quoted` bytes behind the Ethernet header, makes room for `room` bytes before them, and turns the
 * addresses round. Null if that fails. */
static __always_inline struct ethhdr *cut(struct xdp_md *ctx, int quoted, int room)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth, old;

	if (data + sizeof(old) > data_end)
		return 0;
	old = *(struct ethhdr *)data;
	if (bpf_xdp_adjust_tail(ctx, ETH_HLEN + quoted - (int)(data_end - data)) || bpf_xdp_adjust_head(ctx, -room))
		return 0;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + ETH_HLEN + room + quoted > data_end)
		return 0;
	eth = data;
	__builtin_memcpy(eth->h_dest, old.h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, old.h_dest, ETH_ALEN);
	eth->h_proto = old.h_proto;
	return eth;
}

static __always_inline int too_big4(struct xdp_md *ctx, __be32 to)
{
	const int room = sizeof(struct iphdr) + sizeof(struct icmp_too_big);
	struct ethhdr *eth = cut(ctx, QUOTED4, room);
	struct icmp_too_big *icmp;
	struct iphdr *ip;

	if (!eth || (void *)eth + ETH_HLEN + room + QUOTED4 > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	ip = (void *)(eth + 1);
	icmp = (void *)(ip + 1);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = 0;
	ip->tot_len = bpf_htons(room + QUOTED4);
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = TTL;
	ip->protocol = IPPROTO_ICMP;
	ip->check = 0;
	ip->saddr = own_address4;
	ip->daddr = to;
	ip->check = folded(bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0));
	icmp->type = ICMP_UNREACHABLE;
	icmp->code = ICMP_NEEDS_FRAGMENTING;
	icmp->check = 0;
	icmp->unused = 0;
	icmp->mtu = bpf_htons(mtu);
	icmp->check = folded(bpf_csum_diff(0, 0, (__be32 *)icmp, sizeof(*icmp) + QUOTED4, 0));
	count(SENT4);
	return XDP_TX;
}

static __always_inline int too_big6(struct xdp_md *ctx, const struct in6_addr *to)
{
	const int room = sizeof(struct ipv6hdr) + sizeof(struct icmp6hdr);
	struct ethhdr *eth = cut(ctx, QUOTED6, room);
	struct icmp6hdr *icmp;
	struct ipv6hdr *ip6;
	__s64 sum;

	if (!eth || (void *)eth + ETH_HLEN + room + QUOTED6 > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	ip6 = (void *)(eth + 1);
	icmp = (void *)(ip6 + 1);
	*(__be32 *)ip6 = bpf_htonl(0x60000000);
	ip6->payload_len = bpf_htons(sizeof(*icmp) + QUOTED6);
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = TTL;
	ip6->saddr = own_address6;
	ip6->daddr = *to;
	icmp->icmp6_type = ICMPV6_PKT_TOOBIG;
	icmp->icmp6_code = 0;
	icmp->icmp6_cksum = 0;
	icmp->icmp6_mtu = bpf_htonl(mtu);
	sum = bpf_csum_diff(0, 0, (__be32 *)&ip6->saddr, 2 * sizeof(*to), ip6->payload_len + bpf_htons(IPPROTO_ICMPV6));
	sum = bpf_csum_diff(0, 0, (__be32 *)icmp, sizeof(*icmp) + QUOTED6, sum);
	icmp->icmp6_cksum = folded(sum);
	count(SENT6);
	return XDP_TX;
}

SEC("xdp")
int too_big(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);

	/* Padding makes a frame longer, never a packet: a short frame has no long packet. */
	if (data_end - data <= ETH_HLEN + mtu)
		return XDP_PASS;
	if ((void *)(ip6 + 1) > data_end)
		return XDP_PASS;

	if (eth->h_proto == bpf_htons(ETH_P_IP) && bpf_ntohs(ip->tot_len) > mtu) {
		if (!(ip->frag_off & bpf_htons(0x4000))) {
			count(LONG4);
			return XDP_PASS;
		}
		/* Never about an error, a fragment behind the first, or from nowhere (RFC 1122, 3.2.2). */
		if (ip->protocol == IPPROTO_ICMP || ip->frag_off & bpf_htons(0x1fff) || !ip->saddr || eth->h_dest[0] & 1)
			return XDP_DROP;
		return too_big4(ctx, ip->saddr);
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6) && bpf_ntohs(ip6->payload_len) + sizeof(*ip6) > mtu) {
		struct in6_addr to = ip6->saddr;

		if (ip6->nexthdr == IPPROTO_ICMPV6 || to.s6_addr[0] == 0xff)
			return XDP_DROP;
		return too_big6(ctx, &to);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
