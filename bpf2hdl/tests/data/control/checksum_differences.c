// SPDX-License-Identifier: Apache-2.0
// bpf_csum_diff of many constant sizes, both areas and one, folded, and over what was just written.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void count(__u32 key, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	if (value)
		*value += by;
}

static __always_inline __u16 fold(__s64 sum)
{
	__u32 folded = sum;

#pragma unroll
	for (int i = 0; i < 4; i++)
		if (folded >> 16)
			folded = (folded & 0xffff) + (folded >> 16);
	return ~folded;
}

SEC("xdp")
int checksum_differences(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be32 before[16], after[16];
	__s64 sum;

	if (data + 80 > end)
		return XDP_DROP;
	__builtin_memcpy(before, data + 12, sizeof(before));
	__builtin_memcpy(after, data + 16, sizeof(after));
	after[3] ^= 0x00ff00ff;
	count(0, fold(bpf_csum_diff(before, 4, after, 4, 0)));
	count(1, fold(bpf_csum_diff(before, 8, after, 0, 0x1234)));
	count(2, fold(bpf_csum_diff(0, 0, after, 12, 0xffff)));
	count(3, fold(bpf_csum_diff(before, 20, after, 20, before[0] & 0xffff)));
	count(4, fold(bpf_csum_diff(before, 64, after, 64, 0)));
	count(5, fold(bpf_csum_diff(before, 28, after, 40, ~0)));
	*(__u32 *)(data + 20) = after[5];
	*(__u16 *)(data + 33) = after[6];
	sum = bpf_csum_diff(0, 0, data + 14, 64, 0);
	*(__u16 *)(data + 24) = fold(sum);
	count(6, fold(bpf_csum_diff(data + 16, 16, data + 36, 44, sum)));
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
