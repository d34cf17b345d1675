// SPDX-License-Identifier: Apache-2.0
// Every source has a budget, which its packets use up.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BUDGET 20

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u32);
} budgets SEC(".maps");

SEC("xdp")
int limiter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 *left, source, first = BUDGET - 1;

	if (data + 34 > data_end)
		return XDP_DROP;
	source = *(__u32 *)(data + 26);
	left = bpf_map_lookup_elem(&budgets, &source);
	if (!left) {
		bpf_map_update_elem(&budgets, &source, &first, BPF_ANY);
		return XDP_PASS;
	}
	if (*left == 0)
		return XDP_DROP;
	*left -= 1;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
