// SPDX-License-Identifier: Apache-2.0
// Maps of all types that bpftool can dump, with keys and values of all kinds of C types. The program uses each of them.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

enum mood { MOOD_CALM = 1, MOOD_ANGRY = 7 };

struct flow {
	__be32 source;
	__be16 port;
	__u8 kind;
	__u8 flags;
};

struct inner {
	__s16 delta;
	_Bool on;
	char letter;
};

struct state {
	char name[8];
	__u8 bytes[4];
	enum mood mood;
	__s64 balance;
	struct inner inner[2];
	__u32 low : 5;
	__u32 high : 20;
	union {
		__u32 word;
		__u16 halves[2];
	};
};

struct prefix {
	__u32 length;
	__u8 address[4];
};

#define MAP(map_name, map_type, entries, key_type, value_type) \
	struct {                                               \
		__uint(type, map_type);                        \
		__uint(max_entries, entries);                  \
		__type(key, key_type);                         \
		__type(value, value_type);                     \
	} map_name SEC(".maps")

MAP(states, BPF_MAP_TYPE_ARRAY, 3, __u32, struct state);
MAP(flows, BPF_MAP_TYPE_HASH, 16, struct flow, struct inner);
MAP(recent, BPF_MAP_TYPE_LRU_HASH, 16, __u64, __u32);
MAP(by_cpu, BPF_MAP_TYPE_PERCPU_ARRAY, 2, __u32, __u64);
MAP(hash_by_cpu, BPF_MAP_TYPE_PERCPU_HASH, 8, __u16, __u32);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 3);
	__type(value, __u32);
} waiting SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 3);
	__type(value, __u32);
} pile SEC(".maps");

volatile __u32 total;
volatile __s16 offset = -5;
static volatile enum mood mood = MOOD_ANGRY;

SEC("xdp")
int types(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct flow flow = {};
	struct prefix prefix = { .length = 32 };
	__u32 index = 1, number = 0, *value;
	__u16 small;
	__u64 large, *wide;
	struct state *state;
	struct inner *inner;

	if ((void *)(eth + 1) > data_end)
		return XDP_ABORTED;
	number = eth->h_proto;
	flow.kind = eth->h_dest[0];
	small = eth->h_proto;
	large = eth->h_source[1];
	prefix.address[0] = eth->h_dest[1];
	state = bpf_map_lookup_elem(&states, &index);
	if (state)
		number += state->mood;
	inner = bpf_map_lookup_elem(&flows, &flow);
	if (inner)
		number += inner->delta;
	value = bpf_map_lookup_elem(&recent, &large);
	if (value)
		number += *value;
	wide = bpf_map_lookup_elem(&by_cpu, &index);
	if (wide)
		*wide += 1;
	value = bpf_map_lookup_elem(&hash_by_cpu, &small);
	if (value)
		number += *value;
	value = bpf_map_lookup_elem(&routes, &prefix);
	if (value)
		number += *value;
	if (eth->h_dest[5] == 1)
		bpf_map_push_elem(&waiting, &number, 0);
	if (eth->h_dest[5] == 2)
		bpf_map_push_elem(&pile, &number, 0);
	total += number;
	return number == offset + mood ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
