// SPDX-License-Identifier: Apache-2.0
//! The program behind the firmware: every instruction as it is, but for references.
//!
//! A call of a helper becomes one of the firmware's routine, whose arguments and result are in the same registers; that of a print that is left out, a zero. A legacy load of the packet becomes up to
//! three instructions, so that distances are computed anew. Programs that tail calls reach begin with an instruction that sets r1.

use super::firmware::Firmware;
use super::helpers;
use super::layout::{CONTEXT, Layout};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::isa::{AluOp, Call, Imm64, Insn, Operand, Reg, Slot, Width, encode_one, helper_name};
use crate::object::Linked;
use crate::verify::Prints;

/// Instructions with the entries of the programs by their numbers in prog arrays, 0 where there is none.
pub(super) struct Placed {
    pub(super) slots: Vec<[u8; 8]>,
    pub(super) entries: Vec<u32>,
}

/// Puts a program behind the firmware.
///
/// # Errors
/// All helpers that the firmware does not have.
pub(super) fn place(
    program: &Linked,
    prints: &Prints,
    firmware: &Firmware,
    layout: &Layout,
) -> Result<Placed, Diagnostics> {
    let mut starts = Vec::with_capacity(program.insns.len() + 1);
    let mut next = firmware.slots() as usize + 3 * program.bundle.members.len();
    for slot in &program.insns {
        starts.push(next);
        next += length(&slot.insn);
    }
    starts.push(next);
    let placer = Placer { program, prints, firmware, layout, starts };
    let mut slots = firmware.code.clone();
    call_program(&mut slots, firmware, placer.starts[0])?;
    let entries = placer.entries(&mut slots);
    let mut errors = Diagnostics::new();
    for (index, slot) in program.insns.iter().enumerate() {
        if let Err(error) = placer.instruction(&mut slots, index, &slot.insn) {
            errors.push(error.at(program.location(index)));
        }
    }
    errors.into_result(Placed { slots, entries })
}

/// Slots that an instruction takes here.
fn length(insn: &Insn) -> usize {
    match insn {
        Insn::LoadPacket { index: None, .. } => 2,
        Insn::LoadPacket { index: Some(_), .. } => 3,
        _ => 1,
    }
}

/// All calls of the firmware's function `program` go to this slot.
fn call_program(slots: &mut [[u8; 8]], firmware: &Firmware, start: usize) -> Result<(), Diagnostic> {
    let stub = firmware.function("program")? as usize;
    for (at, bytes) in slots.iter_mut().enumerate() {
        let mut slot = Slot::from_bytes(*bytes);
        if slot.op == 0x85 && slot.src == 1 && at.checked_add_signed(slot.imm as isize + 1) == Some(stub) {
            slot.imm = distance(at, start);
            *bytes = slot.to_bytes();
        }
    }
    Ok(())
}

/// From the slot behind `at` to `to`.
fn distance(at: usize, to: usize) -> i32 {
    let signed = |slot: usize| i32::try_from(slot).unwrap_or(i32::MAX);
    signed(to) - signed(at) - 1
}

struct Placer<'a> {
    program: &'a Linked,
    prints: &'a Prints,
    firmware: &'a Firmware,
    layout: &'a Layout,
    /// New slot of each old one, and of the end.
    starts: Vec<usize>,
}

