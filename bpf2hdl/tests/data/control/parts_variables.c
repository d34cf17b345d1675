// SPDX-License-Identifier: Apache-2.0
// expect: accept
// Variables with quick and with slow updates, and one that the host sets.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

__u64 packets;
__u32 longest;
__u64 mixed = 1;
__u8 drop_at = 200;
static volatile __u16 unread;
__u64 by_byte[4];

SEC("xdp")
int variables(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;

	if (data + 60 > end)
		return XDP_DROP;
	packets++;
	if (data[14] > longest)
		longest = data[14];
	if (data[15] & 1)
		mixed = mixed * 6364136223846793005ull / 3 + data[16]; /* slow */
	unread = data[17];
	by_byte[data[18] & 3] += data[19];
	return data[20] >= drop_at ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
