// SPDX-License-Identifier: Apache-2.0
// A function stores a pointer to its own stack into its caller's.
// expect: refuse E0415
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static __attribute__((noinline)) void own(__u32 **out)
{
	__u32 value = 3;
	__u32 *address = &value;

	asm volatile("" : "+r"(address) : : "memory");
	*out = address;
}

SEC("xdp")
int bad_store_stack(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 *local = 0;

	if (data + 14 > end)
		return XDP_DROP;
	own(&local);
	return local && *local ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
