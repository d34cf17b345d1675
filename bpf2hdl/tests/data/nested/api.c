// SPDX-License-Identifier: Apache-2.0
// Does to an inner map what the packet says, a few times, and writes the answers into the packet.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef OUTER_TYPE
#define OUTER_TYPE BPF_MAP_TYPE_ARRAY_OF_MAPS
#endif
#ifndef OUTER_ENTRIES
#define OUTER_ENTRIES 4
#endif
#ifndef OUTER_KEY
#define OUTER_KEY __u32
#endif
#ifndef INNER_TYPE
#define INNER_TYPE BPF_MAP_TYPE_ARRAY
#endif
#ifndef INNER_FLAGS
#define INNER_FLAGS 0
#endif
#ifndef ENTRIES
#define ENTRIES 5
#endif
#ifndef COMMANDS
#define COMMANDS 2
#endif
#ifndef VALUE_TAIL
#define VALUE_TAIL 4
#endif

#ifdef TRIE
struct key {
	__u32 length;
	__u8 address[3];
};
#elif defined(LONG_KEY)
struct key {
	__u32 low;
	__u64 middle;
	__u8 last[3];
} __attribute__((packed));
#else
struct key {
	__u32 low;
};
#endif

struct value {
	__u64 sum;
	__u32 seen;
	__u8 tail[VALUE_TAIL];
};

struct inner {
	__uint(type, INNER_TYPE);
	__uint(map_flags, INNER_FLAGS);
	__uint(max_entries, ENTRIES);
	__type(key, struct key);
	__type(value, struct value);
};

#ifdef STATIC
struct inner first SEC(".maps"), second SEC(".maps");
#endif

struct {
	__uint(type, OUTER_TYPE);
	__uint(max_entries, OUTER_ENTRIES);
	__type(key, OUTER_KEY);
	__array(values, struct inner);
} outer SEC(".maps")
#ifdef STATIC
= { .values = { [0] = &second, [2] = &first } }
#endif
;

enum { LOOKUP, UPDATE, DELETE, ADD };

struct command {
	__u8 outer;
	__u8 what;
	__u8 key;
	__u8 length;
	__u16 data;
	__u64 flags;
	__s64 result;
} __attribute__((packed));

static __always_inline void make_key(struct key *key, const struct command *command)
{
	__builtin_memset(key, 0, sizeof(*key));
#ifdef TRIE
	key->length = command->length & 31;
	key->address[0] = command->key & 3;
	key->address[1] = command->key;
	key->address[2] = command->data;
#else
	key->low = command->key;
#ifdef LONG_KEY
	key->middle = 0x0102030405060708ULL * (command->key & 3);
	key->last[2] = command->key;
#endif
#endif
}

static __always_inline __s64 carry_out(struct command *command)
{
	OUTER_KEY which = command->outer;
	struct value value, *there;
	struct key key;
	void *map;

	map = bpf_map_lookup_elem(&outer, &which);
	if (!map)
		return -100;
	make_key(&key, command);
	if (command->what == LOOKUP || command->what == ADD) {
		there = bpf_map_lookup_elem(map, &key);
		if (!there)
			return -1;
		if (command->what == ADD) {
			there->seen++;
			__sync_fetch_and_add(&there->sum, command->data);
		}
		return there->sum + ((__u64)there->tail[1] << 32);
	}
#ifdef TRIE
	return -2;
#else
	if (command->what == DELETE)
		return bpf_map_delete_elem(map, &key);
	__builtin_memset(&value, 0, sizeof(value));
	value.sum = command->data;
	value.tail[1] = command->data >> 3;
	return bpf_map_update_elem(map, &key, &value, command->flags);
#endif
}

SEC("xdp")
int api(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct command *commands = data + 14;

	if ((void *)(commands + COMMANDS) > data_end)
		return XDP_DROP;
#pragma unroll
	for (int i = 0; i < COMMANDS; i++)
		commands[i].result = carry_out(&commands[i]);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
