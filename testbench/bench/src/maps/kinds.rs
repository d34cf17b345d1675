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
    /// C types of key and value, either may be missing, and further fields of the definition.
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

const PUSH_OR_POP: &str = "if (key.high & 1)\n\t\tbpf_map_push_elem(&map, &key.low, BPF_ANY);\n\telse\n\t\tbpf_map_pop_elem(&map, &key.low);\n\tif (key.low == 7)\n\t\treturn XDP_TX;";
const PUSH_OR_PEEK: &str = "if (key.high & 1)\n\t\tbpf_map_push_elem(&map, &key.low, BPF_ANY);\n\telse if (!bpf_map_peek_elem(&map, &key.low))\n\t\treturn XDP_TX;";
const INNER: &str = "void *inner = bpf_map_lookup_elem(&map, &key.low);\n\tkey.high &= 3;\n\tv = inner ? bpf_map_lookup_elem(inner, &key.high) : 0;\n\tif (v)\n\t\t++*v;";
const OF_ARRAYS: &str = "\t__array(values, struct {\n\t\t__uint(type, BPF_MAP_TYPE_ARRAY);\n\t\t__uint(max_entries, 4);\n\t\t__type(key, __u32);\n\t\t__type(value, __u64);\n\t});\n";

/// Every type that holds what packets look up.
pub(crate) const KINDS: [Kind; 16] = [
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
    targets("xskmap", "XSKMAP"),
    of_arrays("array_of_maps", "ARRAY_OF_MAPS"),
    of_arrays("hash_of_maps", "HASH_OF_MAPS"),
    keyless("queue", "QUEUE", "push or pop", PUSH_OR_POP),
    keyless("stack", "STACK", "push or pop", PUSH_OR_POP),
    keyless("bloom_filter", "BLOOM_FILTER", "push or peek", PUSH_OR_PEEK),
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

/// Maps whose values are arrays of 4 entries.
const fn of_arrays(name: &'static str, constant: &'static str) -> Kind {
    Kind { name, access: "two look-ups, add", constant, key: "__u32", value: "", more: OF_ARRAYS, body: INNER }
}

const fn keyless(name: &'static str, constant: &'static str, access: &'static str, body: &'static str) -> Kind {
    Kind { name, access, constant, key: "", value: "__u32", more: "", body }
}

impl Kind {
    /// The program for a map of `size` entries, a power of two.
    pub(crate) fn source(&self, size: u32) -> String {
        let Self { constant, more, body, .. } = self;
        let field = |name, of: &str| if of.is_empty() { String::new() } else { format!("\t__type({name}, {of});\n") };
        let (key, value) = (field("key", self.key), field("value", self.value));
        format!(
            "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\n#define SIZE {size}\n\n\
             struct wide {{\n\t__u32 low, high;\n}};\n\nstruct prefix {{\n\t__u32 length, address;\n}};\n\n\
             struct {{\n\t__uint(type, BPF_MAP_TYPE_{constant});\n{key}{value}\
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
