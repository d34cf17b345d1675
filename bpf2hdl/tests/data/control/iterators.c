// SPDX-License-Identifier: Apache-2.0
// Iterators over numbers: nested, with ends from the packet, left early, from negative numbers; in functions and callbacks.
// expect: accept
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num {
	__u64 opaque;
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __attribute__((weak, section(".ksyms")));
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __attribute__((weak, section(".ksyms")));
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __attribute__((weak, section(".ksyms")));

// As libbpf has it.
#define each(i, first, last)                                                                       \
	for (struct bpf_iter_num it __attribute__((cleanup(bpf_iter_num_destroy))), *unused        \
	     __attribute__((unused)) = (bpf_iter_num_new(&it, (first), (last)), (void *)0);        \
	     ({                                                                                    \
		     int *next = bpf_iter_num_next(&it);                                           \
		     next && ((i) = *next, (i) >= (first) && (i) < (last));                        \
	     });)

static __attribute__((noinline)) int words(unsigned char *data, unsigned char *end, int count)
{
	int i, sum = 0;

	each(i, 0, count) {
		unsigned char *at = data + 4 * i;
		if (at + 4 > end)
			break;
		if (*at == 0xff)
			continue;
		sum = sum * 5 + *(__u32 *)at;
	}
	return sum;
}

static long call(__u32 index, __u32 *sum)
{
	int i;

	each(i, -2, 3)
		*sum += i * index;
	return 0;
}

SEC("xdp")
int iterators(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 called = 0;
	int i, j, cells = 0;

	if (data + 34 > end)
		return XDP_DROP;
	int count = words(data, end, data[14] & 15), small = data[15] & 3;
	each(i, 0, small) {
		each(j, i, 3)
			cells += i * 10 + j + 1;
		if (data[16] == i)
			break;
	}
	bpf_loop(3, call, &called, 0);
	return (count ^ cells ^ called) & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
