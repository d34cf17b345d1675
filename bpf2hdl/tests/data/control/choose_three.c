// SPDX-License-Identifier: Apache-2.0
// Two pointers, each to the stack or to one of three entries, which may be the same.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct slot {
	__u32 tokens, last, rate, pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

static __always_inline struct slot *choose(__u8 kind, struct slot *local)
{
	__u32 key = 2;

	switch (kind & 3) {
	case 0:
		return local;
	case 1:
		key = 0;
		break;
	case 2:
		key = 1;
		break;
	}
	return bpf_map_lookup_elem(&slots, &key);
}

SEC("xdp")
int choose_three(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct slot local = { .rate = 3 }, *first, *second;

	if (data + 24 > end)
		return XDP_DROP;
	first = choose(*(__u8 *)(data + 16), &local);
	second = choose(*(__u8 *)(data + 17), &local);
	if (!first || !second)
		return XDP_ABORTED;
	first->tokens += second->rate;
	second->last = first->tokens;
	return second->last & 1 ? XDP_TX : first == second ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
