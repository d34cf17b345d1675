// SPDX-License-Identifier: Apache-2.0
// bpf_loop without a context; the callback changes a map.
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
	__type(value, __u64);
} hits SEC(".maps");

static long count(__u32 index, void *unused)
{
	__u32 key = index & 3;
	__u64 *hit = bpf_map_lookup_elem(&hits, &key);

	if (hit)
		*hit += index + 1;
	return 0;
}

SEC("xdp")
int loop_null_context(struct xdp_md *ctx)
{
	return bpf_loop(5, count, 0, 0) == 5 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
