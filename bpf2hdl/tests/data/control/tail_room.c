// SPDX-License-Identifier: Apache-2.0
// The tail grown up to and over the room behind the frame, and cut down to and under the least frame.
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
int tail_room(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int length = end - data, wanted;
	long result;
	__u8 how;

	if (data + 14 > end)
		return XDP_DROP;
	how = data[0];
	/* A page less headroom and struct skb_shared_info: 3520 bytes. */
	wanted = how & 1 ? 3500 + (data[1] & 31) : (data[1] & 31);
	result = bpf_xdp_adjust_tail(ctx, wanted - length);
	count(128 + (-result & 63), 1);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	count(end - data & 127, 1);
	if (!result && how & 2) {
		result = bpf_xdp_adjust_tail(ctx, how & 4 ? 1 : -1);
		count(192 + (-result & 63), 1);
	}
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 30 <= end)
		data[29] ^= data[13] + 1;
	return how & 8 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
