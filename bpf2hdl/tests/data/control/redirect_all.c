// SPDX-License-Identifier: Apache-2.0
// Redirects to all ports of a devmap: flags that are constants or come from the packet, before and behind other redirects.
// expect: accept
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, __u32);
} houses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} doors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

SEC("xdp")
int redirect_all(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 24 > end)
		return XDP_DROP;
	switch (data[20] & 7) {
	case 0:
		return bpf_redirect_map(&houses, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	case 1:
		return bpf_redirect_map(&doors, data[21], BPF_F_BROADCAST);
	case 2:
		return bpf_redirect_map(&doors, data[21] & 3, data[22]);
	case 3:
		return bpf_redirect_map(&sockets, data[21] & 3, data[22] & 27);
	case 4:
		bpf_redirect_map(&houses, 0, BPF_F_BROADCAST);
		return bpf_redirect(data[21], data[22] & 1) ? XDP_REDIRECT : XDP_PASS;
	case 5:
		bpf_redirect(data[21], 0);
		bpf_redirect_map(&houses, data[21] & 3, data[22] & 31);
		return XDP_REDIRECT;
	case 6:
		return bpf_redirect(data[21] << 24, 0);
	default:
		return bpf_redirect_map(&houses, data[21] & 3, BPF_F_EXCLUDE_INGRESS | XDP_TX);
	}
}

char _license[] SEC("license") = "GPL";
