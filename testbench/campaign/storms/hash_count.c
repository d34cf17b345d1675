// SPDX-License-Identifier: Apache-2.0
// Counters of flows, entered by the first packet.
// covers: hash bpf_map_lookup_elem bpf_map_update_elem
// rate: 1.00
// keys: 4000
#define MAP_TYPE BPF_MAP_TYPE_HASH
#define FLAGS BPF_NOEXIST
#include "flows.h"
