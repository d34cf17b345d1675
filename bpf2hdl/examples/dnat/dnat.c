// SPDX-License-Identifier: Apache-2.0
// Destination NAT with a table of connections. A new connection to a service gets one of its backends, by a hash of the client; both
// directions are entered, so that answers get the service's address back. Checksums of IPv4, TCP and UDP are mended. The host removes
// connections whose packets have stopped.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SERVICES 64
#define BACKENDS 16 /* of a service, a power of two */
#define CONNECTIONS 16384

struct endpoint {
	__be32 address;
	__be16 port;
	__u16 protocol;
};

struct connection {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	__u32 protocol;
};

/* What becomes of a packet: another destination, or of an answer another source. */
struct rewrite {
	__be32 address;
	__be16 port;
	__u16 is_answer;
};

struct ports {
	__be16 source;
	__be16 dest;
};

/* Number of a service by its endpoint. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SERVICES);
	__type(key, struct endpoint);
	__type(value, __u32);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SERVICES * BACKENDS);
	__type(key, __u32);
	__type(value, struct endpoint);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CONNECTIONS);
	__type(key, struct connection);
	__type(value, struct rewrite);
} connections SEC(".maps");

/* The checksum after a word changed (RFC 1624, equation 3). */
static __always_inline __sum16 replaced4(__sum16 check, __be32 from, __be32 to)
{
	__u32 sum = (__u16)~check + (__u16)~from + (__u16)~(from >> 16) + (__u16)to + (to >> 16);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

static __always_inline __sum16 replaced2(__sum16 check, __be16 from, __be16 to)
{
	__u32 sum = (__u16)~check + (__u16)~from + to;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

static __always_inline int apply(struct iphdr *ip, struct ports *ports, void *data_end, const struct rewrite *to)
{
	__be32 old_address = to->is_answer ? ip->saddr : ip->daddr;
	__be16 old_port = to->is_answer ? ports->source : ports->dest;

	if (ip->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)ports;

		if ((void *)(tcp + 1) > data_end)
			return XDP_DROP;
		tcp->check = replaced2(replaced4(tcp->check, old_address, to->address), old_port, to->port);
	} else {
		struct udphdr *udp = (void *)ports;

		if ((void *)(udp + 1) > data_end)
			return XDP_DROP;
		if (udp->check) { /* 0 is none, and a sum of 0 is written as its other form (RFC 768) */
			udp->check = replaced2(replaced4(udp->check, old_address, to->address), old_port, to->port);
			if (!udp->check)
				udp->check = 0xffff;
		}
	}
	ip->check = replaced4(ip->check, old_address, to->address);
	if (to->is_answer) {
		ip->saddr = to->address;
		ports->source = to->port;
	} else {
		ip->daddr = to->address;
		ports->dest = to->port;
	}
	return XDP_TX;
}

SEC("xdp")
int dnat(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ports *ports = (void *)(ip + 1);
	struct connection key = {}, answer = {};
	struct rewrite forward = {}, back = { .is_answer = 1 };
	struct endpoint service = {};
	struct endpoint *backend;
	struct rewrite *known;
	__u32 *number, index;

	if ((void *)(ports + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->frag_off & bpf_htons(0x3fff))
		return XDP_PASS;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	key.saddr = ip->saddr;
	key.daddr = ip->daddr;
	key.sport = ports->source;
	key.dport = ports->dest;
	key.protocol = ip->protocol;
	known = bpf_map_lookup_elem(&connections, &key);
	if (known)
		return apply(ip, ports, data_end, known);

	service.address = ip->daddr;
	service.port = ports->dest;
	service.protocol = ip->protocol;
	number = bpf_map_lookup_elem(&services, &service);
	if (!number)
		return XDP_PASS;
	index = bpf_ntohl(ip->saddr) ^ bpf_ntohs(ports->source);
	index = *number * BACKENDS + ((index ^ index >> 8) & (BACKENDS - 1));
	backend = bpf_map_lookup_elem(&backends, &index);
	if (!backend || !backend->address)
		return XDP_DROP;
	forward.address = backend->address;
	forward.port = backend->port;
	back.address = ip->daddr;
	back.port = ports->dest;
	answer.saddr = backend->address;
	answer.daddr = ip->saddr;
	answer.sport = backend->port;
	answer.dport = ports->source;
	answer.protocol = ip->protocol;
	/* A full table refuses new connections; those that are known go on. */
	if (bpf_map_update_elem(&connections, &key, &forward, BPF_ANY) ||
	    bpf_map_update_elem(&connections, &answer, &back, BPF_ANY))
		return XDP_DROP;
	return apply(ip, ports, data_end, &forward);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
