// SPDX-License-Identifier: Apache-2.0
// The VLAN side of a switch port: a rule per VLAN says whether frames get a tag, lose it, get another number, or are dropped, and where
// they go. Rule 0 is for untagged and priority-tagged frames.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLANS 4096
#define VLAN_MASK 0x0fff
#define PRIORITY_MASK 0xf000 /* with the drop eligible bit */

enum action { LEAVE, PUSH, POP, REWRITE, REJECT };

struct tag {
	__be16 tci;
	__be16 proto;
};

struct rule {
	__u16 action;
	__u16 vlan;    /* to push, or to rewrite to, with priority */
	__u32 ifindex; /* 0: to the host */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VLANS);
	__type(key, __u32);
	__type(value, struct rule);
} rules SEC(".maps");

/* Frames by action. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} frames SEC(".maps");

/* Puts a tag behind the addresses. */
static __always_inline int push(struct xdp_md *ctx, __u16 tci)
{
	__u8 addresses[2 * ETH_ALEN];
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct tag *tag;

	if (data + sizeof(addresses) > data_end)
		return -1;
	__builtin_memcpy(addresses, data, sizeof(addresses));
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*tag)))
		return -1;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + sizeof(addresses) + sizeof(*tag) > data_end)
		return -1;
	__builtin_memcpy(data, addresses, sizeof(addresses));
	/* In front of the type that is there comes the tag's own. */
	tag = data + sizeof(addresses);
	tag->tci = bpf_htons(ETH_P_8021Q);
	tag->proto = bpf_htons(tci);
	return 0;
}

static __always_inline int pop(struct xdp_md *ctx)
{
	__u8 addresses[2 * ETH_ALEN];
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if (data + sizeof(addresses) > data_end)
		return -1;
	__builtin_memcpy(addresses, data, sizeof(addresses));
	if (bpf_xdp_adjust_head(ctx, sizeof(struct tag)))
		return -1;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + sizeof(addresses) > data_end)
		return -1;
	__builtin_memcpy(data, addresses, sizeof(addresses));
	return 0;
}

SEC("xdp")
int vlan(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct tag *tag = (void *)(eth + 1);
	int tagged;
	__u32 index = 0, action, ifindex;
	struct rule *rule;
	__u16 tci = 0;
	__u64 *count;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	tagged = eth->h_proto == bpf_htons(ETH_P_8021Q);
	if (tagged) {
		if ((void *)(tag + 1) > data_end)
			return XDP_DROP;
		tci = bpf_ntohs(tag->tci);
		index = tci & VLAN_MASK;
	}
	rule = bpf_map_lookup_elem(&rules, &index);
	if (!rule)
		return XDP_ABORTED;
	action = rule->action;
	ifindex = rule->ifindex;
	count = bpf_map_lookup_elem(&frames, &action);
	if (count)
		*count += 1;

	switch (action) {
	case LEAVE:
		break;
	case PUSH:
		if (push(ctx, rule->vlan))
			return XDP_ABORTED;
		break;
	case POP:
		if (tagged && pop(ctx))
			return XDP_ABORTED;
		break;
	case REWRITE:
		if (tagged && (void *)(tag + 1) <= data_end)
			tag->tci = bpf_htons((tci & PRIORITY_MASK) | (rule->vlan & VLAN_MASK));
		break;
	default:
		return XDP_DROP;
	}
	return ifindex ? bpf_redirect(ifindex, 0) : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
