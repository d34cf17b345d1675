// SPDX-License-Identifier: Apache-2.0
// An address is stored in a map: the privileged kernel does it, hardware has no addresses.
// expect: limit E0416
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("xdp")
int limit_map_address(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&table, &key);

	(void)end;
	if (value)
		*value = (__u64)data;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
