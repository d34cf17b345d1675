// SPDX-License-Identifier: Apache-2.0
// Programs that change the packet's extent in every way that the helpers allow; run by tests/resize_programs.rs.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct vlan {
	__be16 tci;
	__be16 proto;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void count(__u32 key, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	if (value)
		*value += by;
}

#define DATA ((void *)(long)ctx->data)
#define DATA_END ((void *)(long)ctx->data_end)
#define DATA_META ((void *)(long)ctx->data_meta)

static __always_inline __u16 checksum(const struct iphdr *ip)
{
	const __u16 *words = (const void *)ip;
	__u32 sum = 0;

#pragma unroll
	for (int i = 0; i < 10; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("xdp")
int ipip_encap(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA, *outer_eth;
	struct iphdr *ip = (void *)(eth + 1), *outer;
	__u16 length;

	if ((void *)(ip + 1) > DATA_END)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	length = bpf_ntohs(ip->tot_len);
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*outer)))
		return XDP_DROP;
	outer_eth = DATA;
	eth = DATA + sizeof(*outer);
	outer = (void *)(outer_eth + 1);
	if ((void *)(eth + 1) > DATA_END || (void *)(outer + 1) > DATA_END)
		return XDP_DROP;
	__builtin_memcpy(outer_eth, eth, sizeof(*eth));
	outer_eth->h_proto = bpf_htons(ETH_P_IP);
	outer->version = 4;
	outer->ihl = 5;
	outer->tos = 0;
	outer->tot_len = bpf_htons(length + sizeof(*outer));
	outer->id = 0;
	outer->frag_off = 0;
	outer->ttl = 64;
	outer->protocol = 4;
	outer->check = 0;
	outer->saddr = bpf_htonl(0x0a000001);
	outer->daddr = bpf_htonl(0x0a000002);
	outer->check = checksum(outer);
	count(0, 1);
	return XDP_TX;
}

/* The outer header may have options: eleven amounts. */
SEC("xdp")
int ipip_decap(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA, copy;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 header;

	if ((void *)(ip + 1) > DATA_END)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != 4)
		return XDP_PASS;
	header = ip->ihl * 4;
	if (header < sizeof(*ip))
		return XDP_DROP;
	copy = *eth;
	if (bpf_xdp_adjust_head(ctx, header))
		return XDP_ABORTED;
	eth = DATA;
	if ((void *)(eth + 1) > DATA_END)
		return XDP_DROP;
	*eth = copy;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > DATA_END)
		return XDP_TX;
	count(ip->ttl & 63, 1);
	ip->ttl--;
	return XDP_PASS;
}

/* Pops a tag where there is one, pushes one where there is none and the first byte is odd. */
SEC("xdp")
int vlan_both(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA;
	struct vlan *tag = (void *)(eth + 1);
	__u8 macs[12];

	if ((void *)(tag + 1) > DATA_END)
		return XDP_PASS;
	__builtin_memcpy(macs, eth, 12);
	if (eth->h_proto == bpf_htons(ETH_P_8021Q)) {
		if (bpf_xdp_adjust_head(ctx, sizeof(*tag)))
			return XDP_DROP;
		eth = DATA;
		if ((void *)(eth + 1) > DATA_END)
			return XDP_DROP;
		__builtin_memcpy(eth, macs, 12);
	} else if (macs[0] & 1) {
		if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*tag)))
			return XDP_DROP;
		eth = DATA;
		tag = (void *)(eth + 1);
		if ((void *)(tag + 1) > DATA_END)
			return XDP_DROP;
		__builtin_memcpy(eth, macs, 12);
		eth->h_proto = bpf_htons(ETH_P_8021Q);
		tag->tci = bpf_htons(42);
	}
	/* Common code behind both, with the head at one of three places. */
	eth = DATA;
	if ((void *)(eth + 1) > DATA_END)
		return XDP_ABORTED;
	count(eth->h_proto & 63, bpf_xdp_get_buff_len(ctx));
	eth->h_source[5] ^= 0x55;
	return macs[1] & 1 ? XDP_TX : XDP_PASS;
}

