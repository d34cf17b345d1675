// SPDX-License-Identifier: Apache-2.0
// An index in front of the map value.
// expect: refuse E0405
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
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

SEC("xdp")
int bad_map_negative(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0;
	struct row *row = bpf_map_lookup_elem(&rows, &key);

	if (!row || data + 20 > end)
		return XDP_DROP;
	return *((__u8 *)row - (*(__u8 *)(data + 14) & 3)) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
