// SPDX-License-Identifier: Apache-2.0
// Records written whole, or in place and submitted or thrown away.
// covers: ringbuf bpf_ringbuf_output bpf_ringbuf_reserve bpf_ringbuf_submit bpf_ringbuf_discard
#include "count.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} records SEC(".maps");

struct record {
	__u32 source;
	__u16 port, bytes;
};

SEC("xdp")
int ringbuf_storm(struct xdp_md *ctx)
{
	VIEW(p);
	struct record r = {p->ip.saddr, p->udp.source, BYTES(p)}, *place;

	if (p->payload[0] & 7)
		return XDP_PASS;
	if (p->payload[1] & 1)
		return bpf_ringbuf_output(&records, &r, sizeof(r), 0) ? XDP_ABORTED : XDP_TX;
	place = bpf_ringbuf_reserve(&records, sizeof(*place), 0);
	if (!place)
		return XDP_ABORTED;
	*place = r;
	if (p->payload[1] & 2)
		bpf_ringbuf_submit(place, 0);
	else
		bpf_ringbuf_discard(place, 0);
	return XDP_DROP;
}
