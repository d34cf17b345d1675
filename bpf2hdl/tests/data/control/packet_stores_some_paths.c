// SPDX-License-Identifier: Apache-2.0
// Bytes that only some paths write, some of them twice, and loads behind where the paths meet.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void count(__u32 key, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	if (value)
		*value += by;
}

SEC("xdp")
int packet_stores_some_paths(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0;

	if (data + 14 > end)
		return XDP_DROP;
	if (data[0] & 1) {
		*(__u32 *)(data + 6) = 0xa1b2c3d4;
		if (data[1] & 1)
			data[8] = data[2];
		key += 1;
	} else if (data[1] & 2) {
		*(__u16 *)(data + 5) = *(__u16 *)(data + 7);
		key += 2;
	}
	if (data + 40 <= end) {
		data[39] = data[8];
		if (data[7] > 0x80)
			*(__u64 *)(data + 30) = *(__u64 *)(data + 4);
		key += data[33] & 3;
	}
	data[6] += key;
	if (data[6] & 4)
		return XDP_TX;
	count(64 + (data[9] & 15), data[6]);
	/* What is written to a packet that does not leave is nobody's. */
	data[0] = 0xff;
	return key & 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
