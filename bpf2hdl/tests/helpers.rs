// SPDX-License-Identifier: Apache-2.0
//! Helpers for time, random numbers, checksums and copies: random programs that call them with every kind of argument, after
//! each pass, in the pipeline and in Verilator, against the kernel.
//!
//! `BPF2HDL_HELPERS=N` sets the number of programs, `BPF2HDL_SEED=S` the first seed.

mod design_folder;
mod support;

use std::fmt::Write as _;

use bpf2hdl::ir::{self, Interpreter, MapState, PacketInput};
use bpf2hdl::object::{self, Linked};
use bpf2hdl::pipe::{self, CycleModel, Runs};
use bpf2hdl::{Design, Optimize, Options, opt, sched, target, verify};
use bpf2hdl_testbench::{Arrivals, Oracle, PacketSet, ReadyPattern, Silent, SimOptions, SimRequest, simulate};
use support::generate::Numbers;

/// Bytes of the packet that are checked at the start.
const CHECKED: u64 = 96;
/// Bytes of stack that are filled at the start, down from r10.
const FILLED: u64 = 64;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn build_for(name: &str, clock_mhz: f64, bus_bits: u32) -> Options {
    let optimize = Optimize::default();
    Options { target: target::find(name).expect("a target"), clock_mhz, bus_bits, optimize, initiation_interval: 1 }
}

/// r6 is the packet, r7 the context, r8 its end; r9 gathers results.
struct Writer {
    n: Numbers,
    text: String,
    labels: u32,
    /// Where the next result is stored in the packet.
    next: u64,
}

impl Writer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "  {text}");
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    /// r9 takes the result in; the packet keeps it.
    fn keep(&mut self) {
        self.line("r9 ^= r0");
        let at = self.next % (CHECKED - 8);
        self.next += 9;
        self.line(&format!("*(u64 *)(r6 +{at}) = r0"));
    }

    fn statement(&mut self, depth: u32) {
        match self.n.below(if depth == 0 { 9 } else { 11 }) {
            0..=2 => self.checksum(),
            3 => self.ask(),
            4 | 5 => self.random(),
            6 => self.load_bytes(),
            7 => self.store_bytes(),
            8 => self.check_mtu(),
            _ => {
                let skip = self.label();
                let (at, mask) = (self.n.below(CHECKED), 1 << self.n.below(4));
                self.line(&format!("r1 = *(u8 *)(r6 +{at})"));
                self.line(&format!("if r1 & {mask} goto {skip}"));
                for _ in 0..1 + self.n.below(3) {
                    self.statement(depth - 1);
                }
                let _ = writeln!(self.text, "{skip}:");
            }
        }
    }

    fn ask(&mut self) {
        let call = self.n.pick(&[
            "bpf_ktime_get_ns#5",
            "bpf_ktime_get_boot_ns#125",
            "bpf_ktime_get_coarse_ns#160",
            "bpf_ktime_get_tai_ns#208",
            "bpf_jiffies64#118",
            "bpf_get_numa_node_id#42",
        ]);
        self.line(&format!("call {call}"));
        self.keep();
    }

    fn random(&mut self) {
        self.line("call bpf_get_prandom_u32#7");
        self.keep();
    }

    /// One area for a checksum: pointer and size in two registers.
    fn area(&mut self, register: u32) {
        let (pointer, size) = (register, register + 1);
        let on_stack = self.n.below(2) == 0;
        let whole = if on_stack { FILLED } else { CHECKED };
        match self.n.below(4) {
            0 => {
                self.line(&format!("r{pointer} = 0"));
                self.line(&format!("r{size} = 0"));
                return;
            }
            1 => {
                // A size that only the packet knows.
                let (at, mask) = (self.n.below(CHECKED), self.n.pick(&[0x1cu64, 0x3c, 7, 0x1f]));
                self.line(&format!("r{size} = *(u8 *)(r6 +{at})"));
                self.line(&format!("r{size} &= {mask}"));
            }
            _ => {
                let bytes = self.n.pick(&[4u64, 4, 8, 12, 16, 20, 40, 64, 1, 2, 3, 7, 33]);
                self.line(&format!("r{size} = {bytes}"));
            }
        }
        let slack = if whole == FILLED { 0 } else { self.n.below(whole - 63) };
        if on_stack {
            self.line(&format!("r{pointer} = r10"));
            self.line(&format!("r{pointer} += -{FILLED}"));
        } else {
            self.line(&format!("r{pointer} = r6"));
            self.line(&format!("r{pointer} += {slack}"));
        }
    }

    fn checksum(&mut self) {
        self.area(1);
        self.area(3);
        match self.n.below(4) {
            0 => self.line("r5 = 0"),
            1 => self.line("r5 = -1"),
            2 => self.line("r5 = r9"),
            _ => {
                let at = self.n.below(CHECKED - 4);
                self.line(&format!("r5 = *(u32 *)(r6 +{at})"));
            }
        }
        self.line("call bpf_csum_diff#28");
        self.keep();
    }

    fn copy(&mut self, call: &str, masks: &[u64], most: u64) {
        if self.n.below(2) == 0 {
            let at = self.n.below(most);
            self.line(&format!("r2 = {at}"));
        } else {
            let (at, mask, plus) = (self.n.below(CHECKED), self.n.pick(masks), self.n.below(most));
            self.line(&format!("r2 = *(u16 *)(r6 +{})", at & !1));
            self.line(&format!("r2 &= {mask}"));
            self.line(&format!("r2 += {plus}"));
        }
        let bytes = self.n.pick(&[1u64, 2, 4, 6, 8, 14, 20, 31, 64]);
        let down = bytes + self.n.below(FILLED - bytes + 1);
        self.line("r1 = r7");
        self.line("r3 = r10");
        self.line(&format!("r3 += -{down}"));
        self.line(&format!("r4 = {bytes}"));
        self.line(&format!("call {call}"));
        self.keep();
    }

    fn load_bytes(&mut self) {
        self.copy("bpf_xdp_load_bytes#189", &[0x3c, 7, 0x1e, 0x5f8], 120);
        let at = 8 * (1 + self.n.below(FILLED / 8));
        self.line(&format!("r0 = *(u64 *)(r10 -{at})"));
        self.keep();
    }

    fn store_bytes(&mut self) {
        self.copy("bpf_xdp_store_bytes#190", &[0x3c, 7, 0x1e], 120);
    }
}