#define TOO_BIG 98

SEC("xdp")
int icmp_too_big(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA;
	int length = DATA_END - DATA;
	__u8 *old;
	__u8 *icmp;

	if ((void *)(eth + 1) > DATA_END)
		return XDP_DROP;
	if (length <= 600)
		return XDP_PASS;
	if (bpf_xdp_adjust_tail(ctx, TOO_BIG - length))
		return XDP_ABORTED;
	if (bpf_xdp_adjust_head(ctx, -28))
		return XDP_ABORTED;
	eth = DATA;
	old = DATA + 28;
	icmp = DATA + 34;
	if ((void *)old + 14 > DATA_END || (void *)icmp + 8 > DATA_END)
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_dest, old + 6, 6);
	__builtin_memcpy(eth->h_source, old, 6);
	eth->h_proto = bpf_htons(ETH_P_IP);
	icmp[0] = 3;
	icmp[1] = 4;
	icmp[2] = length;
	icmp[3] = length >> 8;
	count(1, bpf_xdp_get_buff_len(ctx));
	return XDP_TX;
}

SEC("xdp")
int metadata(struct xdp_md *ctx)
{
	__u8 *data = DATA;
	__u32 *meta;

	if ((void *)data + 14 > DATA_END)
		return XDP_PASS;
	if (data[0] & 2) {
		if (bpf_xdp_adjust_meta(ctx, -8))
			return XDP_ABORTED;
		meta = DATA_META;
		if ((void *)(meta + 2) > DATA)
			return XDP_ABORTED;
		meta[0] = 0x11223344;
		meta[1] = bpf_xdp_get_buff_len(ctx);
	}
	data = DATA;
	if ((void *)data + 14 > DATA_END)
		return XDP_PASS;
	if (data[0] & 4) {
		/* The metadata moves along. */
		if (bpf_xdp_adjust_head(ctx, -6))
			return XDP_ABORTED;
		data = DATA;
		if ((void *)data + 6 > DATA_END)
			return XDP_ABORTED;
		data[2] = 7;
	}
	meta = DATA_META;
	if ((void *)(meta + 2) <= DATA)
		count(2, meta[0]);
	data = DATA;
	if ((void *)data + 14 > DATA_END)
		return XDP_PASS;
	return data[13] & 1 ? XDP_TX : XDP_PASS;
}

/* Metadata of a length that the packet says, and of illegal ones. */
SEC("xdp")
int metadata_lengths(struct xdp_md *ctx)
{
	__u8 *data = DATA, *meta;
	int amount;
	long result;

	if ((void *)data + 14 > DATA_END)
		return XDP_PASS;
	amount = data[1] & 15;
	result = bpf_xdp_adjust_meta(ctx, 3 - amount);
	count(-result & 63, 1);
	meta = DATA_META;
	if ((void *)meta + 4 <= DATA) {
		meta[1] = 0xab;
		count(40, meta[2]);
	}
	/* What was metadata comes into the packet. */
	result = bpf_xdp_adjust_head(ctx, -2);
	count(-result & 63, 1);
	result = bpf_xdp_adjust_head(ctx, 5);
	count(-result & 63, 1);
	result = bpf_xdp_adjust_meta(ctx, -4);
	count(-result & 63, 1);
	result = bpf_xdp_adjust_meta(ctx, 252);
	count(-result & 63, 1);
	result = bpf_xdp_adjust_head(ctx, -9);
	count(-result & 63, 1);
	return XDP_PASS;
}

