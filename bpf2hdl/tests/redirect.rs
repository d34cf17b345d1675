// SPDX-License-Identifier: Apache-2.0
//! Redirects: random programs that call `bpf_redirect` and `bpf_redirect_map` on maps of every kind, under branches and with
//! every kind of flags. Verdict, packet and target after each pass, in the pipeline and in Verilator, against the kernel.
//!
//! `BPF2HDL_REDIRECTS=N` sets the number of programs, `BPF2HDL_SEED=S` the first seed.

mod design_folder;
mod support;

use std::fmt::Write as _;

use bpf2hdl::ir::{self, Interpreter, MapId, MapState, PacketInput};
use bpf2hdl::object::{Linked, Map};
use bpf2hdl::pipe::{self, CycleModel, Runs};
use bpf2hdl::{Design, Optimize, Options, opt, sched, target, verify};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::registers::Counter;
use bpf2hdl_testbench::{
    Action, MapContents, MapType, Oracle, PacketContext, PacketSet, ReadyPattern, RedirectTarget, Silent, SimOptions,
    SimReport, SimRequest, simulate,
};
use support::generate::Numbers;

/// Verdict, packet (nothing if it is discarded) and target.
type Fate = (u8, Vec<u8>, Option<RedirectTarget>);

/// Name, type, value bytes, entries.
const MAPS: [(&str, MapType, u32, u32); 6] = [
    ("ports", MapType::DEVMAP, 4, 8),
    ("doors", MapType::DEVMAP, 8, 300),
    ("cpus", MapType::CPUMAP, 4, 5),
    ("cores", MapType::CPUMAP, 8, 64),
    ("sockets", MapType::XSKMAP, 4, 16),
    ("houses", MapType::DEVMAP_HASH, 8, 40),
];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn build_for(name: &str, clock_mhz: f64, bus_bits: u32) -> Options {
    let optimize = Optimize::default();
    Options { target: target::find(name).expect("a target"), clock_mhz, bus_bits, optimize, initiation_interval: 1 }
}

fn maps() -> Vec<Map> {
    let map = |&(name, map_type, value_size, entries): &(&str, MapType, u32, u32)| Map {
        map_type: map_type.0,
        ..support::array(name, value_size, entries)
    };
    MAPS.iter().map(map).collect()
}

/// Contents with holes.
fn contents(seed: u64) -> MapContents {
    let mut n = Numbers::new(seed ^ 0x7777);
    let mut entries = |map_type: MapType, value_size: u32, count: u32| -> Entries {
        let mut all = Entries::new();
        for key in 0..count {
            // Any number is a key of a map with hash.
            let key = if map_type.is_hash() { 3 * key } else { key };
            if n.below(3) > 0 {
                let number = [3u32, 77, 1000, 16_000][n.below(4) as usize];
                let mut value = number.to_le_bytes().to_vec();
                value.resize(value_size as usize, 0);
                all.insert(key.to_le_bytes().to_vec(), value);
            }
        }
        all
    };
    let maps = MAPS.iter().map(|&(name, kind, size, count)| (name.to_owned(), entries(kind, size, count)));
    MapContents { maps: maps.collect() }
}

/// r6 is the packet (64 bytes are there), r9 what will be returned.
struct Writer {
    n: Numbers,
    text: String,
    labels: u32,
}

