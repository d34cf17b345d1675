// SPDX-License-Identifier: Apache-2.0
// A tail call by the payload; the programs count.
// covers: prog_array bpf_tail_call
// prog: tail_calls
// rate: 1.00
#include "count.h"

__u64 firsts, seconds;

SEC("xdp/first")
int first(struct xdp_md *ctx)
{
	firsts++;
	return XDP_PASS;
}

SEC("xdp/second")
int second(struct xdp_md *ctx)
{
	seconds++;
	return XDP_TX;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__array(values, int(void *));
} programs SEC(".maps") = {.values = {[0] = (void *)&first, [2] = (void *)&second}};

SEC("xdp")
int tail_calls(struct xdp_md *ctx)
{
	VIEW(p);
	bpf_tail_call(ctx, &programs, p->payload[0] & 7);
	return XDP_DROP;
}
