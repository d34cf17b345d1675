// SPDX-License-Identifier: Apache-2.0
// Sign-extending loads and moves, signed division, byte swaps: what cpu v4 has instructions for.
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
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __s16[8]);
} signs SEC(".maps");

SEC("xdp")
int signed_v4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__s8 *b = data + 14;
	__s16 *h = data + 16;
	__s32 *w = data + 20;
	__s64 sum, *out = data + 24;
	__u32 key = 1;
	__s16 *map;

	if (data + 40 > end)
		return XDP_PASS;
	map = bpf_map_lookup_elem(&signs, &key);
	if (!map)
		return XDP_ABORTED;
	sum = (__s64)*b + *h + *w;
	sum += (__s8)(*w >> 3) + (__s16)(*w >> 5) + (__s32)(sum >> 1);
	map[*b & 7] += *b;
	if (sum < -1000)
		sum += map[1];
	sum ^= (__s64)__builtin_bswap64(sum) >> 7;
	sum ^= __builtin_bswap32((__u32)sum) + __builtin_bswap16((__u16)sum);
	if (*b > 3 && *h < -5)
		return XDP_TX;
	*out = sum;
	return sum > 0 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
