// SPDX-License-Identifier: Apache-2.0
// Has this source been seen? A bloom filter that the packets fill, unless only the host does.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef SIZE
#define SIZE 4
#endif
#ifndef ENTRIES
#define ENTRIES 20
#endif
#ifndef FUNCTIONS
#define FUNCTIONS 0
#endif

struct value {
	__u8 bytes[SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(map_flags, BPF_F_ZERO_SEED);
	__uint(max_entries, ENTRIES);
	__uint(map_extra, FUNCTIONS);
	__type(value, struct value);
} seen SEC(".maps");

SEC("xdp")
int bloom(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	struct value value;
	long known;

	if (data + 60 > end)
		return XDP_ABORTED;
	value = *(struct value *)(data + 26);
	known = bpf_map_peek_elem(&seen, &value);
	*(__s64 *)data = known;
#ifndef LOOK_ONLY
	if (known)
		*(__s64 *)(data + 8) = bpf_map_push_elem(&seen, &value, data[16] == 3);
	if (data[17] == 7) {
		value.bytes[0] ^= data[18];
		*(__s64 *)(data + 16) = bpf_map_peek_elem(&seen, &value);
	}
#endif
	return known ? XDP_PASS : XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
