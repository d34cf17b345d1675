// SPDX-License-Identifier: Apache-2.0
// expect: limit E0305
// A record longer than any that is built.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[80]);
} large SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&large, &key);

	if (value)
		bpf_ringbuf_output(&ring, value, 640, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
