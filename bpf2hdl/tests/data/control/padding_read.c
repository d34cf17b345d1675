// SPDX-License-Identifier: Apache-2.0
// A structure with padding, copied and compared as a whole.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct key {
	__u32 a;
	__u8 b;
};

SEC("xdp")
int padding_read(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct key key, copy;

	if (data + 20 > end)
		return XDP_DROP;
	key.a = *(__u32 *)(data + 14);
	key.b = *(__u8 *)(data + 18);
	asm volatile("" ::: "memory");
	__builtin_memcpy(&copy, &key, sizeof(copy));
	asm volatile("" : "+m"(copy));
	return (copy.a + copy.b) & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
