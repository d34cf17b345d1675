// SPDX-License-Identifier: Apache-2.0
// Stores of 1, 2, 4 and 8 bytes at constant and computed places, over each other, and what loads then see.
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

SEC("xdp")
int packet_stores(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *at;
	__u64 sum = 0;

	if (data + 64 > end)
		return XDP_DROP;
	at = data + (data[0] & 15);
	if (at + 8 > end)
		return XDP_DROP;
	*(volatile __u64 *)at = 0x1122334455667788ULL ^ data[1];
	*(volatile __u8 *)(data + 7) ^= 0x5a;
	sum += *(volatile __u32 *)(data + 5);
	at = data + (data[2] & 6);
	if (at + 22 > end)
		return XDP_DROP;
	*(volatile __u16 *)(at + 20) = data[3] << 8 | data[4];
	*(volatile __u32 *)(data + 19) = *(volatile __u32 *)(data + 22) + sum;
	at = data + (data[5] & 7);
	if (at + 24 > end)
		return XDP_DROP;
	sum += *(volatile __u64 *)(at + 16);
	at = data + 30 + (data[6] & 3) * 4;
	if (at + 4 > end)
		return XDP_DROP;
	*(volatile __u32 *)at = sum;
	*(volatile __u16 *)(at + 1) = sum >> 32;
	*(volatile __u8 *)(at + 2) = sum >> 48;
	*(volatile __u64 *)(data + 40) = *(volatile __u64 *)(data + 28) - *(volatile __u64 *)(data + 34);
	at = data + (data[40] & 7);
	if (at + 41 > end)
		return XDP_DROP;
	*(volatile __u8 *)(at + 40) = 0xee;
	*(volatile __u16 *)(data + 41) += *(volatile __u16 *)(data + 43);
	count(data[44] & 7, *(volatile __u64 *)(data + 39));
	return data[47] & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
