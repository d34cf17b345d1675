// SPDX-License-Identifier: Apache-2.0
// What can not be built with maps of maps, one thing at a time.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef INNER_TYPE
#define INNER_TYPE BPF_MAP_TYPE_HASH
#endif
#ifndef OUTER_ENTRIES
#define OUTER_ENTRIES 4
#endif

struct inner {
	__uint(type, INNER_TYPE);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, __u32);
};

struct other {
	__uint(type, INNER_TYPE);
#ifdef OTHER_SHAPE
	__uint(max_entries, 1000);
	__type(key, __u64);
#else
	__uint(max_entries, 10);
	__type(key, __u32);
#endif
	__type(value, __u32);
};

struct other given SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, OUTER_ENTRIES);
	__type(key, __u32);
#ifdef OPEN
	__type(value, __u32);
#else
	__array(values, struct inner);
#endif
} outer SEC(".maps")
#ifdef GIVEN
= { .values = { [0] = (struct inner *)&given } }
#endif
;

static long callback(void *map, __u32 *key, __u32 *value, void *context)
{
	return 0;
}

SEC("xdp")
int refused(struct xdp_md *ctx)
{
	__u32 key = 1, value = 2;
	void *map = bpf_map_lookup_elem(&outer, &key);

#ifdef UPDATE_OUTER
	bpf_map_update_elem(&outer, &key, &value, BPF_ANY);
#endif
#ifndef UNTESTED
	if (!map)
		return XDP_DROP;
#endif
#ifdef EACH
	bpf_for_each_map_elem(map, callback, 0, 0);
#endif
#ifdef REDIRECT
	return bpf_redirect_map(map, 0, 0);
#endif
	__u32 *found = bpf_map_lookup_elem(map, &key);

	return found ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
