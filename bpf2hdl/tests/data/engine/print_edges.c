// SPDX-License-Identifier: Apache-2.0
// Numbers at the edges of their digits, whose characters are counted; one format with different texts; a text that is empty or null; formats that
// begin with one another, the shorter one also by its size; one that only `bpf_trace_vprintk` takes.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 key, __s64 result)
{
	__s64 *value = bpf_map_lookup_elem(&results, &key);

	if (value)
		*value = *value * 31 + result;
}

static const char four[] = "%d %d %d %d";
static const char number[] = "at %d";

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 numbers[4] = { 1, 2, 3, 4 };
	__u64 power = 1, bit = 1;
	__u32 first = 31, last;
	__s64 *packets;

	if (data + 16 > end)
		return XDP_DROP;
	packets = bpf_map_lookup_elem(&results, &first);
	if (!packets || ++*packets > 6)
		return XDP_PASS;
	last = data[5];
	for (int i = 0; i < 20; i++) {
		// What the compiler can not know.
		asm volatile("" : "+r"(power));
		asm volatile("" : "+r"(bit));
		keep(0, bpf_printk("%llu %llu %d", power, power - 1, (int)power));
		keep(1, bpf_printk("%lld %+lld", -power, power - 1));
		keep(2, bpf_printk("%llx %x %u", bit, (__u32)bit - 1, (__u32)power));
		power *= 10;
		bit = bit << 3 | 1;
	}
	keep(3, bpf_printk("%lld %lld %d", 1ull << 63, ~0ull >> 1, 1u << 31));
	keep(4, bpf_printk("%s of %u", "first", last));
	keep(5, bpf_printk("%s of %u", "second", last));
	keep(6, bpf_printk("%s of %u", "", last));
	keep(7, bpf_printk("%s of %u", (char *)0, last));
	keep(8, bpf_printk("%s of %u", "fir", last));
	keep(9, bpf_trace_printk(number, sizeof(number), last));
	keep(10, bpf_trace_printk(number, sizeof(number) - 1, last));
	keep(11, bpf_trace_printk("at", 3));
	keep(12, bpf_trace_printk(four, sizeof(four), 1, 2, 3));
	keep(13, bpf_trace_vprintk(four, sizeof(four), numbers, 24));
	keep(14, bpf_trace_vprintk(four, sizeof(four), numbers, 32));
	keep(15, bpf_trace_vprintk(four, sizeof(four), numbers, 28));
	keep(16, bpf_trace_vprintk(number, sizeof(number), (void *)0, 0));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
