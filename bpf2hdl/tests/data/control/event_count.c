// SPDX-License-Identifier: Apache-2.0
// expect: accept
// A numbered record from each packet, and how the calls ended: 0 in the first counter, an error in the second.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} ended SEC(".maps");

__u64 number;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u64 record[2] = { number++, 0x5555 };
	__u32 key = bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, record, sizeof(record)) ? 1 : 0;
	__u64 *count = bpf_map_lookup_elem(&ended, &key);

	if (count)
		*count += 1;
	return key ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
