// SPDX-License-Identifier: Apache-2.0
//! C programs with their expected acceptance, compared with the running kernel.
//!
//! The first lines of a program say what is wanted:
//!
//! * `// expect: accept`: the kernel takes it and so do we, and both do the same with every packet;
//! * `// expect: refuse E0401`: the kernel refuses it, and we do with one of these codes;
//! * `// expect: limit E0414`: the kernel takes it; we refuse it with that code, for a limit that the message names;
//! * `// prog: NAME` where the object has several; `// entry: MAP INDEX PROGRAM` fills a prog array as a host would;
//! * `// cpu: v3 v4` and `// opt: O1 O2` where it must not be compiled otherwise.

use bpf2hdl::diag::Diagnostics;
use bpf2hdl::ir::{Function, MapId, MapState, PacketInput};
use bpf2hdl::object::{CompileOptions, Linked, Object, compile_c};
use bpf2hdl::oracle::{self, IrOracle};
use bpf2hdl::pipe::{self, CycleModel};
use bpf2hdl::{Options, opt, sched, target, verify};
use bpf2hdl_testbench::compare::verdict_difference;
use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::traffic::{Profile, SizeSpec, Traffic};
use bpf2hdl_testbench::{Action, MapContents, Oracle, OracleVerdict, PacketContext};
use std::path::{Path, PathBuf};

/// What the header of a program wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Expect {
    Accept,
    Refuse(Vec<String>),
    Limit(Vec<String>),
}

/// A program of `tests/data/control`.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) expect: Expect,
    program: Option<String>,
    /// Map, index, program.
    entries: Vec<(String, u32, String)>,
    cpus: Vec<String>,
    levels: Vec<String>,
}

/// Compiler, instruction set, optimisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Setting {
    pub(crate) clang: PathBuf,
    pub(crate) cpu: String,
    pub(crate) level: String,
}

impl Case {
    /// Reads the header.
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("readable");
        let fields = |name: &str| -> Vec<Vec<String>> {
            let prefix = format!("// {name}:");
            let lines = text.lines().filter_map(|line| line.strip_prefix(prefix.as_str()));
            lines.map(|rest| rest.split_whitespace().map(str::to_owned).collect()).collect()
        };
        let expect = fields("expect").concat();
        let (kind, codes) = expect.split_first().expect("an expectation");
        let expect = match kind.as_str() {
            "accept" => Expect::Accept,
            "refuse" => Expect::Refuse(codes.to_vec()),
            "limit" => Expect::Limit(codes.to_vec()),
            other => panic!("{}: unknown expectation {other}", path.display()),
        };
        let or = |given: Vec<String>, all: &[&str]| {
            if given.is_empty() { all.iter().map(|item| (*item).to_owned()).collect() } else { given }
        };
        let entry = |words: Vec<String>| (words[0].clone(), words[1].parse().expect("an index"), words[2].clone());
        Case {
            path: path.to_path_buf(),
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            expect,
            program: fields("prog").concat().first().cloned(),
            entries: fields("entry").into_iter().map(entry).collect(),
            cpus: or(fields("cpu").concat(), &["v1", "v2", "v3", "v4"]),
            levels: or(fields("opt").concat(), &["O1", "O2", "O3", "Os"]),
        }
    }

    /// Every setting that the program may be compiled with.
    pub(crate) fn settings(&self, compilers: &[(PathBuf, u32)]) -> Vec<Setting> {
        let mut all = Vec::new();
        for (clang, version) in compilers {
            for cpu in self.cpus.iter().filter(|cpu| *cpu != "v4" || *version >= 18) {
                for level in &self.levels {
                    all.push(Setting { clang: clang.clone(), cpu: cpu.clone(), level: level.clone() });
                }
            }
        }
        all
    }

    pub(crate) fn object(&self, setting: &Setting) -> Object {
        let options = CompileOptions {
            cpu: setting.cpu.clone(),
            clang: Some(setting.clang.clone()),
            arguments: vec![format!("-{}", setting.level), "-Wno-everything".to_owned()],
            ..CompileOptions::standard()
        };
        let bytes = compile_c(&self.path, &options).unwrap_or_else(|e| panic!("{} {setting:?}: {e}", self.name));
        Object::parse(&bytes, &self.name).unwrap_or_else(|e| panic!("{} {setting:?}: {e}", self.name))
    }

    pub(crate) fn link(&self, object: &Object) -> Result<Linked, Diagnostics> {
        object.link(object.select(self.program.as_deref()).unwrap_or_else(|e| panic!("{}: {e}", self.name)))
    }

    /// Contents of the maps before the first packet: prog arrays as the header says, arrays with small numbers.
    fn contents(&self, linked: &Linked) -> MapContents {
        let mut contents = MapContents::default();
        for (map, index, program) in &self.entries {
            let place = linked.bundle.names.iter().position(|name| name == program).expect("a program of the object");
            let entries = contents.maps.entry(map.clone()).or_default();
            entries.insert(index.to_le_bytes().to_vec(), (place as u32 + 1).to_le_bytes().to_vec());
        }
        for map in linked.maps.iter().filter(|map| [2, 6].contains(&map.map_type) && !map.is_global_data()) {
            let value =
                |i: u32| (0..map.value_size).map(|b| if b % 4 == 0 { (7 * i + b) as u8 & 31 } else { 0 }).collect();
            let entries = (0..map.max_entries.min(64)).map(|i| (i.to_le_bytes().to_vec(), value(i)));
            contents.maps.insert(map.name.clone(), entries.collect());
        }
        contents
    }
}

