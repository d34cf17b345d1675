// SPDX-License-Identifier: Apache-2.0
// Answers IPv4 packets that are too long with ICMP "fragmentation needed": the packet is cut down to its headers and eight bytes,
// and goes back behind new IPv4 and ICMP headers.
#include "../parse.h"
#include <linux/icmp.h>

#define MTU 600
#define ICMP_TOO_BIG_SIZE 98
#define ICMP_PAYLOAD (ICMP_TOO_BIG_SIZE - (int)sizeof(struct ethhdr))

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} icmp_sent SEC(".maps");

SEC("xdp")
int adjust_tail(struct xdp_md *ctx)
{
	const int room = sizeof(struct iphdr) + sizeof(struct icmphdr);
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data, *old;
	unsigned char source[ETH_ALEN];
	struct icmphdr *icmp;
	struct iphdr *ip;
	__u32 zero = 0, sum = 0, saddr;
	__u64 *count;
	__u16 *half;

	if (data + ICMP_TOO_BIG_SIZE > data_end)
		return XDP_PASS;
	ip = (void *)(eth + 1);
	if (eth->h_proto != bpf_htons(ETH_P_IP) || bpf_ntohs(ip->tot_len) <= MTU)
		return XDP_PASS;

	if (bpf_xdp_adjust_tail(ctx, ICMP_TOO_BIG_SIZE - (int)(data_end - data)))
		return XDP_DROP;
	if (bpf_xdp_adjust_head(ctx, -room))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + ICMP_TOO_BIG_SIZE + room > data_end)
		return XDP_DROP;
	eth = data;
	old = data + room;
	__builtin_memcpy(source, old->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, old->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, source, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	saddr = ((struct iphdr *)(old + 1))->saddr;

	icmp = data + sizeof(*eth) + sizeof(*ip);
	icmp->type = ICMP_DEST_UNREACH;
	icmp->code = ICMP_FRAG_NEEDED;
	icmp->checksum = 0;
	icmp->un.frag.__unused = 0;
	icmp->un.frag.mtu = bpf_htons(MTU);
	half = (__u16 *)icmp;
#pragma unroll
	for (int i = 0; i < (int)(sizeof(*icmp) + ICMP_PAYLOAD) / 2; i++)
		sum += half[i];
	icmp->checksum = csum_fold(sum);

	ip = data + sizeof(*eth);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = 0;
	ip->tot_len = bpf_htons(ICMP_PAYLOAD + room);
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->protocol = IPPROTO_ICMP;
	ip->check = 0;
	ip->daddr = saddr;
	ip->saddr = bpf_htonl(0xc0000201);
	ip->check = ipv4_csum(ip);

	count = bpf_map_lookup_elem(&icmp_sent, &zero);
	if (count)
		*count += 1;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
