/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark programs share: headers that linux/ does not define, and checksum arithmetic. */
#ifndef BENCHMARKS_PARSE_H
#define BENCHMARKS_PARSE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IP_MF_OFFSET 0x3fff /* more fragments, or not the first */

struct vlan_hdr {
	__be16 tci;
	__be16 encapsulated_proto;
};

struct ports {
	__be16 source;
	__be16 dest;
};

static __always_inline int is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

static __always_inline __u16 csum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Checksum of an IPv4 header without options. */
static __always_inline __u16 ipv4_csum(const struct iphdr *ip)
{
	const __u16 *half = (const __u16 *)ip;
	__u32 sum = 0;

#pragma unroll
	for (int i = 0; i < (int)sizeof(*ip) / 2; i++)
		sum += half[i];
	return csum_fold(sum);
}

/* The new checksum after one 16-bit word changed (RFC 1624). */
static __always_inline __u16 csum_replace2(__u16 check, __u16 from, __u16 to)
{
	return csum_fold((__u16)~check + (__u16)~from + to);
}

static __always_inline __u16 csum_replace4(__u16 check, __u32 from, __u32 to)
{
	return csum_fold((__u16)~check + (__u16)~from + (__u16)~(from >> 16) + (__u16)to + (to >> 16));
}

#endif
