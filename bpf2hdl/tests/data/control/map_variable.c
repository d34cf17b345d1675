// SPDX-License-Identifier: Apache-2.0
// Computed places in a map value, read and written.
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
	__u16 cells[8];
	__u32 end;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

SEC("xdp")
int map_variable(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0;
	struct row *row = bpf_map_lookup_elem(&rows, &key);

	if (!row || data + 34 > end)
		return XDP_DROP;
	__u32 column = *(__u8 *)(data + 16) & 7;
	row->cells[column] += 3;
	row->cells[(column + 1) & 7] ^= *(__u8 *)(data + 17);
	return row->cells[*(__u8 *)(data + 18) & 7] & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
