// SPDX-License-Identifier: Apache-2.0
// A lookup that is not tested for null.
// expect: refuse E0406
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("xdp")
int bad_map_null(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = ctx->rx_queue_index;
	__u64 *value = bpf_map_lookup_elem(&table, &key);

	(void)data;
	(void)end;
	return *value & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
