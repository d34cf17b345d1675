// SPDX-License-Identifier: Apache-2.0
// A filter in the style of the 2016 proposal from which XDP grew: it reads the packet with LD_ABS and LD_IND loads
// and knows nothing but its length. Drops DNS requests (UDP to port 53) to 192.0.2.0/24 and frames shorter than
// Ethernet allows; all else is ok. A load beyond the end of the packet ends the program with "drop".

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>

/* The context of that proposal; no kernel header has it. */
struct bpf_phys_dev_md {
	__u32 len;
};

enum bpf_phys_dev_action {
	BPF_PHYS_DEV_DROP,
	BPF_PHYS_DEV_OK,
};

/* clang turns these into LD_ABS and LD_IND; values come in host byte order. */
unsigned long long load_byte(void *md, unsigned long long offset) asm("llvm.bpf.load.byte");
unsigned long long load_half(void *md, unsigned long long offset) asm("llvm.bpf.load.half");
unsigned long long load_word(void *md, unsigned long long offset) asm("llvm.bpf.load.word");

#define PROTECTED_NET 0xc0000200 /* 192.0.2.0 */
#define PROTECTED_MASK 0xffffff00
#define DNS_PORT 53

/* Offsets from the start of the frame. */
#define OFF_ETHERTYPE 12
#define OFF_IP 14
#define OFF_IP_FRAGMENT (OFF_IP + 6)
#define OFF_IP_PROTOCOL (OFF_IP + 9)
#define OFF_IP_DEST (OFF_IP + 16)
#define UDP_DEST_PORT 2

SEC("phys_dev")
int phys_dev_filter(struct bpf_phys_dev_md *md)
{
	__u32 header_bytes;

	if (md->len < ETH_ZLEN)
		return BPF_PHYS_DEV_DROP;
	if (load_half(md, OFF_ETHERTYPE) != ETH_P_IP)
		return BPF_PHYS_DEV_OK;
	if (load_byte(md, OFF_IP_PROTOCOL) != IPPROTO_UDP)
		return BPF_PHYS_DEV_OK;
	if (load_half(md, OFF_IP_FRAGMENT) & 0x1fff)
		return BPF_PHYS_DEV_OK;
	if ((load_word(md, OFF_IP_DEST) & PROTECTED_MASK) != PROTECTED_NET)
		return BPF_PHYS_DEV_OK;

	header_bytes = (load_byte(md, OFF_IP) & 0xf) * 4;
	if (load_half(md, OFF_IP + header_bytes + UDP_DEST_PORT) == DNS_PORT)
		return BPF_PHYS_DEV_DROP;
	return BPF_PHYS_DEV_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
