// SPDX-License-Identifier: Apache-2.0
//! The programs of an object in the kernel, and the prog arrays that hold them.

use super::btf_types;
use super::instrument::Instruments;
use super::kernel_functions;
use super::map::KernelMap;
use super::stack::{self, Cleared};
use super::sys::{self, FunctionTypes, Load};
use super::{MapReloc, OracleProgram};
use crate::Error;
use crate::oracle::OracleMember;
use bpf2hdl_interface::ProgramType;
use bpf2hdl_interface::map_file::Entries;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

const TYPE_SCHED_CLS: u32 = 3;
const TYPE_XDP: u32 = 6;
/// A 64-bit immediate load: its opcode, and the source register numbers that make it a map or a value in one.
const LD_IMM64: u8 = 0x18;
const PSEUDO_MAP_FD: u8 = 1;
const PSEUDO_MAP_VALUE: u8 = 2;

/// A program before it is loaded, as [`OracleMember`] has it.
struct Code<'a> {
    name: &'a str,
    insns: &'a [[u8; 8]],
    relocs: &'a [MapReloc],
    functions: &'a [(u32, u32)],
    kernel_functions: &'a [(usize, String)],
}

/// Loaded programs and what prog arrays hold.
pub(super) struct Programs {
    main: OwnedFd,
    /// By number; the main program is in `main` under its own.
    others: BTreeMap<u32, OwnedFd>,
    number: u32,
    /// Numbers in each prog array, by the map's name.
    entries: BTreeMap<String, Entries>,
}

impl Programs {
    /// Loads the program and those that tail calls reach.
    pub(super) fn load(
        program: &OracleProgram,
        maps: &[KernelMap],
        instruments: Option<&Instruments>,
    ) -> Result<Self, Error> {
        let bundle = &program.bundle;
        // Types of a compiler that the kernel does not know are left out, as libbpf does.
        let (types, added) = btf_types::with_function(&bundle.btf).unwrap_or((Vec::new(), 0));
        let btf = if types.is_empty() { None } else { sys::btf_load(&types).ok() };
        let load = |code: Code<'_>| {
            let Code { name, relocs, functions, .. } = code;
            let mut insns = code.insns.to_vec();
            let stay = kernel_functions::call(&mut insns, code.kernel_functions);
            // All or none.
            let stay = stay.into_iter().filter(|_| !functions.is_empty()).map(|start| (start, added));
            let functions: Vec<(u32, u32)> = functions.iter().copied().chain(stay).collect();
            let Cleared { insns, relocs, functions } = stack::clear(&insns, relocs, &functions);
            let mut insns = patch(&insns, &relocs, maps)?;
            let starts = instruments.map_or_else(Vec::new, |instruments| instruments.apply(&mut insns));
            let all: Vec<(u32, u32)> = functions.iter().copied().chain(starts.iter().map(|&at| (at, added))).collect();
            let types = btf.as_ref().filter(|_| !functions.is_empty());
            let types = types.map(|btf| FunctionTypes { btf, functions: &all });
            load_program(program, name, &insns, types)
        };
        let main = load(Code {
            name: &program.name,
            insns: &program.insns,
            relocs: &program.relocs,
            functions: &bundle.functions,
            kernel_functions: &bundle.kernel_functions,
        })?;
        let mut others = BTreeMap::new();
        for OracleMember { number, name, insns, relocs, functions, kernel_functions } in &bundle.others {
            others.insert(*number, load(Code { name, insns, relocs, functions, kernel_functions })?);
        }
        Ok(Programs { main, others, number: bundle.number, entries: BTreeMap::new() })
    }

    /// The program that runs first.
    pub(super) fn main(&self) -> &OwnedFd {
        &self.main
    }

    /// What a prog array holds, as numbers; `None` for other maps.
    pub(super) fn entries(&self, map: &KernelMap) -> Option<&Entries> {
        self.entries.get(&map.spec.name)
    }

    /// Fills a prog array with its initial contents; other maps are left alone.
    pub(super) fn fill_initial(&mut self, map: &KernelMap) -> Result<(), Error> {
        if !map.is_prog_array() {
            return Ok(());
        }
        let entry = |index: u32| Some((index.to_le_bytes().to_vec(), map.spec.initial_value(index)?.to_vec()));
        let entries: Entries = map.spec.initial_indices().filter_map(entry).collect();
        self.write(map, &entries)
    }

    /// Makes these the whole contents of a prog array that nothing but its creation has written.
    pub(super) fn replace(&mut self, map: &KernelMap, entries: &Entries) -> Result<(), Error> {
        let filled = |entries: &Entries| -> Entries {
            entries.iter().filter(|(_, v)| v.iter().any(|b| *b != 0)).map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        let entries = filled(entries);
        if map.spec.initial.is_some() {
            let same = self.entries(map).is_some_and(|now| *now == entries);
            let reason = "it is compiled in, and other contents were given";
            return if same { Ok(()) } else { Err(failed(map, reason)) };
        }
        self.write(map, &entries)
    }

    fn write(&mut self, map: &KernelMap, entries: &Entries) -> Result<(), Error> {
        for (key, value) in entries {
            let number = value.as_slice().try_into().map(u32::from_le_bytes).unwrap_or(0);
            let program = if number == self.number { Some(&self.main) } else { self.others.get(&number) };
            let program = program.ok_or_else(|| failed(map, &format!("there is no program number {number}")))?;
            map.write_raw(key, &sys::number(program).to_le_bytes())?;
        }
        self.entries.insert(map.spec.name.clone(), entries.clone());
        Ok(())
    }
}

