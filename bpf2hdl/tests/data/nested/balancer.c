// SPDX-License-Identifier: Apache-2.0
// A service has a table of backends of its own (one value with all of them), and a counter; an unknown one goes to the stack.

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BACKENDS 31

struct service {
	__u32 address;
	__u16 port;
	__u16 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 6);
	__type(key, struct service);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__uint(key_size, 4);
		__uint(value_size, BACKENDS * 4);
	});
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
		__uint(max_entries, 40);
		__type(key, __u32);
		__type(value, __u64);
	});
} counters SEC(".maps");

SEC("xdp")
int balancer(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	struct service service = {};
	__u32 zero = 0, table, backend, hash;
	void *map;

	if (data + 64 > end)
		return XDP_DROP;
	service.address = *(__u32 *)(data + 30);
	service.port = *(__u16 *)(data + 36);
	map = bpf_map_lookup_elem(&services, &service);
	if (!map)
		return XDP_PASS;
	__u32 *backends = bpf_map_lookup_elem(map, &zero);
	if (!backends)
		return XDP_DROP;
	hash = *(__u32 *)(data + 26) ^ *(__u16 *)(data + 34);
	hash ^= hash >> 16;
	backend = hash & 31;
	if (backend >= BACKENDS)
		backend = 0;
	backend = backends[backend];
	table = hash & 3;
	map = bpf_map_lookup_elem(&counters, &table);
	if (map) {
		__u64 one = 1, *count = bpf_map_lookup_elem(map, &backend);

		if (count)
			*count += 1;
		else if (bpf_map_update_elem(map, &backend, &one, BPF_NOEXIST))
			return XDP_ABORTED;
	}
	*(__u32 *)(data + 30) = backend;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
