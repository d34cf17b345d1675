// SPDX-License-Identifier: Apache-2.0
// What iterators over numbers begin with: empty ones, ends of the range of numbers, ranges that are none or too long.
// expect: accept
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num {
	__u64 opaque;
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __attribute__((weak, section(".ksyms")));
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __attribute__((weak, section(".ksyms")));
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __attribute__((weak, section(".ksyms")));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8);
} sums SEC(".maps");

static __attribute__((noinline)) int begin(int first, int last)
{
	struct bpf_iter_num it;
	int result = bpf_iter_num_new(&it, first, last);
	int *next = bpf_iter_num_next(&it);

	if (next)
		result = *next;
	bpf_iter_num_destroy(&it);
	return result;
}

SEC("xdp")
int iterator_results(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 34 > end)
		return XDP_DROP;
	int first = data[14] & 7, last = data[15] & 7;
	__u64 found[8] = {
		begin(first, last),	  begin(0, 8388609),	    begin(first, 8388607),	 begin(7, 7),
		begin(-2147483648, first), begin(-2147483647, -2147483640), begin(2147483647, 2147483647), begin(-last, last),
	};
	for (__u32 k = 0; k < 8; k++) {
		__u32 key = k;
		__u64 *sum = bpf_map_lookup_elem(&sums, &key);
		if (sum)
			*sum += found[k] & 0xffffffff;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
