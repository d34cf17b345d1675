// SPDX-License-Identifier: Apache-2.0
// expect: accept
// A slow update of a variable that needs the result of a look-up, and packets that do not take part.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} weights SEC(".maps");

struct state {
	__u64 average;
	__u32 seen;
	__u32 limit;
	__u8 seen_last;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct state);
} states SEC(".maps");

SEC("xdp")
int averages(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;
	__u32 key, zero = 0;
	struct state *state;
	__u64 *weight;

	if (data + 60 > end)
		return XDP_DROP;
	state = bpf_map_lookup_elem(&states, &zero);
	if (!state)
		return XDP_ABORTED;
	state->seen++;
	state->seen_last = data[14];
	key = data[15] & 7;
	weight = bpf_map_lookup_elem(&weights, &key);
	if (!weight) {
		__u64 first = data[16];

		bpf_map_update_elem(&weights, &key, &first, BPF_ANY);
		return XDP_PASS;
	}
	if (data[17] & 1)
		state->average = (state->average * 7 + *weight * data[18]) / 9;
	return state->average > state->limit ? XDP_DROP : XDP_TX;
}

char _license[] SEC("license") = "GPL";
