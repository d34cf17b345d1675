// SPDX-License-Identifier: Apache-2.0
// bpf_loop with too many iterations (E2BIG) and with flags (EINVAL).
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static long nothing(__u32 index, void *unused)
{
	return index > 3;
}

SEC("xdp")
int loop_errors(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 34 > end)
		return XDP_DROP;
	__u32 many = *(__u32 *)(data + 26);
	__u64 flags = *(__u8 *)(data + 14) & 1;
	long first = bpf_loop(many, nothing, 0, 0), second = bpf_loop(2, nothing, 0, flags);

	/* -E2BIG, -EINVAL or the count. */
	if (first == -7)
		return second == -22 ? XDP_TX : XDP_PASS;
	if (second < 0)
		return XDP_ABORTED;
	return first == 5 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
