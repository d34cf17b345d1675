// SPDX-License-Identifier: Apache-2.0
// A global function: its arguments are checked by type.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct item {
	__u32 a, b;
};

__attribute__((noinline)) int weigh(struct item *item, int factor)
{
	if (!item)
		return factor;
	item->b += factor;
	return item->a * factor + item->b;
}

SEC("xdp")
int global_function(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct item item = { 1, 2 };
	struct item *null = 0;

	if (data + 20 > end)
		return XDP_DROP;
	item.a = *(__u8 *)(data + 16);
	int first = weigh(&item, 3), second = weigh(null, 1);
	return (first + second) & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