impl Writer {
    /// A number of the packet, or one of these.
    fn number(&mut self, register: u32, some: &[i64]) {
        match self.n.below(3) {
            0 => {
                let at = self.n.below(CHECKED - 4);
                let load = self.n.pick(&["u16", "u32"]);
                self.line(&format!("r{register} = *({load} *)(r6 +{at})"));
            }
            _ => {
                let number = self.n.pick(some);
                self.line(&format!("r{register} = {number}"));
            }
        }
    }

    fn check_mtu(&mut self) {
        let at = 4 * (1 + self.n.below(FILLED / 4));
        self.number(1, &[0, 0, 46, 1486, 1500, 1501, -14, 0x7fff_fff1, 0x7fff_fff2]);
        self.line(&format!("*(u32 *)(r10 -{at}) = r1"));
        let interface = self.n.pick(&[0i64, 0, 1, 2, 16, 0x1_0000, 70_000, -1]);
        self.line(&format!("r2 = {interface}"));
        self.line("r3 = r10");
        self.line(&format!("r3 += -{at}"));
        self.number(4, &[0, 0, 20, -20, 1300, 1440, 1441, -1000, 0x7fff_0000]);
        let flags = self.n.pick(&["0", "0", "0", "1", "r9"]);
        self.line(&format!("r5 = {flags}"));
        self.line("r1 = r7");
        self.line("call bpf_check_mtu#163");
        self.keep();
        self.line(&format!("r0 = *(u32 *)(r10 -{at})"));
        self.keep();
    }
}

fn program(seed: u64) -> Linked {
    let mut w = Writer { n: Numbers::new(seed), text: String::new(), labels: 0, next: seed % 60 };
    for line in ["r0 = 2", "r7 = r1", "r6 = *(u32 *)(r1 +0)", "r8 = *(u32 *)(r1 +4)", "r2 = r6"] {
        w.line(line);
    }
    w.line(&format!("r2 += {CHECKED}"));
    w.line("if r2 > r8 goto out");
    w.line("r9 = *(u64 *)(r6 +30)");
    for slot in 1..=FILLED / 8 {
        w.line(&format!("r1 = *(u64 *)(r6 +{})", 8 * (slot - 1)));
        w.line(&format!("*(u64 *)(r10 -{}) = r1", 8 * slot));
    }
    for _ in 0..1 + w.n.below(4) {
        w.statement(2);
    }
    w.line("r0 = 3");
    w.line("if r9 & 3 goto out");
    w.line("r0 = 2");
    let _ = writeln!(w.text, "out:\n  exit");
    support::program(&w.text, Vec::new())
}