impl Writer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "  {text}");
    }

    fn load(&mut self, register: &str, size: &str) {
        let at = self.n.below(56);
        self.line(&format!("{register} = *({size} *)(r6 +{at})"));
    }

    fn statement(&mut self) {
        match self.n.below(6) {
            0 | 1 => self.redirect(),
            2 | 3 => self.redirect_map(),
            4 => self.lookup(),
            _ => {
                let (value, at) = (self.n.below(256), self.n.below(60));
                self.line(&format!("*(u8 *)(r6 +{at}) = {value}"));
            }
        }
    }

    fn redirect(&mut self) {
        match self.n.below(3) {
            0 => self.line("r1 = 5"),
            1 => self.load("r1", "u64"),
            _ => self.load("r1", "u16"),
        }
        if self.n.below(3) > 0 {
            self.line("r2 = 0");
        } else {
            self.load("r2", "u8");
            self.line("r2 &= 1");
        }
        self.line("call bpf_redirect#23");
        self.line("r9 = r0");
    }

    fn redirect_map(&mut self) {
        let map = self.n.below(MAPS.len() as u64) as usize;
        match self.n.below(4) {
            0 => {
                let key = self.n.below(10);
                self.line(&format!("r2 = {key}"));
            }
            1 => self.load("r2", "u64"),
            _ => {
                self.load("r2", "u8");
                let mask = [7, 15, 63][self.n.below(3) as usize];
                self.line(&format!("r2 &= {mask}"));
            }
        }
        match self.n.below(4) {
            0 | 1 => {
                let flags = self.n.below(4) + self.n.pick(&[0, 0, 8, 8, 16, 24]);
                self.line(&format!("r3 = {flags}"));
            }
            2 => self.load("r3", "u64"),
            _ => {
                self.load("r3", "u8");
                let mask = ["0x23", "0x1b", "0x18", "0x3"][self.n.below(4) as usize];
                self.line(&format!("r3 &= {mask}"));
            }
        }
        self.line(&format!("r1 = map[fd:{map}]"));
        self.line("call bpf_redirect_map#51");
        self.line("r9 = r0");
    }

    /// As programs for `AF_XDP` do: is there an entry?
    fn lookup(&mut self) {
        let map = self.n.below(MAPS.len() as u64) as usize;
        self.load("r1", "u8");
        self.line("r1 &= 31");
        self.line("*(u32 *)(r10 -4) = r1");
        self.line("r2 = r10");
        self.line("r2 += -4");
        self.line(&format!("r1 = map[fd:{map}]"));
        self.line("call bpf_map_lookup_elem#1");
        let skip = self.label();
        self.line(&format!("if r0 == 0 goto {skip}"));
        if MAPS[map].1 == MapType::XSKMAP {
            self.line("r9 = 3");
        } else {
            self.line("r1 = *(u32 *)(r0 +0)");
            self.line("*(u32 *)(r6 +20) = r1");
        }
        let _ = writeln!(self.text, "{skip}:");
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }
}

fn program(seed: u64) -> Linked {
    let mut w = Writer { n: Numbers::new(seed), text: String::new(), labels: 0 };
    for line in ["r0 = 2", "r6 = *(u32 *)(r1 +0)", "r8 = *(u32 *)(r1 +4)", "r2 = r6", "r2 += 64", "if r2 > r8 goto out"]
    {
        w.line(line);
    }
    w.line("r9 = 1");
    for _ in 0..1 + w.n.below(5) {
        let branch = (w.n.below(2) == 0).then(|| w.label());
        if let Some(skip) = &branch {
            w.load("r1", "u8");
            let mask = 1 << w.n.below(4);
            w.line(&format!("if r1 & {mask} goto {skip}"));
        }
        w.statement();
        if let Some(skip) = branch {
            let _ = writeln!(w.text, "{skip}:");
        }
    }
    w.line("r0 = r9");
    if w.n.below(3) == 0 {
        w.load("r1", "u8");
        w.line("if r1 & 6 goto out");
        w.line("r0 = 4");
    }
    let _ = writeln!(w.text, "out:\n  exit");
    support::program(&w.text, maps())
}

fn packets(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut n = Numbers::new(seed ^ 0x3333);
    (0..count)
        .map(|_| {
            let most = if n.below(4) == 0 { 60 } else { 300 };
            let (length, style) = (14 + n.below(most), n.below(2));
            (0..length).map(|_| if style == 0 { n.bits() as u8 } else { n.pick(&[0, 0, 0, 1, 2, 3, 5]) }).collect()
        })
        .collect()
}

fn fate(action: u8, data: Vec<u8>, target: Option<RedirectTarget>) -> Fate {
    (action, if action < 2 { Vec::new() } else { data }, target)
}

fn by_kernel(linked: &Linked, contents: &MapContents, packets: &[Vec<u8>]) -> Vec<Fate> {
    let mut kernel = support::kernel(linked).unwrap_or_else(|e| panic!("the kernel refuses it: {e}"));
    kernel.load_maps(contents).expect("the kernel takes the entries");
    let mut run = |packet: &Vec<u8>| {
        let verdict = kernel.run(packet, &PacketContext::default()).expect("judged");
        fate(verdict.action as u8, verdict.data, verdict.target)
    };
    packets.iter().map(&mut run).collect()
}

/// The contents as the interpreters want them.
fn state(function: &ir::Function, contents: &MapContents) -> MapState {
    let mut state = MapState::new(function);
    fill(&mut state, contents);
    state
}

fn fill(state: &mut MapState, contents: &MapContents) {
    for (index, (name, map_type, ..)) in MAPS.iter().enumerate() {
        for (key, value) in &contents.maps[*name] {
            if map_type.is_hash() {
                state.insert(MapId::new(index), key, value).expect("it fits");
                continue;
            }
            let key = u32::from_le_bytes(key[..].try_into().expect("4 bytes"));
            state.entry_mut(MapId::new(index), key.into()).expect("in range").copy_from_slice(value);
        }
    }
}

