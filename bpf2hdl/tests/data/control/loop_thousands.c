// SPDX-License-Identifier: Apache-2.0
// A loop of thousands of rounds of which few depend on the packet: the others cost no hardware.
// expect: accept
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int loop_thousands(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__s64 limit, i = -0x7fffffffffffffff - 1;

	if (data + 15 > end)
		return XDP_DROP;
	// Crosses the largest number for bytes above 239.
	limit = (__s64)(data[14] + 0x7fffffffffffff10ULL);
	for (int round = 0; round < 5000; round++) {
		i++;
		asm volatile("" : "+r"(i));
		if (i >= limit)
			return round & 1 ? XDP_TX : XDP_PASS;
	}
	return XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
