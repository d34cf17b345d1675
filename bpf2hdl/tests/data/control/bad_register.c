// SPDX-License-Identifier: Apache-2.0
// A register that was never written.
// expect: refuse E0403
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int bad_register(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	long value;

	(void)data;
	(void)end;
	asm volatile("%0 = r9" : "=r"(value));
	return value & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
