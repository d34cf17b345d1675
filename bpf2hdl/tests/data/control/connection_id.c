// SPDX-License-Identifier: Apache-2.0
// A QUIC connection identifier of up to 20 bytes, its length from the packet, copied byte by byte into a key.
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

struct id {
	__u8 length;
	__u8 bytes[20];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct id);
	__type(value, __u32);
} known SEC(".maps");

SEC("xdp")
int connection_id(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *quic = data + 42;
	struct id id = {};
	__u32 one = 1, *count;
	int i;

	if ((void *)quic + 7 > end || !(quic[0] & 0x80))
		return XDP_PASS;
	id.length = quic[5];
	if (id.length > 20)
		return XDP_DROP;
#pragma unroll
	for (i = 0; i < 20; i++) {
		if (i < id.length) {
			if ((void *)quic + 7 + i > end)
				return XDP_DROP;
			id.bytes[i] = quic[6 + i];
		}
	}
	count = bpf_map_lookup_elem(&known, &id);
	if (count) {
		*count += 1;
		return *count & 1 ? XDP_TX : XDP_PASS;
	}
	bpf_map_update_elem(&known, &id, &one, BPF_NOEXIST);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
