// SPDX-License-Identifier: Apache-2.0
// Does to a map what the packet says, three times, and writes the answers into the packet.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_HASH
#endif
#ifndef MAP_FLAGS
#define MAP_FLAGS 0
#endif
#ifndef ENTRIES
#define ENTRIES 8
#endif
#ifndef COMMANDS
#define COMMANDS 3
#endif

struct key {
	__u32 low;
#ifdef LONG_KEY
	__u64 middle;
	__u16 high;
	__u8 last[5];
#endif
} __attribute__((packed));

struct value {
	__u64 sum;
	__u32 seen;
	__u8 tail[LONG_VALUE + 3];
};

struct {
	__uint(type, MAP_TYPE);
	__uint(map_flags, MAP_FLAGS);
	__uint(max_entries, ENTRIES);
	__type(key, struct key);
	__type(value, struct value);
} table SEC(".maps");

enum { LOOKUP, UPDATE, DELETE, ADD };

struct command {
	__u8 what;
	__u8 key;
	__u16 data;
	__u64 flags;
	__s64 result;
} __attribute__((packed));

static __always_inline void make_key(struct key *key, __u8 from)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->low = from;
#ifdef LONG_KEY
	key->middle = 0x0102030405060708ULL * (from & 3);
	key->high = from >> 2;
	key->last[4] = from;
#endif
}

static __always_inline __s64 carry_out(struct command *command)
{
	struct value value, *there;
	struct key key;

	make_key(&key, command->key);
	if (command->what == LOOKUP || command->what == ADD) {
		there = bpf_map_lookup_elem(&table, &key);
		if (!there)
			return -1;
		if (command->what == ADD) {
			there->seen++;
			__sync_fetch_and_add(&there->sum, command->data);
		}
		return there->sum + ((__u64)there->tail[1] << 32);
	}
	if (command->what == DELETE)
		return bpf_map_delete_elem(&table, &key);
	__builtin_memset(&value, 0, sizeof(value));
	value.sum = command->data;
	value.tail[1] = command->data >> 3;
	value.tail[sizeof(value.tail) - 1] = 7;
	return bpf_map_update_elem(&table, &key, &value, command->flags);
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
