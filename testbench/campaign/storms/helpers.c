// SPDX-License-Identifier: Apache-2.0
// Helpers without a map; their results leave in the packet.
// covers: bpf_get_prandom_u32 bpf_ktime_get_ns bpf_ktime_get_boot_ns bpf_ktime_get_coarse_ns bpf_jiffies64 bpf_get_smp_processor_id bpf_csum_diff bpf_xdp_get_buff_len bpf_redirect
// rate: 1.00
#include "count.h"

SEC("xdp")
int helpers(struct xdp_md *ctx)
{
	VIEW(p);
	__u32 *words = (void *)p->payload;
	__u32 old = words[0];

	switch (p->payload[15] & 7) {
	case 0:
		words[1] = bpf_get_prandom_u32();
		break;
	case 1:
		*(__u64 *)(words + 2) = bpf_ktime_get_ns();
		break;
	case 2:
		*(__u64 *)(words + 2) = bpf_ktime_get_boot_ns() ^ bpf_ktime_get_coarse_ns();
		break;
	case 3:
		*(__u64 *)(words + 2) = bpf_jiffies64();
		break;
	case 4:
		words[0] = bpf_get_smp_processor_id() + bpf_xdp_get_buff_len(ctx);
		break;
	case 5:
		words[0] = 0x01020304;
		words[1] = bpf_csum_diff(&old, 4, words, 4, words[2] & 0xffff);
		break;
	default:
		return bpf_redirect(3, 0);
	}
	return XDP_TX;
}
