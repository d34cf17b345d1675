// SPDX-License-Identifier: Apache-2.0
// expect: accept
// A record from each iteration of a loop, from a function, and with a size that the packet decides.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __attribute__((noinline)) int tell(struct xdp_md *ctx, __u32 what)
{
	__u64 both[2] = { what, (__u64)what << 40 };

	return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, both, sizeof(both));
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *bytes = data;
	char text[24] = "twenty-four characters";
	__u32 count, i;

	if (data + 14 > end)
		return XDP_ABORTED;
	count = bytes[5] & 7;
	for (i = 0; i < 4; i++) {
		if (i >= count)
			break;
		if (tell(ctx, bytes[6 + i]))
			return XDP_DROP;
	}
	text[3] = bytes[11];
	count = bytes[11] & 31;
	if (count > sizeof(text))
		count = sizeof(text);
	if (bpf_ringbuf_output(&ring, text, count, 0))
		return XDP_DROP;
	return bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) == 4096 ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
