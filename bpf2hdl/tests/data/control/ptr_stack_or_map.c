// SPDX-License-Identifier: Apache-2.0
// A pointer to the stack or into a map value, depending on the packet.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct pair {
	__u32 a, b;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct pair);
} pairs SEC(".maps");

SEC("xdp")
int ptr_stack_or_map(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 1;
	struct pair on_stack = { 3, 4 }, *pair = &on_stack, *in_map;

	if (data + 20 > end)
		return XDP_DROP;
	in_map = bpf_map_lookup_elem(&pairs, &key);
	if (!in_map)
		return XDP_ABORTED;
	if (*(__u8 *)(data + 16) & 1)
		pair = in_map;
	pair->a += 5;
	pair->b ^= *(__u8 *)(data + 17);
	return (pair->a + pair->b) & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
