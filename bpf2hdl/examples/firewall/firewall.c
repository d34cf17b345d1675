// SPDX-License-Identifier: Apache-2.0
// A stateless firewall. In this order:
//   1. eight rules on the IPv4 source prefix; the first that matches decides;
//   2. later IPv4 fragments, which have no ports, get an action of their own;
//   3. a bitmap of open destination ports, one for TCP and one for UDP, for IPv4 and IPv6;
//   4. the default action.
// Looks behind up to two VLAN tags and over IPv4 options. ARP and other protocols pass; IP that is cut short
// or has an impossible header length is aborted. Each rule counts its packets and bytes.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_VLAN_TAGS 2
#define PREFIX_RULES 8
#define IP_OFFSET_BITS 0x1fff

/* What decided: an index into `hits`. 0 to 7 are the prefix rules. */
enum reason {
	REASON_OPEN_PORT = PREFIX_RULES,
	REASON_DEFAULT,
	REASON_FRAGMENT,
	REASON_MALFORMED,
	REASON_NOT_IP,
	REASON_COUNT,
};

struct vlan_hdr {
	__be16 tci;
	__be16 encapsulated_proto;
};

struct l4_ports {
	__be16 source;
	__be16 dest;
};

struct prefix_rule {
	__be32 addr;
	__be32 mask;
	__u32 action; /* an XDP action; 0 is an unused rule */
};

struct hit_counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PREFIX_RULES);
	__type(key, __u32);
	__type(value, struct prefix_rule);
} prefix_rules SEC(".maps");

/* Bit port % 64 of word port / 64 opens a TCP port; UDP has the 1024 words after those. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2048);
	__type(key, __u32);
	__type(value, __u64);
} open_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REASON_COUNT);
	__type(key, __u32);
	__type(value, struct hit_counter);
} hits SEC(".maps");

/* Changed at run time through the map `.data`. */
volatile __u32 default_action = XDP_DROP;

/* Fixed when the program is loaded: what happens to later fragments. */
const volatile __u32 fragment_action = XDP_DROP;

struct verdict {
	__u32 action;
	__u32 reason;
};

static __always_inline struct verdict verdict(__u32 action, __u32 reason)
{
	return (struct verdict){ .action = action, .reason = reason };
}

static __always_inline int is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

/* True when the destination port at `l4` is open for `protocol`. A port that is cut off is closed. */
static __always_inline int port_is_open(void *l4, void *data_end, __u8 protocol)
{
	struct l4_ports *ports = l4;
	__u32 port, word;
	__u64 *bits;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return 0;
	if ((void *)(ports + 1) > data_end)
		return 0;
	port = bpf_ntohs(ports->dest);
	word = (port >> 6) + (protocol == IPPROTO_UDP ? 1024 : 0);
	bits = bpf_map_lookup_elem(&open_ports, &word);
	return bits && (*bits >> (port & 63)) & 1;
}

static __always_inline struct verdict by_port(void *l4, void *data_end, __u8 protocol)
{
	if (port_is_open(l4, data_end, protocol))
		return verdict(XDP_PASS, REASON_OPEN_PORT);
	return verdict(default_action, REASON_DEFAULT);
}

static __always_inline struct verdict filter_ipv4(struct iphdr *ip, void *data_end)
{
	__u32 header_bytes;

	if ((void *)(ip + 1) > data_end)
		return verdict(XDP_ABORTED, REASON_MALFORMED);
	header_bytes = ip->ihl * 4;
	if (header_bytes < sizeof(*ip))
		return verdict(XDP_ABORTED, REASON_MALFORMED);

#pragma unroll
	for (__u32 i = 0; i < PREFIX_RULES; i++) {
		__u32 key = i;
		struct prefix_rule *rule = bpf_map_lookup_elem(&prefix_rules, &key);

		if (rule && rule->action && (ip->saddr & rule->mask) == rule->addr)
			return verdict(rule->action, i);
	}

	if (ip->frag_off & bpf_htons(IP_OFFSET_BITS))
		return verdict(fragment_action, REASON_FRAGMENT);
	return by_port((void *)ip + header_bytes, data_end, ip->protocol);
}

static __always_inline struct verdict filter_ipv6(struct ipv6hdr *ip6, void *data_end)
{
	if ((void *)(ip6 + 1) > data_end)
		return verdict(XDP_ABORTED, REASON_MALFORMED);
	return by_port(ip6 + 1, data_end, ip6->nexthdr);
}

static __always_inline struct verdict filter(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	void *next = eth + 1;
	__be16 proto;

	if (next > data_end)
		return verdict(XDP_ABORTED, REASON_MALFORMED);
	proto = eth->h_proto;

#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		struct vlan_hdr *vlan = next;

		if (!is_vlan(proto))
			break;
		next = vlan + 1;
		if (next > data_end)
			return verdict(XDP_ABORTED, REASON_MALFORMED);
		proto = vlan->encapsulated_proto;
	}

	if (proto == bpf_htons(ETH_P_IP))
		return filter_ipv4(next, data_end);
	if (proto == bpf_htons(ETH_P_IPV6))
		return filter_ipv6(next, data_end);
	return verdict(XDP_PASS, REASON_NOT_IP);
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct verdict result = filter(data, data_end);
	struct hit_counter *hit = bpf_map_lookup_elem(&hits, &result.reason);

	if (hit) {
		hit->packets++;
		hit->bytes += data_end - data;
	}
	return result.action;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
