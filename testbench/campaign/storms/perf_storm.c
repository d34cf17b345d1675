// SPDX-License-Identifier: Apache-2.0
// A record for some packets, with the first bytes of a few.
// covers: perf_event_array bpf_perf_event_output
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

struct record {
	__u32 source;
	__u16 port, bytes;
};

SEC("xdp")
int perf_storm(struct xdp_md *ctx)
{
	VIEW(p);
	struct record r = {p->ip.saddr, p->udp.source, BYTES(p)};

	if (p->payload[0] & 7)
		return XDP_PASS;
	if (p->payload[1] & 1)
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &r, sizeof(r));
	else
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | (32ull << 32), &r, sizeof(r));
	return XDP_DROP;
}
