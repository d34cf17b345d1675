// SPDX-License-Identifier: Apache-2.0
// What a loader sets: a switch, a limit, an address, the size of a map.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile _Bool counting;
const volatile __u16 limit = 100;
const volatile __u8 server[4];
int verdict = XDP_DROP;
int seen;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int main_prog(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	__u32 key = 1;
	__u64 *count;

	if (data + 34 > end)
		return XDP_PASS;
	if (counting) {
		count = bpf_map_lookup_elem(&counts, &key);
		if (count)
			*count += 1;
	}
	seen = 1;
	if (end - data > limit)
		return XDP_PASS;
	for (int i = 0; i < 4; i++)
		if (data[26 + i] != server[i])
			return XDP_PASS;
	return verdict;
}

char _license[] SEC("license") = "GPL";
