// SPDX-License-Identifier: Apache-2.0
// Programs of which no pipeline is made, each for another limit.
#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

static long (*bpf_xdp_adjust_head)(struct xdp_md *ctx, int delta) = (void *)44;

// A store at 8,192 places.
SEC("xdp") int far_store(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 14 > end)
		return XDP_DROP;
	unsigned char *place = data + ((data[0] << 8 | data[5]) & 0x1fff);
	if (place + 1 > end)
		return XDP_PASS;
	*place ^= 0x5a;
	return XDP_TX;
}

// A head at 256 places.
SEC("xdp") int any_head(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 14 > end)
		return XDP_DROP;
	int delta = data[5];
	if (bpf_xdp_adjust_head(ctx, delta))
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 2 > end)
		return XDP_DROP;
	data[0] = delta;
	data[1] ^= 0x55;
	return XDP_TX;
}

// 20,000 iterations.
SEC("xdp") int long_loop(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 14 > end)
		return XDP_DROP;
	unsigned int x = data[12] << 8 | data[5];
	for (int i = 0; i < 20000; i++)
		x = x * 1103515245 + 12345;
	data[0] = x >> 24;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
