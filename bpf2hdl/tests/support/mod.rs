// SPDX-License-Identifier: Apache-2.0
//! Shared by the differential tests: programs from assembler text, and one way to run them on each reference.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they skipped and how much they compared")]
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod forms;
pub(crate) mod hash;
pub(crate) mod large;
pub(crate) mod lpm;
pub(crate) mod nested;
pub(crate) mod queue;

use bpf2hdl::ir::{self, Function, Interpreter, MapState, PacketInput};
use bpf2hdl::isa::{Imm64, Insn, asm, encode};
use bpf2hdl::object::{FunctionRange, Linked, LinkedInsn, Map, MapRef, ProgramKind};
use bpf2hdl::{Optimize, opt, oracle};
pub(crate) use bpf2hdl_testbench::random as generate;

use bpf2hdl_testbench::oracle::kernel::KernelOracle;
use bpf2hdl_testbench::oracle::rbpf::RbpfOracle;
use bpf2hdl_testbench::{Oracle, PacketContext};

/// What a program did with a packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Result1 {
    pub(crate) action: u8,
    /// The packet afterwards; empty when it was discarded.
    pub(crate) data: Vec<u8>,
}

/// Both things that can be optimised for.
pub(crate) fn goals() -> [opt::Goal; 2] {
    Optimize::ALL.map(|optimize| opt::Goal { optimize, ..Default::default() })
}

/// An array map.
pub(crate) fn array(name: &str, value_size: u32, max_entries: u32) -> Map {
    Map { name: name.to_owned(), map_type: 2, key_size: 4, value_size, max_entries, ..Map::default() }
}

/// A program from assembler text; `map N` loads refer to `maps`.
pub(crate) fn program(text: &str, maps: Vec<Map>) -> Linked {
    let insns = asm::assemble(text).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    from_insns(insns, maps)
}

/// A program from instructions.
pub(crate) fn from_insns(insns: Vec<Insn>, maps: Vec<Map>) -> Linked {
    let map_refs = insns
        .iter()
        .enumerate()
        .filter_map(|(slot, insn)| match insn {
            Insn::LoadImm64 { value: Imm64::Map { map }, .. } => {
                Some(MapRef { insn: slot, map: *map as usize, value_offset: None, inner: None })
            }
            Insn::LoadImm64 { value: Imm64::MapValue { map, offset }, .. } => {
                Some(MapRef { insn: slot, map: *map as usize, value_offset: Some(*offset), inner: None })
            }
            _ => None,
        })
        .collect();
    let raw = encode(&insns);
    Linked {
        name: "test".to_owned(),
        section: "xdp".to_owned(),
        kind: ProgramKind::Xdp,
        frags: false,
        license: "GPL".to_owned(),
        functions: vec![FunctionRange { name: "test".to_owned(), start: 0, end: insns.len(), of_kernel: false }],
        insns: insns.into_iter().map(|insn| LinkedInsn { insn, source: None }).collect(),
        raw,
        map_refs,
        maps,
        bundle: Default::default(),
        warnings: Default::default(),
    }
}

/// Runs packets through an oracle that must judge all of them.
pub(crate) fn run_oracle(oracle: &mut dyn Oracle, packets: &[Vec<u8>]) -> Vec<Result1> {
    packets.iter().map(|p| run_one(oracle, p).expect("the oracle judges every packet")).collect()
}

/// Runs a packet through an oracle; `None` if it does not judge it.
pub(crate) fn run_one(oracle: &mut dyn Oracle, packet: &[u8]) -> Option<Result1> {
    let verdict = oracle.run(packet, &PacketContext::default()).ok()?;
    let action = verdict.action as u8;
    Some(Result1 { action, data: if action < 2 { Vec::new() } else { verdict.data } })
}

/// The kernel with the program loaded, or its refusal.
pub(crate) fn kernel(linked: &Linked) -> std::result::Result<KernelOracle, String> {
    KernelOracle::load(&oracle::program(linked)).map_err(|e| e.to_string())
}

/// rbpf with the program loaded, or why it is outside its correct subset.
pub(crate) fn rbpf(linked: &Linked) -> std::result::Result<RbpfOracle, String> {
    RbpfOracle::new(&oracle::program(linked)).map_err(|e| e.to_string())
}

/// Whether the kernel can be used. In CI it must be.
pub(crate) fn kernel_or_skip(test: &str) -> bool {
    match bpf2hdl_testbench::oracle::kernel::available() {
        Ok(()) => true,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "{test}: the kernel oracle is missing in CI: {reason}");
            eprintln!("SKIPPED {test}: {reason}");
            false
        }
    }
}

/// Runs packets through the IR interpreter.
pub(crate) fn run_ir(f: &Function, packets: &[Vec<u8>]) -> (Vec<Result1>, MapState) {
    ir::check(f).unwrap_or_else(|e| panic!("{e:?}\n{f}"));
    let mut maps = MapState::new(f);
    let mut interpreter = Interpreter::new(f);
    let results = packets
        .iter()
        .map(|p| {
            let input = PacketInput::new(p);
            let outcome = interpreter.run(&input, &mut maps);
            let data = if outcome.action < 2 { Vec::new() } else { outcome.apply(p) };
            Result1 { action: outcome.action, data }
        })
        .collect();
    (results, maps)
}

/// The map contents of the IR as the oracles report theirs: all-zero entries left out.
pub(crate) fn ir_map(f: &Function, maps: &MapState, index: usize) -> Vec<(u32, Vec<u8>)> {
    let map = &f.maps[index];
    let size = map.value_size as usize;
    maps.contents(ir::MapId::new(index))
        .chunks(size)
        .enumerate()
        .filter(|(_, v)| v.iter().any(|&b| b != 0))
        .map(|(i, v)| (i as u32, v.to_vec()))
        .collect()
}
