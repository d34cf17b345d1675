// SPDX-License-Identifier: Apache-2.0
// A value that only one path writes is used in a register.
// expect: refuse E0403 E0402
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_uninitialised_call(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	long value;

	if (data + 20 > end)
		return XDP_DROP;
	asm volatile("if %1 > 3 goto +1\n%0 = 5\n%0 += 1" : "=&r"(value) : "r"((long)*(__u8 *)(data + 14)));
	return value & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
