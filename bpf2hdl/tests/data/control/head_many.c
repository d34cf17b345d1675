// SPDX-License-Identifier: Apache-2.0
// The head moved several times, by amounts that depend on the path, with every outcome noted.
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

static __always_inline int move(struct xdp_md *ctx, int by)
{
	long result = bpf_xdp_adjust_head(ctx, by);

	count(128 + (-result & 63), 1);
	return result != 0;
}

SEC("xdp")
int head_many(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 how;

	if (data + 20 > end)
		return XDP_DROP;
	how = data[0];
	data[3] = 0x77;
	if (how & 1) {
		if (move(ctx, -8))
			return XDP_ABORTED;
	} else if (how & 2) {
		move(ctx, 30);
	} else {
		move(ctx, -300);
	}
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	count(data[3], data[11]);
	*(__u16 *)(data + 1) = 0xbeef;
	if (how & 4)
		move(ctx, how & 8 ? 14 : -14);
	if (how & 16)
		move(ctx, -4);
	if (how & 32)
		move(ctx, 120);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	data[0] ^= 0x10;
	data[5] = data[1] + data[9];
	count(end - data, 1);
	return how & 64 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
