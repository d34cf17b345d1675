// SPDX-License-Identifier: Apache-2.0
// Pushes, pops and looks at what comes next; full and empty at times.
// covers: queue bpf_map_push_elem bpf_map_pop_elem bpf_map_peek_elem
#define MAP_TYPE BPF_MAP_TYPE_QUEUE
#include "waiting.h"
