// SPDX-License-Identifier: Apache-2.0
// One of two fields of a map value.
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
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct pair);
} pairs SEC(".maps");

SEC("xdp")
int ptr_two_fields(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0, *field;
	struct pair *pair = bpf_map_lookup_elem(&pairs, &key);

	if (!pair || data + 20 > end)
		return XDP_DROP;
	field = *(__u8 *)(data + 16) & 1 ? &pair->a : &pair->b;
	*field += 7;
	return *field & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
