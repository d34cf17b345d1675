// SPDX-License-Identifier: Apache-2.0
// What is where in the engine's memory (hdl/rtl/bpf_engine.sv, ../layout.rs), and the words that machine code can not be without.
#ifndef LAYOUT_H
#define LAYOUT_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#define INLINE static inline __attribute__((always_inline))
#define ROUTINE static __attribute__((noinline))
// With a name outside, so that clang leaves the arguments where callers put them.
#define HELPER __attribute__((noinline)) u64
#define AT(type, address) (*(volatile type *)(u64)(address))
// Keeps clang from making a call of memcpy or memset out of a loop.
#define STEP(x) asm volatile("" : "+r"(x))

#define MEMORY 0x10000000ull
#define PACKET 0x20000000ull
#define IO(n) AT(u64, 0x30000000ull + 8 * (n))
#define HEAD 256u
#define KEY (MEMORY + 0x2800)
#define DATA (MEMORY + 0x3000)
#define MAPS (MEMORY + 0x6000)

// Special registers.
#define IO_ARRIVED 0
#define IO_TIME 1
#define IO_RANDOM 2
#define IO_MAP 3
#define IO_COMMAND 4
#define IO_SEED 5
#define IO_ROOM 7
#define IO_BOUNDS 8
#define IO_VERDICT 9
#define IO_FRAME 10
#define IO_SEND 11
#define IO_ANSWER 12
#define IO_MODIFIED 13
#define IO_END 14
#define IO_RETURN 15
#define IO_LOST 16

#define EINVAL 22
#define ENOENT 2
#define E2BIG 7
#define EACCES 13
#define EEXIST 17
#define ENODEV 19
#define ENOSPC 28
#define ERROR(number) ((u64)-(s64)(number))

// struct xdp_md (include/uapi/linux/bpf.h); of a phys_dev program the first word is the length.
struct context {
  u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};
#define CONTEXT ((volatile struct context *)(MEMORY + 0x2840))

// What the firmware remembers between and in packets; the last nine words come with the program.
struct state {
  u32 low;             // lowest byte of the packet's memory that has something in it
  u32 tail_calls;
  u32 target, kind;    // of a redirect; kind 0: none
  u32 random, asked;   // last random number of this packet
  u32 records, record_bytes; // in the buffer: of this packet
  u32 number, lost;    // of records since reset
  u32 reserved[6];
  u32 program_kind, map_count, all_maps, programs, program_count, buffer, buffer_bytes, tables, prints;
};
#define STATE ((volatile struct state *)(MEMORY + 0x2880))
#define XDP 0
#define PHYS_DEV 1
#define AT_DEVMAP 2
#define AT_CPUMAP 3

// Scratch: a key with the number of an inner map in front.
#define SCRATCH (MEMORY + 0x2900)

// Kinds of maps, as far as the firmware tells them apart.
#define ARRAY 1
#define HASH 2
#define TRIE 3
#define QUEUE 4
#define STACK 5
#define BLOOM 6
#define CHANNEL 7

#define IS_LRU 1u      // flags
#define IS_CPUS 2u     // per-CPU: values are changed in place
#define IS_TARGETS 4u  // entries whose first word is 0 are none
#define IS_OUTER 8u    // values name inner maps
#define IS_INNER 16u   // is one: its keys are in a pool
#define LOCK_SHIFT 16  // above: where in the value a lock is, plus 1; 0: there is none

// A map. The host reads `entries` and `refused`.
struct map {
  u32 kind, key_size, value_size, max_entries;
  u32 entries, refused;
  u32 values;          // first value, node or slot
  u32 stride;          // bytes from one to the next
  u32 buckets, mask;   // hash: heads of chains; tries: tables, levels
  u32 flags;
  u32 free;            // hash: chain of free nodes; tries: bank in use; an inner map: its number
  u32 fresh;           // hash: nodes that were ever used; tries: bytes of a bank; an inner map: bytes of its number
  u32 spare;           // hash: a node beside the entries; queues, filters: their state
  u32 newest, oldest;  // LRU; outer maps: the pool, the first inner map; inner maps: the pool, -; else -, kind of target or hash functions
};
typedef volatile struct map map_t;
#define MAP(address) ((map_t *)(u64)(address))

#endif