/// Why a comparison failed, or what was found.
pub(crate) type Outcome = Result<String, String>;

/// Compiles a program, compares acceptance and, if it is accepted, results.
pub(crate) fn compare(case: &Case, setting: &Setting) -> Outcome {
    let object = case.object(setting);
    let linked = match (case.link(&object), &case.expect) {
        (Ok(linked), _) => linked,
        (Err(problems), Expect::Refuse(codes) | Expect::Limit(codes)) => return has_code(&problems, codes),
        (Err(problems), Expect::Accept) => return Err(format!("does not link: {problems}")),
    };
    let kernel = KernelOracle::load(&oracle::program(&linked)).map_err(|error| error.to_string());
    let verified = verify::verify(&linked, &verify::LIMITS);
    match (&case.expect, kernel, verified) {
        (Expect::Accept, Ok(kernel), Ok(function)) => same_results(case, &linked, kernel, function),
        (Expect::Refuse(codes), Err(_), Err(problems)) => has_code(&problems, codes),
        (Expect::Limit(codes), Ok(_), Err(problems)) => has_code(&problems, codes),
        (_, kernel, verified) => Err(format!(
            "the kernel says {}\nwe say {}",
            kernel.map_or_else(|error| error, |_| "yes".to_owned()),
            verified.map_or_else(|problems| problems.to_string(), |_| "yes".to_owned())
        )),
    }
}

fn has_code(problems: &Diagnostics, codes: &[String]) -> Outcome {
    let found = problems.errors().any(|problem| codes.iter().any(|code| problem.code.id() == code));
    if found { Ok("refused".to_owned()) } else { Err(format!("refused, but not with {codes:?}: {problems}")) }
}

fn run(oracle: &mut dyn Oracle, packets: &[Vec<u8>]) -> Vec<OracleVerdict> {
    packets.iter().map(|packet| oracle.run(packet, &PacketContext::default()).expect("judged")).collect()
}

/// Entries that are not all zero, of the maps that both report.
fn filled(contents: &MapContents) -> MapContents {
    let mut contents = contents.clone();
    contents.maps.values_mut().for_each(|map| map.retain(|_, value| value.iter().any(|byte| *byte != 0)));
    contents
}

fn packets() -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for (seed, profile) in [(1, Profile::Mixed), (2, Profile::Malformed), (3, Profile::Mutated)] {
        let mut traffic = Traffic::new(seed).profile(profile).size(SizeSpec::Range { min: 14, max: 160 });
        packets.extend((0..40).map(|_| traffic.frame()));
    }
    let mut natural = Traffic::new(4);
    packets.extend((0..20).map(|_| natural.frame()));
    packets
}

