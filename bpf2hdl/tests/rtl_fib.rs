// SPDX-License-Identifier: Apache-2.0
//! `bpf_fib_lookup` in hardware: emitted cores in Verilator, their tables filled through the host's port, against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared, and how fast")]

mod design_folder;
mod support;

use bpf2hdl_testbench::random::network;
use bpf2hdl_testbench::{PacketContext, PacketSet, ReadyPattern, SimOptions};
use design_folder::{design, run};
use support::hash;

/// Programs of `tests/data/fib`, options for clang, and a bus. The first one in each run, all with `BPF2HDL_FIB_DESIGNS=2`.
const DESIGNS: [(&str, &str, u32); 2] = [("forward.c", "-DPORTS", 128), ("lookup.c", "", 512)];

#[test]
fn look_ups_in_hardware_equal_the_kernel() {
    if !support::kernel_or_skip("look_ups_in_hardware_equal_the_kernel") {
        return;
    }
    let count = std::env::var("BPF2HDL_FIB_DESIGNS").map_or(1, |value| value.parse().unwrap_or(DESIGNS.len()));
    for (seed, (program, arguments, bus_bits)) in (1..).zip(DESIGNS).take(count) {
        let linked = hash::c_program(&format!("../fib/{program}"), arguments);
        let design = design(&linked, bus_bits);
        let folder = design_folder::write("rtl_fib", &seed.to_string(), &design, &linked);
        let stalls = SimOptions { tx_ready: ReadyPattern::Adversarial, ..SimOptions::default() };
        for (routes, options) in [(8, SimOptions::default()), (100, stalls), (400, SimOptions::default())] {
            let network = network::network(seed + routes, routes as usize);
            let mut before = network.to_maps();
            if arguments == "-DPORTS" {
                let ports = [2u32, 3, 9].map(|port| (port.to_le_bytes().to_vec(), port.to_le_bytes().to_vec()));
                before.maps.insert("ports".to_owned(), ports.into());
            }
            let mut set = PacketSet::default();
            let interfaces = [1, 2, 3, 5, 9, 200].into_iter().cycle();
            for (frame, ingress_ifindex) in network::frames(routes, 4000, &network).iter().zip(interfaces) {
                set.push(frame, PacketContext { ingress_ifindex, ..PacketContext::default() });
            }
            let name = format!("{program} {arguments}, {routes} routes");
            let report = run(&linked, &folder, &name, (Some(&before), &set), options);
            assert_eq!(report.comparison.expect("compared").compared, 4000, "{program}");
            println!("{name}: {:?}", report.actions);
        }
    }
}
