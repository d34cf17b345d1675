// SPDX-License-Identifier: Apache-2.0
// Frames grow and shrink at both ends, with metadata.
// covers: bpf_xdp_adjust_head bpf_xdp_adjust_tail bpf_xdp_adjust_meta
#include "count.h"

SEC("xdp")
int sizes(struct xdp_md *ctx)
{
	VIEW(p);
	__u8 what = p->payload[0];
	__u8 *data, *end;

	switch (what & 7) {
	case 0:
		if (bpf_xdp_adjust_head(ctx, -4))
			return XDP_ABORTED;
		break;
	case 1:
		if (bpf_xdp_adjust_head(ctx, 14))
			return XDP_ABORTED;
		break;
	case 2:
		if (bpf_xdp_adjust_tail(ctx, -8))
			return XDP_ABORTED;
		break;
	case 3:
		if (bpf_xdp_adjust_tail(ctx, 40))
			return XDP_ABORTED;
		break;
	case 4:
		if (bpf_xdp_adjust_meta(ctx, -8))
			return XDP_ABORTED;
		return XDP_PASS;
	default:
		return XDP_TX;
	}
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_DROP;
	__builtin_memset(data, what, 14);
	return XDP_TX;
}
