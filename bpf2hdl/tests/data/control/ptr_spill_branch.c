// SPDX-License-Identifier: Apache-2.0
// Packet pointers kept on the stack under a branch.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct cursor {
	void *at, *end;
	__u32 kind;
};

static __attribute__((noinline)) int step(struct cursor *cursor, __u32 bytes)
{
	if (bytes > 64 || cursor->at + bytes > cursor->end)
		return 0;
	cursor->at += bytes;
	return 1;
}

SEC("xdp")
int ptr_spill_branch(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct cursor cursor = { data, end, 0 };

	if (!step(&cursor, 14))
		return XDP_DROP;
	if (*(__u8 *)(cursor.at - 1) == 0) {
		if (!step(&cursor, 20))
			return XDP_DROP;
		cursor.kind = 4;
	} else if (!step(&cursor, 2)) {
		return XDP_PASS;
	}
	*(__u8 *)(cursor.at - 1) += cursor.kind + 1;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
