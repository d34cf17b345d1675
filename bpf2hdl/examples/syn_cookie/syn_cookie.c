// SPDX-License-Identifier: Apache-2.0
// Keeps SYN floods with forged addresses from the host, without a state per connection. A SYN of an unknown client is answered with a
// SYN-ACK whose sequence number is a cookie: a keyed hash of addresses, ports and the client's sequence number. An ACK that brings the
// cookie back proves the client: it is remembered, and told to begin again (RST), which then reaches the host. The host changes the
// secrets in turn; cookies of the current and of the one before are good.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define CLIENTS 16384
#define WINDOW 65535
#define MSS_OPTION bpf_htonl(0x02040000 | 1460)

struct secret {
	__u32 key[2];
};

/* The host fills the one that is not current, then makes it current. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct secret);
} secrets SEC(".maps");

__u32 current;

/* Addresses that have returned a cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CLIENTS);
	__type(key, __be32);
	__type(value, __u8);
} proven SEC(".maps");

enum event { SYN_ANSWERED, SYN_PROVEN, ACK_GOOD, ACK_WRONG, EVENTS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENTS);
	__type(key, __u32);
	__type(value, __u64);
} events SEC(".maps");

/* What is behind a header without options in a SYN-ACK. */
struct answer {
	struct tcphdr tcp;
	__be32 mss;
};

static __always_inline void count(__u32 event)
{
	__u64 *counter = bpf_map_lookup_elem(&events, &event);

	if (counter)
		*counter += 1;
}

static __always_inline __u32 rotate(__u32 value, int by)
{
	return value << by | value >> (32 - by);
}

struct state {
	__u32 v[4];
};

static __always_inline void sip_round(struct state *s)
{
	s->v[0] += s->v[1];
	s->v[1] = rotate(s->v[1], 5) ^ s->v[0];
	s->v[0] = rotate(s->v[0], 16);
	s->v[2] += s->v[3];
	s->v[3] = rotate(s->v[3], 8) ^ s->v[2];
	s->v[0] += s->v[3];
	s->v[3] = rotate(s->v[3], 7) ^ s->v[0];
	s->v[2] += s->v[1];
	s->v[1] = rotate(s->v[1], 13) ^ s->v[2];
	s->v[2] = rotate(s->v[2], 16);
}

/* HalfSipHash-1-3, of four words. */
static __always_inline __u32 hash(const struct secret *secret, const __u32 *words)
{
	struct state s = { { secret->key[0], secret->key[1], secret->key[0] ^ 0x6c796765, secret->key[1] ^ 0x74656462 } };

#pragma unroll
	for (int i = 0; i < 4; i++) {
		s.v[3] ^= words[i];
		sip_round(&s);
		s.v[0] ^= words[i];
	}
	s.v[3] ^= 16u << 24;
	sip_round(&s);
	s.v[0] ^= 16u << 24;
	s.v[2] ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v[1] ^ s.v[3];
}

/* `sequence`: the client's, of its SYN. The lowest bit says which secret it was made with. */
static __always_inline int cookie(const struct iphdr *ip, const struct tcphdr *tcp, __u32 sequence, __u32 which, __u32 *result)
{
	__u32 words[4] = { ip->saddr, ip->daddr, (__u32)tcp->source << 16 | tcp->dest, sequence };
	struct secret *secret = bpf_map_lookup_elem(&secrets, &which);

	if (!secret)
		return -1;
	*result = (hash(secret, words) & ~1u) | which;
	return 0;
}

static __always_inline __sum16 folded(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

static __always_inline __u64 sum_of(const void *start, int bytes)
{
	const __u16 *half = start;
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < bytes / 2; i++)
		sum += half[i];
	return sum;
}

/* Sends the frame back as an answer of `bytes` of TCP, from the one that it was for. */
static __always_inline int send_back(struct xdp_md *ctx, __u32 sequence, __u32 acknowledged, int is_reset)
{
	const int tcp_bytes = is_reset ? sizeof(struct tcphdr) : sizeof(struct answer);
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct answer *answer = (void *)(ip + 1);
	__u8 address[ETH_ALEN];
	__be16 port;
	__be32 addr;

	/* 60 bytes: the smallest frame. */
	if (bpf_xdp_adjust_tail(ctx, 60 - (int)(data_end - data)))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if (data + 60 > data_end)
		return XDP_ABORTED;
	eth = data;
	ip = (void *)(eth + 1);
	answer = (void *)(ip + 1);

	__builtin_memcpy(address, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, address, ETH_ALEN);
	addr = ip->daddr;
	ip->daddr = ip->saddr;
	ip->saddr = addr;
	ip->tos = 0;
	ip->tot_len = bpf_htons(sizeof(*ip) + tcp_bytes);
	ip->id = 0;
	ip->frag_off = bpf_htons(0x4000);
	ip->ttl = 64;
	ip->check = 0;
	ip->check = folded(sum_of(ip, sizeof(*ip)));

	port = answer->tcp.dest;
	answer->tcp.dest = answer->tcp.source;
	answer->tcp.source = port;
	answer->tcp.seq = bpf_htonl(sequence);
	answer->tcp.ack_seq = bpf_htonl(acknowledged);
	/* Length of the header, flags. */
	((__be16 *)&answer->tcp)[6] = is_reset ? bpf_htons(0x5004) : bpf_htons(0x6012);
	answer->tcp.window = is_reset ? 0 : bpf_htons(WINDOW);
	answer->tcp.check = 0;
	answer->tcp.urg_ptr = 0;
	answer->mss = is_reset ? 0 : MSS_OPTION;
	/* Bytes behind a reset are zero: they do no harm in its sum. */
	answer->tcp.check = folded(sum_of(&ip->saddr, 8) + bpf_htons(IPPROTO_TCP) + bpf_htons(tcp_bytes) + sum_of(answer, sizeof(*answer)));
	*(__u16 *)(answer + 1) = 0;
	return XDP_TX;
}

SEC("xdp")
int syn_cookie(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__u32 expected, sequence, acknowledged, which;
	int is_syn;
	__u8 one = 1;
	__be32 client;

	if ((void *)(tcp + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_TCP || ip->frag_off & bpf_htons(0x3fff))
		return XDP_PASS;
	client = ip->saddr;
	if (bpf_map_lookup_elem(&proven, &client)) {
		if (tcp->syn)
			count(SYN_PROVEN);
		return XDP_PASS;
	}
	/* The cookie of the SYN that this is, or of the one that an ACK must have come after. */
	sequence = bpf_ntohl(tcp->seq);
	acknowledged = bpf_ntohl(tcp->ack_seq);
	is_syn = tcp->syn && !tcp->ack;
	if (!is_syn && (!tcp->ack || tcp->syn || tcp->rst || tcp->fin))
		return XDP_DROP;
	which = is_syn ? current & 1 : (acknowledged - 1) & 1;
	if (cookie(ip, tcp, is_syn ? sequence : sequence - 1, which, &expected))
		return XDP_ABORTED;

	if (is_syn) {
		count(SYN_ANSWERED);
		return send_back(ctx, expected, sequence + 1, 0);
	}
	if (expected != acknowledged - 1) {
		count(ACK_WRONG);
		return XDP_DROP;
	}
	count(ACK_GOOD);
	bpf_map_update_elem(&proven, &client, &one, BPF_ANY);
	return send_back(ctx, acknowledged, 0, 1);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
