// SPDX-License-Identifier: Apache-2.0
// Pointers from before a call that resizes the packet: nothing is read through them, but their differences and order are used.
// expect: accept
// cpu: v3 v4
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int old_pointers(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	void *now, *now_end;
	__u8 *bytes = data;
	__u32 cut;

	if (data + 20 > end)
		return XDP_DROP;
	cut = bytes[14] & 12;
	if (bpf_xdp_adjust_head(ctx, cut))
		return XDP_ABORTED;
	now = (void *)(long)ctx->data;
	now_end = (void *)(long)ctx->data_end;
	bytes = now;
	if (now + 14 > now_end)
		return XDP_DROP;
	bytes[0] = now - data;
	bytes[1] = end - data;
	bytes[2] = now_end - now;
	bytes[3] = now_end == end;
	bytes[4] = now > data ? 1 : 2;
	bytes[5] = data + 8 == now ? 3 : 4;
	if (end - data > 100)
		return XDP_PASS;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
