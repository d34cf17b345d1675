// SPDX-License-Identifier: Apache-2.0
// A function that gives a packet pointer or null.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static __attribute__((noinline)) void *find(void *data, void *end, __u32 at)
{
	if (at > 40 || data + at + 1 > end)
		return 0;
	return data + at;
}

SEC("xdp")
int ptr_null_function(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *option = find(data, end, 14), *second;

	if (!option)
		return XDP_DROP;
	second = find(data, end, *option & 31);
	if (!second)
		return XDP_PASS;
	*second = 0x55;
	return *option & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
