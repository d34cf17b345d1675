// SPDX-License-Identifier: Apache-2.0
// Reports each IPv4 packet's source by a perf event array, with the packet's first 20 bytes, and its length through a ring buffer; prints both.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} lengths SEC(".maps");

SEC("xdp")
int report(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 source, length = data_end - data;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	source = ip->saddr;
	bpf_perf_event_output(ctx, &sources, BPF_F_CURRENT_CPU | (20ULL << 32), &source, sizeof(source));
	bpf_ringbuf_output(&lengths, &length, sizeof(length), 0);
	bpf_printk("%pI4: %u bytes", &ip->saddr, length);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
