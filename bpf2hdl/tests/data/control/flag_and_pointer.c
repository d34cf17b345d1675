// SPDX-License-Identifier: Apache-2.0
// A flag says on which path a bound was checked.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int flag_and_pointer(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 has_ports = 0, sum = 0;

	if (data + 34 > end)
		return XDP_DROP;
	if (*(__u8 *)(data + 23) == 17 && data + 42 <= end)
		has_ports = 1;
	sum = *(__u8 *)(data + 22);
	asm volatile("" : "+r"(sum));
	if (sum & 1)
		sum += 3;
	if (has_ports)
		sum += *(__u16 *)(data + 36);
	return sum & 2 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
