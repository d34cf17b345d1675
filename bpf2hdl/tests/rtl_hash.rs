// SPDX-License-Identifier: Apache-2.0
//! Hash maps in hardware: emitted cores in Verilator against the running kernel, on random flows and on storms of one key.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]

mod design_folder;
mod support;

use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_testbench::{MapContents, ReadyPattern, SimOptions};
use design_folder::{design, design_for, frames, run};
use support::hash;

/// Frames of one beat, so that every clock brings one.
fn short(packets: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let cut = |mut p: Vec<u8>| {
        p.truncate(64);
        p
    };
    packets.into_iter().map(cut).collect()
}

/// Services of `dnat.c` and blocked sources of `blocklist.c`.
fn preload(program: &str) -> Option<MapContents> {
    let entries: Entries = match program {
        "dnat.c" => (0..7u8).map(|i| (vec![192, 0, 2, i, 0, 80, 0, 0], vec![10, 9, 9, i, 31, 144, 0, 0])).collect(),
        "blocklist.c" => (0..200u8)
            .map(|i| {
                let mut value = vec![0; 24];
                value[16] = i;
                (vec![10, 0, 0, i], value)
            })
            .collect(),
        _ => return None,
    };
    let name = if program == "dnat.c" { "services" } else { "blocklist" };
    Some(MapContents { maps: [(name.to_owned(), entries)].into() })
}

/// Commands of any kind on few keys: maps that fill up, errors, and (with two commands a packet) sections.
#[test]
fn helpers_in_hardware_do_what_the_kernel_does() {
    if !support::kernel_or_skip("helpers_in_hardware_do_what_the_kernel_does") {
        return;
    }
    let cases = [
        ("xcup", "-DMAP_TYPE=1 -DENTRIES=8 -DLONG_VALUE=1", 1, 128),
        ("xcup", "-DMAP_TYPE=5 -DENTRIES=100 -DLONG_KEY -DLONG_VALUE=90", 1, 512),
        ("xcup", "-DMAP_TYPE=9 -DENTRIES=500 -DLONG_VALUE=1", 1, 256),
        ("xcup", "-DMAP_TYPE=1 -DENTRIES=8 -DLONG_VALUE=1", 2, 64),
        ("xcup", "-DMAP_TYPE=1 -DENTRIES=60 -DLONG_KEY -DLONG_VALUE=1", 2, 512),
        // Tables for slow block RAM.
        ("ecp5", "-DMAP_TYPE=1 -DENTRIES=60 -DLONG_KEY -DLONG_VALUE=1", 2, 64),
        ("ecp5", "-DMAP_TYPE=9 -DENTRIES=50 -DLONG_VALUE=1", 1, 64),
    ];
    for (i, (target, arguments, commands, bus)) in cases.into_iter().enumerate() {
        let linked = hash::c_program("api.c", &format!("{arguments} -DCOMMANDS={commands}"));
        let folder = design_folder::write("rtl_hash", &format!("api{i}"), &design_for(target, &linked, bus), &linked);
        let packets = hash::commands(100 + i as u64, 4000, 14, commands);
        let name = format!("api.c {arguments}, {commands} commands, {target}");
        run(&linked, &folder, &name, (None, &frames(&packets)), SimOptions::default());
    }
}

#[test]
fn programs_in_hardware_equal_the_kernel() {
    if !support::kernel_or_skip("programs_in_hardware_equal_the_kernel") {
        return;
    }
    all_traffic(&hash::PROGRAMS);
}

/// Entries of a map under several keys: one port serves them in turn. `BPF2HDL_SETTINGS=all`: every program, some minutes more.
#[test]
fn several_keys_of_one_map_in_hardware() {
    if !support::kernel_or_skip("several_keys_of_one_map_in_hardware") {
        return;
    }
    let all = std::env::var("BPF2HDL_SETTINGS").is_ok_and(|settings| settings == "all");
    all_traffic(if all { &hash::SEVERAL } else { &hash::SEVERAL[..hash::DIFFERENT] });
}

fn all_traffic(programs: &[(&str, &str)]) {
    for &(program, arguments) in programs {
        let linked = hash::c_program(program, arguments);
        let design = design(&linked, 512);
        let label = format!("{program}{arguments}").replace(['=', ' ', '.'], "_");
        let folder = design_folder::write("rtl_hash", &label, &design, &linked);
        let preload = preload(program);
        let is_fused = design.pipeline.maps.iter().all(|map| map.same_entry_clocks() == 1);
        let base = SimOptions::default();
        let stalls = SimOptions {
            pass_ready: ReadyPattern::Random { numerator: 1, denominator: 2 },
            tx_ready: ReadyPattern::Adversarial,
            ..base.clone()
        };
        // The rate of a storm shows only in a long one.
        let storm = if is_fused { 10_000 } else { 2000 };
        let traffic = [
            ("flows", hash::traffic(11, 5000, 300), base.clone()),
            ("flows, stalls", hash::traffic(12, 2000, 40), stalls),
            ("storm", short(hash::traffic(13, storm, 1)), base.clone()),
            ("few flows", short(hash::traffic(14, 5000, 5)), base),
        ];
        for (what, packets, options) in traffic {
            let name = format!("{program} {arguments}, {what}");
            let is_fast = what == "storm" && is_fused;
            let report = run(&linked, &folder, &name, (preload.as_ref(), &frames(&packets)), options);
            assert!(!is_fast || report.packets_per_cycle >= 0.99, "{name}: {}", report.packets_per_cycle);
        }
    }
}
