// SPDX-License-Identifier: Apache-2.0
// Reads and writes at computed places on the stack.
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
int stack_variable(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 table[32] = {};
	__u32 i;

	if (data + 34 > end)
		return XDP_DROP;
	for (i = 0; i < 8; i++)
		table[((__u8 *)data)[i + 14] & 31] += i;
	i = ((__u8 *)data)[30] & 15;
	return table[i] > table[i + 8] ? XDP_TX : table[i + 16] ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