fn input(packet: &[u8]) -> PacketInput<'_> {
    PacketInput::new(packet)
}

#[test]
fn every_pass_and_the_pipeline_agree_with_the_kernel() {
    if !support::kernel_or_skip("every_pass_and_the_pipeline_agree_with_the_kernel") {
        return;
    }
    let (count, first) = (setting("BPF2HDL_REDIRECTS", 150), setting("BPF2HDL_SEED", 1));
    let mut seen = [0; 5];
    for seed in first..first + count {
        let (linked, contents, packets) = (program(seed), contents(seed), packets(seed, 40));
        let expected = by_kernel(&linked, &contents, &packets);
        for (_, _, target) in expected.iter().filter(|(action, ..)| *action == 4) {
            seen[target.map_or(0, code)] += 1;
        }
        let function = verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|d| panic!("seed {seed}: {d:#?}"));
        for (pass, f) in opt::trace(function.clone(), &build_for("xcup", 250.0, 512).goal()) {
            ir::check(&f).unwrap_or_else(|e| panic!("{e:?}\n{f}"));
            assert_eq!(ir::parse(&f.to_string()).as_ref(), Ok(&f), "seed {seed}, after {pass}");
            let (mut maps, mut interpreter) = (state(&f, &contents), Interpreter::new(&f));
            for (i, (packet, want)) in packets.iter().zip(&expected).enumerate() {
                let outcome = interpreter.run(&input(packet), &mut maps);
                let got = fate(outcome.action, outcome.apply(packet), outcome.target);
                assert_eq!(&got, want, "seed {seed}, after {pass}, packet {i}\n{f}");
            }
        }
        for (name, clock_mhz) in [("xcup", 250.0), ("ecp5", 60.0)] {
            let options = build_for(name, clock_mhz, 512);
            let function = opt::optimize(function.clone(), &options.goal());
            let (p, _) = sched::schedule(&linked, &function, &options).expect("it is small");
            pipe::check(&p).unwrap_or_else(|e| panic!("{e:?}\n{p}"));
            assert!(pipe::parse(&p.to_string()).as_ref() == Ok(&p), "seed {seed}: {p}");
            let model = CycleModel::new(&p);
            let mut maps = model.initial_maps();
            fill(&mut maps, &contents);
            let passages = model.run(packets.iter().map(|packet| input(packet)), &mut maps);
            for (i, (got, want)) in passages.packets.iter().zip(&expected).enumerate() {
                let got = fate(got.action, got.apply(&packets[i]), got.target);
                assert_eq!(&got, want, "seed {seed}, {name}, packet {i}\n{p}");
            }
        }
    }
    assert!(seen.iter().all(|&n| n > 20), "nowhere, port, cpu, socket, all ports: {seen:?}");
}

fn in_hardware(seed: u64, bus_bits: u32, options: SimOptions) -> SimReport {
    let (linked, contents, packets) = (program(seed), contents(seed), packets(seed, 1500));
    let built = build_for("xcup", 250.0, bus_bits);
    let function = opt::optimize(verify::verify(&linked, &verify::LIMITS).expect("it verifies"), &built.goal());
    let (pipeline, warnings) = sched::schedule(&linked, &function, &built).expect("it is small");
    let runs = Runs::new(&pipeline);
    let design = Design { options: built, function, pipeline, runs, warnings };
    let folder = design_folder::write("redirect", &format!("{seed}_{bus_bits}"), &design, &linked);
    let set: PacketSet = packets.iter().map(Vec::as_slice).collect();
    let mut kernel = support::kernel(&linked).expect("the kernel takes it");
    let request =
        SimRequest { design: &folder, packets: &set, preload: Some(&contents), oracle: Some(&mut kernel), options };
    let report = simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{seed}: {e}"));
    let comparison = report.comparison.as_ref().expect("compared");
    assert_eq!(
        report.mismatches(),
        0,
        "seed {seed}, {bus_bits} bits\n{}\n{:#?}\n{:#?}",
        design.pipeline,
        comparison.explained,
        report.checks
    );
    assert_eq!(comparison.compared, packets.len() as u64);
    report
}

/// As [`code`] says it: all ports of a devmap.
const ALL_PORTS: usize = 4;

/// The kind of a target.
fn code(target: RedirectTarget) -> usize {
    if target.group().is_some() { ALL_PORTS } else { target.kind.code().into() }
}

