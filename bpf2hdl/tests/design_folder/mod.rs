// SPDX-License-Identifier: Apache-2.0
//! Design folders for Verilator, as `bpf2hdl compile` writes them, and what is in them against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]
#![allow(dead_code, reason = "each test binary uses its own part")]

use bpf2hdl::object::Linked;
use bpf2hdl::{Design, Optimize, Options, compile, oracle, report, rtl, target};
use bpf2hdl_interface::manifest::encode_hex;
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::{MapContents, PacketSet, Silent, SimOptions, SimReport, SimRequest, simulate};
use std::path::{Path, PathBuf};

/// Writes the RTL and the manifest of a design into `SUITE/NAME` below the folder for tests' files, in place of what is there.
pub(crate) fn write(suite: &str, name: &str, design: &Design, linked: &Linked) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(suite).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let id = rtl::build_id(design, linked);
    let mut names = Vec::new();
    for file in rtl::emit(design, linked, &id) {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(&path, &file.contents).expect("written");
        names.push(file.path);
    }
    names.retain(|n| n.ends_with(".sv"));
    let manifest = report::manifest(design, linked, &encode_hex(&id), names);
    std::fs::write(folder.join("manifest.json"), manifest.to_json()).expect("written");
    folder
}

/// A design for UltraScale+ at 250 MHz.
pub(crate) fn design(linked: &Linked, bus_bits: u32) -> Design {
    design_for("xcup", linked, bus_bits)
}

/// A design for a target at its usual clock.
pub(crate) fn design_for(target: &str, linked: &Linked, bus_bits: u32) -> Design {
    let target = target::find(target).expect("a target");
    let clock_mhz = target.default_clock_mhz;
    let options = Options { target, clock_mhz, bus_bits, optimize: Optimize::default(), initiation_interval: 1 };
    compile(linked, &options).unwrap_or_else(|d| panic!("{d:#?}"))
}

/// Frames from interface 1, in order.
pub(crate) fn frames(frames: &[Vec<u8>]) -> PacketSet {
    frames.iter().map(Vec::as_slice).collect()
}

/// Runs a design against the kernel: verdicts, packets and maps must be equal.
pub(crate) fn run(
    linked: &Linked,
    folder: &Path,
    name: &str,
    (preload, packets): (Option<&MapContents>, &PacketSet),
    options: SimOptions,
) -> SimReport {
    let mut kernel = KernelOracle::load(&oracle::program(linked)).expect("the kernel takes it");
    let options = options.quick();
    let request = SimRequest { design: folder, packets, preload, oracle: Some(&mut kernel), options };
    let report = simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{name}: {e}"));
    let comparison = report.comparison.as_ref().expect("compared");
    assert_eq!(report.mismatches(), 0, "{name}: {:#?}\n{:#?}", comparison.explained, report.checks);
    println!("{name}: {} packets, {:.3} per clock", packets.len(), report.packets_per_cycle);
    report
}
