// SPDX-License-Identifier: Apache-2.0
// Rates in a per-CPU value: differences, shifts, saturation and a quotient, all 64 bits wide.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct meter {
	__u64 level, last;
	__u32 drops, rate;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct meter);
} meters SEC(".maps");

SEC("xdp")
int leaky_bucket(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 length = end - data, key;
	__u64 now, passed, leak;
	struct meter *m;

	if (data + 22 > end)
		return XDP_PASS;
	key = *(__u8 *)(data + 12) & 15;
	now = *(__u64 *)(data + 14);
	m = bpf_map_lookup_elem(&meters, &key);
	if (!m)
		return XDP_ABORTED;
	passed = now > m->last ? now - m->last : 0;
	leak = (passed * (m->rate | 1)) >> 20;
	m->level = m->level > leak ? m->level - leak : 0;
	m->last = now;
	if (m->level + length > 0xffffff) {
		m->drops += m->drops != 0xffffffff;
		return XDP_DROP;
	}
	m->level += length;
	m->rate = m->rate ? m->rate - m->rate / 16 + length / 16 : length;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