/// The first seed whose program redirects many packets to each of these kinds.
fn seed_with(kinds: &[usize]) -> u64 {
    let wanted = |seed: &u64| {
        let (linked, contents, packets) = (program(*seed), contents(*seed), packets(*seed, 40));
        let fates = by_kernel(&linked, &contents, &packets);
        let count = |kind: usize| fates.iter().filter(|f| f.0 == 4 && f.2.is_some_and(|t| code(t) == kind)).count();
        kinds.iter().all(|&kind| count(kind) > 5)
    };
    (1..2000).find(wanted).expect("there is one")
}

#[test]
fn hardware_equals_the_kernel_with_and_without_stalls() {
    if !support::kernel_or_skip("hardware_equals_the_kernel_with_and_without_stalls") {
        return;
    }
    for (seed, bus_bits) in [(seed_with(&[2, ALL_PORTS]), 64), (seed_with(&[1, ALL_PORTS]), 512)] {
        let full = in_hardware(seed, bus_bits, SimOptions::default());
        assert!(full.actions[Action::Redirect as usize] > 0);
        let random = ReadyPattern::Random { numerator: 1, denominator: 2 };
        for redirect_ready in [random, ReadyPattern::Adversarial] {
            let stalled = SimOptions { pass_ready: random, redirect_ready, seed, ..SimOptions::default() };
            in_hardware(seed, bus_bits, stalled);
        }
        // An output that hardly takes anything loses its own frames and nobody else's.
        let slow = ReadyPattern::Random { numerator: 1, denominator: 400 };
        let lossy = SimOptions { redirect_ready: slow, lossless: Some(false), seed, ..SimOptions::default() };
        let report = in_hardware(seed, bus_bits, lossy);
        assert!(report.counters.get(Counter::RedirectLostPackets) > 0);
        assert_eq!(report.counters.get(Counter::PassLostPackets) + report.counters.get(Counter::TxLostPackets), 0);
        assert_eq!(report.input_stall_cycles, 0);
    }
}

fn refused(text: &str) -> String {
    let problems = verify::verify(&support::program(text, maps()), &verify::LIMITS).expect_err("it is refused");
    let first = problems.errors().next().expect("an error");
    format!("{} {}", first.code, first.message)
}

#[test]
fn refusals_name_the_cause() {
    let call = |map: u32, flags: &str| {
        format!("r2 = 0\nr1 = *(u32 *)(r1 +12)\nr3 = {flags}\nr1 = map[fd:{map}]\ncall bpf_redirect_map#51\nexit\n")
    };
    for (map, flags) in [(0, "3"), (0, "8"), (0, "r1"), (5, "27"), (0, "0x20"), (2, "8"), (4, "r1")] {
        let linked = support::program(&call(map, flags), maps());
        verify::verify(&linked, &verify::LIMITS).unwrap_or_else(|d| panic!("map {map}, flags {flags}: {d:#?}"));
    }
    let array = "r2 = 0\nr3 = 0\nr1 = map[fd:0]\ncall bpf_redirect_map#51\nexit\n";
    let linked = support::program(array, vec![support::array("plain", 4, 4)]);
    let message = verify::verify(&linked, &verify::LIMITS).expect_err("it is refused").to_string();
    assert!(message.contains("`plain`"), "{message}");
    let look_into = "*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[fd:4]\ncall bpf_map_lookup_elem#1\n\
                     if r0 == 0 goto +1\nr0 = *(u32 *)(r0 +0)\nexit\n";
    assert!(refused(look_into).starts_with("E0207"), "{}", refused(look_into));
    let into_devmap = look_into.replace("fd:4", "fd:0").replace("r0 = *(u32 *)(r0 +0)", "*(u32 *)(r0 +0) = 1");
    assert!(refused(&into_devmap).contains("read-only"), "{}", refused(&into_devmap));
    let change = |helper: &str| {
        format!(
            "*(u64 *)(r10 -8) = 1\n*(u32 *)(r10 -12) = 1\nr2 = r10\nr2 += -12\nr3 = r10\nr3 += -8\nr4 = 0\nr1 = map[fd:5]\n\
             call {helper}\nexit\n"
        )
    };
    for helper in ["bpf_map_update_elem#2", "bpf_map_delete_elem#3"] {
        assert!(refused(&change(helper)).starts_with("E0207"), "{}", refused(&change(helper)));
    }
    for (value_size, map_type) in [(8, MapType::XSKMAP), (12, MapType::DEVMAP), (2, MapType::CPUMAP)] {
        let map = Map { map_type: map_type.0, ..support::array("odd", value_size, 4) };
        let linked = support::program(&call(0, "0"), vec![map]);
        let problems = verify::verify(&linked, &verify::LIMITS).expect_err("no such map");
        assert_eq!(problems.errors().next().map(|d| d.code.id()), Some("E0205"));
    }
}
