// SPDX-License-Identifier: Apache-2.0
// Every IPv4 source has a budget of bytes. A packet that does not fit into what is left of it is dropped. The table keeps the
// sources that were seen last: one that was forgotten begins with a new budget.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SOURCES 65536

struct budget {
	__u32 left;
	__u32 dropped;
};

/* Bytes that a source may send; the host can change it. */
__u32 allowance = 2000;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SOURCES);
	__type(key, __be32);
	__type(value, struct budget);
} budgets SEC(".maps");

SEC("xdp")
int rate_limiter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct budget *budget, fresh = {};
	__u32 bytes = data_end - data;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	budget = bpf_map_lookup_elem(&budgets, &ip->saddr);
	if (!budget) {
		fresh.left = allowance > bytes ? allowance - bytes : 0;
		bpf_map_update_elem(&budgets, &ip->saddr, &fresh, BPF_ANY);
		return XDP_PASS;
	}
	if (budget->left < bytes) {
		budget->dropped++;
		return XDP_DROP;
	}
	budget->left -= bytes;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