fn same_results(case: &Case, linked: &Linked, mut kernel: KernelOracle, function: Function) -> Outcome {
    let (packets, preload) = (packets(), case.contents(linked));
    kernel.load_maps(&preload).map_err(|e| e.to_string())?;
    let expected = run(&mut kernel, &packets);
    let maps = filled(&kernel.maps().map_err(|e| e.to_string())?);
    for (pass, function) in opt::trace(function.clone(), &opt::Goal::default()) {
        let mut interpreter = IrOracle::new(function);
        interpreter.load_maps(&preload).map_err(|e| e.to_string())?;
        let got = run(&mut interpreter, &packets);
        differ(&format!("after {pass}"), &got, &expected, &packets)?;
        let got = filled(&interpreter.maps().map_err(|e| e.to_string())?);
        if got != maps {
            return Err(format!("after {pass} the maps are\n{got:?}\nand the kernel's\n{maps:?}"));
        }
    }
    cycle_model(linked, &opt::optimize(function, &opt::Goal::default()), &preload, &packets, &expected)?;
    let actions: std::collections::BTreeSet<u8> = expected.iter().map(|verdict| verdict.action as u8).collect();
    let events: usize = expected.iter().map(|verdict| verdict.events.len()).sum();
    let sent = linked.maps.iter().any(|map| [4, 27].contains(&map.map_type));
    if sent && events == 0 {
        return Err("no packet has an event".to_owned());
    }
    Ok(format!("same, actions {actions:?}, {events} events"))
}

fn differ(what: &str, got: &[OracleVerdict], expected: &[OracleVerdict], packets: &[Vec<u8>]) -> Result<(), String> {
    let difference = |i: usize| verdict_difference(&expected[i], &got[i]).map(|(_, text)| (i, text));
    match (0..packets.len()).find_map(difference) {
        None => Ok(()),
        Some((i, text)) => Err(format!(
            "{what}: packet {i} ({:02x?}): {text}; it comes to {:02x?}, in the kernel to {:02x?}",
            packets[i], got[i], expected[i]
        )),
    }
}

/// The pipeline, clock by clock.
fn cycle_model(
    linked: &Linked,
    function: &Function,
    preload: &MapContents,
    packets: &[Vec<u8>],
    expected: &[OracleVerdict],
) -> Result<(), String> {
    let options = Options {
        target: target::find("xcup").expect("a target"),
        clock_mhz: 250.0,
        bus_bits: 512,
        optimize: bpf2hdl::Optimize::default(),
        initiation_interval: 1,
    };
    let (pipeline, _) = sched::schedule(linked, function, &options).map_err(|e| format!("scheduling: {e}"))?;
    pipe::check(&pipeline).map_err(|e| format!("{e:?}"))?;
    let model = CycleModel::new(&pipeline);
    let mut state: MapState = model.initial_maps();
    for (name, entries) in &preload.maps {
        let Some(map) = function.maps.iter().position(|map| map.name == *name) else { continue };
        for (key, value) in entries {
            let index = u32::from_le_bytes(key[..4].try_into().expect("an index"));
            state.entry_mut(MapId::new(map), index.into()).expect("an entry").copy_from_slice(value);
        }
    }
    let inputs = packets.iter().map(|data| PacketInput::new(data));
    let passages = model.run(inputs, &mut state);
    let verdict = |(got, packet): (&pipe::Passage, &Vec<u8>)| OracleVerdict {
        action: Action::from_xdp(got.action.into()),
        data: got.apply(packet),
        target: got.target,
        metadata: usize::try_from(got.metadata()).unwrap_or(0),
        events: oracle::records(|map| function.map(map), &got.events),
    };
    let results: Vec<OracleVerdict> = passages.packets.iter().zip(packets).map(verdict).collect();
    differ("in the pipeline", &results, expected, packets)
}
