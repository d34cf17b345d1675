// SPDX-License-Identifier: Apache-2.0
// Counters in one of several maps, by the source's port and address.
// covers: array_of_maps bpf_map_lookup_elem bpf_map_update_elem
// keys: 900
#define MAP_TYPE BPF_MAP_TYPE_ARRAY_OF_MAPS
#include "tables.h"
