// SPDX-License-Identifier: Apache-2.0
// A connection table: SYN opens, FIN closes, anything else must belong to an open connection.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define FIN 1
#define SYN 2

struct flow {
	__u32 source;
	__u32 destination;
	__u16 source_port;
	__u16 destination_port;
	__u8 protocol;
} __attribute__((packed));

struct connection {
	__u32 packets;
	__u32 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, struct flow);
	__type(value, struct connection);
} connections SEC(".maps");

SEC("xdp")
int track(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct connection *known, opened = {};
	struct flow flow = {};
	__u8 flags;

	if (data + 54 > data_end)
		return XDP_DROP;
	flow.source = *(__u32 *)(data + 26);
	flow.destination = *(__u32 *)(data + 30);
	flow.source_port = *(__u16 *)(data + 34);
	flow.destination_port = *(__u16 *)(data + 36);
	flow.protocol = *(__u8 *)(data + 23);
	flags = *(__u8 *)(data + 47);
	known = bpf_map_lookup_elem(&connections, &flow);
	if (!known) {
		if (!(flags & SYN))
			return XDP_DROP;
		opened.packets = 1;
		opened.bytes = data_end - data;
		return bpf_map_update_elem(&connections, &flow, &opened, BPF_NOEXIST) ? XDP_ABORTED : XDP_PASS;
	}
	if (flags & FIN) {
		*(__u32 *)(data + 38) = known->packets;
		bpf_map_delete_elem(&connections, &flow);
		return XDP_TX;
	}
	known->packets++;
	known->bytes += data_end - data;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
