// SPDX-License-Identifier: Apache-2.0
// One wrong use of a lock at a time: WRONG.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef MAP_TYPE
#define MAP_TYPE BPF_MAP_TYPE_ARRAY
#endif

struct inner {
	struct bpf_spin_lock lock;
	__u32 other;
};

struct value {
	__u64 number;
#if WRONG == 10
	struct inner inner;
#elif WRONG == 11
	struct bpf_timer timer;
#else
	struct bpf_spin_lock lock;
	__u32 other;
#endif
};

struct {
	__uint(type, MAP_TYPE);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, 4);
} values SEC(".maps");

SEC("xdp")
int wrong(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index & 3, next = 2;
	struct value *value = bpf_map_lookup_elem(&values, &key), *other = bpf_map_lookup_elem(&values, &next);

	if (!value || !other)
		return XDP_ABORTED;
#if WRONG == 1
	bpf_spin_lock(&value->lock);
	value->number = bpf_get_smp_processor_id();
	bpf_spin_unlock(&value->lock);
#elif WRONG == 2
	bpf_spin_lock(&value->lock);
	if (value->number++ > 5)
		bpf_spin_unlock(&value->lock);
#elif WRONG == 3
	bpf_spin_lock(&value->lock);
	bpf_spin_lock(&other->lock);
	bpf_spin_unlock(&other->lock);
	bpf_spin_unlock(&value->lock);
#elif WRONG == 4
	bpf_spin_unlock(&value->lock);
#elif WRONG == 5
	bpf_spin_lock(&value->lock);
	bpf_spin_unlock(&other->lock);
#elif WRONG == 6
	*(volatile __u32 *)&value->lock = 1;
#elif WRONG == 7
	value->number = *(volatile __u64 *)&value->lock;
#elif WRONG == 8
	bpf_spin_lock((void *)&value->number);
	bpf_spin_unlock((void *)&value->number);
#elif WRONG == 9
	struct bpf_spin_lock local = {};

	bpf_spin_lock(&local);
	bpf_spin_unlock(&local);
#elif WRONG == 10
	bpf_spin_lock(&value->inner.lock);
	bpf_spin_unlock(&value->inner.lock);
#elif WRONG == 12
	bpf_spin_lock(&value->lock);
	value->number++;
	bpf_spin_unlock(&value->lock);
#endif
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
