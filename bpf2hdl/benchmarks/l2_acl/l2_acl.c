// SPDX-License-Identifier: Apache-2.0
// Access list on layer 2: source MAC addresses in a hash, each with what may pass (bits per kind of frame) and counters.
#include "../parse.h"

enum { ALLOW_IPV4 = 1, ALLOW_IPV6 = 2, ALLOW_ARP = 4, ALLOW_OTHER = 8 };

struct mac {
	__u8 address[ETH_ALEN];
	__u16 vlan;
};

struct rule {
	__u32 allow;
	__u32 pad;
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct mac);
	__type(value, struct rule);
} acl SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3); /* aborted, dropped, passed */
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

static __always_inline int finish(__u32 action)
{
	__u64 *count = bpf_map_lookup_elem(&verdicts, &action);

	if (count)
		*count += 1;
	return action;
}

SEC("xdp")
int l2_acl(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct mac key = {};
	struct rule *rule;
	__be16 type;
	__u32 kind;

	if ((void *)(eth + 1) > data_end)
		return finish(XDP_ABORTED);
	__builtin_memcpy(key.address, eth->h_source, ETH_ALEN);
	type = eth->h_proto;
	if (is_vlan(type)) {
		struct vlan_hdr *tag = (void *)(eth + 1);

		if ((void *)(tag + 1) > data_end)
			return finish(XDP_ABORTED);
		key.vlan = bpf_ntohs(tag->tci) & 0xfff;
		type = tag->encapsulated_proto;
	}
	rule = bpf_map_lookup_elem(&acl, &key);
	if (!rule)
		return finish(XDP_DROP);
	__sync_fetch_and_add(&rule->packets, 1);
	__sync_fetch_and_add(&rule->bytes, data_end - data);
	kind = type == bpf_htons(ETH_P_IP)     ? ALLOW_IPV4
	       : type == bpf_htons(ETH_P_IPV6) ? ALLOW_IPV6
	       : type == bpf_htons(ETH_P_ARP)  ? ALLOW_ARP
					       : ALLOW_OTHER;
	return finish(rule->allow & kind ? XDP_PASS : XDP_DROP);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
