// SPDX-License-Identifier: Apache-2.0
// Counts packets and bytes of every IPv4 flow: source, destination, protocol and, of TCP and UDP, ports. A FIN or RST ends a
// flow: its counts move to the totals of closed flows, and its place in the table is free again.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_FLOWS 4096

struct flow {
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 pad[3];
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FLOWS);
	__type(key, struct flow);
	__type(value, struct counter);
} flows SEC(".maps");

/* Key 0: flows that have ended. Key 1: packets that found the table full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct counter);
} totals SEC(".maps");

static __always_inline void add(__u32 index, __u64 packets, __u64 bytes)
{
	struct counter *total = bpf_map_lookup_elem(&totals, &index);

	if (total) {
		total->packets += packets;
		total->bytes += bytes;
	}
}

SEC("xdp")
int flow_counter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct flow flow = {};
	struct counter *known;
	__u64 bytes = data_end - data;
	int ends = 0;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	flow.source = ip->saddr;
	flow.destination = ip->daddr;
	flow.protocol = ip->protocol;
	/* Headers with options, and later fragments, count without ports. */
	if (ip->ihl == 5 && !(ip->frag_off & bpf_htons(0x1fff))) {
		struct udphdr *udp = (void *)(ip + 1);
		struct tcphdr *tcp = (void *)(ip + 1);

		if (ip->protocol == IPPROTO_UDP && (void *)(udp + 1) <= data_end) {
			flow.source_port = udp->source;
			flow.destination_port = udp->dest;
		} else if (ip->protocol == IPPROTO_TCP && (void *)(tcp + 1) <= data_end) {
			flow.source_port = tcp->source;
			flow.destination_port = tcp->dest;
			ends = tcp->fin || tcp->rst;
		}
	}

	known = bpf_map_lookup_elem(&flows, &flow);
	if (known && ends) {
		add(0, known->packets + 1, known->bytes + bytes);
		bpf_map_delete_elem(&flows, &flow);
	} else if (known) {
		known->packets++;
		known->bytes += bytes;
	} else if (!ends) {
		struct counter first = { .packets = 1, .bytes = bytes };

		if (bpf_map_update_elem(&flows, &flow, &first, BPF_NOEXIST))
			add(1, 1, bytes);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
