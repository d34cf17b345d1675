// SPDX-License-Identifier: Apache-2.0
// Does to a queue or stack what the packet says, a few times, and writes the answers into the packet.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_QUEUE
#endif
#ifndef ENTRIES
#define ENTRIES 5
#endif
#ifndef COMMANDS
#define COMMANDS 1
#endif
#ifndef VALUE
#define VALUE 8
#endif

struct value {
	__u8 bytes[VALUE];
};

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, ENTRIES);
	__uint(key_size, 0);
	__uint(value_size, VALUE);
} waiting SEC(".maps");

enum { PUSH, POP, PEEK };

struct command {
	__u8 what;
	__u8 pad;
	__u64 flags;
	struct value value;
	__s64 result;
} __attribute__((packed));

SEC("xdp")
int api(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct command *commands = data + 14;

	if ((void *)(commands + COMMANDS) > data_end)
		return XDP_DROP;
#pragma unroll
	for (int i = 0; i < COMMANDS; i++) {
		struct command *command = &commands[i];
		struct value value = command->value;

		switch (command->what) {
		case PUSH:
			command->result = bpf_map_push_elem(&waiting, &value, command->flags);
			break;
		case POP:
			command->result = bpf_map_pop_elem(&waiting, &value);
			break;
		case PEEK:
			command->result = bpf_map_peek_elem(&waiting, &value);
			break;
		}
		command->value = value;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
