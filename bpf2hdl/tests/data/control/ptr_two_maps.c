// SPDX-License-Identifier: Apache-2.0
// A value of one of two maps, or none.
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
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} left SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} right SEC(".maps");

SEC("xdp")
int ptr_two_maps(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 1;
	__u64 *value;

	if (data + 20 > end)
		return XDP_DROP;
	if (*(__u8 *)(data + 16) & 1)
		value = bpf_map_lookup_elem(&left, &key);
	else
		value = bpf_map_lookup_elem(&right, &key);
	if (!value)
		return XDP_ABORTED;
	*value += *(__u8 *)(data + 17);
	return *value & 2 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
