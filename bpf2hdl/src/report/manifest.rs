// SPDX-License-Identifier: Apache-2.0
//! `manifest.json` for the host.

use super::latency_cycles;
use crate::Design;
use crate::ir::{Input, MapKind};
use crate::object::{Linked, Map, Nesting};
use crate::oracle::program_type;
use crate::pipe::{NodeKind, Storage};
use bpf2hdl_interface::manifest::{FORMAT, encode_hex};
use bpf2hdl_interface::print::{self, Format};
use bpf2hdl_interface::{Manifest, MapInfo, MapType, registers};
use std::collections::BTreeSet;

/// The manifest of a design whose sources, relative to the manifest and in dependency order, are `files`; contents of memories (`.mem`) are
/// somewhere among them.
#[must_use]
pub fn manifest(design: &Design, program: &Linked, build_id: &str, files: Vec<String>) -> Manifest {
    let used: Vec<bool> = design.pipeline.maps.iter().map(|unit| unit.storage != Storage::None).collect();
    let in_hardware = |index: usize| used.get(index).copied().unwrap_or(false);
    // A queue is there if its state is, and of a bloom filter only the bits are there.
    let is_there = |index: usize, map: &Map| match map.nesting {
        Nesting::Queue { state } => in_hardware(state),
        _ => in_hardware(index),
    };
    let formats = |index: usize| {
        let channel = design.pipeline.maps.get(index).filter(|unit| unit.map.kind == MapKind::Trace);
        channel.and_then(|unit| print::from_bytes(&unit.map.initial)).unwrap_or_default()
    };
    let (memories, files) = files.into_iter().partition(|path| path.ends_with(".mem"));
    let info = |(id, (index, map)): (u32, (usize, &Map))| map_info(id, map, is_there(index, map), &formats(index));
    Manifest {
        format: FORMAT,
        build_id: build_id.to_owned(),
        program: program.name.clone(),
        program_type: program_type(program.kind),
        target: design.options.target.name.to_owned(),
        clock_mhz: design.options.clock_mhz,
        bus_bits: design.options.bus_bits,
        max_frame_bytes: design.options.target.max_frame_bytes,
        stages: design.pipeline.stages(),
        latency_cycles: latency_cycles(design),
        files,
        memories,
        top: "bpf_core".to_owned(),
        maps: (0u32..).zip(program.maps.iter().enumerate()).map(info).collect(),
        registers: registers::manifest_registers(),
        capabilities: capabilities(design, program),
        programs: program.bundle.names.clone(),
    }
}

/// A map for the host.
pub(crate) fn map_info(id: u32, map: &Map, hardware: bool, formats: &[Format]) -> MapInfo {
    let btf = map.btf();
    MapInfo {
        id,
        name: map.name.clone(),
        map_type: MapType(map.map_type),
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        hardware,
        initial: map.initial.as_deref().filter(|bytes| bytes.iter().any(|byte| *byte != 0)).map(encode_hex),
        btf: (!btf.is_null()).then_some(btf),
        extra: map.extra,
        state: match map.nesting {
            Nesting::Queue { state } => u32::try_from(state).ok(),
            _ => None,
        },
        pool: match map.nesting {
            Nesting::Outer { pool } => u32::try_from(pool).ok(),
            _ => None,
        },
        inner: map.pool().cloned(),
        formats: formats.iter().map(print::to_json_text).collect(),
    }
}

/// The program type, `redirect` if packets can leave by that output, `resize` if their length can change, `metadata` if they can
/// be passed with some, `time` and `random` if the program asks for them, then the map types in alphabetical order.
fn capabilities(design: &Design, program: &Linked) -> Vec<String> {
    let types: BTreeSet<String> = program.maps.iter().map(|map| MapType(map.map_type).to_string()).collect();
    let resize = &design.pipeline.resize;
    let asks = |input| design.pipeline.nodes.iter().any(|node| node.kind == NodeKind::Input(input));
    let present = [
        ("events", !design.pipeline.events.is_empty()),
        ("redirect", design.pipeline.redirect.is_some()),
        ("resize", !resize.is_none()),
        ("metadata", resize.metadata.is_some()),
        ("time", asks(Input::Time)),
        ("random", asks(Input::Random)),
    ];
    let present = present.into_iter().filter(|(_, is_present)| *is_present).map(|(name, _)| name.to_owned());
    std::iter::once(design.pipeline.kind.name().to_owned()).chain(present).chain(types).collect()
}
