// SPDX-License-Identifier: Apache-2.0
// expect: accept
// The same with an average that is too slow for a stage, so that packets wait between the parts of an entry.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u32 owner;
	__u32 last;
	__u64 average;
	__u16 gaps;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

SEC("xdp")
int gaps(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;
	__u32 key, now, gap;
	struct flow *flow;

	if (data + 60 > end)
		return XDP_DROP;
	key = data[14] & 7;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow)
		return XDP_ABORTED;
	now = data[20] << 24 | data[21] << 16 | data[22] << 8 | data[23];
	gap = (now - flow->last) * 2654435761u;
	flow->last = now;
	flow->average = (flow->average * 3 + gap) / 5;
	if (flow->average & 1)
		flow->gaps++;
	return flow->average & 2 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
