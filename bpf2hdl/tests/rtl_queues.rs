// SPDX-License-Identifier: Apache-2.0
//! Queues and stacks in hardware: emitted cores in Verilator against the running kernel; verdicts, packets, and what is left in the end.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]

mod design_folder;
mod support;

use bpf2hdl_testbench::{ReadyPattern, SimOptions};
use design_folder::{design, frames, run};
use support::queue::{self, Traffic};

/// Programs, options for clang, width of the bus, and whether packets pass at one per clock.
const CASES: [(&str, &str, u32, bool); 3] = [
    ("api.c", "-DENTRIES=300", 512, true),
    ("api.c", "-DENTRIES=7 -DMAP_TYPE=23 -DCOMMANDS=2 -DVALUE=13", 128, false),
    ("ports.c", "", 512, false),
];

#[test]
fn queues_in_hardware_equal_the_kernel_s() {
    if !support::kernel_or_skip("queues_in_hardware_equal_the_kernel_s") {
        return;
    }
    for (seed, (program, arguments, bus_bits, is_fast)) in (30..).zip(CASES) {
        let linked = queue::c_program(program, arguments);
        let design = design(&linked, bus_bits);
        let folder = design_folder::write("rtl_queues", &format!("{seed}"), &design, &linked);
        let stalls = SimOptions { pass_ready: ReadyPattern::Adversarial, ..SimOptions::default() };
        let traffic = [
            (Traffic::Mixed, 6000, SimOptions::default()),
            (Traffic::Mixed, 1500, stalls),
            (Traffic::Push, 3000, SimOptions::default()),
            (Traffic::Pop, 3000, SimOptions::default()),
        ];
        for (traffic, count, options) in traffic {
            let before = queue::contents(seed + count as u64, &linked);
            let mut packets = queue::packets(program, seed, count, traffic);
            // Frames of one beat, where the rate counts.
            let longest = if is_fast { 64 } else { 128 };
            packets.iter_mut().for_each(|packet| packet.truncate(longest));
            let stalls = options.pass_ready != ReadyPattern::Always;
            let name = format!("{program} {arguments}, {traffic:?}");
            let report = run(&linked, &folder, &name, (Some(&before), &frames(&packets)), options);
            let rate = report.packets_per_cycle;
            assert!(!is_fast || stalls || rate >= 0.99, "{name}: {rate}");
        }
    }
}
