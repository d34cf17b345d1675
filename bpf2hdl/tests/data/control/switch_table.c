// SPDX-License-Identifier: Apache-2.0
// A jump table of many cases, with fall through and shared tails.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int switch_table(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 result = 0;

	if (data + 34 > end)
		return XDP_DROP;
	switch (*(__u8 *)(data + 23)) {
	case 1: result = 5; break;
	case 2: result += 3;
	case 3: result += 2;
	case 6: result ^= *(__u8 *)(data + 22); break;
	case 17: if (data + 42 > end) return XDP_ABORTED; result = *(__u8 *)(data + 37); break;
	case 47: case 50: case 51: return XDP_TX;
	default: result = *(__u8 *)(data + 15);
	}
	return result & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
