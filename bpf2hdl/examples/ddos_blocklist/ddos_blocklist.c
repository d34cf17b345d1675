// SPDX-License-Identifier: Apache-2.0
// Drops packets from blocked IPv4 and IPv6 sources. The blocklist is a bitmap of 2^22 bits, indexed by a hash of
// the source address: a list of any length costs the same memory and one look-up, and a source that is not on
// it is dropped by mistake with the probability of a filled bit.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef HASH_BITS
#define HASH_BITS 22 /* -D HASH_BITS=18 for a device with little block RAM */
#endif
#define BLOCKLIST_WORDS (1 << (HASH_BITS - 6)) /* of 64 bits each */
#define GOLDEN_RATIO_32 0x9e3779b1

enum outcome {
	OUTCOME_PASSED,
	OUTCOME_DROPPED,
	OUTCOME_NOT_IP,
	OUTCOME_COUNT,
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BLOCKLIST_WORDS);
	__type(key, __u32);
	__type(value, __u64);
} blocklist SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOME_COUNT);
	__type(key, __u32);
	__type(value, struct counter);
} outcomes SEC(".maps");

/* Mixes one more 32-bit word, as it stands in memory, into the hash. */
static __always_inline __u32 mix(__u32 hash, __u32 word)
{
	hash = (hash ^ word) * GOLDEN_RATIO_32;
	return hash ^ (hash >> 15);
}

/* True when the bit of `hash` is set in the blocklist. */
static __always_inline int is_blocked(__u32 hash)
{
	__u32 bit = hash >> (32 - HASH_BITS);
	__u32 word = bit >> 6;
	__u64 *bits = bpf_map_lookup_elem(&blocklist, &word);

	return bits && (*bits >> (bit & 63)) & 1;
}

static __always_inline __u32 judge(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	__u32 hash;

	if ((void *)(eth + 1) > data_end)
		return OUTCOME_NOT_IP;

	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > data_end)
			return OUTCOME_NOT_IP;
		hash = mix(0, ip->saddr);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > data_end)
			return OUTCOME_NOT_IP;
		/* The first 64 bits: whoever has one address of a /64 has them all. */
		hash = mix(mix(0, ip6->saddr.s6_addr32[0]), ip6->saddr.s6_addr32[1]);
	} else {
		return OUTCOME_NOT_IP;
	}
	return is_blocked(hash) ? OUTCOME_DROPPED : OUTCOME_PASSED;
}

SEC("xdp")
int ddos_blocklist(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 outcome = judge(data, data_end);
	struct counter *counter = bpf_map_lookup_elem(&outcomes, &outcome);

	if (counter) {
		counter->packets++;
		counter->bytes += data_end - data;
	}
	return outcome == OUTCOME_DROPPED ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
