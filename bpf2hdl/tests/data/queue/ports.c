// SPDX-License-Identifier: Apache-2.0
// Address translation with a pool of free ports: a new flow takes one, a finished flow gives it back; what is dropped leaves a trace
// in a queue that keeps the latest.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef POOL
#define POOL BPF_MAP_TYPE_STACK
#endif
#define SYN 0x02
#define FIN 0x01

struct flow {
	__u32 address;
	__u16 port;
	__u16 pad;
};

struct trace {
	__u32 address;
	__u8 flags;
	__u8 pad[3];
	__u32 number;
};

struct {
	__uint(type, POOL);
	__uint(max_entries, 20);
	__type(value, __u16);
} free_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 6);
	__type(value, struct trace);
} dropped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, __u16);
} flows SEC(".maps");

__u32 drops;

static __always_inline int drop(struct flow *flow, __u8 flags)
{
	struct trace trace = { .address = flow->address, .flags = flags, .number = drops++ };

	bpf_map_push_elem(&dropped, &trace, BPF_EXIST);
	return XDP_DROP;
}

SEC("xdp")
int ports(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	struct flow flow = {};
	__u16 *known, port = 0;
	__u8 flags;

	if (data + 54 > end)
		return XDP_ABORTED;
	flow.address = *(__u32 *)(data + 26);
	flow.port = *(__u16 *)(data + 34);
	flags = data[47];
	known = bpf_map_lookup_elem(&flows, &flow);
	if (known) {
		port = *known;
		if (flags & FIN) {
			bpf_map_delete_elem(&flows, &flow);
			bpf_map_push_elem(&free_ports, &port, BPF_ANY);
		}
	} else {
		if (!(flags & SYN))
			return drop(&flow, flags);
		if (bpf_map_pop_elem(&free_ports, &port))
			return drop(&flow, flags);
		if (bpf_map_update_elem(&flows, &flow, &port, BPF_NOEXIST))
			return XDP_ABORTED;
	}
	*(__u16 *)(data + 34) = port;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
