// SPDX-License-Identifier: Apache-2.0
// Variables: counters in .bss, a limit in .data.
// covers: globals
// rate: 1.00
#include "count.h"

__u64 packets, bytes;
__u32 limit = 50000;
__u8 last;

SEC("xdp")
int globals(struct xdp_md *ctx)
{
	VIEW(p);
	packets++;
	bytes += BYTES(p);
	p->payload[0] = last;
	last = p->payload[1];
	return packets > limit ? XDP_PASS : XDP_TX;
}
