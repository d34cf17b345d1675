// SPDX-License-Identifier: Apache-2.0
// A provider's edge (IEEE 802.1ad). Frames of a customer get the service tag that belongs to their VLAN, with its priority; untagged
// ones get both tags. Frames of the provider lose the service tag, and the customer's tag too where the service is an untagged one.
// Unknown VLANs and services are dropped.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SERVICES 1024
#define VLAN_MASK 0x0fff
#define PRIORITY_MASK 0xe000

struct tag {
	__be16 tci;
	__be16 proto;
};

struct tagged {
	__u8 addresses[2 * ETH_ALEN];
	__be16 proto;
	struct tag outer;
	struct tag inner;
};

/* Service by customer VLAN; 0 stands for untagged frames. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SERVICES);
	__type(key, __u16);
	__type(value, __u16);
} customers SEC(".maps");

struct service {
	__u32 untagged;
	__u64 frames;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SERVICES);
	__type(key, __u16);
	__type(value, struct service);
} services SEC(".maps");

/* The customer tag that untagged frames get. */
const volatile __u16 default_vlan = 1;

/* Moves the head by `by` bytes and the addresses with it; null if that fails or there is no room for `room` bytes. */
static __always_inline struct tagged *move_head(struct xdp_md *ctx, int by, int room)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u8 addresses[2 * ETH_ALEN];

	if (data + sizeof(addresses) > data_end)
		return 0;
	__builtin_memcpy(addresses, data, sizeof(addresses));
	if (bpf_xdp_adjust_head(ctx, by))
		return 0;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + room > data_end)
		return 0;
	__builtin_memcpy(data, addresses, sizeof(addresses));
	return data;
}

static __always_inline int to_provider(struct xdp_md *ctx, int is_tagged, __u16 tci)
{
	__u16 vlan = tci & VLAN_MASK;
	struct tagged *frame;
	__u16 *service, outer;

	service = bpf_map_lookup_elem(&customers, &vlan);
	if (!service)
		return XDP_DROP;
	outer = (tci & PRIORITY_MASK) | (*service & VLAN_MASK);
	if (is_tagged) {
		frame = move_head(ctx, -(int)sizeof(struct tag), sizeof(*frame));
		if (!frame)
			return XDP_ABORTED;
	} else {
		frame = move_head(ctx, -2 * (int)sizeof(struct tag), sizeof(*frame));
		if (!frame)
			return XDP_ABORTED;
		frame->outer.proto = bpf_htons(ETH_P_8021Q);
		frame->inner.tci = bpf_htons(default_vlan);
	}
	frame->proto = bpf_htons(ETH_P_8021AD);
	frame->outer.tci = bpf_htons(outer);
	return XDP_TX;
}

static __always_inline int to_customer(struct xdp_md *ctx, const struct tagged *frame, void *data_end)
{
	__u16 vlan = bpf_ntohs(frame->outer.tci) & VLAN_MASK;
	struct service *service;

	service = bpf_map_lookup_elem(&services, &vlan);
	if (!service)
		return XDP_DROP;
	service->frames++;
	if (service->untagged) {
		if ((void *)(frame + 1) > data_end || frame->outer.proto != bpf_htons(ETH_P_8021Q))
			return XDP_DROP;
		return move_head(ctx, 2 * sizeof(struct tag), ETH_HLEN) ? XDP_PASS : XDP_ABORTED;
	}
	return move_head(ctx, sizeof(struct tag), ETH_HLEN) ? XDP_PASS : XDP_ABORTED;
}

SEC("xdp")
int qinq(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct tagged *frame = data;

	if (data + ETH_HLEN > data_end)
		return XDP_DROP;
	if (frame->proto != bpf_htons(ETH_P_8021AD) && frame->proto != bpf_htons(ETH_P_8021Q))
		return to_provider(ctx, 0, 0);
	if ((void *)&frame->inner > data_end)
		return XDP_DROP;
	if (frame->proto == bpf_htons(ETH_P_8021AD))
		return to_customer(ctx, frame, data_end);
	return to_provider(ctx, 1, bpf_ntohs(frame->outer.tci));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
