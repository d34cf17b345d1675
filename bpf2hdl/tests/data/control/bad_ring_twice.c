// SPDX-License-Identifier: Apache-2.0
// expect: refuse E0403
// A record that is submitted twice.
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
	__u64 *record = bpf_ringbuf_reserve(&ring, 8, 0);

	if (!record)
		return XDP_DROP;
	*record = 1;
	bpf_ringbuf_submit(record, 0);
	bpf_ringbuf_discard(record, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
