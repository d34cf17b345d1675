// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Bytes of a packet that was changed before the call: edits and a head that may have moved; edits behind the call do not show.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u64 flags = BPF_F_CURRENT_CPU, mark = 0x0102030405060708ull;
	__u64 size;

	if ((void *)(eth + 1) > end)
		return XDP_ABORTED;
	eth->h_dest[1] ^= 0x55;
	if (eth->h_proto == bpf_htons(ETH_P_IP) && bpf_xdp_adjust_head(ctx, -8))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 22 > end)
		return XDP_ABORTED;
	*(__u64 *)data = mark;
	size = end - data;
	if (size > 48)
		size = 48;
	bpf_perf_event_output(ctx, &samples, flags | size << 32, &mark, sizeof(mark));
	*(__u16 *)(data + 12) = 0;
	bpf_perf_event_output(ctx, &samples, flags | 20ull << 32, &mark, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
