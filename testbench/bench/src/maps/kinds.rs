// SPDX-License-Identifier: Apache-2.0
//! A small program for each type of map, with the map's size left open.

/// A type of map and what a packet does with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// bpftool's name of the type.
    pub(crate) name: &'static str,
    /// What the packet does, for the table.
    pub(crate) access: &'static str,
    /// The type, as in `linux/bpf.h` without its prefix.
    constant: &'static str,
    /// C types of key and value, further fields of the definition.
    key: &'static str,
    value: &'static str,
    more: &'static str,
    /// What the program does; `map`, `ctx` and `key` (4 bytes of the packet, and 4 more behind it) are there.
    body: &'static str,
}

const COUNT: &str = "v = bpf_map_lookup_elem(&map, &key);\n\tif (v)\n\t\t++*v;";
const COUNT_OR_INSERT: &str = "v = bpf_map_lookup_elem(&map, &key);\n\tif (v)\n\t\t++*v;\n\telse\n\t\tbpf_map_update_elem(&map, &key, &one, BPF_ANY);";
const LIMITED: &str = "key.low &= SIZE - 1;\n\tv = bpf_map_lookup_elem(&map, &key.low);\n\tif (v)\n\t\t++*v;";
const REDIRECT: &str = "return bpf_redirect_map(&map, key.low, XDP_DROP);";
const PREFIX: &str = "struct prefix p = { 32, key.low };\n\tv = bpf_map_lookup_elem(&map, &p);\n\tif (v)\n\t\t++*v;";

/// Every type that holds what packets look up.
pub(crate) const KINDS: [Kind; 10] = [
    array("array", "ARRAY"),
    array("percpu_array", "PERCPU_ARRAY"),
    hash("hash", "HASH"),
    hash("percpu_hash", "PERCPU_HASH"),
    hash("lru_hash", "LRU_HASH"),
    hash("lru_percpu_hash", "LRU_PERCPU_HASH"),
    Kind {
        name: "hash",
        access: "look-up only",
        constant: "HASH",
        key: "struct wide",
        value: "__u64",
        more: "",
        body: COUNT,
    },
    Kind {
        name: "lpm_trie",
        access: "look-up, add",
        constant: "LPM_TRIE",
        key: "struct prefix",
        value: "__u64",
        more: "\t__uint(map_flags, BPF_F_NO_PREALLOC);\n",
        body: PREFIX,
    },
    targets("devmap", "DEVMAP"),
    targets("devmap_hash", "DEVMAP_HASH"),
];

const fn array(name: &'static str, constant: &'static str) -> Kind {
    Kind { name, access: "look-up, add", constant, key: "__u32", value: "__u64", more: "", body: LIMITED }
}

const fn hash(name: &'static str, constant: &'static str) -> Kind {
    let access = "look-up, add or insert";
    Kind { name, access, constant, key: "struct wide", value: "__u64", more: "", body: COUNT_OR_INSERT }
}

const fn targets(name: &'static str, constant: &'static str) -> Kind {
    Kind { name, access: "redirect", constant, key: "__u32", value: "__u32", more: "", body: REDIRECT }
}

impl Kind {
    /// The program for a map of `size` entries, a power of two.
    pub(crate) fn source(&self, size: u32) -> String {
        let Self { constant, key, value, more, body, .. } = self;
        format!(
            "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\n#define SIZE {size}\n\n\
             struct wide {{\n\t__u32 low, high;\n}};\n\nstruct prefix {{\n\t__u32 length, address;\n}};\n\n\
             struct {{\n\t__uint(type, BPF_MAP_TYPE_{constant});\n\t__type(key, {key});\n\t__type(value, {value});\n\
             \t__uint(max_entries, SIZE);\n{more}}} map SEC(\".maps\");\n\n\
             SEC(\"xdp\")\nint prog(struct xdp_md *ctx)\n{{\n\
             \tvoid *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;\n\
             \t__u64 *v, one = 1;\n\tstruct wide key;\n\n\
             \tif (data + 34 > end)\n\t\treturn XDP_DROP;\n\
             \tkey.low = *(__u32 *)(data + 26);\n\tkey.high = *(__u32 *)(data + 30);\n\
             \t{body}\n\treturn XDP_PASS;\n}}\n\nchar _license[] SEC(\"license\") = \"GPL\";\n"
        )
    }
}
