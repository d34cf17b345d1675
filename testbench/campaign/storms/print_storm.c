// SPDX-License-Identifier: Apache-2.0
// Prints of numbers and addresses from exclusive paths, results that are looked at, more arguments than three.
// covers: bpf_trace_printk bpf_trace_vprintk
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} printed SEC(".maps");

SEC("xdp")
int print_storm(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *characters = bpf_map_lookup_elem(&printed, &zero);
	int length = 0;
	VIEW(p);

	if (!characters || p->payload[0] & 3)
		return XDP_PASS;
	if (p->payload[1] & 1)
		length = bpf_printk("%pI4:%u sends %d bytes", &p->ip.saddr, p->udp.source, BYTES(p));
	else if (p->payload[1] & 2)
		length = bpf_printk("%-8x|%08X|%+d", p->ip.saddr, p->ip.daddr, (__s8)p->payload[2]);
	else
		bpf_printk("%02x%02x %s %c %d %llu", p->payload[0], p->payload[1], "storm", 'a' + (p->payload[2] & 15),
			   p->payload[3] - 128, (__u64)p->ip.saddr * p->ip.daddr);
	*characters += length;
	return length & 1 ? XDP_TX : XDP_DROP;
}
