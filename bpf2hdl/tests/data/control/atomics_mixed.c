// SPDX-License-Identifier: Apache-2.0
// Atomics of both widths with and without results, on map values and on the stack.
// expect: accept
// cpu: v3 v4
// opt: O1 O2
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct state {
	__u64 a, b;
	__u32 c, d;
	__s64 least;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct state);
} states SEC(".maps");

SEC("xdp")
int atomics_mixed(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *bytes = data;
	__u32 key = 0, old, word;
	struct state *s;
	__u64 own = 5, before;

	if (data + 24 > end)
		return XDP_PASS;
	key = bytes[13] & 3;
	word = *(__u32 *)(data + 16);
	s = bpf_map_lookup_elem(&states, &key);
	if (!s)
		return XDP_ABORTED;
	before = __sync_fetch_and_add(&s->a, word);
	__sync_fetch_and_or(&s->b, before);
	old = __sync_fetch_and_xor(&s->c, (__u32)before);
	__sync_fetch_and_and(&s->d, old | 0xff00);
	old ^= __sync_val_compare_and_swap(&s->d, 0, word);
	own = __sync_lock_test_and_set(&s->least, (__s64)own - word);
	__sync_fetch_and_add(&own, key);
	if (__sync_bool_compare_and_swap(&own, 7, 9))
		return XDP_DROP;
	*(__u32 *)(data + 20) = old ^ (__u32)own ^ (__u32)(own >> 32);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
