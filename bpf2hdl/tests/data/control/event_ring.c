// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Ring buffers: whole records, records that are reserved and then submitted or discarded on different paths, in the order of reservation.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct record {
	__u32 length;
	__u8 kind;
	__u8 head[14];
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct record *record, *late;
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&results, &key);

	if ((void *)(eth + 1) > end || !count)
		return XDP_ABORTED;
	*count += 1;
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record)
		return XDP_ABORTED;
	record->length = end - data;
	record->kind = 1;
	__builtin_memcpy(record->head, eth, 14);
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		record->count = *count;
		late = bpf_ringbuf_reserve(&ring, 16, 0);
		if (!late) {
			bpf_ringbuf_discard(record, 0);
			return XDP_DROP;
		}
		late->length = 7;
		bpf_ringbuf_submit(late, 0);
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
		return XDP_PASS;
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6) && eth->h_source[5] & 1) {
		bpf_ringbuf_discard(record, 0);
		*count += bpf_ringbuf_output(&second, count, 8, 16);
	} else {
		record->kind = eth->h_source[5];
		bpf_ringbuf_submit(record, 0);
		*count += bpf_ringbuf_output(&second, count, 5, BPF_RB_FORCE_WAKEUP);
	}
	record = bpf_ringbuf_reserve(&ring, 8, 1);
	if (record)
		bpf_ringbuf_discard(record, 0);
	else
		*count += 100;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
