// SPDX-License-Identifier: Apache-2.0
//! Linking: the entry function and all functions that it reaches, as one vector of slots.
//!
//! As libbpf does, functions are appended in the order in which they are found, then calls get their
//! distances. Maps are numbered in the object's order, so that the result depends on the program only.
//! All findings are collected; those about instructions carry index, text and C line.

use super::functions::Function;
use super::kernel_functions;
use super::model::{FunctionRange, Linked, LinkedInsn, Program, Source};
use super::parse::Object;
use super::relocate::Reference;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::isa::{Insn, Slot, decode};
use std::collections::BTreeMap;

/// Most slots of a linked program, as in the kernel.
const MAX_SLOTS: usize = 1_000_000;

/// State while linking. Slots and sources grow together.
pub(super) struct Linker<'a> {
    pub(super) object: &'a Object,
    pub(super) slots: Vec<Slot>,
    pub(super) sources: Vec<Option<Source>>,
    /// Placed or waiting functions, in order; the index into `ranges`.
    pub(super) order: Vec<usize>,
    pub(super) position: BTreeMap<usize, usize>,
    pub(super) ranges: Vec<FunctionRange>,
    /// Slot of a call or address load, and the function that it needs.
    pub(super) calls: Vec<(usize, usize)>,
    /// Slot of a load, and the map or data that it needs.
    pub(super) loads: Vec<(usize, Reference)>,
    pub(super) co_re: Vec<u32>,
    pub(super) errors: Diagnostics,
}

impl Object {
    /// Links a program of this object (see [`Object::select`]).
    ///
    /// # Errors
    /// All unresolvable references and undecodable instructions of the program.
    pub fn link(&self, program: &Program) -> Result<Linked, Diagnostics> {
        let mut linker = Linker {
            object: self,
            slots: Vec::new(),
            sources: Vec::new(),
            order: Vec::new(),
            position: BTreeMap::new(),
            ranges: Vec::new(),
            calls: Vec::new(),
            loads: Vec::new(),
            co_re: Vec::new(),
            errors: Diagnostics::new(),
        };
        linker.request(program.function);
        linker.place_all();
        linker.place_tail_targets(program);
        linker.finish(program)
    }
}

