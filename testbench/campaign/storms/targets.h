// SPDX-License-Identifier: Apache-2.0
// Redirects through a map of two entries: MAP_TYPE is its type.
#pragma once
#include "count.h"

struct {
	__uint(type, MAP_TYPE);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	VIEW(p);
	return bpf_redirect_map(&targets, p->payload[0] & 3, p->payload[1] & 3);
}
