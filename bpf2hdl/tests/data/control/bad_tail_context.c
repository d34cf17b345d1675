// SPDX-License-Identifier: Apache-2.0
// A tail call with something else than the context.
// expect: refuse E0305
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} jumps SEC(".maps");

SEC("xdp")
int bad_tail_context(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 other = 3;

	(void)data;
	(void)end;
	bpf_tail_call((void *)&other, &jumps, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
