// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Records of a constant size under conditions, several for one packet, with the result in a map; stack with padding.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct seen {
	__u32 length;
	__u16 proto;
	__u8 source[6];
	__u64 count;
	__u8 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 2);
} others SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline void note(__u32 key, long result)
{
	__u64 *value = bpf_map_lookup_elem(&results, &key);

	if (value)
		*value = *value * 31 + (__u64)result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct seen seen;
	__u32 key = 3;
	__u64 *count = bpf_map_lookup_elem(&results, &key);

	if ((void *)(eth + 1) > end || !count)
		return XDP_ABORTED;
	*count += 1;
	seen.length = end - data;
	seen.proto = bpf_ntohs(eth->h_proto);
	__builtin_memcpy(seen.source, eth->h_source, 6);
	seen.count = *count;
	seen.last = eth->h_dest[5];
	if (seen.proto == ETH_P_IP) {
		note(0, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &seen, sizeof(seen)));
		seen.count = 0x1122334455667788ull;
		note(0, bpf_perf_event_output(ctx, &events, 0, &seen, 17));
		return XDP_PASS;
	}
	if (seen.proto == ETH_P_IPV6) {
		note(1, bpf_perf_event_output(ctx, &others, 1, &seen, sizeof(seen)));
		note(1, bpf_perf_event_output(ctx, &others, 2, &seen, sizeof(seen)));
		note(1, bpf_perf_event_output(ctx, &others, 1ull << 60, &seen, sizeof(seen)));
		note(1, bpf_perf_event_output(ctx, &others, BPF_F_CURRENT_CPU, &seen.source, 3));
		return XDP_TX;
	}
	note(2, bpf_perf_event_output(ctx, &others, BPF_F_CURRENT_CPU, count, 8));
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
