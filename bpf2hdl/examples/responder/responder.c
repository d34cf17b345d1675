// SPDX-License-Identifier: Apache-2.0
// Answers for addresses of its own without the host: ARP requests, IPv6 neighbour solicitations, ICMP and ICMPv6 echo requests.
// Checksums are mended where little changes and made anew where much does. Everything else goes to the host.

#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ADDRESSES 64
#define ARP_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define ICMP_ECHO 8
#define ICMP_ECHOREPLY 0
#define NEIGHBOUR_SOLICITATION 135
#define NEIGHBOUR_ADVERTISEMENT 136
#define FLAGS_ANSWER bpf_htonl(0x60000000) /* solicited, override */

struct icmp_echo {
	__u8 type;
	__u8 code;
	__sum16 check;
	__be16 id;
	__be16 sequence;
};

struct arp {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender[ETH_ALEN];
	__u8 sender_address[4];
	__u8 target[ETH_ALEN];
	__u8 target_address[4];
};

/* A solicitation with its option, and the advertisement that answers it (RFC 4861, 4.3 and 4.4). */
struct neighbour {
	__u8 type;
	__u8 code;
	__sum16 check;
	__be32 flags;
	struct in6_addr target;
	__u8 option;
	__u8 option_length; /* in units of 8 bytes */
	__u8 address[ETH_ALEN];
};

struct link {
	__u8 address[ETH_ALEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ADDRESSES);
	__type(key, __be32);
	__type(value, struct link);
} addresses4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ADDRESSES);
	__type(key, struct in6_addr);
	__type(value, struct link);
} addresses6 SEC(".maps");

enum kind { ARP, ECHO, ECHO6, NEIGHBOUR, KINDS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} answered SEC(".maps");

static __always_inline int answer(__u32 kind)
{
	__u64 *count = bpf_map_lookup_elem(&answered, &kind);

	if (count)
		*count += 1;
	return XDP_TX;
}

/* Back to the sender, from `source`. */
static __always_inline void turn_round(struct ethhdr *eth, const __u8 *source)
{
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, source, ETH_ALEN);
}

