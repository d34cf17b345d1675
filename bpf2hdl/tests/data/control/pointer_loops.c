// SPDX-License-Identifier: Apache-2.0
// Loops whose counters are pointers: into the stack, a map value and the packet.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct row {
	__u16 cells[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

SEC("xdp")
int pointer_loops(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *byte;
	__u8 copy[12], *at, *stop = copy + 12;
	__u32 key = 1, sum = 0, i;
	struct row *row = bpf_map_lookup_elem(&rows, &key);
	__u16 *cell, *last;

	if (!row || data + 40 > end)
		return XDP_DROP;
	__builtin_memcpy(copy, data + 14, 12);
	asm volatile("" : "+r"(stop));
	#pragma clang loop unroll(disable)
	for (i = 0, at = copy; i < 12; i++, at++) {
		if (at + 1 >= stop)
			break;
		sum = sum * 3 + *at;
	}
	last = row->cells + 6;
	asm volatile("" : "+r"(last));
	#pragma clang loop unroll(disable)
	for (i = 0, cell = row->cells; i < 6; i++, cell++) {
		if (cell == last - 1)
			break;
		*cell += sum & 7;
		sum ^= *cell;
	}
	#pragma clang loop unroll(disable)
	for (byte = data + 20; byte < data + 40; byte += 4) {
		if (byte + 4 > end)
			break;
		sum += *byte;
	}
	return sum & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
