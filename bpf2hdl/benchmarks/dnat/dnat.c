// SPDX-License-Identifier: Apache-2.0
// Destination NAT: new connections to a service get the next backend, replies get the service's address back. Connections are kept
// in a hash, both directions; checksums of IPv4, TCP and UDP are mended.
#include "../parse.h"

#define BACKENDS 8

struct connection {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	__u32 protocol;
};

struct rewrite {
	__be32 address;
	__be16 port;
	__u16 is_reply; /* rewrite the source, not the destination */
};

struct service {
	__be32 address;
	__be16 port;
	__u16 protocol;
};

struct backend {
	__be32 address;
	__be16 port;
	__u16 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32);
	__type(key, struct service);
	__type(value, __u32); /* first backend */
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32 * BACKENDS);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct connection);
	__type(value, struct rewrite);
} connections SEC(".maps");

static __always_inline int apply(struct iphdr *ip, struct ports *ports, void *data_end, const struct rewrite *to)
{
	__be32 old_address = to->is_reply ? ip->saddr : ip->daddr;
	__be16 old_port = to->is_reply ? ports->source : ports->dest;
	__u16 *check;

	if (ip->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)ports;

		if ((void *)(tcp + 1) > data_end)
			return XDP_DROP;
		check = &tcp->check;
	} else {
		struct udphdr *udp = (void *)ports;

		if ((void *)(udp + 1) > data_end)
			return XDP_DROP;
		check = &udp->check;
	}
	if (ip->protocol == IPPROTO_TCP || *check)
		*check = csum_replace2(csum_replace4(*check, old_address, to->address), old_port, to->port);
	ip->check = csum_replace4(ip->check, old_address, to->address);
	if (to->is_reply) {
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
	struct connection key = {}, back = {};
	struct rewrite forward = {}, reverse = {.is_reply = 1};
	struct service service = {};
	struct rewrite *known;
	struct backend *backend;
	__u32 *first, index;

	if ((void *)(ports + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->frag_off & bpf_htons(IP_MF_OFFSET))
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
	first = bpf_map_lookup_elem(&services, &service);
	if (!first)
		return XDP_PASS;
	index = *first * BACKENDS + ((bpf_ntohl(ip->saddr) ^ bpf_ntohs(ports->source)) & (BACKENDS - 1));
	backend = bpf_map_lookup_elem(&backends, &index);
	if (!backend || !backend->address)
		return XDP_DROP;
	forward.address = backend->address;
	forward.port = backend->port;
	reverse.address = ip->daddr;
	reverse.port = ports->dest;
	back.saddr = backend->address;
	back.daddr = ip->saddr;
	back.sport = backend->port;
	back.dport = ports->source;
	back.protocol = ip->protocol;
	if (bpf_map_update_elem(&connections, &key, &forward, BPF_ANY) ||
	    bpf_map_update_elem(&connections, &back, &reverse, BPF_ANY))
		return XDP_DROP;
	return apply(ip, ports, data_end, &forward);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
