// SPDX-License-Identifier: Apache-2.0
// expect: accept
// What hardware can not know is left out, the rest is printed.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char text[8] = {};

	if (data + 40 > end)
		return XDP_DROP;
	text[0] = data[6];
	bpf_printk("packet at %p", data);
	bpf_printk("context at %pK, %px", ctx, data);
	bpf_printk("symbol %pS", 0x1234);
	bpf_printk("text %s", text);
	bpf_printk("text %pks", text);
	bpf_printk("first byte %d", data[0]);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
