// SPDX-License-Identifier: Apache-2.0
// Two programs, BTF maps, global data, a sub-program and a function in another section.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	__u64 packets;
	__u32 bytes : 24;
	__u32 flag : 8;
	__u32 last[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 16);
} unused SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps");

__u64 total;
__u32 limit = 1500;
static volatile __u32 hidden = 7;
const volatile __u32 mode = 3;

static __attribute__((noinline)) int classify(__u32 length, struct counter *entry)
{
	if (length > limit + hidden)
		return XDP_DROP;
	entry->packets++;
	return XDP_PASS;
}

__attribute__((noinline)) int count(__u32 length)
{
	total += length;
	return (int)(total & 1);
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	__u32 key = mode;
	struct counter *entry = bpf_map_lookup_elem(&counters, &key);

	if (!entry)
		return XDP_ABORTED;
	if (count(ctx->data_end - ctx->data))
		return XDP_DROP;
	return classify(ctx->data_end - ctx->data, entry);
}

SEC("xdp/second")
int second(struct xdp_md *ctx)
{
	__u32 key = 0;
	void *map = bpf_map_lookup_elem(&outer, &key);

	return map ? XDP_PASS : XDP_DROP;
}

SEC("tc")
int ignored(struct __sk_buff *skb)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
