// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Every conversion of numbers, in fields of all kinds, over bytes of the packet; literal signs of percent, lines in lines, a zero inside one.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 *wide = data;
	__s32 *word = data;

	if (data + 64 > end) {
		bpf_printk("short: %d bytes, 100%%\n", (int)(end - data));
		return XDP_DROP;
	}
	bpf_printk("%d %i %u", word[1], word[2], word[3]);
	bpf_printk("%x %X %08x", word[3], word[4], word[5] & 0xffff);
	bpf_printk("%lld|%llu|%llx", wide[3], wide[4], wide[5]);
	bpf_printk("%ld|%-22lu|%20lX|", wide[0], wide[1], wide[2]);
	bpf_printk("%+d % d %+ d", word[6], word[7] >> 8, word[8] & 0xff);
	bpf_printk("%05d|%-5d|%5d", word[9] >> 24, word[10] >> 16, word[11] >> 16);
	bpf_printk("%+08d|% 06d|%-+8d", word[12] >> 12, word[13] >> 20, word[14] >> 16);
	bpf_printk("%c%3c%-3c.", word[0] & 0x3f | 0x40, (word[1] & 31) + ' ', '!');
	bpf_printk("%px %20px %-12px|", wide[1], wide[2], wide[3] & 0xffff);
	bpf_printk("zero %c here", word[3] & 1);
	bpf_printk("two\nlines: %u\n", word[3] & 0xffff);
	bpf_printk("nothing");
	bpf_printk("");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
