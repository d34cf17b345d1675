// SPDX-License-Identifier: Apache-2.0
//! Programs that change the packet's extent (`tests/data/resize.c`): the IR after each pass, and the pipeline clock by
//! clock, against the running kernel.

mod object_support;
mod resize_support;
mod support;

use bpf2hdl::ir::PacketInput;
use bpf2hdl::object::Linked;
use bpf2hdl::pipe::{self, CycleModel};
use bpf2hdl::{Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::{MapContents, Oracle};
use resize_support::{frames, program, programs};

fn entries(contents: &MapContents, name: &str) -> Vec<(u32, Vec<u8>)> {
    let all = contents.maps.get(name).into_iter().flatten();
    let number = |key: &[u8]| u32::from_le_bytes(key[..4].try_into().expect("a key"));
    all.map(|(key, value)| (number(key), value.clone())).filter(|(_, v)| v.iter().any(|&b| b != 0)).collect()
}

/// Bytes of metadata before a passed packet, and the packet behind them.
type Expected = (usize, support::Result1);

/// What the kernel makes of the packets, and its map afterwards.
fn expected(linked: &Linked, packets: &[Vec<u8>]) -> (Vec<Expected>, Vec<(u32, Vec<u8>)>) {
    let mut kernel = support::kernel(linked).unwrap_or_else(|e| panic!("{}: {e}", linked.name));
    let results = packets
        .iter()
        .map(|packet| {
            let verdict = kernel.run(packet, &Default::default()).expect("judged");
            let action = verdict.action as u8;
            let data = if action < 2 { Vec::new() } else { verdict.data };
            (verdict.metadata, support::Result1 { action, data })
        })
        .collect();
    let maps = kernel.maps().expect("maps");
    (results, entries(&maps, "seen"))
}

fn goal() -> opt::Goal {
    let target = target::find("xcup").expect("a target");
    Options { target, clock_mhz: 250.0, bus_bits: 512, optimize: Optimize::Latency, initiation_interval: 1 }.goal()
}

#[test]
fn every_pass_agrees_with_the_kernel() {
    if !support::kernel_or_skip("every_pass_agrees_with_the_kernel") {
        return;
    }
    for name in programs() {
        let linked = program(&name);
        let packets = frames(&name, 400);
        let (expected, seen) = expected(&linked, &packets);
        let plain: Vec<support::Result1> = expected.iter().map(|(_, result)| result.clone()).collect();
        let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|d| panic!("{name}: {d:#?}"));
        let mut moved = 0;
        for (packet, result) in packets.iter().zip(&plain) {
            moved += usize::from(!result.data.is_empty() && result.data.len() != packet.len());
        }
        assert!(moved > 20, "{name}: only {moved} frames changed their length");
        for (pass, f) in opt::trace(function.clone(), &goal()) {
            let (results, maps) = support::run_ir(&f, &packets);
            for (i, (got, want)) in results.iter().zip(&plain).enumerate() {
                assert_eq!(got, want, "{name}, after {pass}, packet {i} {:02x?}\n{f}", packets[i]);
            }
            assert_eq!(support::ir_map(&f, &maps, 0), seen, "{name}, after {pass}\n{f}");
            let again = bpf2hdl::ir::parse(&f.to_string()).unwrap_or_else(|e| panic!("{name}: {e}\n{f}"));
            assert_eq!(again, f);
        }
        for (target_name, clock_mhz, optimize) in [("xcup", 250.0, Optimize::Latency), ("ecp5", 60.0, Optimize::Area)] {
            let target = target::find(target_name).expect("a target");
            let options = Options { target, clock_mhz, bus_bits: 512, optimize, initiation_interval: 1 };
            let function = opt::optimize(function.clone(), &options.goal());
            let (p, _) = sched::schedule(&linked, &function, &options).unwrap_or_else(|d| panic!("{name}: {d:#?}"));
            pipe::check(&p).unwrap_or_else(|e| panic!("{name}: {e:?}\n{p}"));
            let again = pipe::parse(&p.to_string()).unwrap_or_else(|e| panic!("{name}: {e}\n{p}"));
            assert_eq!(again, p);
            let model = CycleModel::new(&p);
            let mut maps = model.initial_maps();
            let inputs = packets.iter().map(|p| PacketInput::new(p));
            let passages = model.run(inputs, &mut maps);
            for (i, (got, (metadata, want))) in passages.packets.iter().zip(&expected).enumerate() {
                let data = if got.action < 2 { Vec::new() } else { got.apply(&packets[i]) };
                assert_eq!((got.action, data), (want.action, want.data.clone()), "{name}, packet {i}\n{p}");
                assert_eq!(got.metadata() as usize, *metadata, "{name}, packet {i}");
            }
            assert_eq!(support::ir_map(&function, &maps, 0), seen, "{name} for {target_name}\n{p}");
        }
    }
}

fn assembled(text: &str) -> Linked {
    support::program(text, Vec::new())
}

fn refusal(text: &str) -> String {
    let errors = verify::verify(&assembled(text), &verify::LIMITS).expect_err("it must be refused");
    format!("{errors:?}")
}

/// What the kernel's verifier refuses after a call, and what has a limit.
#[test]
fn what_can_not_be_built_is_refused() {
    let head = "r6 = r1\nr7 = *(u32 *)(r1 +0)\nr8 = *(u32 *)(r1 +4)\nr2 = r7\nr2 += 20\nr0 = 2\nif r2 > r8 goto out\n";
    let call = "r1 = r6\nr2 = -4\ncall bpf_xdp_adjust_head#44\n";
    let stale = format!("{head}{call}r0 = *(u8 *)(r7 +0)\nout:\nexit\n");
    assert!(refusal(&stale).contains("StalePointer"), "{}", refusal(&stale));
    // The old end is a number, in the kernel too; here its comparison even proves something.
    let stale_end = format!(
        "{head}{call}r2 = *(u32 *)(r6 +0)\nr2 += 100\nr0 = 0\nif r2 > r8 goto out\nr0 = *(u8 *)(r2 -1)\nout:\nexit\n"
    );
    let _ = verify::verify(&assembled(&stale_end), &verify::LIMITS).expect("it is safe");
    let beyond = stale_end.replace("(r2 -1)", "(r2 +0)");
    assert!(refusal(&beyond).contains("PacketOutOfBounds"));
    let unchecked = format!("{head}{call}r2 = *(u32 *)(r6 +0)\nr0 = *(u8 *)(r2 +24)\nout:\nexit\n");
    assert!(refusal(&unchecked).contains("PacketOutOfBounds"));
    let spilled =
        format!("{head}*(u64 *)(r10 -8) = r7\n{call}r2 = *(u64 *)(r10 -8)\nr0 = *(u8 *)(r2 +0)\nout:\nexit\n");
    assert!(refusal(&spilled).contains("StalePointer"));
    let any = format!("{head}r2 = *(u8 *)(r7 +0)\nr1 = r6\ncall bpf_xdp_adjust_head#44\nr0 = 2\nout:\nexit\n");
    assert!(refusal(&any).contains("more than 64 different places"), "{}", refusal(&any));
    let context = format!("{head}r2 = -4\nr1 = r7\ncall bpf_xdp_adjust_head#44\nr0 = 2\nout:\nexit\n");
    assert!(refusal(&context).contains("HelperArgument"));
    if support::kernel_or_skip("what_can_not_be_built_is_refused") {
        for text in [&stale, &beyond, &unchecked, &spilled, &context] {
            assert!(support::kernel(&assembled(text)).is_err(), "the kernel takes\n{text}");
        }
    }
}
