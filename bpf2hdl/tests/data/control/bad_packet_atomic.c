// SPDX-License-Identifier: Apache-2.0
// An atomic addition to the packet.
// expect: refuse E0415
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_packet_atomic(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 34 > end)
		return XDP_DROP;
	__sync_fetch_and_add((__u32 *)(data + 20), 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
