// SPDX-License-Identifier: Apache-2.0
//! The engine as a design folder has it: sources that are the same for every program, and the program's manifest.

use super::helpers::EVENTS;
use super::{calls, link};
use crate::compile::Options;
use crate::diag::Diagnostics;
use crate::object::{Linked, Map};
use crate::oracle::program_type;
use crate::report::map_info;
use crate::rtl;
use crate::target::JUMBO;
use crate::verify::Prints;
use bpf2hdl_interface::engine::{CAPABILITY, FILE_NAME, Image};
use bpf2hdl_interface::manifest::{FILE_NAME as MANIFEST, FORMAT, encode_hex};
use bpf2hdl_interface::{Manifest, MapType, print, registers};
use std::collections::BTreeSet;

/// Memory and instructions of the model that nearly every program fits.
const USUAL: Size = Size { memory_bytes: 1 << 24, slots: 1 << 15 };
/// Clocks from the first beat in to the first beat out that even an empty program takes: the frame in, the firmware, the frame out.
const LEAST_CLOCKS: u32 = 150;

/// How large an engine is.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Bytes of memory, a power of two.
    memory_bytes: u32,
    /// Instructions, a power of two.
    slots: u32,
}

impl Size {
    /// The size of the simulated engine: the same for nearly all programs, so that there is one model.
    fn for_image(image: &Image) -> Self {
        let slots = u32::try_from(image.slots.len()).unwrap_or(1 << 30);
        Self {
            memory_bytes: image.memory_bytes.max(USUAL.memory_bytes).next_power_of_two(),
            slots: slots.max(USUAL.slots).next_power_of_two(),
        }
    }
}

/// The files of a design by path: the engine's sources (`hdl/*.sv`, `bpf_core.sv`, and the list `bpf_core.f`), what the engine is loaded with, and
/// the manifest.
///
/// # Errors
/// As [`link`].
pub fn design(program: &Linked, prints: &Prints, options: &Options) -> Result<Vec<(String, Vec<u8>)>, Diagnostics> {
    let image = link(program, prints)?;
    let size = Size::for_image(&image);
    let sources = rtl::engine(size.memory_bytes, size.slots, JUMBO, options);
    let names = sources.iter().map(|file| file.path.clone()).filter(|path| path.ends_with(".sv")).collect();
    let manifest = manifest(program, prints, &image, options, names).to_json();
    let mut files: Vec<_> = sources.into_iter().map(|file| (file.path, file.contents.into_bytes())).collect();
    files.push((FILE_NAME.to_owned(), image.to_bytes()));
    files.push((MANIFEST.to_owned(), manifest.into_bytes()));
    Ok(files)
}

/// The manifest of a program on an engine.
fn manifest(program: &Linked, prints: &Prints, image: &Image, options: &Options, files: Vec<String>) -> Manifest {
    let formats = |map: &Map| if map.name == print::MAP_NAME { &prints.formats[..] } else { &[] };
    let info = |(id, map): (u32, &Map)| map_info(id, map, is_there(map), formats(map));
    Manifest {
        format: FORMAT,
        build_id: encode_hex(&image.build_id),
        program: program.name.clone(),
        program_type: program_type(program.kind),
        target: options.target.name.to_owned(),
        clock_mhz: options.clock_mhz,
        bus_bits: options.bus_bits,
        max_frame_bytes: JUMBO,
        stages: 0,
        latency_cycles: LEAST_CLOCKS,
        files,
        memories: Vec::new(),
        top: "bpf_core".to_owned(),
        maps: (0u32..).zip(&program.maps).map(info).collect(),
        registers: registers::manifest_registers(),
        capabilities: capabilities(program),
        programs: program.bundle.names.clone(),
    }
}

/// Whether a map has contents that the host can see and change; as in a pipeline, read-only data and the prog arrays of the source are none.
fn is_there(map: &Map) -> bool {
    let is_channel = [MapType::PERF_EVENT_ARRAY, MapType::RINGBUF].contains(&MapType(map.map_type));
    !is_channel && !(map.initial.is_some() && (map.read_only || map.is_prog_array()))
}

/// As a pipeline's, with `engine`; what a program makes use of is told by its calls.
fn capabilities(program: &Linked) -> Vec<String> {
    let calls = |ids: &[u32]| calls(program, ids);
    let present = [
        ("events", calls(&EVENTS)),
        ("redirect", calls(&[23, 51])),
        ("resize", calls(&[44, 54, 65])),
        ("metadata", calls(&[54])),
        ("time", calls(&[5, 118, 125, 160, 208])),
        ("random", calls(&[7])),
    ];
    let present = present.into_iter().filter(|(_, is_present)| *is_present).map(|(name, _)| name.to_owned());
    let kind = if program_type(program.kind).is_xdp() { "xdp" } else { "phys_dev" };
    let types: BTreeSet<String> = program.maps.iter().map(|map| MapType(map.map_type).to_string()).collect();
    [CAPABILITY.to_owned(), kind.to_owned()].into_iter().chain(present).chain(types).collect()
}