/* The checksum after 16-bit word `from` became `to` (RFC 1624). */
static __always_inline __sum16 replaced(__sum16 check, __be16 from, __be16 to)
{
	__u32 sum = (__u16)~check + (__u16)~from + to;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

static __always_inline int arp(struct ethhdr *eth, void *data_end)
{
	struct arp *arp = (void *)(eth + 1);
	struct link *own;
	__be32 asked;

	if ((void *)(arp + 1) > data_end)
		return XDP_DROP;
	if (arp->hardware != bpf_htons(ARP_ETHERNET) || arp->protocol != bpf_htons(ETH_P_IP) || arp->hardware_length != ETH_ALEN ||
	    arp->protocol_length != 4 || arp->operation != bpf_htons(ARP_REQUEST))
		return XDP_PASS;
	__builtin_memcpy(&asked, arp->target_address, 4);
	own = bpf_map_lookup_elem(&addresses4, &asked);
	if (!own)
		return XDP_PASS;
	arp->operation = bpf_htons(ARP_REPLY);
	__builtin_memcpy(arp->target, arp->sender, ETH_ALEN);
	__builtin_memcpy(arp->target_address, arp->sender_address, 4);
	__builtin_memcpy(arp->sender, own->address, ETH_ALEN);
	__builtin_memcpy(arp->sender_address, &asked, 4);
	turn_round(eth, own->address);
	return answer(ARP);
}

static __always_inline int echo(struct ethhdr *eth, void *data_end)
{
	struct iphdr *ip = (void *)(eth + 1);
	struct icmp_echo *icmp;
	struct link *own;
	__be32 to;

	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	if (ip->protocol != IPPROTO_ICMP || ip->ihl < 5 || ip->frag_off & bpf_htons(0x3fff))
		return XDP_PASS;
	icmp = (void *)ip + ip->ihl * 4;
	if ((void *)(icmp + 1) > data_end)
		return XDP_DROP;
	if (icmp->type != ICMP_ECHO || icmp->code)
		return XDP_PASS;
	to = ip->daddr;
	own = bpf_map_lookup_elem(&addresses4, &to);
	if (!own)
		return XDP_PASS;
	/* Addresses change places, which no checksum notices. */
	ip->daddr = ip->saddr;
	ip->saddr = to;
	icmp->type = ICMP_ECHOREPLY;
	icmp->check = replaced(icmp->check, bpf_htons(ICMP_ECHO << 8), bpf_htons(ICMP_ECHOREPLY << 8));
	turn_round(eth, own->address);
	return answer(ECHO);
}

static __always_inline int echo6(struct ethhdr *eth, struct ipv6hdr *ip6, struct icmp6hdr *icmp)
{
	struct in6_addr to = ip6->daddr;
	struct link *own = bpf_map_lookup_elem(&addresses6, &to);

	if (!own)
		return XDP_PASS;
	ip6->daddr = ip6->saddr;
	ip6->saddr = to;
	icmp->icmp6_type = ICMPV6_ECHO_REPLY;
	icmp->icmp6_cksum = replaced(icmp->icmp6_cksum, bpf_htons(ICMPV6_ECHO_REQUEST << 8), bpf_htons(ICMPV6_ECHO_REPLY << 8));
	turn_round(eth, own->address);
	return answer(ECHO6);
}

static __always_inline int neighbour(struct ethhdr *eth, struct ipv6hdr *ip6, struct neighbour *ask, void *data_end)
{
	struct in6_addr target;
	struct link *own;
	__s64 sum;

	if ((void *)(ask + 1) > data_end)
		return XDP_PASS;
	/* With the asker's link address and nothing else, from a real address, and not from behind a router. */
	if (ask->option != 1 || ask->option_length != 1 || ip6->payload_len != bpf_htons(sizeof(*ask)) || ip6->hop_limit != 255 ||
	    !ip6->saddr.s6_addr32[0])
		return XDP_PASS;
	target = ask->target;
	own = bpf_map_lookup_elem(&addresses6, &target);
	if (!own)
		return XDP_PASS;
	ip6->daddr = ip6->saddr;
	ip6->saddr = target;
	ask->type = NEIGHBOUR_ADVERTISEMENT;
	ask->check = 0;
	ask->flags = FLAGS_ANSWER;
	ask->option = 2;
	__builtin_memcpy(ask->address, own->address, ETH_ALEN);
	sum = bpf_csum_diff(0, 0, (__be32 *)&ip6->saddr, 2 * sizeof(ip6->saddr), bpf_htons(sizeof(*ask)) + bpf_htons(IPPROTO_ICMPV6));
	sum = bpf_csum_diff(0, 0, (__be32 *)ask, sizeof(*ask), sum);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ask->check = (__sum16)~sum;
	turn_round(eth, own->address);
	return answer(NEIGHBOUR);
}

static __always_inline int icmp6(struct ethhdr *eth, void *data_end)
{
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct icmp6hdr *icmp = (void *)(ip6 + 1);

	if ((void *)(ip6 + 1) > data_end)
		return XDP_DROP;
	if (ip6->nexthdr != IPPROTO_ICMPV6)
		return XDP_PASS;
	if ((void *)(icmp + 1) > data_end)
		return XDP_DROP;
	if (icmp->icmp6_code)
		return XDP_PASS;
	if (icmp->icmp6_type == ICMPV6_ECHO_REQUEST)
		return echo6(eth, ip6, icmp);
	if (icmp->icmp6_type == NEIGHBOUR_SOLICITATION)
		return neighbour(eth, ip6, (void *)icmp, data_end);
	return XDP_PASS;
}

SEC("xdp")
int responder(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	switch (eth->h_proto) {
	case bpf_htons(ETH_P_ARP):
		return arp(eth, data_end);
	case bpf_htons(ETH_P_IP):
		return echo(eth, data_end);
	case bpf_htons(ETH_P_IPV6):
		return icmp6(eth, data_end);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
