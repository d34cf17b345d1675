// SPDX-License-Identifier: Apache-2.0
// Redirects through a map with holes, and what happens where nothing is entered.
// covers: devmap_hash bpf_redirect_map
// rate: 1.00
// fill: targets 00000000 02000000
// fill: targets 01000000 02000000
#define MAP_TYPE BPF_MAP_TYPE_DEVMAP_HASH
#include "targets.h"
