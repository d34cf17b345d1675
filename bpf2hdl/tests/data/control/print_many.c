// SPDX-License-Identifier: Apache-2.0
// expect: accept
// More than three arguments: an array on the stack (`bpf_trace_vprintk`), with pointers in it; constant texts.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char name[8] = "stack";

	if (data + 40 > end)
		return XDP_DROP;
	bpf_printk("%02x:%02x:%02x:%02x:%02x:%02x", data[0], data[1], data[2], data[3], data[4], data[5]);
	bpf_printk("%s: %-6s|%9s| %d %c", __func__, "left", name, data[6], data[7] & 0x7f);
	bpf_printk("%d %d %pI4 %s %llx", data[8], -data[9], data + 26, "100%", *(unsigned long long *)(data + 16));
	bpf_printk("%u %u %u %u %u %u %u %u %u %u %u %u", data[10], data[11], data[12], data[13], data[14], data[15],
		   data[16], data[17], data[18], data[19], data[20], data[21]);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
