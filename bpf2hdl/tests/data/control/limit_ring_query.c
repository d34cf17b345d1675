// SPDX-License-Identifier: Apache-2.0
// expect: limit E0305
// How much the reader has left depends on the host.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
