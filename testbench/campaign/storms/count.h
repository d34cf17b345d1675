// SPDX-License-Identifier: Apache-2.0
// What the programs here have in common: the key of a packet, and its payload.
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// UDP over IPv4 with 16 bytes of payload; ends the function if the packet is another.
struct view {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	__u8 payload[16];
} __attribute__((packed));

#define VIEW(p)                                                             \
	struct view *p = (void *)(long)ctx->data;                           \
	if ((void *)(p + 1) > (void *)(long)ctx->data_end || p->ip.ihl != 5) \
	return XDP_DROP

#define BYTES(p) ((__u32)((long)ctx->data_end - (long)ctx->data))

char _license[] SEC("license") = "GPL";
