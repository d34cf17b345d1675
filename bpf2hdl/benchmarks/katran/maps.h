/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the load balancer. */
#ifndef BENCHMARKS_KATRAN_MAPS_H
#define BENCHMARKS_KATRAN_MAPS_H

#include "../parse.h"

#define MAX_VIPS 16
#define RING_SIZE 4093 /* a prime, per virtual address */
#define MAX_REALS 1024
#define LRU_SIZE 32768
#define MAX_SERVER_IDS 4096

/* Flags of a virtual address. */
#define VIP_NO_SOURCE_PORT 1 /* hash without the source port */
#define VIP_NO_LRU 2
#define VIP_QUIC 4
#define VIP_DPORT_HASH 8 /* hash the destination port only */

#define REAL_IPV6 1

struct flow_key {
	union {
		__be32 src;
		__be32 srcv6[4];
	};
	union {
		__be32 dst;
		__be32 dstv6[4];
	};
	union {
		__u32 ports;
		__be16 port16[2];
	};
	__u32 proto;
};

struct vip_key {
	union {
		__be32 vip;
		__be32 vipv6[4];
	};
	__be16 port;
	__u16 proto;
};

struct vip_meta {
	__u32 flags;
	__u32 number;
};

struct real_position {
	__u32 position;
	__u32 pad;
};

struct real_definition {
	union {
		__be32 dst;
		__be32 dstv6[4];
	};
	__u32 flags;
};

struct lb_stats {
	__u64 packets;
	__u64 bytes;
};

struct control {
	__u8 router_mac[ETH_ALEN];
	__u16 pad;
	__be32 source4;
	__be32 source6[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_VIPS);
	__type(key, struct vip_key);
	__type(value, struct vip_meta);
} vip_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LRU_SIZE);
	__type(key, struct flow_key);
	__type(value, struct real_position);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_VIPS * RING_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_REALS);
	__type(key, __u32);
	__type(value, struct real_definition);
} reals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVER_IDS);
	__type(key, __u32);
	__type(value, __u32);
} server_ids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_REALS);
	__type(key, __u32);
	__type(value, struct lb_stats);
} reals_stats SEC(".maps");

/* Per virtual address. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_VIPS);
	__type(key, __u32);
	__type(value, struct lb_stats);
} vip_stats SEC(".maps");

enum event {
	EVENT_LRU_HIT,
	EVENT_LRU_MISS,
	EVENT_TCP_SYN,
	EVENT_TCP_NON_SYN_MISS,
	EVENT_QUIC_ID,
	EVENT_QUIC_HASH,
	EVENT_ICMP,
	EVENT_NO_REAL,
	EVENT_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENT_COUNT);
	__type(key, __u32);
	__type(value, struct lb_stats);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct control);
} control SEC(".maps");

#endif
