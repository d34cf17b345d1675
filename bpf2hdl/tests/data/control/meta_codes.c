// SPDX-License-Identifier: Apache-2.0
// Metadata of every length, right and wrong, before and behind moves of the head.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void count(__u32 key, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	if (value)
		*value += by;
}

SEC("xdp")
int meta_codes(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *meta;
	long result;
	__u8 how;

	if (data + 14 > end)
		return XDP_DROP;
	how = data[1];
	switch (how & 7) {
	case 0: result = bpf_xdp_adjust_meta(ctx, 0); break;
	case 1: result = bpf_xdp_adjust_meta(ctx, -4); break;
	case 2: result = bpf_xdp_adjust_meta(ctx, -6); break;
	case 3: result = bpf_xdp_adjust_meta(ctx, -32); break;
	case 4: result = bpf_xdp_adjust_meta(ctx, -216); break;
	case 5: result = bpf_xdp_adjust_meta(ctx, -220); break;
	case 6: result = bpf_xdp_adjust_meta(ctx, 4); break;
	default: result = bpf_xdp_adjust_meta(ctx, -252); break;
	}
	count(-result & 63, 1);
	if (how & 8) {
		result = bpf_xdp_adjust_head(ctx, how & 16 ? -8 : 8);
		count(64 + (-result & 63), 1);
	}
	if (how & 32) {
		result = bpf_xdp_adjust_meta(ctx, 4);
		count(128 + (-result & 63), 1);
	}
	data = (void *)(long)ctx->data;
	meta = (void *)(long)ctx->data_meta;
	if (meta + 4 <= data)
		*(__u32 *)meta = how * 0x01010101u;
	count(192 + ((data - meta) & 63), 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
