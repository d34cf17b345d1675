// SPDX-License-Identifier: Apache-2.0
// Address translation: a new connection is entered under two keys, one for each direction; FIN takes both away. With `COUNT` a packet of
// a known connection counts in its entry; with `PORTS` a third entry remembers the client.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_HASH
#endif
#ifndef ENTRIES
#define ENTRIES 1024
#endif

#define FIN 1
#define SYN 2
#define GATEWAY 0x0100000a

struct flow {
	__u32 source;
	__u32 destination;
	__u16 source_port;
	__u16 destination_port;
	__u32 protocol;
};

struct entry {
	__u32 address;
	__u16 port;
	__u16 is_reply;
	__u64 packets;
};

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, ENTRIES);
	__type(key, struct flow);
	__type(value, struct entry);
} connections SEC(".maps");

SEC("xdp")
int pair(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct entry *known, forward = {}, reverse = {.is_reply = 1};
	struct flow flow = {}, back = {};
	__u8 flags;

	if (data + 54 > data_end)
		return XDP_DROP;
	flow.source = *(__u32 *)(data + 26);
	flow.destination = *(__u32 *)(data + 30);
	flow.source_port = *(__u16 *)(data + 34);
	flow.destination_port = *(__u16 *)(data + 36);
	flow.protocol = *(__u8 *)(data + 23);
	flags = *(__u8 *)(data + 47);
	back.source = flow.destination;
	back.destination = GATEWAY;
	back.source_port = flow.destination_port;
	back.destination_port = flow.source_port;
	back.protocol = flow.protocol;
	known = bpf_map_lookup_elem(&connections, &flow);
	if (known) {
#ifdef COUNT
		known->packets++;
		*(__u16 *)(data + 38) = known->packets;
#endif
		*(__u32 *)(data + 40) = known->address;
		*(__u16 *)(data + 44) = known->port + known->is_reply;
#ifdef FINISH
		if (flags & FIN) {
			bpf_map_delete_elem(&connections, &flow);
			bpf_map_delete_elem(&connections, &back);
		}
#endif
		return XDP_TX;
	}
	if (!(flags & SYN))
		return XDP_PASS;
	forward.address = GATEWAY;
	forward.port = flow.source_port ^ 0x1234;
	reverse.address = flow.source;
	reverse.port = flow.source_port;
	if (bpf_map_update_elem(&connections, &flow, &forward, BPF_NOEXIST))
		return XDP_DROP;
	if (bpf_map_update_elem(&connections, &back, &reverse, BPF_ANY))
		return XDP_ABORTED;
#ifdef PORTS
	back.protocol = 99;
	back.destination = 0;
	if (bpf_map_update_elem(&connections, &back, &forward, BPF_ANY))
		return XDP_ABORTED;
#endif
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
