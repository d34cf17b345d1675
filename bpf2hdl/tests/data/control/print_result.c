// SPDX-License-Identifier: Apache-2.0
// expect: accept
// The program looks at how many characters were printed, and at the error of a format that the kernel does not take.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 key, __s64 result)
{
	__s64 *value = bpf_map_lookup_elem(&results, &key);

	if (value)
		*value = *value * 31 + result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 *wide = data;
	__s32 *word = data;

	if (data + 64 > end)
		return XDP_DROP;
	keep(0, bpf_printk("%d and %u", word[3] >> (word[4] & 31), word[5] >> (word[6] & 31)));
	keep(1, bpf_printk("%+lld %llx", (__s64)wide[3] >> (word[7] & 63), wide[4] >> (word[8] & 63)));
	keep(2, bpf_printk("%pI4 %pi4 %6u", data + 26, data + 30, word[9] & 0xff));
	keep(3, bpf_printk("%c%-4d%px", word[9], word[10] >> 20, wide[5]));
	keep(4, bpf_printk("%pI6%X", data + 32, word[11] >> (word[12] & 31)));
	keep(5, bpf_printk("%.3d", word[3]));
	keep(6, bpf_printk("%hd", word[3]));
	keep(7, bpf_printk("%"));
	keep(8, bpf_printk("%p%", word[3]));
	keep(9, bpf_printk("%lld %lld %lld %o", wide[3], wide[3], wide[3], wide[3]));
	keep(10, bpf_printk("caf\xc3\xa9 %d", word[3]));
	keep(11, bpf_trace_printk("no terminator: %d", 17, word[3]));
	keep(13, bpf_printk("plain"));
	return bpf_printk("%u", word[3] & 0xffff) - 1;
}

char _license[] SEC("license") = "GPL";