/* Every kind of failure, with the codes counted and the packet going on. */
SEC("xdp")
int failures(struct xdp_md *ctx)
{
	__u8 *data = DATA;
	__u8 how;
	long result;

	if ((void *)data + 14 > DATA_END)
		return XDP_PASS;
	how = data[3];
	switch (how & 7) {
	case 0: result = bpf_xdp_adjust_head(ctx, -217); break;
	case 1: result = bpf_xdp_adjust_head(ctx, -216); break;
	case 2: result = bpf_xdp_adjust_head(ctx, 100); break;
	case 3: result = bpf_xdp_adjust_head(ctx, 4000); break;
	case 4: result = bpf_xdp_adjust_tail(ctx, -100); break;
	case 5: result = bpf_xdp_adjust_tail(ctx, 3000); break;
	case 6: result = bpf_xdp_adjust_tail(ctx, 100000); break;
	default: result = bpf_xdp_adjust_tail(ctx, -2147483647 - 1); break;
	}
	count(result ? 32 + (how & 7) : (how & 7), bpf_xdp_get_buff_len(ctx));
	data = DATA;
	if ((void *)data + 20 > DATA_END)
		return XDP_TX;
	data[19] = result;
	return XDP_PASS;
}

/* Cut, grown again: what was cut off is zero, what was written there too. */
SEC("xdp")
int shrink_grow(struct xdp_md *ctx)
{
	__u8 *data = DATA;
	__u64 sum = 0;

	if ((void *)data + 60 > DATA_END)
		return XDP_DROP;
	data[25] = 0x99;
	data[40] = 0x77;
	data[58] = 0x66;
	if (data[5] & 1) {
		if (bpf_xdp_adjust_tail(ctx, 30 - (int)(DATA_END - DATA)))
			return XDP_ABORTED;
	}
	if (bpf_xdp_adjust_tail(ctx, 25))
		return XDP_ABORTED;
	data = DATA;
	if ((void *)data + 55 > DATA_END)
		return XDP_ABORTED;
#pragma unroll
	for (int i = 20; i < 55; i += 5)
		sum += data[i];
	count(3, sum);
	data[54] ^= 0x0f;
	if (data[6] & 1) {
		/* The head goes behind everything that was received. */
		if (bpf_xdp_adjust_tail(ctx, 300) || bpf_xdp_adjust_head(ctx, 200))
			return XDP_ABORTED;
		data = DATA;
		if ((void *)data + 4 > DATA_END)
			return XDP_ABORTED;
		count(4, data[1]);
		data[0] = 1;
		return XDP_TX;
	}
	return XDP_PASS;
}

/* Headroom reads zero at first, and keeps what was written to it. */
SEC("xdp")
int back_and_forth(struct xdp_md *ctx)
{
	__u8 *data = DATA;
	__u32 word = 0;

	if ((void *)data + 30 > DATA_END)
		return XDP_PASS;
	data[2] = 0x21;
	if (bpf_xdp_adjust_head(ctx, -40))
		return XDP_ABORTED;
	data = DATA;
	if ((void *)data + 60 > DATA_END)
		return XDP_ABORTED;
	__builtin_memcpy(&word, data + 38, 4);
	count(5, word);
	data[9] = 0x31;
	data[30] = 0x32;
	data[41] = 0x33;
	if (bpf_xdp_adjust_head(ctx, 20))
		return XDP_ABORTED;
	data = DATA;
	if ((void *)data + 40 > DATA_END)
		return XDP_ABORTED;
	count(6, data[10] + data[20]);
	if (data[25] & 1 && bpf_xdp_adjust_head(ctx, -20))
		return XDP_ABORTED;
	return XDP_TX;
}

/* Cuts the tail by an amount from a set, and trims to what the IP header says. */
SEC("xdp")
int trim(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA;
	struct iphdr *ip = (void *)(eth + 1);
	int length = DATA_END - DATA, wanted;

	if ((void *)(ip + 1) > DATA_END)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		wanted = sizeof(*eth) + bpf_ntohs(ip->tot_len);
		if (bpf_xdp_adjust_tail(ctx, wanted - length)) {
			count(7, 1);
			return XDP_PASS;
		}
	} else if (bpf_xdp_adjust_tail(ctx, 4 - (eth->h_dest[2] & 15))) {
		count(8, 1);
	}
	count(9, bpf_xdp_get_buff_len(ctx));
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
