// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Token buckets of sources in a hash map: what comes in since the last packet takes many stages, what is left one. Buckets are made, and deleted
// by some packets, so that slots change hands while older packets are between the parts.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bucket {
	__u64 last;
	__u32 fast;
	__u32 owner;
	__u64 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

SEC("xdp")
int tokens(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;
	__u64 now, tokens;
	struct bucket *b;
	__u32 key;

	if (data + 60 > end)
		return XDP_DROP;
	key = data[14] & 31;
	if ((data[24] & 15) == 3) {
		bpf_map_delete_elem(&buckets, &key);
		return XDP_DROP;
	}
	b = bpf_map_lookup_elem(&buckets, &key);
	now = (__u64)data[20] << 24 | data[21] << 16 | data[22] << 8 | data[23];
	if (!b) {
		struct bucket fresh = { now, data[25], key, 300 };

		return bpf_map_update_elem(&buckets, &key, &fresh, BPF_NOEXIST) ? XDP_ABORTED : XDP_PASS;
	}
	tokens = b->tokens + (now - b->last) * (b->fast & 0xffff) / 1000;
	if (tokens > 300)
		tokens = 300;
	b->last = now;
	if (!tokens) {
		b->tokens = 0;
		return XDP_DROP;
	}
	b->tokens = tokens - 1;
	return tokens & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
