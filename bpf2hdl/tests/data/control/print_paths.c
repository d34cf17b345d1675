// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Prints on paths of their own, in a function and a loop, beside records of a ring; formats that meet in one call; a format on the stack.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#define BPF_NO_GLOBAL_DATA
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static const char even[] = "even %u";
static const char odd[] = "odd: %u, %x";

static __attribute__((noinline)) int tell(__u32 what, __u32 more)
{
	bpf_printk("told %u", what + more);
	return what & 1;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int sum = 0;

	if (data + 40 > end) {
		bpf_printk("short");
		return XDP_PASS;
	}
	for (int i = 0; i < 4; i++) {
		if (data[i] & 1)
			bpf_printk("byte %d is %d", i, data[i]);
	}
	if (data[12] == 8) {
		sum = tell(data[23], 1);
	} else if (data[12] == 0x86) {
		sum = tell(data[20], 2);
		bpf_ringbuf_output(&ring, data[20] & 1 ? "odd" : "evn", 4, 0);
	} else {
		bpf_printk("type %x%02x", data[12], data[13]);
	}
	bpf_trace_printk(data[5] & 1 ? odd : even, data[5] & 1 ? sizeof(odd) : sizeof(even), data[5], data[4]);
	return sum ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