/// Many zeros and ones, so that sums come out as either form of zero.
fn packets(seed: u64, count: usize) -> PacketSet {
    let mut n = Numbers::new(seed ^ 0x5555);
    let mut set = PacketSet::new();
    set.set_arrivals(Arrivals { start_ns: 1 << (seed % 60), step_ns: 3_999_999, seed });
    for _ in 0..count {
        let (length, style) = (60 + n.below(200), n.below(5));
        let byte = |n: &mut Numbers| match style {
            0 => n.bits() as u8,
            1 => 0,
            2 => 0xff,
            3 => n.pick(&[0, 0, 0, 1]),
            _ => n.pick(&[0, 0xff, 0xff, 0xfe]),
        };
        let data: Vec<u8> = (0..length).map(|_| byte(&mut n)).collect();
        set.push(&data, Default::default());
    }
    set
}

fn by_kernel(linked: &Linked, packets: &PacketSet) -> Option<Vec<(u8, Vec<u8>)>> {
    let mut kernel = support::kernel(linked).ok()?;
    let mut run = |packet: bpf2hdl_testbench::Packet<'_>| {
        let verdict = kernel.run(packet.data, &packet.context).expect("judged");
        (verdict.action as u8, verdict.data)
    };
    Some(packets.iter().map(&mut run).collect())
}

fn input<'a>(packet: &bpf2hdl_testbench::Packet<'a>) -> PacketInput<'a> {
    PacketInput { arrival: packet.context.arrival, ..PacketInput::new(packet.data) }
}

#[test]
fn every_pass_and_the_pipeline_agree_with_the_kernel() {
    if !support::kernel_or_skip("every_pass_and_the_pipeline_agree_with_the_kernel") {
        return;
    }
    let (count, first) = (setting("BPF2HDL_HELPERS", 120), setting("BPF2HDL_SEED", 1));
    let (mut compared, mut limited) = (0, 0);
    for seed in first..first + count {
        let (linked, packets) = (program(seed), packets(seed, 40));
        let Some(expected) = by_kernel(&linked, &packets) else { continue };
        let function = verify::verify(&linked, &verify::LIMITS)
            .unwrap_or_else(|d| panic!("seed {seed}: the kernel accepts what we refuse: {d:#?}"));
        for (pass, f) in opt::trace(function.clone(), &build_for("xcup", 250.0, 512).goal()) {
            ir::check(&f).unwrap_or_else(|e| panic!("{e:?}\n{f}"));
            let (mut maps, mut interpreter) = (MapState::new(&f), Interpreter::new(&f));
            for (i, (packet, want)) in packets.iter().zip(&expected).enumerate() {
                let outcome = interpreter.run(&input(&packet), &mut maps);
                let got = (outcome.action, outcome.apply(packet.data));
                assert_eq!(&got, want, "seed {seed}, after {pass}, packet {i}");
            }
        }
        for (name, clock_mhz) in [("xcup", 250.0), ("ecp5", 100.0)] {
            let options = build_for(name, clock_mhz, 512);
            let function = opt::optimize(function.clone(), &options.goal());
            let Ok((p, _)) = sched::schedule(&linked, &function, &options) else {
                limited += 1;
                continue;
            };
            pipe::check(&p).unwrap_or_else(|e| panic!("{e:?}\n{p}"));
            assert!(pipe::parse(&p.to_string()).as_ref() == Ok(&p), "seed {seed}: {p}");
            let model = CycleModel::new(&p);
            let passages = model.run(packets.iter().map(|packet| input(&packet)), &mut model.initial_maps());
            for (i, ((got, want), packet)) in passages.packets.iter().zip(&expected).zip(packets.iter()).enumerate() {
                assert_eq!(&(got.action, got.apply(packet.data)), want, "seed {seed}, {name}, packet {i}");
            }
        }
        compared += 1;
    }
    assert!(compared * 4 > count * 3, "only {compared} of {count} compared, {limited} over a limit");
}

