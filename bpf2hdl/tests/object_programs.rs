// SPDX-License-Identifier: Apache-2.0
//! Programs, linking and source lines, over all compilers and instruction sets of this machine.

mod object_support;

use bpf2hdl::diag::Code;
use bpf2hdl::isa::{Call, Imm64, Insn, PacketSize};
use bpf2hdl::object::{Linked, Object, ProgramKind};
use object_support::{compile, compile_text, compile_with, compilers, cpus, parse};
use std::collections::BTreeSet;

fn link(object: &Object, name: Option<&str>) -> Linked {
    let program = object.select(name).unwrap_or_else(|errors| panic!("{errors}"));
    object.link(program).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Calls and map loads agree with the tables beside the instructions.
fn check_linked(linked: &Linked) {
    assert_eq!(linked.insns.len(), linked.raw.len());
    for (index, slot) in linked.insns.iter().enumerate() {
        match slot.insn {
            Insn::Call(Call::Local(delta)) => {
                let target = index.checked_add_signed(delta as isize + 1).expect("target");
                assert!(linked.functions.iter().any(|function| function.start == target), "call at {index}");
            }
            Insn::LoadImm64 { value: Imm64::Map { map }, .. } => {
                let found = linked.map_refs.iter().find(|item| item.insn == index).expect("map reference");
                assert_eq!((found.map, found.value_offset), (map as usize, None));
            }
            Insn::LoadImm64 { value: Imm64::MapValue { map, offset }, .. } => {
                let found = linked.map_refs.iter().find(|item| item.insn == index).expect("map reference");
                assert_eq!((found.map, found.value_offset), (map as usize, Some(offset)));
            }
            _ => {}
        }
    }
    assert_eq!(linked.functions.last().map(|function| function.end), Some(linked.insns.len()));
}

#[test]
fn all_compilers_and_instruction_sets() {
    for (clang, version) in compilers() {
        for cpu in cpus(version) {
            let bytes = compile_with(&clang, cpu, "object_btf.c", &[]);
            let object = parse(&bytes, "btf.o");
            assert_eq!(object.license, "GPL");
            let names: Vec<_> = object.programs.iter().map(|program| program.name.as_str()).collect();
            assert_eq!(names, ["first", "second"], "clang {version} {cpu}");
            let linked = link(&object, Some("first"));
            check_linked(&linked);
            let functions: Vec<_> = linked.functions.iter().map(|function| function.name.as_str()).collect();
            assert_eq!(functions, ["first", "count", "classify"]);
            let maps: Vec<_> = linked.maps.iter().map(|map| map.name.as_str()).collect();
            // Compilers order the sections differently; maps come first.
            let globals: BTreeSet<_> = maps.iter().skip(1).copied().collect();
            assert_eq!((maps[0], globals), ("counters", BTreeSet::from([".bss", ".data", ".rodata"])));
            assert!(linked.insns.iter().all(|slot| slot.source.is_some()));
            assert!(linked.warnings.is_empty(), "{}", linked.warnings);
            check_linked(&link(&object, Some("second")));
        }
    }
}

#[test]
fn source_lines_name_the_c_file() {
    let object = parse(&compile("object_btf.c", &[]), "btf.o");
    let linked = link(&object, Some("first"));
    let lookup = linked.insns.iter().position(|slot| slot.insn == Insn::Call(Call::Helper(1))).expect("lookup");
    let at = linked.location(lookup);
    assert!(at.file.as_deref().is_some_and(|file| file.ends_with("object_btf.c")));
    assert!(at.source.as_deref().is_some_and(|text| text.contains("bpf_map_lookup_elem(&counters, &key)")));
    assert_eq!(at.instruction.as_deref(), Some("call bpf_map_lookup_elem#1"));
}

#[test]
fn objects_without_btf_link_with_a_warning() {
    for (clang, version) in compilers() {
        for layout in ["-DLAYOUT=20", "-DLAYOUT=28", "-DLAYOUT=36"] {
            let bytes = compile_with(&clang, "v2", "object_legacy.c", &[layout, "-g0"]);
            let object = parse(&bytes, "legacy.o");
            let linked = link(&object, None);
            check_linked(&linked);
            assert!(linked.warnings.contains(Code::NoLineInfo), "clang {version}");
            assert_eq!((linked.name.as_str(), linked.section.as_str()), ("old", "prog"));
            assert_eq!(object.license, "Dual MIT/GPL");
        }
    }
}

#[test]
fn phys_dev_filters_keep_their_packet_loads() {
    for (clang, version) in compilers() {
        for cpu in cpus(version) {
            let object = parse(&compile_with(&clang, cpu, "object_phys_dev.c", &[]), "filter.o");
            let linked = link(&object, None);
            assert_eq!(linked.kind, ProgramKind::PhysDev);
            let loads = linked.insns.iter().filter(|slot| matches!(slot.insn, Insn::LoadPacket { .. })).count();
            assert_eq!(loads, 3);
            let first = Insn::LoadPacket { size: PacketSize::B2, index: None, offset: 12 };
            assert!(linked.insns.iter().any(|slot| slot.insn == first), "clang {version} {cpu}");
        }
    }
}

#[test]
fn same_object_links_to_the_same_bytes() {
    let bytes = compile("object_btf.c", &[]);
    let (a, b) = (parse(&bytes, "a.o"), parse(&bytes, "a.o"));
    assert_eq!(link(&a, Some("first")), link(&b, Some("first")));
}

const SECTIONS: [(&str, ProgramKind, bool); 14] = [
    ("xdp", ProgramKind::Xdp, false),
    ("xdp/name", ProgramKind::Xdp, false),
    ("xdp.frags", ProgramKind::Xdp, true),
    ("xdp.frags/name", ProgramKind::Xdp, true),
    ("xdp1", ProgramKind::Xdp, false),
    ("xdp_tx", ProgramKind::Xdp, false),
    ("xdp_devmap_like", ProgramKind::Xdp, false),
    ("prog", ProgramKind::Xdp, false),
    ("phys_dev", ProgramKind::PhysDev, false),
    ("phys_dev/x", ProgramKind::PhysDev, false),
    ("xdp/devmap", ProgramKind::XdpDevmap, false),
    ("xdp.frags/devmap", ProgramKind::XdpDevmap, true),
    ("xdp_devmap/egress", ProgramKind::XdpDevmap, false),
    ("xdp/cpumap", ProgramKind::XdpCpumap, false),
];

#[test]
fn section_names_decide_the_kind() {
    for (section, kind, frags) in SECTIONS {
        let text = format!("__attribute__((section(\"{section}\"), used)) int f(void *c) {{ return 1; }}");
        let object = parse(&compile_text(&text), "x.o");
        let program = object.programs.first().expect("a program");
        assert_eq!((program.kind, program.frags), (kind, frags), "{section}");
        assert_eq!(object.select(None).is_ok(), kind.is_supported(), "{section}");
        let by_name = object.select(Some("f"));
        assert_eq!(by_name.is_ok(), kind.is_supported(), "{section}");
        if let Err(errors) = by_name {
            assert!(errors.contains(Code::ProgramKind));
        }
    }
}

#[test]
fn function_addresses_become_sub_programs() {
    let text = "static long (*loop)(unsigned, void *, void *, long) = (void *)181;\n\
        static long body(unsigned i, void *c) { return *(long *)c + i; }\n\
        __attribute__((section(\"xdp\"), used)) int f(void *c) { long x = 3; return loop(4, body, &x, 0); }";
    let linked = link(&parse(&compile_text(text), "x.o"), None);
    let address = linked.insns.iter().enumerate().find_map(|(index, slot)| match slot.insn {
        Insn::LoadImm64 { value: Imm64::Function { delta }, .. } => index.checked_add_signed(delta as isize + 1),
        _ => None,
    });
    let body = linked.functions.iter().find(|function| function.name == "body").expect("body");
    assert_eq!(address, Some(body.start));
}

#[test]
fn co_re_relocations_are_reported() {
    let text = "struct xdp_md { int data, data_end; } __attribute__((preserve_access_index));\n\
        __attribute__((section(\"xdp\"), used)) int f(struct xdp_md *c) { return c->data_end; }";
    let linked = link(&parse(&compile_text(text), "x.o"), None);
    assert!(linked.warnings.contains(Code::CoReRelocation) && linked.warnings.to_text().contains("xdp_md"));
    assert!(linked.insns.iter().any(|slot| matches!(slot.insn, Insn::Load { offset: 4, .. })));
}

/// Headers of Linux that lead to glibc's, which must take the compiler for one of the host's word size.
#[test]
fn headers_that_include_glibc_compile() {
    for (clang, version) in compilers() {
        for cpu in cpus(version) {
            let object = parse(&compile_with(&clang, cpu, "object_glibc.c", &[]), "glibc.o");
            check_linked(&link(&object, Some("length")));
        }
    }
}
