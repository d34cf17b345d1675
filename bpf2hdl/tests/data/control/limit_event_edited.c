// SPDX-License-Identifier: Apache-2.0
// expect: limit E0305
// All of a packet that was changed before: what leaves the buffer is the packet as received.
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
	__u64 size = end - data, mark = 1;

	if (data + 14 > end)
		return XDP_DROP;
	*(__u8 *)data = 0;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | size << 32, &mark, sizeof(mark));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
