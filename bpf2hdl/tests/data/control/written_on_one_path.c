// SPDX-License-Identifier: Apache-2.0
// A variable that is written on one path and used on that path only.
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
int written_on_one_path(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct info {
		__u32 kind, port;
	} info;

	info.kind = 0;
	if (data + 42 <= end && *(__u8 *)(data + 23) == 17) {
		info.kind = 17;
		info.port = *(__u16 *)(data + 36);
	}
	asm volatile("" : : "r"(&info) : "memory");
	if (info.kind == 17)
		return info.port & 0x100 ? XDP_TX : XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
