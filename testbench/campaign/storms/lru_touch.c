// SPDX-License-Identifier: Apache-2.0
// Counters of flows, in a map that evicts; more room than keys, so that the victim is never asked for.
// covers: lru_hash bpf_map_lookup_elem bpf_map_update_elem
// rate: 1.00
// keys: 4000
#define MAP_TYPE BPF_MAP_TYPE_LRU_HASH
#define FLAGS BPF_ANY
#include "flows.h"
