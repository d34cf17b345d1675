// SPDX-License-Identifier: Apache-2.0
//! `E02xx`: maps and global data.

super::entries! {
BAD_MAP_DEFINITION: "E0201", "map definition can not be read",
"The map's definition is incomplete or contradicts itself: a missing type, a key size that differs from its type, \
or a legacy `struct bpf_map_def` of an unknown size.",
"define the map with `__uint(type, ...)`, `__uint(max_entries, ...)`, `__type(key, ...)`, `__type(value, ...)` in `SEC(\".maps\")`";

MAPS_NEED_BTF: "E0202", "map definitions need BTF",
"Maps in `SEC(\".maps\")` are described by BTF type information alone, and the object has none.",
"compile with `-g`, and do not strip the `.BTF` section";

UNSUPPORTED_MAP_TYPE: "E0203", "map type is not supported yet",
"There is no hardware for this map type yet, or not inside of a map of maps. Arrays, hash maps, LPM tries, queues, stacks, bloom filters, maps of redirect \
targets and maps of maps have it.",
"use BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH or their per-CPU forms, or BPF_MAP_TYPE_LPM_TRIE where the keys allow";

UNSUPPORTED_MAP_FLAGS: "E0204", "map flag is not supported",
"A `map_flags` bit changes what the program or the host may see in a way that the hardware does not follow.",
"leave the flag out";

MAP_GEOMETRY: "E0205", "key size, value size or number of entries is impossible",
"The kernel would refuse to create this map: for instance an array whose key is not 4 bytes, a value of 0 bytes, or 0 entries.",
"correct the sizes in the map definition";

GLOBALS_TOO_LARGE: "E0206", "global data section is too large",
"Global variables live in one block of memory per section; this section is larger than 16 MiB.",
"move large tables into an array map";

MAP_OPERATION: "E0207", "operation is not possible on this map type",
"The helper exists for other map types only, or is built for other map types only, or its argument is not a map known at compile time.",
"see the helper's description in bpf-helpers(7)";
}
