// SPDX-License-Identifier: Apache-2.0
// A 2016 early driver filter: LD_ABS and LD_IND, own context.
#define SEC(NAME) __attribute__((section(NAME), used))
typedef unsigned int __u32;
struct bpf_phys_dev_md {
	__u32 len;
};
unsigned long long load_half(void *ctx, unsigned long long offset) asm("llvm.bpf.load.half");
unsigned long long load_byte(void *ctx, unsigned long long offset) asm("llvm.bpf.load.byte");

SEC("phys_dev")
int filter(struct bpf_phys_dev_md *ctx)
{
	if (load_half(ctx, 12) != 0x0800)
		return 1;
	return load_byte(ctx, 14 + (load_byte(ctx, 14) & 15) * 4) == 17 ? 0 : 1;
}
