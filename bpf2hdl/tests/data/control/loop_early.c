// SPDX-License-Identifier: Apache-2.0
// bpf_loop that ends early, with a count from the packet.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct find {
	__u8 bytes[20];
	__u8 wanted;
	int at;
};

static long look(__u32 index, struct find *find)
{
	if (index >= 20)
		return 1;
	if (find->bytes[index] == find->wanted) {
		find->at = index;
		return 1;
	}
	return 0;
}

SEC("xdp")
int loop_early(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct find find = { .at = -1 };

	if (data + 34 > end)
		return XDP_DROP;
	__builtin_memcpy(find.bytes, data + 14, 20);
	find.wanted = *(__u8 *)(data + 5) & 15;
	/* The number of iterations comes from the packet. */
	long n = bpf_loop(find.bytes[3] & 31, look, &find, 0);

	if (find.at >= 0)
		return n > 5 ? XDP_TX : XDP_PASS;
	return n == 20 ? XDP_ABORTED : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
