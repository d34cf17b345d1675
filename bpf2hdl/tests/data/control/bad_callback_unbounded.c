// SPDX-License-Identifier: Apache-2.0
// A callback that reads the packet by its index without a check.
// expect: refuse E0401
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct state {
	__u8 *data;
	void *end;
	__u32 sum;
};

static long sum(__u32 index, struct state *state)
{
	state->sum += state->data[index];
	return 0;
}

SEC("xdp")
int bad_callback_unbounded(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct state state = { data, end, 0 };

	bpf_loop(5, sum, &state, 0);
	return state.sum & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
