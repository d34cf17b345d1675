// SPDX-License-Identifier: Apache-2.0
// A function returns a pointer to its own stack.
// expect: refuse E0415
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static __attribute__((noinline)) __u32 *own(void)
{
	__u32 value = 3;
	__u32 *address = &value;

	asm volatile("" : "+r"(address) : : "memory");
	return address;
}

SEC("xdp")
int bad_return_stack(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_DROP;
	__u32 *local = own();
	return *local ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
