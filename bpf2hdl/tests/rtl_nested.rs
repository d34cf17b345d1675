// SPDX-License-Identifier: Apache-2.0
//! Maps of maps in hardware: emitted cores in Verilator against the running kernel; verdicts, packets, and all inner maps.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]

mod design_folder;
mod support;

use bpf2hdl_testbench::{ReadyPattern, SimOptions};
use design_folder::{design, frames, run};
use support::nested;

/// Programs, options for clang, width of the bus.
const CASES: [(&str, &str, u32); 5] = [
    ("api.c", "-DSTATIC -DENTRIES=8 -DCOMMANDS=1", 512),
    ("api.c", "-DINNER_TYPE=1 -DENTRIES=20 -DOUTER_ENTRIES=3 -DSTATIC -DLONG_KEY", 128),
    (
        "api.c",
        "-DOUTER_TYPE=13 -DOUTER_ENTRIES=40 -DINNER_TYPE=1 -DENTRIES=6 -DSTATIC -DOUTER_KEY=__u64 -DCOMMANDS=1",
        512,
    ),
    ("api.c", "-DOUTER_TYPE=13 -DOUTER_ENTRIES=3 -DINNER_TYPE=11 -DINNER_FLAGS=1 -DTRIE -DCOMMANDS=1", 512),
    ("direct.c", "", 256),
];

#[test]
fn inner_maps_in_hardware_equal_the_kernel_s() {
    if !support::kernel_or_skip("inner_maps_in_hardware_equal_the_kernel_s") {
        return;
    }
    for (seed, (program, arguments, bus_bits)) in (20..).zip(CASES) {
        let linked = nested::c_program(program, arguments);
        let design = design(&linked, bus_bits);
        let folder = design_folder::write("rtl_nested", &format!("{seed}"), &design, &linked);
        let is_fused = design.pipeline.maps.iter().all(|map| map.same_entry_clocks() == 1);
        let stalls = SimOptions { pass_ready: ReadyPattern::Adversarial, ..SimOptions::default() };
        let traffic = [
            ("traffic", 2 * seed, 6000, false, SimOptions::default()),
            ("stalls", 2 * seed + 1, 1500, false, stalls),
            ("storm", 2 * seed, 6000, true, SimOptions::default()),
        ];
        for (what, seed, count, is_storm, options) in traffic {
            let before = nested::contents(seed, &linked);
            let packets = nested::packets(program, seed, count, is_storm);
            let name = format!("{program} {arguments}, {what}");
            let report = run(&linked, &folder, &name, (Some(&before), &frames(&packets)), options);
            let is_fast = is_storm && is_fused && bus_bits == 512;
            assert!(!is_fast || report.packets_per_cycle >= 0.99, "{name}: {}", report.packets_per_cycle);
        }
    }
}
