// SPDX-License-Identifier: Apache-2.0
// expect: refuse E0415
// A record that is written before it is tested for null.
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
	volatile __u64 *record = bpf_ringbuf_reserve(&ring, 8, 0);

	*record = ctx->ingress_ifindex;
	if (record)
		bpf_ringbuf_submit((void *)record, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