impl Placer<'_> {
    /// Where tail calls go: `r1 = context`, then the program.
    fn entries(&self, slots: &mut Vec<[u8; 8]>) -> Vec<u32> {
        let bundle = &self.program.bundle;
        let mut entries = vec![0; bundle.names.len()];
        for member in &bundle.members {
            let number = u32::try_from(slots.len()).unwrap_or(0);
            if let Some(entry) = (member.number as usize).checked_sub(1).and_then(|place| entries.get_mut(place)) {
                *entry = number;
            }
            wide(slots, Reg::R1, CONTEXT.into());
            let delta = distance(slots.len(), self.starts[member.start]);
            slots.push(encode_one(&Insn::Jump { delta, long: true }).0);
        }
        entries
    }

    fn instruction(&self, slots: &mut Vec<[u8; 8]>, index: usize, insn: &Insn) -> Result<(), Diagnostic> {
        match *insn {
            Insn::Imm64High => {}
            Insn::LoadImm64 { dst, value } => wide(slots, dst, self.constant(index, value)?),
            Insn::LoadPacket { size, index: register, offset } => {
                let set = |src| Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: Reg::R1, src };
                match register {
                    None => slots.push(encode_one(&set(Operand::Imm(offset))).0),
                    Some(register) => {
                        slots.push(encode_one(&set(Operand::Reg(register))).0);
                        let (width, op, src) = (Width::W64, AluOp::Add, Operand::Imm(offset));
                        slots.push(encode_one(&Insn::Alu { width, op, dst: Reg::R1, src }).0);
                    }
                }
                self.call(slots, helpers::legacy(size))?;
            }
            Insn::Call(Call::Helper(_)) if self.prints.left_out.contains_key(&index) => {
                let nothing = Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: Reg::R0, src: Operand::Imm(0) };
                slots.push(encode_one(&nothing).0);
            }
            Insn::Call(Call::Helper(id)) => {
                let Some(routine) = helpers::routine(id) else {
                    let name = helper_name(id).map_or_else(|| format!("helper {id}"), |name| format!("`{name}`"));
                    let message = format!("the engine's firmware does not have {name}");
                    return Err(Diagnostic::new(Code::UnsupportedHelper, message));
                };
                self.call(slots, routine)?;
            }
            Insn::Call(Call::Local(delta)) => {
                let delta = self.delta(index, delta, slots.len())?;
                slots.push(encode_one(&Insn::Call(Call::Local(delta))).0);
            }
            Insn::Jump { delta, long } => {
                let delta = self.delta(index, delta, slots.len())?;
                slots.push(encode_one(&Insn::Jump { delta, long }).0);
            }
            Insn::Branch { width, op, dst, src, delta } => {
                let delta = self.delta(index, delta.into(), slots.len())?;
                let far =
                    || Diagnostic::new(Code::BadJump, "the jump is too far with the firmware's loads of the packet");
                let delta = i16::try_from(delta).map_err(|_| far())?;
                slots.push(encode_one(&Insn::Branch { width, op, dst, src, delta }).0);
            }
            Insn::Call(Call::Kfunc { .. }) => {
                return Err(Diagnostic::new(Code::Kfunc, "the engine has no kernel whose function could be called"));
            }
            _ => slots.push(encode_one(insn).0),
        }
        Ok(())
    }

    fn call(&self, slots: &mut Vec<[u8; 8]>, routine: &str) -> Result<(), Diagnostic> {
        let delta = distance(slots.len(), self.firmware.function(routine)? as usize);
        slots.push(encode_one(&Insn::Call(Call::Local(delta))).0);
        Ok(())
    }

    /// The distance from slot `at` to where the jump at `index` goes.
    fn delta(&self, index: usize, delta: i32, at: usize) -> Result<i32, Diagnostic> {
        let target = index.checked_add_signed(delta as isize + 1).and_then(|target| self.starts.get(target));
        let wrong = || Diagnostic::new(Code::BadJump, "a jump leaves the program");
        target.map(|target| distance(at, *target)).ok_or_else(wrong)
    }

    fn constant(&self, index: usize, value: Imm64) -> Result<u64, Diagnostic> {
        let wrong = |what: &str| Diagnostic::new(Code::BadLoadImm64, format!("{what} means nothing to the engine"));
        let reference = self.program.map_refs.iter().find(|reference| reference.insn == index);
        match (value, reference) {
            (Imm64::Value(value), _) => Ok(value),
            (Imm64::Map { .. }, Some(reference)) => Ok(self.layout.map(reference.map, reference.inner).into()),
            (Imm64::MapValue { offset, .. }, Some(reference)) => {
                Ok((self.layout.values(reference.map) + offset).into())
            }
            (Imm64::Function { delta }, _) => {
                let target = index.checked_add_signed(delta as isize + 1).and_then(|target| self.starts.get(target));
                target.map(|target| *target as u64).ok_or_else(|| wrong("this address of a function"))
            }
            _ => Err(wrong("this constant")),
        }
    }
}

fn wide(slots: &mut Vec<[u8; 8]>, dst: Reg, value: u64) {
    let (first, second) = encode_one(&Insn::LoadImm64 { dst, value: Imm64::Value(value) });
    slots.push(first);
    slots.extend(second);
}
