// SPDX-License-Identifier: Apache-2.0
//! Emitted designs in Verilator, at full rate, against the pipelines they were emitted from, one packet at a time.
//!
//! `BPF2HDL_RTL_SEEDS=N` simulates N random pipelines instead of a few.

mod pipe_support;
mod rtl_support;

use bpf2hdl::ir::Input;
use bpf2hdl::pipe::{Bits, Node, NodeId, NodeKind, Pipeline, Source};
use bpf2hdl::rtl;
use bpf2hdl_testbench::{PacketContext, PacketSet, ReadyPattern, SimOptions, SourcePattern};
use pipe_support::Random;
use rtl_support::bench::check;
use rtl_support::{design, golden, verilator, with_real_latencies};

/// Packets with few different beginnings, so that their entries meet, of `least` bytes or more.
fn packets(seed: u64, count: usize, least: usize) -> PacketSet {
    let mut random = Random::new(seed);
    let patterns: Vec<u64> = (0..4).map(|_| random.next()).collect();
    let mut set = PacketSet::new();
    for _ in 0..count {
        let pattern = random.pick(&patterns).to_le_bytes();
        let spread = if random.below(8) == 0 { 300 } else { 12 };
        let length = least + random.below(spread);
        let byte =
            |i: usize, random: &mut Random| if random.below(9) == 0 { random.next() as u8 } else { pattern[i % 8] };
        let data: Vec<u8> = (0..length).map(|i| byte(i, &mut random)).collect();
        let context = PacketContext {
            ingress_ifindex: random.within(0, 65535),
            rx_queue_index: random.within(0, 65535),
            ..PacketContext::default()
        };
        set.push(&data, context);
    }
    set
}

/// `count` frames of `length` equal bytes.
fn same(count: usize, length: usize) -> PacketSet {
    let frame = vec![7; length];
    std::iter::repeat_n(&frame[..], count).collect()
}

/// What the hardware leaves open is made definite: the exact length, where records find the packet, and indices that are always in
/// range. Maps get names of their own.
fn definite(mut p: Pipeline) -> Pipeline {
    p.full_length = true;
    if p.event_start.width() > 0 {
        let start = NodeId::new(p.nodes.len());
        let width = p.event_start.width();
        p.nodes.push(Node {
            kind: NodeKind::Input(Input::Start),
            width,
            start: 0,
            stage: 0,
            arrival_ps: 0,
            insn: None,
        });
        p.event_start = Bits::slice_of(Source::Node(start), 0, width);
    }
    for (index, unit) in p.maps.iter_mut().enumerate() {
        unit.map.name.push_str(&index.to_string());
        if unit.map.max_entries > 1 {
            unit.map.max_entries = unit.map.max_entries.next_power_of_two();
        }
    }
    p
}

#[test]
fn every_form_of_golden() {
    if verilator().is_none() {
        return;
    }
    for (name, bus) in [("constant", 64), ("reflect", 128), ("meter", 512), ("forward", 256)] {
        let design = design(definite(golden(name)), bus);
        let report = check(&design, &format!("sim_{name}"), &packets(1, 3000, 24), SimOptions::default());
        assert_eq!(report.packets, 3000);
    }
}

#[test]
fn random_pipelines() {
    if verilator().is_none() {
        return;
    }
    let seeds = std::env::var("BPF2HDL_RTL_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    for seed in 0..seeds {
        let bus = [64, 128, 256, 512][seed as usize % 4];
        let mut pipeline = with_real_latencies(definite(pipe_support::grow::grow(seed)));
        pipeline.interval = [1, 3, 8][seed as usize % 3];
        let design = design(pipeline, bus);
        let name = format!("sim_random_{seed}");
        check(&design, &name, &packets(seed, 2000, 18), SimOptions::default());
        let options = SimOptions {
            source: SourcePattern::Random { numerator: 1, denominator: 2 },
            pass_ready: ReadyPattern::Adversarial,
            tx_ready: ReadyPattern::Adversarial,
            seed: seed + 1,
            ..SimOptions::default()
        };
        check(&design, &name, &packets(seed + 100, 2000, 18), options);
    }
}

/// Clocks from the beat to the verdict of a core whose pipeline takes none: dropped, and sent on.
const AROUND: [u64; 2] = [6, 10];

#[test]
fn latency_and_rate_are_what_the_functions_say() {
    if verilator().is_none() {
        return;
    }
    for (name, waits) in [("constant", false), ("fused_counter", false), ("guarded_counter", true), ("meter", true)] {
        let pipeline = if ["constant", "meter"].contains(&name) {
            golden(name)
        } else {
            bpf2hdl::pipe::parse(&pipe_support::golden(&format!("{name}.pipe"))).expect("parses")
        };
        let pipeline = definite(pipeline);
        let apart = pipeline.maps.iter().map(rtl::interlock_clocks).max().unwrap_or(1);
        let clocks = rtl::pipeline_clocks(&pipeline);
        let design = design(pipeline, 512);
        let folder = format!("sim_rate_{name}");
        let one = check(&design, &folder, &same(1, 60), SimOptions::default());
        let around = AROUND[usize::from(one.pass.len() + one.tx.len() > 0)];
        assert_eq!(one.latency_cycles.expect("a packet").min, u64::from(clocks) + around, "{name}");
        let many = check(&design, &folder, &same(4000, 60), SimOptions::default());
        let rate = 1.0 / f64::from(apart);
        assert!(
            (many.packets_per_cycle / rate - 1.0).abs() < 0.05,
            "{name}: {} instead of {rate}",
            many.packets_per_cycle
        );
        assert_eq!(waits, apart > 1);
    }
}