impl Linker<'_> {
    /// Asks for a function; it is placed later, once.
    pub(super) fn request(&mut self, function: usize) {
        if !self.position.contains_key(&function) {
            self.position.insert(function, self.order.len());
            self.order.push(function);
        }
    }

    /// Asks for the function that the instruction at `slot` calls or whose address it loads.
    fn request_from(&mut self, slot: usize, function: usize) {
        self.request(function);
        self.calls.push((slot, function));
    }

    pub(super) fn place_all(&mut self) {
        let mut next = self.ranges.len();
        while let Some(index) = self.order.get(next).copied() {
            next += 1;
            let Some(function) = self.object.functions.get(index).cloned() else {
                self.place_of_kernel(index - self.object.functions.len());
                continue;
            };
            if self.slots.len() + (function.end - function.start) > MAX_SLOTS {
                let message = format!("the program has more than {MAX_SLOTS} instructions");
                self.errors.add(Code::ProgramLength, message);
                return;
            }
            self.place(&function);
        }
    }

    /// Places a function of the kernel; it refers to nothing.
    fn place_of_kernel(&mut self, number: usize) {
        let Some((name, slots)) = kernel_functions::function(number) else { return };
        let start = self.slots.len();
        self.slots.extend(slots);
        let end = self.slots.len();
        self.ranges.push(FunctionRange { name: name.to_owned(), start, end, of_kernel: true });
        self.sources.resize(end, None);
    }

    /// Copies a function's slots and notes what they refer to.
    fn place(&mut self, function: &Function) {
        let start = self.slots.len();
        let bytes = self.object.elf.data(function.section);
        let (slots, _) = bytes.as_chunks::<8>();
        let slots = slots.get(function.start..function.end).unwrap_or_default();
        self.slots.extend(slots.iter().map(|bytes| Slot::from_bytes(*bytes)));
        let end = self.slots.len();
        self.ranges.push(FunctionRange { name: function.name.clone(), start, end, of_kernel: false });
        self.place_sources(function);
        let mut references = self.references(function, start);
        let mut slot = start;
        while let Some(fields) = self.slots.get(slot).copied() {
            match references.remove(&slot) {
                Some(Some(Reference::Function(target))) => self.request_from(slot, target),
                Some(Some(reference)) => self.loads.push((slot, reference)),
                Some(None) => {}
                None => self.place_local_call(function, start, slot, fields),
            }
            slot += if fields.op == 0x18 { 2 } else { 1 };
        }
        for slot in references.into_keys() {
            let message = "a relocation points into the middle of an instruction".to_owned();
            self.errors.push(Diagnostic::new(Code::BadRelocation, message).at_insn(slot));
        }
    }

    /// A call without relocation goes to a function of the same section; loads must have one.
    fn place_local_call(&mut self, function: &Function, start: usize, slot: usize, fields: Slot) {
        match (fields.op, fields.src) {
            (0x85, 1) => {
                let here = i64::try_from(function.start + (slot - start)).ok();
                let target = here.and_then(|here| here.checked_add(i64::from(fields.imm) + 1));
                match self.object.function_at(function.section, target, "") {
                    Ok(Reference::Function(target)) => self.request_from(slot, target),
                    Ok(_) => {}
                    Err(error) => self.errors.push(error.at_insn(slot)),
                }
            }
            (0x18, 1..=6) => {
                let message = "a load of an address lacks its relocation".to_owned();
                self.errors.push(Diagnostic::new(Code::BadRelocation, message).at_insn(slot));
            }
            _ => {}
        }
    }

    /// Relocations of a function by linked slot; unresolvable ones become errors and `None`.
    fn references(&mut self, function: &Function, start: usize) -> BTreeMap<usize, Option<Reference>> {
        let mut references = BTreeMap::new();
        let byte = |slot: usize| u64::try_from(slot).unwrap_or(u64::MAX).saturating_mul(8);
        for relocation in self.object.elf.relocations(function.section, byte(function.start)..byte(function.end)) {
            let inside = usize::try_from(relocation.offset / 8).unwrap_or_default().saturating_sub(function.start);
            let slot = start + inside;
            let Some(fields) = self.slots.get(slot).copied() else { continue };
            let resolved = if relocation.offset % 8 != 0 || references.contains_key(&slot) {
                Err(Diagnostic::new(Code::BadRelocation, "several relocations for one instruction, or a misplaced one"))
            } else {
                self.object.resolve(relocation, fields)
            };
            let resolved = resolved.map_err(|error| self.errors.push(error.at_insn(slot))).ok();
            references.insert(slot, resolved);
        }
        references
    }

    fn place_sources(&mut self, function: &Function) {
        let byte = |slot: usize| u32::try_from(slot).unwrap_or(u32::MAX).saturating_mul(8);
        let section = self.object.elf.sections.get(function.section).map(|section| section.name.as_str());
        let tables = self.object.btf.as_ref().zip(self.object.btf_ext.as_ref()).zip(section);
        let Some(((btf, ext), section)) = tables else {
            self.sources.resize(self.slots.len(), None);
            return;
        };
        let first = byte(function.start);
        let mut last: Option<Source> = None;
        for slot in function.start..function.end {
            let source = ext.source(btf, section, first, byte(slot), last.as_ref());
            last.clone_from(&source);
            self.sources.push(source);
        }
        self.co_re.extend(ext.co_re(section, first..byte(function.end)).map(|item| item.ty));
    }

    /// Writes distances and map numbers, decodes, and assembles the result.
    fn finish(mut self, program: &Program) -> Result<Linked, Diagnostics> {
        self.fix_calls();
        let (mut maps, map_refs) = self.fix_loads(program);
        let bundle = self.bundle(program, &maps);
        maps.extend(self.object.tables_for(&self.slots));
        let raw: Vec<[u8; 8]> = self.slots.iter().map(|slot| slot.to_bytes()).collect();
        let insns = match decode(&raw) {
            Ok(insns) => insns,
            Err(errors) => {
                self.errors.append(errors);
                return Err(self.located_errors());
            }
        };
        check_flow(&insns, &self.ranges, &mut self.errors);
        if self.errors.has_errors() {
            return Err(self.located_errors());
        }
        let warnings = self.warnings();
        let insns = insns.into_iter().zip(self.sources).map(|(insn, source)| LinkedInsn { insn, source }).collect();
        Ok(Linked {
            name: program.name.clone(),
            section: program.section.clone(),
            kind: program.kind,
            frags: program.frags,
            license: self.object.license.clone(),
            insns,
            raw,
            map_refs,
            maps,
            functions: self.ranges,
            bundle,
            warnings,
        })
    }
}

/// Jumps stay in their function, and no function runs past its end.
fn check_flow(insns: &[Insn], functions: &[FunctionRange], errors: &mut Diagnostics) {
    for function in functions {
        for (index, insn) in insns.iter().enumerate().take(function.end).skip(function.start) {
            let target = insn.jump_delta().and(insn.jump_target(index));
            if target.is_some_and(|target| !(function.start..function.end).contains(&target)) {
                let message = format!("a jump leaves function {}", function.name);
                errors.push(Diagnostic::new(Code::BadJump, message).at_insn(index));
            }
        }
        let last = function.end.checked_sub(1);
        let ends =
            last.and_then(|last| insns.get(last)).is_some_and(|insn| matches!(insn, Insn::Exit | Insn::Jump { .. }));
        if !ends {
            let error = Diagnostic::new(Code::FallsOffEnd, format!("function {} runs past its end", function.name));
            errors.push(error.at_insn(last.unwrap_or_default()));
        }
    }
}
