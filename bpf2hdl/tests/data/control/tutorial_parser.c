// SPDX-License-Identifier: Apache-2.0
// The parser of the XDP tutorial: a cursor that all functions move, headers handed out through pointers.
// expect: accept
// cpu: v4
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct record {
	__u64 packets, bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, struct record);
} records SEC(".maps");

struct hdr_cursor {
	void *pos;
};

struct vlan_hdr {
	__be16 tci, proto;
};

static __always_inline int parse_ethhdr(struct hdr_cursor *nh, void *end, struct ethhdr **ethhdr)
{
	struct ethhdr *eth = nh->pos;
	struct vlan_hdr *vlan;
	__u16 proto;
	int i;

	if (nh->pos + sizeof(*eth) > end)
		return -1;
	nh->pos += sizeof(*eth);
	*ethhdr = eth;
	vlan = nh->pos;
	proto = eth->h_proto;
	#pragma unroll
	for (i = 0; i < 2; i++) {
		if (proto != bpf_htons(0x8100) && proto != bpf_htons(0x88a8))
			break;
		if ((void *)(vlan + 1) > end)
			break;
		proto = vlan->proto;
		vlan++;
	}
	nh->pos = vlan;
	return proto;
}

static __always_inline int parse_iphdr(struct hdr_cursor *nh, void *end, struct iphdr **iphdr)
{
	struct iphdr *ip = nh->pos;
	int size;

	if ((void *)(ip + 1) > end)
		return -1;
	size = ip->ihl * 4;
	if (size < sizeof(*ip))
		return -1;
	if (nh->pos + size > end)
		return -1;
	nh->pos += size;
	*iphdr = ip;
	return ip->protocol;
}

static __always_inline int parse_ip6hdr(struct hdr_cursor *nh, void *end, struct ipv6hdr **ip6hdr)
{
	struct ipv6hdr *ip6 = nh->pos;

	if ((void *)(ip6 + 1) > end)
		return -1;
	nh->pos = ip6 + 1;
	*ip6hdr = ip6;
	return ip6->nexthdr;
}

static __always_inline int parse_udphdr(struct hdr_cursor *nh, void *end, struct udphdr **udphdr)
{
	struct udphdr *udp = nh->pos;
	int length;

	if ((void *)(udp + 1) > end)
		return -1;
	nh->pos = udp + 1;
	*udphdr = udp;
	length = bpf_ntohs(udp->len) - sizeof(*udp);
	return length < 0 ? -1 : length;
}

static __always_inline int parse_tcphdr(struct hdr_cursor *nh, void *end, struct tcphdr **tcphdr)
{
	struct tcphdr *tcp = nh->pos;
	int length;

	if ((void *)(tcp + 1) > end)
		return -1;
	length = tcp->doff * 4;
	if (length < sizeof(*tcp) || nh->pos + length > end)
		return -1;
	nh->pos += length;
	*tcphdr = tcp;
	return length;
}

static __always_inline __u32 record(struct xdp_md *ctx, __u32 action)
{
	struct record *found = bpf_map_lookup_elem(&records, &action);

	if (!found)
		return XDP_ABORTED;
	found->packets++;
	found->bytes += ctx->data_end - ctx->data;
	return action;
}

SEC("xdp")
int tutorial_parser(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 action = XDP_PASS;
	struct hdr_cursor nh = { .pos = data };
	struct ethhdr *eth;
	struct iphdr *ip;
	struct ipv6hdr *ip6;
	struct udphdr *udp;
	struct tcphdr *tcp;
	int eth_type, ip_type;

	eth_type = parse_ethhdr(&nh, end, &eth);
	if (eth_type < 0) {
		action = XDP_ABORTED;
		goto out;
	}
	if (eth_type == bpf_htons(ETH_P_IP))
		ip_type = parse_iphdr(&nh, end, &ip);
	else if (eth_type == bpf_htons(ETH_P_IPV6))
		ip_type = parse_ip6hdr(&nh, end, &ip6);
	else
		goto out;
	if (ip_type == 17) {
		if (parse_udphdr(&nh, end, &udp) < 0) {
			action = XDP_ABORTED;
			goto out;
		}
		udp->dest = bpf_htons(bpf_ntohs(udp->dest) - 1);
		action = XDP_TX;
	} else if (ip_type == 6) {
		if (parse_tcphdr(&nh, end, &tcp) < 0) {
			action = XDP_ABORTED;
			goto out;
		}
		tcp->dest = bpf_htons(bpf_ntohs(tcp->dest) - 1);
		if (eth_type == bpf_htons(ETH_P_IP))
			ip->ttl--;
	}
out:
	return record(ctx, action);
}

char _license[] SEC("license") = "GPL";