#[test]
fn hardware_equals_the_kernel() {
    if !support::kernel_or_skip("hardware_equals_the_kernel") {
        return;
    }
    let wanted = |linked: &Linked| {
        let calls = ["bpf_csum_diff", "bpf_get_prandom_u32", "ktime_get_ns", "bpf_xdp_load_bytes"];
        let texts: Vec<String> = linked.insns.iter().map(|insn| insn.insn.to_string()).collect();
        calls.iter().all(|call| texts.iter().any(|text| text.contains(call)))
    };
    let mut seeds = (1..5000).filter(|&seed| {
        let linked = program(seed);
        wanted(&linked) && support::kernel(&linked).is_ok()
    });
    for bus_bits in [64, 512] {
        let seed = seeds.next().expect("there is one");
        let (linked, packets) = (program(seed), packets(seed, 1500));
        let built = build_for("xcup", 250.0, bus_bits);
        let function = verify::verify(&linked, &verify::LIMITS).expect("it verifies");
        let function = opt::optimize(function, &built.goal());
        let (pipeline, warnings) = sched::schedule(&linked, &function, &built).expect("it is small");
        let runs = Runs::new(&pipeline);
        let design = Design { options: built, function, pipeline, runs, warnings };
        let folder = design_folder::write("helpers", &format!("{seed}_{bus_bits}"), &design, &linked);
        let random = ReadyPattern::Random { numerator: 1, denominator: 2 };
        let stalls = SimOptions { pass_ready: random, tx_ready: ReadyPattern::Adversarial, ..SimOptions::default() };
        for options in [SimOptions::default(), stalls] {
            let mut kernel = support::kernel(&linked).expect("the kernel takes it");
            let oracle: Option<&mut dyn Oracle> = Some(&mut kernel);
            let options = options.quick();
            let request = SimRequest { design: &folder, packets: &packets, preload: None, oracle, options };
            let report = simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{seed}: {e}"));
            let comparison = report.comparison.as_ref().expect("compared");
            assert_eq!(report.mismatches(), 0, "seed {seed}\n{:#?}\n{:#?}", comparison.explained, report.checks);
            assert_eq!(comparison.compared, packets.len() as u64);
        }
    }
}

fn refused(text: &str) -> String {
    let problems = verify::verify(&support::program(text, Vec::new()), &verify::LIMITS).expect_err("it is refused");
    let first = problems.errors().next().expect("an error");
    format!("{} {}", first.code, first.message)
}

#[test]
fn arguments_that_can_not_be_built_are_refused() {
    let unbounded = "r7 = r1\nr4 = *(u32 *)(r1 +16)\nr3 = r10\nr3 += -8\n*(u64 *)(r10 -8) = 0\nr1 = 0\nr2 = 0\nr5 = 0\n\
                     call bpf_csum_diff#28\nexit\n";
    assert!(refused(unbounded).starts_with("E0305 to_size of bpf_csum_diff is not known well enough"));
    let null = "r1 = 0\nr2 = 4\nr3 = 0\nr4 = 0\nr5 = 0\ncall bpf_csum_diff#28\nexit\n";
    assert!(refused(null).contains("4 bytes of a null pointer"), "{}", refused(null));
    let length = "r4 = *(u32 *)(r1 +16)\nr2 = 0\nr3 = r10\nr3 += -8\ncall bpf_xdp_load_bytes#189\nr0 = 0\nexit\n";
    assert!(refused(length).starts_with("E0305 the length of bpf_xdp_load_bytes"), "{}", refused(length));
    let context = "r1 = r10\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 8\ncall bpf_xdp_load_bytes#189\nr0 = 0\nexit\n";
    assert!(refused(context).contains("the first argument is a stack pointer, not the context"));
    let buffer = "r2 = 0\nr3 = *(u32 *)(r1 +0)\nr4 = 0\nr5 = 0\ncall bpf_check_mtu#163\nr0 = 0\nexit\n";
    assert!(refused(buffer).starts_with("E0305 mtu_len of bpf_check_mtu is a packet pointer"), "{}", refused(buffer));
    let far =
        "r2 = 600\nr3 = r10\nr3 += -8\n*(u64 *)(r10 -8) = 0\nr4 = 8\ncall bpf_xdp_store_bytes#190\nr0 = 0\nexit\n";
    assert!(refused(far).starts_with("E0501"), "{}", refused(far));
}

#[test]
fn prints_are_left_out_with_a_warning() {
    // "%p", of the context.
    let text =
        "*(u64 *)(r10 -8) = 0x7025\nr3 = r1\nr1 = r10\nr1 += -8\nr2 = 8\ncall bpf_trace_printk#6\nr0 = 2\nexit\n";
    let mut linked = support::program(text, Vec::new());
    linked.maps.extend(object::print_channel(linked.raw.iter().copied()));
    let (function, warnings) = verify::verify_with_warnings(&linked, &verify::LIMITS).expect("it verifies");
    let texts: Vec<String> = warnings.iter().map(|w| format!("{} {}", w.code, w.message)).collect();
    let expected =
        "W0020 this `bpf_trace_printk` is left out: `%p` prints the hash of an address, and hardware has no addresses";
    assert_eq!(texts, [expected]);
    assert!(function.events.is_empty());
    assert_eq!(support::run_ir(&function, &[vec![0; 60]]).0[0].action, 2);
    if support::kernel_or_skip("prints_are_left_out_with_a_warning") {
        let mut kernel = support::kernel(&linked).expect("the kernel takes it");
        assert_eq!(support::run_oracle(&mut kernel, &[vec![0; 60]])[0].action, 2);
    }
}
