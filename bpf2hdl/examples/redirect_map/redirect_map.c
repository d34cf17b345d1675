// SPDX-License-Identifier: Apache-2.0
// A patch panel. A frame with a VLAN tag leaves by the port of its VLAN, or is dropped if that VLAN has none; any other
// frame leaves by the port that its ingress interface is patched to, or goes to the host if it is patched to none.
// ARP and the link-local groups (spanning tree, LLDP) always go to the host.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INTERFACES 64
#define VLANS 4096

struct vlan_hdr {
	__be16 tci;
	__be16 encapsulated_proto;
};

struct traffic {
	__u64 packets;
	__u64 bytes;
};

/* Key: ingress interface. Value: egress interface. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, INTERFACES);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

/* Key: VLAN. Value: egress interface, no program. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, VLANS);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} vlans SEC(".maps");

/* By ingress interface. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, INTERFACES);
	__type(key, __u32);
	__type(value, struct traffic);
} received SEC(".maps");

/* 01:80:c2:00:00:0X is never forwarded by a bridge. */
static __always_inline int is_link_local(struct ethhdr *eth)
{
	return eth->h_dest[0] == 0x01 && eth->h_dest[1] == 0x80 && eth->h_dest[2] == 0xc2 &&
	       eth->h_dest[3] == 0 && eth->h_dest[4] == 0 && (eth->h_dest[5] & 0xf0) == 0;
}

SEC("xdp")
int redirect_map(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 ingress = ctx->ingress_ifindex;
	struct ethhdr *eth = data;
	struct traffic *traffic;

	traffic = bpf_map_lookup_elem(&received, &ingress);
	if (traffic) {
		traffic->packets++;
		traffic->bytes += data_end - data;
	}
	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_ARP) || is_link_local(eth))
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_8021Q) || eth->h_proto == bpf_htons(ETH_P_8021AD)) {
		struct vlan_hdr *vlan = (void *)(eth + 1);

		if ((void *)(vlan + 1) > data_end)
			return XDP_DROP;
		return bpf_redirect_map(&vlans, bpf_ntohs(vlan->tci) & (VLANS - 1), XDP_DROP);
	}
	return bpf_redirect_map(&ports, ingress, XDP_PASS);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
