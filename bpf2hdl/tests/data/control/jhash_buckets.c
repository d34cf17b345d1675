// SPDX-License-Identifier: Apache-2.0
// Jenkins' hash of a flow, a second hash by multiplication, a bucket by the high half of a product.
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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 7);
	__type(key, __u32);
	__type(value, __u64);
} buckets SEC(".maps");

static __always_inline __u32 rol(__u32 word, __u32 shift)
{
	return word << (shift & 31) | word >> (-shift & 31);
}

#define FINAL(a, b, c) { c ^= b; c -= rol(b, 14); a ^= c; a -= rol(c, 11); b ^= a; b -= rol(a, 25); \
	c ^= b; c -= rol(b, 16); a ^= c; a -= rol(c, 4); b ^= a; b -= rol(a, 14); c ^= b; c -= rol(b, 24); }

static __attribute__((noinline)) __u32 hash3(__u32 a, __u32 b, __u32 c)
{
	a += 0xdeadbeef + 12;
	b += 0xdeadbeef + 12;
	c += 0xdeadbeef + 12;
	FINAL(a, b, c);
	return c;
}

SEC("xdp")
int jhash_buckets(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + 14;
	__u32 hash, key, *ports = (void *)(ip + 1);
	__u64 *bucket, wide;

	if ((void *)(ports + 1) > end)
		return XDP_PASS;
	hash = hash3(ip->saddr, ip->daddr, *ports);
	wide = ((__u64)hash << 32 | ip->saddr) * 0x9e3779b97f4a7c15ull;
	key = (__u64)hash * 7 >> 32;
	bucket = bpf_map_lookup_elem(&buckets, &key);
	if (!bucket)
		return XDP_ABORTED;
	*bucket = (*bucket ^ wide) + (wide >> 40);
	if (*bucket % 3 == 0)
		return XDP_DROP;
	ip->id = wide % 1000;
	ip->ttl = hash % 255;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