fn failed(map: &KernelMap, what: &str) -> Error {
    Error::oracle("kernel", format!("prog array `{}` can not be filled: {what}", map.spec.name))
}

/// The instructions with map descriptors filled in.
fn patch(insns: &[[u8; 8]], relocs: &[MapReloc], maps: &[KernelMap]) -> Result<Vec<[u8; 8]>, Error> {
    let mut insns = insns.to_vec();
    for reloc in relocs {
        let wrong =
            || Error::oracle("kernel", format!("the reference to a map at instruction {} is not valid", reloc.insn));
        let map = maps.get(reloc.map).ok_or_else(wrong)?;
        let [first, second] =
            insns.get_mut(reloc.insn..reloc.insn + 2).and_then(|pair| pair.as_mut_array()).ok_or_else(wrong)?;
        if first[0] != LD_IMM64 {
            return Err(wrong());
        }
        let map = match reloc.inner {
            Some(number) => map.inner.get(number as usize).ok_or_else(wrong)?,
            None => map,
        };
        let (pseudo, offset) = reloc.value_offset.map_or((PSEUDO_MAP_FD, 0), |offset| (PSEUDO_MAP_VALUE, offset));
        first[1] = first[1] & 0x0f | pseudo << 4;
        first[4..].copy_from_slice(&sys::number(&map.fd).to_le_bytes());
        second[4..].copy_from_slice(&offset.to_le_bytes());
    }
    Ok(insns)
}

fn load_program(
    program: &OracleProgram,
    name: &str,
    insns: &[[u8; 8]],
    types: Option<FunctionTypes<'_>>,
) -> Result<OwnedFd, Error> {
    let license =
        CString::new(program.license.clone()).map_err(|_| Error::oracle("kernel", "the licence has a zero byte"))?;
    let kind = match program.kind {
        ProgramType::PhysDev => TYPE_SCHED_CLS,
        // Without an attach type: the kernel runs none that have one.
        ProgramType::Xdp | ProgramType::XdpDevmap | ProgramType::XdpCpumap => TYPE_XDP,
    };
    let load = Load { kind, insns, license: &license, types };
    let error = match sys::prog_load(&load, None) {
        Ok(fd) => return Ok(fd),
        Err(error) => error,
    };
    match io::Error::raw_os_error(&error) {
        Some(libc::EPERM) => {
            return Err(Error::oracle(
                "kernel",
                "no permission for bpf(2): run as root, or with CAP_BPF and CAP_NET_ADMIN",
            ));
        }
        Some(libc::ENOSYS) => return Err(Error::oracle("kernel", "this kernel has no bpf(2)")),
        _ => {}
    }
    // Once more with a log, to tell why.
    let mut log = vec![0; 1 << 24];
    match sys::prog_load(&load, Some(&mut log)) {
        Ok(fd) => Ok(fd),
        Err(error) => {
            Err(Error::oracle("kernel", format!("the verifier refused `{name}`: {error}\n{}", log_tail(&log))))
        }
    }
}

/// The last lines of the verifier's log, where the reason is.
fn log_tail(log: &[u8]) -> String {
    let text = log.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
