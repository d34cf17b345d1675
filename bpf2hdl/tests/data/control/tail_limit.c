// SPDX-License-Identifier: Apache-2.0
// A program that calls itself: 33 times. Missing entries count as the kernel counts them.
// expect: accept
// prog: again
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
	__array(values, int (void *));
} jumps SEC(".maps");

int again(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int (void *));
} self SEC(".maps") = { .values = { [0] = (void *)&again } };

SEC("xdp")
int again(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 14 > end)
		return XDP_DROP;
	*(__u8 *)data += 1;
	if (*(__u8 *)(data + 5) > *(__u8 *)data)
		bpf_tail_call(ctx, &self, 1);
	bpf_tail_call(ctx, &self, 0);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
