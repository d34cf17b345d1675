// SPDX-License-Identifier: Apache-2.0
// A reflector: sends every unicast frame back where it came from, with its MAC addresses swapped. Multicast and
// broadcast go to the stack, so that ARP and neighbour discovery still work; a frame that claims to come from a
// group address is dropped.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

/* Read by the host through the map `.bss`. */
__u64 reflected_packets;
__u64 reflected_bytes;

static __always_inline int is_multicast(const unsigned char *mac)
{
	return mac[0] & 1;
}

static __always_inline void swap_macs(struct ethhdr *eth)
{
	unsigned char old_dest[ETH_ALEN];

	__builtin_memcpy(old_dest, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, old_dest, ETH_ALEN);
}

SEC("xdp")
int mac_swap(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (is_multicast(eth->h_source))
		return XDP_DROP;
	if (is_multicast(eth->h_dest))
		return XDP_PASS;

	swap_macs(eth);
	__sync_fetch_and_add(&reflected_packets, 1);
	__sync_fetch_and_add(&reflected_bytes, data_end - data);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
