// SPDX-License-Identifier: Apache-2.0
// expect: refuse E0405
// A write behind the end of a record.
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
	volatile __u32 *record = bpf_ringbuf_reserve(&ring, 12, 0);

	if (!record)
		return XDP_DROP;
	record[3] = ctx->ingress_ifindex;
	bpf_ringbuf_submit((void *)record, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
