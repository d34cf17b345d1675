// SPDX-License-Identifier: Apache-2.0
// The name of a DNS question, label by label, into a key on the stack.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct question {
	char name[32];
	__u16 type;
	__u16 labels;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct question);
	__type(value, __u32);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} lengths SEC(".maps");

SEC("xdp")
int dns_name(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct udphdr *udp = data + 34;
	__u8 *at = (void *)(udp + 1) + 12;
	struct question q = {};
	__u32 *hits, left = 0;
	int i;

	if ((void *)at + 1 > end)
		return XDP_PASS;
	for (i = 0; i < 31; i++) {
		if ((void *)at + 1 > end)
			return XDP_DROP;
		if (left == 0) {
			left = *at & 63;
			if (!left)
				break;
			q.labels++;
		} else {
			left--;
		}
		q.name[i] = *at >= 'A' && *at <= 'Z' ? *at + 32 : *at;
		at++;
	}
	if ((void *)at + 3 > end)
		return XDP_DROP;
	q.type = at[1] << 8 | at[2];
	hits = bpf_map_lookup_elem(&blocked, &q);
	if (hits) {
		__sync_fetch_and_add(hits, 1);
		return XDP_DROP;
	}
	left = i & 63;
	hits = bpf_map_lookup_elem(&lengths, &left);
	if (hits)
		*hits += q.labels;
	return q.labels > 2 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
