// SPDX-License-Identifier: Apache-2.0
// expect: refuse E0305
// Bytes of the packet as the data of an event: they go by the flags.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 14 > end)
		return XDP_DROP;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, data, 14);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
