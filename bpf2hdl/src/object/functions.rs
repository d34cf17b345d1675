// SPDX-License-Identifier: Apache-2.0
//! Functions of the executable sections, and which of them are programs.

use super::elf::{Elf, Section, Symbol, SymbolKind};
use super::model::{Program, ProgramKind};
use super::parse::OtherSection;
use crate::diag::{Code, Diagnostic};

/// Most slots of a function, as in the kernel.
const MAX_SLOTS: usize = 1_000_000;

/// A function: slots `start..end` of a section.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) section: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    global: bool,
    /// Global, and not hidden: the kernel verifies it by its types alone.
    pub(super) exported: bool,
}

/// What a section's name says about the programs in it, and whether they accept multi-buffer frames.
///
/// `xdp` with any suffix is XDP (libbpf, libxdp, Linux samples), `prog` is iproute2's default name. The
/// programs of devmaps and cpumaps are named as libbpf does.
pub(super) fn classify(section: &str) -> (ProgramKind, bool) {
    // To libbpf: not loaded unless it is asked for.
    let section = section.strip_prefix('?').unwrap_or(section);
    let frags = section == "xdp.frags" || section.starts_with("xdp.frags/");
    let is =
        |name: &str, exact: &str| name == exact || name.strip_prefix(exact).is_some_and(|rest| rest.starts_with('/'));
    let tail = section.strip_prefix("xdp.frags/").or_else(|| section.strip_prefix("xdp/")).unwrap_or_default();
    let kind = if is(tail, "devmap") || section.starts_with("xdp_devmap/") {
        ProgramKind::XdpDevmap
    } else if is(tail, "cpumap") || section.starts_with("xdp_cpumap/") {
        ProgramKind::XdpCpumap
    } else if section.starts_with("xdp") || is(section, "prog") {
        ProgramKind::Xdp
    } else if is(section, "phys_dev") {
        ProgramKind::PhysDev
    } else {
        ProgramKind::Other
    };
    (kind, frags)
}

/// All functions, by section and start.
pub(super) fn find(elf: &Elf) -> Result<Vec<Function>, Diagnostic> {
    let mut functions = Vec::new();
    for (number, section) in elf.sections.iter().enumerate() {
        if section.executable && section.size > 0 {
            functions.extend(in_section(elf, number, section)?);
        }
    }
    Ok(functions)
}

/// Symbols that begin functions, by rising address, one for each address.
fn starts(elf: &Elf, number: usize) -> Vec<&Symbol> {
    let typed = elf.symbols_in(number).any(|symbol| symbol.kind == SymbolKind::Function);
    // Old compilers and assemblers leave the symbol type out; then global symbols begin functions.
    let mut symbols: Vec<_> = elf
        .symbols_in(number)
        .filter(|symbol| match symbol.kind {
            SymbolKind::Function => true,
            SymbolKind::Other => !typed && symbol.global,
            SymbolKind::Section => false,
        })
        .collect();
    // Of several names for one place the global one counts, and of those the first by name.
    symbols.sort_by(|a, b| (a.value, !a.global, &a.name).cmp(&(b.value, !b.global, &b.name)));
    symbols.dedup_by_key(|symbol| symbol.value);
    symbols
}

fn in_section(elf: &Elf, number: usize, section: &Section) -> Result<Vec<Function>, Diagnostic> {
    let damaged = |message: String| Diagnostic::new(Code::DamagedElf, message);
    if !section.size.is_multiple_of(8) {
        return Err(damaged(format!("code section {} is not a whole number of instructions", section.name)));
    }
    let slots = elf.data(number).len() / 8;
    let symbols = starts(elf, number);
    let start_of = |index: usize| symbols.get(index).and_then(|symbol| usize::try_from(symbol.value / 8).ok());
    let mut functions = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        let outside = || damaged(format!("function {} lies outside of section {}", symbol.name, section.name));
        let start = start_of(index).ok_or_else(outside)?;
        let next = start_of(index + 1).unwrap_or(slots);
        let length = usize::try_from(symbol.size / 8).map_err(|_| outside())?;
        let end = if length == 0 { next } else { start.checked_add(length).ok_or_else(outside)? };
        if !symbol.value.is_multiple_of(8) || !symbol.size.is_multiple_of(8) || start >= slots || end > slots {
            return Err(outside());
        }
        if end > next {
            return Err(damaged(format!("function {} overlaps the next one", symbol.name)));
        }
        if end - start > MAX_SLOTS {
            let message = format!("function {} has {} instructions", symbol.name, end - start);
            return Err(Diagnostic::new(Code::ProgramLength, message));
        }
        let (name, exported) = (symbol.name.clone(), symbol.global && !symbol.hidden);
        functions.push(Function { name, section: number, start, end, global: symbol.global, exported });
    }
    if functions.is_empty() && classify(&section.name).0 != ProgramKind::Other && slots <= MAX_SLOTS {
        let name = section.name.clone();
        functions.push(Function { name, section: number, start: 0, end: slots, global: true, exported: true });
    }
    Ok(functions)
}

/// Sorts the functions into programs and other executable sections (`.text` is neither).
pub(super) fn programs(elf: &Elf, functions: &[Function]) -> (Vec<Program>, Vec<OtherSection>) {
    let mut programs = Vec::new();
    let mut others: Vec<OtherSection> = Vec::new();
    for (index, function) in functions.iter().enumerate() {
        let Some(section) = elf.sections.get(function.section) else { continue };
        if section.name == ".text" {
            continue;
        }
        let (kind, frags) = classify(&section.name);
        if kind == ProgramKind::Other {
            match others.last_mut().filter(|other| other.name == section.name) {
                Some(other) => other.functions.push(function.name.clone()),
                None => {
                    others.push(OtherSection { name: section.name.clone(), functions: vec![function.name.clone()] })
                }
            }
            continue;
        }
        // Static functions beside global ones are sub-programs; alone they are the program.
        let has_global = functions.iter().any(|other| other.section == function.section && other.global);
        if function.global || !has_global {
            programs.push(Program {
                name: function.name.clone(),
                section: section.name.clone(),
                kind,
                frags,
                slots: function.end - function.start,
                function: index,
            });
        }
    }
    (programs, others)
}
