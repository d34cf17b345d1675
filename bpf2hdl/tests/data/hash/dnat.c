// SPDX-License-Identifier: Apache-2.0
// Destination NAT: services are configured, connections are remembered, and both directions are rewritten.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct endpoint {
	__u32 address;
	__u16 port;
	__u16 pad;
};

struct flow {
	struct endpoint client;
	struct endpoint server;
};

/* What the host configures: the real server of a service. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct endpoint);
	__type(value, struct endpoint);
} services SEC(".maps");

/* What the replies of a connection must come from. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct flow);
	__type(value, struct endpoint);
} replies SEC(".maps");

SEC("xdp")
int dnat(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct endpoint source = {}, destination = {}, *real, *service;
	struct flow flow = {};

	if (data + 38 > data_end)
		return XDP_DROP;
	source.address = *(__u32 *)(data + 26);
	source.port = *(__u16 *)(data + 34);
	destination.address = *(__u32 *)(data + 30);
	destination.port = *(__u16 *)(data + 36);

	flow.client = destination;
	flow.server = source;
	service = bpf_map_lookup_elem(&replies, &flow);
	if (service) {
		*(__u32 *)(data + 26) = service->address;
		*(__u16 *)(data + 34) = service->port;
		return XDP_TX;
	}
	real = bpf_map_lookup_elem(&services, &destination);
	if (!real)
		return XDP_PASS;
	*(__u32 *)(data + 30) = real->address;
	*(__u16 *)(data + 36) = real->port;
	flow.client = source;
	flow.server = *real;
	bpf_map_update_elem(&replies, &flow, &destination, BPF_ANY);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
