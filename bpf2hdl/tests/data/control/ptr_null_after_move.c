// SPDX-License-Identifier: Apache-2.0
// A moved pointer compared with null.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct big {
	__u32 a, b, c, d;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, struct big);
} bigs SEC(".maps");

SEC("xdp")
int ptr_null_after_move(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 2;
	struct big *big = bpf_map_lookup_elem(&bigs, &key);

	if (!big || data + 34 > end)
		return XDP_DROP;
	__u32 *field = &big->c;
	asm volatile("" : "+r"(field));
	if (!field)
		return XDP_ABORTED;
	__u8 *byte = data + 20;
	asm volatile("" : "+r"(byte));
	if (byte == 0)
		return XDP_ABORTED;
	*field += *byte;
	return *field & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
