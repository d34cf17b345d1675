// SPDX-License-Identifier: Apache-2.0
// A program behind a cpumap: it may pass, drop or redirect; to send back is an abort.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("xdp/cpumap")
int behind_cpumap(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *bytes = data;
	__u32 key = (ctx->ingress_ifindex + ctx->rx_queue_index) & 7;
	__u64 *count = bpf_map_lookup_elem(&seen, &key);

	if (!count || data + 20 > end)
		return XDP_DROP;
	++*count;
	bytes[6] = ctx->ingress_ifindex;
	bytes[7] = ctx->ingress_ifindex;
	switch ((bytes[13] ^ bytes[18] ^ bytes[19]) & 7) {
	case 0:
		return XDP_TX;
	case 1:
		return bpf_redirect(3, 0);
	case 2:
		return XDP_DROP;
	case 3:
		return bytes[14];
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "GPL";
