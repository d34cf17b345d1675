// SPDX-License-Identifier: Apache-2.0
// A blocklist of 100,000 sources that counts what it drops.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct blocked {
	__u64 packets;
	__u64 bytes;
	__u64 reason;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100000);
	__type(key, __u32);
	__type(value, struct blocked);
} blocklist SEC(".maps");

SEC("xdp")
int block(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct blocked *found;
	__u32 source;

	if (data + 34 > data_end)
		return XDP_PASS;
	source = *(__u32 *)(data + 26);
	found = bpf_map_lookup_elem(&blocklist, &source);
	if (!found)
		return XDP_PASS;
	found->packets++;
	found->bytes += data_end - data;
	return found->reason & 1 ? XDP_DROP : XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
