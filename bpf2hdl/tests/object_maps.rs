// SPDX-License-Identifier: Apache-2.0
//! Map definitions and global data.

mod object_support;

use bpf2hdl::object::{Linked, Map, MapRef};
use object_support::{compile, compile_text, compile_with, compilers, parse};
use serde_json::json;

fn linked(bytes: &[u8], name: Option<&str>) -> Linked {
    let object = parse(bytes, "x.o");
    let program = object.select(name).unwrap_or_else(|errors| panic!("{errors}"));
    object.link(program).unwrap_or_else(|errors| panic!("{errors}"))
}

fn map<'a>(linked: &'a Linked, name: &str) -> &'a Map {
    linked.maps.iter().find(|map| map.name == name).unwrap_or_else(|| panic!("no map {name}"))
}

#[test]
fn btf_maps_have_sizes_and_types() {
    let linked = linked(&compile("object_btf.c", &[]), Some("first"));
    let counters = map(&linked, "counters");
    assert_eq!((counters.type_name().as_str(), counters.key_size, counters.value_size), ("array", 4, 24));
    assert_eq!((counters.max_entries, counters.flags, counters.read_only), (256, 0, false));
    assert_eq!(counters.key_btf["kind"], "typedef");
    assert_eq!(counters.key_btf["type"]["encoding"], "unsigned");
    let members = counters.value_btf["members"].as_array().expect("members");
    let outline: Vec<_> = members.iter().map(|m| json!([m["name"], m["offset_bits"], m["bits"]])).collect();
    let expected =
        [json!(["packets", 0, null]), json!(["bytes", 64, 24]), json!(["flag", 88, 8]), json!(["last", 96, null])];
    assert_eq!(outline, expected);
    assert_eq!(members[3]["type"]["count"], 2);
}

#[test]
fn only_referenced_maps_and_inner_templates() {
    let linked = linked(&compile("object_btf.c", &[]), Some("second"));
    let names: Vec<_> = linked.maps.iter().map(|map| map.name.as_str()).collect();
    assert_eq!(names, ["outer", "outer.inner"], "the map, and the one that holds its inner maps");
    let outer = map(&linked, "outer");
    assert_eq!((outer.type_name().as_str(), outer.key_size, outer.value_size), ("array_of_maps", 4, 4));
    let inner = outer.inner.as_ref().expect("inner template");
    assert_eq!((inner.type_name().as_str(), inner.key_size, inner.value_size, inner.max_entries), ("hash", 4, 8, 32));
}

#[test]
fn globals_are_maps_with_contents() {
    for (clang, _) in compilers() {
        let linked = linked(&compile_with(&clang, "v3", "object_btf.c", &[]), Some("first"));
        let data = map(&linked, ".data");
        let initial = data.initial.as_deref().expect("contents");
        let words: Vec<u32> = initial.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        assert_eq!((words, data.read_only, data.value_size), (vec![1500, 7], false, 8));
        let names: Vec<_> = data.value_btf["variables"].as_array().expect("variables").iter().collect();
        assert_eq!((&names[0]["name"], &names[0]["offset"]), (&json!("limit"), &json!(0)));
        assert_eq!((&names[1]["name"], &names[1]["offset"]), (&json!("hidden"), &json!(4)));
        let rodata = map(&linked, ".rodata");
        assert_eq!((rodata.initial.as_deref(), rodata.read_only), (Some(&[3, 0, 0, 0][..]), true));
        assert_eq!(map(&linked, ".bss").initial.as_deref(), Some(&[0; 8][..]));
        assert!(map(&linked, ".bss").is_global_data());
        let at = |name, offset| {
            let refers = |item: &MapRef| linked.maps[item.map].name == name && item.value_offset == offset;
            linked.map_refs.iter().any(refers)
        };
        assert!(at(".data", Some(4)) && at(".bss", Some(0)) && at("counters", None), "{:?}", linked.map_refs);
    }
}

#[test]
fn legacy_definitions_of_three_layouts() {
    for (clang, version) in compilers() {
        for (layout, inner) in [("-DLAYOUT=20", false), ("-DLAYOUT=28", false), ("-DLAYOUT=36", true)] {
            let linked = linked(&compile_with(&clang, "v1", "object_legacy.c", &[layout]), None);
            let names: Vec<_> = linked.maps.iter().map(|map| map.name.as_str()).collect();
            let expected = if inner { &["ports", "table", "table.inner"][..] } else { &["ports", "table"] };
            assert_eq!(names, expected, "clang {version} {layout}");
            let ports = map(&linked, "ports");
            assert_eq!((ports.map_type, ports.key_size, ports.value_size, ports.max_entries), (1, 2, 8, 64));
            assert!(ports.btf().is_null());
            let table = map(&linked, "table");
            assert_eq!((table.map_type, table.max_entries), (12, 100_000));
            assert_eq!(table.inner.as_ref().map(|inner| inner.name.as_str()), inner.then_some("ports"));
        }
    }
}

#[test]
fn strings_and_large_constants_are_read_only_data() {
    let text = "static const unsigned char table[40] = {[3] = 9, [39] = 1};\n\
        __attribute__((section(\"xdp\"), used)) int f(unsigned *c) { return table[c[3] % 40]; }";
    let linked = linked(&compile_text(text), None);
    let rodata = map(&linked, ".rodata");
    assert_eq!(rodata.initial.as_ref().map(Vec::len), Some(40));
    assert_eq!(rodata.initial.as_ref().map(|bytes| (bytes[3], bytes[39])), Some((9, 1)));
}
