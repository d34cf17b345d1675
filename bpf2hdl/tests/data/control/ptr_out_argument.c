// SPDX-License-Identifier: Apache-2.0
// A function writes a pointer through a pointer.
// expect: accept
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
	__type(value, __u32);
} table SEC(".maps");

static __attribute__((noinline)) int lookup(__u32 key, __u32 **value)
{
	*value = bpf_map_lookup_elem(&table, &key);
	return *value ? 2 : 1;
}

SEC("xdp")
int ptr_out_argument(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 *value = 0;
	int kind;

	if (data + 20 > end)
		return XDP_DROP;
	kind = lookup(*(__u8 *)(data + 16) & 7, &value);
	if (!value)
		return XDP_PASS;
	*value += kind;
	return kind == 2 ? XDP_TX : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
