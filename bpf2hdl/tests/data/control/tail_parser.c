// SPDX-License-Identifier: Apache-2.0
// Parsing by tail calls with state in a per-CPU map; one stage calls itself.
// expect: accept
// prog: entry
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

int parse_ip(struct xdp_md *ctx);
int parse_ip6(struct xdp_md *ctx);
int parse_udp(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__array(values, int (void *));
} stages SEC(".maps") = {
	.values = {
		[0] = (void *)&parse_ip,
		[1] = (void *)&parse_ip6,
		[2] = (void *)&parse_udp,
	},
};

struct scratch {
	__u32 offset, hops;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline struct scratch *get_scratch(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&scratch, &key);
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct scratch *state = get_scratch();

	if (!state || data + 14 > end)
		return XDP_DROP;
	state->offset = 14;
	state->hops = 0;
	if (*(__u16 *)(data + 12) == bpf_htons(ETH_P_IP))
		bpf_tail_call(ctx, &stages, 0);
	if (*(__u16 *)(data + 12) == bpf_htons(ETH_P_IPV6))
		bpf_tail_call(ctx, &stages, 1);
	bpf_tail_call(ctx, &stages, 7);
	return XDP_PASS;
}

SEC("xdp")
int parse_ip(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct scratch *state = get_scratch();
	struct iphdr *ip;

	if (!state || state->offset > 100)
		return XDP_ABORTED;
	ip = data + state->offset;
	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	state->offset += ip->ihl * 4;
	state->hops++;
	if (ip->protocol == 17)
		bpf_tail_call(ctx, &stages, 2);
	/* IP in IP: once more. */
	if (ip->protocol == 4 && state->hops < 3)
		bpf_tail_call(ctx, &stages, 0);
	return XDP_TX;
}

SEC("xdp")
int parse_ip6(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 54 > end)
		return XDP_DROP;
	return *(__u8 *)(data + 20) == 17 ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int parse_udp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct scratch *state = get_scratch();
	__u8 *at;

	if (!state || state->offset > 160)
		return XDP_ABORTED;
	at = data + state->offset;
	if (at + 8 > (__u8 *)end)
		return XDP_DROP;
	at[1] ^= 1;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
