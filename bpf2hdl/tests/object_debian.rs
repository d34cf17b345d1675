// SPDX-License-Identifier: Apache-2.0
//! Objects of Debian's xdp-tools, xdp-tests and libxdp packages, as far as they are installed.

mod object_support;

use bpf2hdl::object::ProgramKind;
use bpf2hdl_interface::MapType;
use object_support::parse;
use std::path::PathBuf;

fn objects() -> Vec<PathBuf> {
    let folders = ["/usr/lib/x86_64-linux-gnu/bpf", "/usr/lib/aarch64-linux-gnu/bpf", "/usr/libexec/xdp-tools"];
    let mut found: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())))
        .filter(|path| path.extension().is_some_and(|extension| extension == "o"))
        .collect();
    found.sort();
    found
}

#[test]
fn packaged_programs_link() {
    for path in objects() {
        let name = path.display().to_string();
        let object = parse(&std::fs::read(&path).expect("readable"), &name);
        for program in &object.programs {
            assert_eq!(program.kind, ProgramKind::Xdp, "{name}");
            let linked = object.link(program).unwrap_or_else(|errors| panic!("{name}: {errors}"));
            assert!(linked.insns.len() >= program.slots && !linked.license.is_empty());
            for map in &linked.maps {
                // Ring buffers have no keys, nor has the channel of prints.
                let is_keyless = map.is_global_data() || map.map_type == MapType::RINGBUF.0;
                assert!(is_keyless || !map.key_btf.is_null() || map.key_size > 0, "{name}: {}", map.name);
            }
        }
        // xdpdump_bpf.o holds fentry and fexit programs only.
        assert_eq!(object.programs.is_empty(), name.ends_with("xdpdump_bpf.o"), "{name}");
    }
}
