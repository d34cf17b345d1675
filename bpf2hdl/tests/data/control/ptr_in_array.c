// SPDX-License-Identifier: Apache-2.0
// Pointers kept in an array on the stack and taken out by a constant index after a loop.
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
int ptr_in_array(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *places[4];
	int i;

	if (data + 40 > end)
		return XDP_DROP;
	#pragma clang loop unroll(disable)
	for (i = 0; i < 4; i++)
		places[i] = data + 14 + 3 * i;
	*places[2] = *places[1] + *places[3];
	return *places[0] & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
