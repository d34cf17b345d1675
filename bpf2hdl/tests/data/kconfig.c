// SPDX-License-Identifier: Apache-2.0
// Settings of the kernel: two that are known, one that must be given, one that need not be there.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern unsigned long CONFIG_HZ __kconfig;
extern _Bool CONFIG_NET __kconfig;
extern int CONFIG_OTHER __kconfig __weak;

SEC("?xdp")
int known(struct xdp_md *ctx)
{
	if (LINUX_KERNEL_VERSION < 0x060000 || CONFIG_OTHER)
		return XDP_DROP;
	return CONFIG_HZ == 250 ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int given(struct xdp_md *ctx)
{
	return CONFIG_NET ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
