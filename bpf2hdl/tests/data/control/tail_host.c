// SPDX-License-Identifier: Apache-2.0
// Tail calls through a prog array that the host fills.
// expect: accept
// prog: dispatch
// entry: jumps 0 handle_tcp
// entry: jumps 3 handle_udp
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
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} jumps SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static void count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

SEC("xdp")
int dispatch(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 34 > end)
		return XDP_PASS;
	__u8 protocol = *(__u8 *)(data + 23);

	count(0);
	if (protocol == 6)
		bpf_tail_call(ctx, &jumps, 0);
	else if (protocol == 17)
		bpf_tail_call(ctx, &jumps, 3);
	else
		bpf_tail_call(ctx, &jumps, protocol);
	count(1);
	return XDP_PASS;
}

SEC("xdp")
int handle_tcp(struct xdp_md *ctx)
{
	count(2);
	bpf_tail_call(ctx, &jumps, 3);
	return XDP_DROP;
}

SEC("xdp")
int handle_udp(struct xdp_md *ctx)
{
	count(3);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
