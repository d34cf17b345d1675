// SPDX-License-Identifier: Apache-2.0
// A structure of bit fields and enumerations in a map decides by a switch; results are packed and unpacked again.
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

enum verdict { IGNORE, COUNT, MARK, REJECT };

struct policy {
	__u32 verdict : 3, limit : 13, used : 16;
	__u16 mark : 12, quiet : 1, spare : 3;
	__u16 errors;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct policy);
} policies SEC(".maps");

static __attribute__((noinline)) int decide(struct policy *p, __u16 length)
{
	switch ((enum verdict)p->verdict) {
	case IGNORE:
		return XDP_PASS;
	case COUNT:
		p->used++;
		return p->used > p->limit ? XDP_DROP : XDP_PASS;
	case MARK:
		p->mark += length;
		return XDP_TX;
	case REJECT:
		if (!p->quiet)
			p->errors = p->errors == 0xffff ? 0xffff : p->errors + 1;
		return XDP_DROP;
	}
	return XDP_ABORTED;
}

SEC("xdp")
int two_policies(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + 14;
	struct policy *p, *q;
	__u32 key;
	int first, second;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	key = ip->protocol & 63;
	p = bpf_map_lookup_elem(&policies, &key);
	key = bpf_ntohl(ip->saddr) >> 26;
	q = bpf_map_lookup_elem(&policies, &key);
	if (!p || !q)
		return XDP_ABORTED;
	first = decide(p, bpf_ntohs(ip->tot_len));
	second = decide(q, ip->ttl);
	return first < second ? first : second;
}

char _license[] SEC("license") = "GPL";
