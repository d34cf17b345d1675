// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Bytes of the packet behind the program's data: all of it, a bounded number, a constant one that short packets do not have.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

struct meta {
	__u16 cookie;
	__u16 length;
} __attribute__((packed));

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct meta meta = { .cookie = 0xdead, .length = (__u16)(end - data) };
	__u64 flags = BPF_F_CURRENT_CPU;
	__u32 key = 0;
	__u64 *result = bpf_map_lookup_elem(&results, &key);
	long got;
	__u64 size;

	if ((void *)(eth + 1) > end || !result)
		return XDP_ABORTED;
	switch (eth->h_proto) {
	case bpf_htons(ETH_P_IP):
		size = end - data;
		break;
	case bpf_htons(ETH_P_IPV6):
		size = end - data < 40 ? end - data : 40;
		break;
	default:
		size = 64;
	}
	got = bpf_perf_event_output(ctx, &samples, flags | size << 32, &meta, sizeof(meta));
	*result = *result * 31 + got;
	/* what comes after does not show in the record */
	eth->h_dest[0] = 0xee;
	return eth->h_source[0] & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
