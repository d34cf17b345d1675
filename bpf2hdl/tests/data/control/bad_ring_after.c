// SPDX-License-Identifier: Apache-2.0
// expect: refuse E0403
// A record that is read after it was submitted.
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

	if (!record)
		return XDP_DROP;
	*record = 2;
	bpf_ringbuf_submit((void *)record, 0);
	return *record;
}

char _license[] SEC("license") = "GPL";
