// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Prints at the end of functions whose results nobody looks at, also such as are left out.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) void where(struct xdp_md *ctx, __u32 what)
{
	if (what & 1)
		bpf_printk("context at %p", ctx);
	else
		bpf_printk("even: %u", what);
}

static __attribute__((noinline)) int twice(struct xdp_md *ctx, __u32 what)
{
	where(ctx, what);
	bpf_printk("symbol %ps", ctx);
	return bpf_printk("twice: %u", 2 * what);
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 20 > end)
		return XDP_DROP;
	where(ctx, data[0]);
	twice(ctx, data[5]);
	return data[12] == 8 ? twice(ctx, data[6]) & 3 : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
