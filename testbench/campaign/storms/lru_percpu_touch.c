// SPDX-License-Identifier: Apache-2.0
// Counters of flows, in a map that evicts, per CPU; more room than keys.
// covers: lru_percpu_hash bpf_map_lookup_elem bpf_map_update_elem
// rate: 1.00
// keys: 4000
#define MAP_TYPE BPF_MAP_TYPE_LRU_PERCPU_HASH
#define FLAGS BPF_ANY
#include "flows.h"
