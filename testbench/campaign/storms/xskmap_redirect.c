// SPDX-License-Identifier: Apache-2.0
// Redirects through a map with holes, and what happens where nothing is entered.
// covers: xskmap bpf_redirect_map
// rate: 1.00
// fill: targets 00000000 05000000
// fill: targets 01000000 05000000
#define MAP_TYPE BPF_MAP_TYPE_XSKMAP
#include "targets.h"
