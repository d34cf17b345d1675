// SPDX-License-Identifier: Apache-2.0
// A store further than the hardware can write.
// expect: limit E0501
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int limit_window(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 600 > end)
		return XDP_DROP;
	*(__u8 *)(data + 599) = 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
