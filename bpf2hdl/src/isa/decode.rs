// SPDX-License-Identifier: Apache-2.0
//! Decoding: 8-byte slots to [`Insn`], as strict as the kernel's verifier about reserved fields.

use super::decode_alu::decode_alu;
use super::decode_ld::decode_ld;
use super::fields::{AtomicOp, JumpOp, MemSize, Operand, Reg, Width};
use super::insn::{Call, Imm64, Insn};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// The fields of an 8-byte slot (little-endian layout).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Opcode.
    pub op: u8,
    /// Destination register field, 0 to 15.
    pub dst: u8,
    /// Source register field, 0 to 15.
    pub src: u8,
    /// Offset field.
    pub off: i16,
    /// Immediate field.
    pub imm: i32,
}

impl Slot {
    /// Splits 8 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let [op, regs, off0, off1, imm0, imm1, imm2, imm3] = bytes;
        Self {
            op,
            dst: regs & 15,
            src: regs >> 4,
            off: i16::from_le_bytes([off0, off1]),
            imm: i32::from_le_bytes([imm0, imm1, imm2, imm3]),
        }
    }

    /// Joins the fields.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 8] {
        let [off0, off1] = self.off.to_le_bytes();
        let [imm0, imm1, imm2, imm3] = self.imm.to_le_bytes();
        [self.op, (self.src & 15) << 4 | self.dst & 15, off0, off1, imm0, imm1, imm2, imm3]
    }
}

pub(super) type Result<T> = std::result::Result<T, Diagnostic>;

/// Decodes a whole program and checks that jumps and calls land on instructions inside it.
///
/// # Errors
/// All undecodable instructions, with their slot index.
pub fn decode(slots: &[[u8; 8]]) -> std::result::Result<Vec<Insn>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let mut insns = Vec::with_capacity(slots.len());
    let mut high = false;
    for (index, bytes) in slots.iter().enumerate() {
        if std::mem::take(&mut high) {
            insns.push(Insn::Imm64High);
            continue;
        }
        match decode_one(*bytes, slots.get(index + 1).copied()) {
            Ok(insn) => {
                high = matches!(insn, Insn::LoadImm64 { .. });
                insns.push(insn);
            }
            Err(error) => {
                // Placeholder keeps the indices; an erroneous 16-byte load swallows its second half.
                high = bytes[0] == LD_IMM64 && index + 1 < slots.len();
                insns.push(Insn::Exit);
                errors.push(error.at_insn(index));
            }
        }
    }
    check_targets(&insns, &mut errors);
    errors.into_result(insns)
}

/// Jump, call and function-address targets must be first halves inside the program.
pub(super) fn check_targets(insns: &[Insn], errors: &mut Diagnostics) {
    for (index, insn) in insns.iter().enumerate() {
        let (delta, what) = match insn {
            Insn::Call(Call::Local(delta)) => (*delta, "call"),
            Insn::LoadImm64 { value: Imm64::Function { delta }, .. } => (*delta, "function address"),
            other => match other.jump_delta() {
                Some(delta) => (delta, "jump"),
                None => continue,
            },
        };
        let target = isize::try_from(delta).ok().and_then(|delta| (index + 1).checked_add_signed(delta));
        let message = match target.map(|target| insns.get(target)) {
            Some(Some(Insn::Imm64High)) => format!("{what} into the middle of a 16-byte load"),
            Some(Some(_)) => continue,
            _ => format!("{what} by {delta} leaves the program of {} instructions", insns.len()),
        };
        errors.push(Diagnostic::new(Code::BadJump, message).at_insn(index));
    }
}

pub(super) const LD_IMM64: u8 = 0x18;

/// Decodes the instruction in `bytes`; `next` is the following slot, needed for 16-byte loads.
///
/// # Errors
/// The reason why it is not an instruction, without a location.
pub fn decode_one(bytes: [u8; 8], next: Option<[u8; 8]>) -> Result<Insn> {
    let slot = Slot::from_bytes(bytes);
    match slot.op & 7 {
        0 => decode_ld(slot, next.map(Slot::from_bytes)),
        1 => decode_ldx(slot),
        2 => decode_st(slot),
        3 => decode_stx(slot),
        4 => decode_alu(slot, Width::W32),
        5 => decode_jmp(slot),
        6 => decode_jmp32(slot),
        _ => decode_alu(slot, Width::W64),
    }
}

pub(super) fn bad_opcode(slot: Slot) -> Diagnostic {
    Diagnostic::new(Code::BadOpcode, format!("opcode 0x{:02x} is not an instruction", slot.op))
}

pub(super) fn unsupported(what: &str) -> Diagnostic {
    Diagnostic::new(Code::UnsupportedInstruction, format!("{what} is not part of RFC 9669 and not supported"))
}

/// Refuses values in fields that must be zero.
pub(super) fn zero(slot: Slot, fields: &[(&str, i32)]) -> Result<()> {
    match fields.iter().find(|(_, value)| *value != 0) {
        None => Ok(()),
        Some((name, value)) => Err(Diagnostic::new(
            Code::ReservedField,
            format!("field {name} of opcode 0x{:02x} must be 0 and is {value}", slot.op),
        )),
    }
}

pub(super) fn reg(number: u8) -> Result<Reg> {
    Reg::new(number)
        .ok_or_else(|| Diagnostic::new(Code::BadRegister, format!("r{number} is not a register (r0 to r10 exist)")))
}

/// Register or immediate by the source bit; the unused one must be zero.
pub(super) fn operand(slot: Slot) -> Result<Operand> {
    if slot.op & 8 != 0 {
        zero(slot, &[("imm", slot.imm)])?;
        Ok(Operand::Reg(reg(slot.src)?))
    } else {
        zero(slot, &[("src_reg", slot.src.into())])?;
        Ok(Operand::Imm(slot.imm))
    }
}

pub(super) fn mem_size(op: u8) -> MemSize {
    match op & 0x18 {
        0x00 => MemSize::B4,
        0x08 => MemSize::B2,
        0x10 => MemSize::B1,
        _ => MemSize::B8,
    }
}

fn jump_op(op: u8) -> Option<JumpOp> {
    Some(match op >> 4 {
        0x1 => JumpOp::Eq,
        0x2 => JumpOp::Gt,
        0x3 => JumpOp::Ge,
        0x4 => JumpOp::Set,
        0x5 => JumpOp::Ne,
        0x6 => JumpOp::SGt,
        0x7 => JumpOp::SGe,
        0xa => JumpOp::Lt,
        0xb => JumpOp::Le,
        0xc => JumpOp::SLt,
        0xd => JumpOp::SLe,
        _ => return None,
    })
}

fn decode_branch(slot: Slot, width: Width) -> Result<Insn> {
    let op = jump_op(slot.op).ok_or_else(|| bad_opcode(slot))?;
    Ok(Insn::Branch { width, op, dst: reg(slot.dst)?, src: operand(slot)?, delta: slot.off })
}

fn decode_jmp(slot: Slot) -> Result<Insn> {
    let (dst, src, off) = (("dst_reg", slot.dst.into()), ("src_reg", slot.src.into()), ("off", slot.off.into()));
    match slot.op {
        0x05 => {
            zero(slot, &[dst, src, ("imm", slot.imm)])?;
            Ok(Insn::Jump { delta: slot.off.into(), long: false })
        }
        0x85 => decode_call(slot),
        0x8d => {
            // clang before 19 put the register into imm, later ones into dst_reg.
            zero(slot, &[src, off])?;
            let number = if slot.imm == 0 { slot.dst } else { u8::try_from(slot.imm).unwrap_or(u8::MAX) };
            if slot.imm != 0 {
                zero(slot, &[dst])?;
                return Err(Diagnostic::new(
                    Code::IndirectCall,
                    format!("call through r{number} in the old encoding of clang before 19"),
                ));
            }
            Ok(Insn::Call(Call::Reg(reg(number)?)))
        }
        0x95 => {
            zero(slot, &[dst, src, off, ("imm", slot.imm)])?;
            Ok(Insn::Exit)
        }
        0xe5 => Err(unsupported("may_goto")),
        _ => decode_branch(slot, Width::W64),
    }
}

fn decode_call(slot: Slot) -> Result<Insn> {
    zero(slot, &[("dst_reg", slot.dst.into())])?;
    let off = ("off", slot.off.into());
    let call = match slot.src {
        0 => zero(slot, &[off]).map(|()| Call::Helper(slot.imm.cast_unsigned())),
        1 => zero(slot, &[off]).map(|()| Call::Local(slot.imm)),
        2 => Ok(Call::Kfunc { id: slot.imm, module: slot.off }),
        kind => Err(Diagnostic::new(Code::ReservedField, format!("call kind {kind} in field src_reg is unknown"))),
    };
    call.map(Insn::Call)
}

fn decode_jmp32(slot: Slot) -> Result<Insn> {
    if slot.op == 0x06 {
        zero(slot, &[("dst_reg", slot.dst.into()), ("src_reg", slot.src.into()), ("off", slot.off.into())])?;
        return Ok(Insn::Jump { delta: slot.imm, long: true });
    }
    decode_branch(slot, Width::W32)
}

fn decode_ldx(slot: Slot) -> Result<Insn> {
    let size = mem_size(slot.op);
    let signed = match slot.op & 0xe0 {
        0x60 => false,
        0x80 if size != MemSize::B8 => true,
        _ => return Err(bad_opcode(slot)),
    };
    zero(slot, &[("imm", slot.imm)])?;
    Ok(Insn::Load { size, signed, dst: reg(slot.dst)?, base: reg(slot.src)?, offset: slot.off })
}

fn decode_st(slot: Slot) -> Result<Insn> {
    if slot.op & 0xe0 != 0x60 {
        return Err(bad_opcode(slot));
    }
    zero(slot, &[("src_reg", slot.src.into())])?;
    let src = Operand::Imm(slot.imm);
    Ok(Insn::Store { size: mem_size(slot.op), base: reg(slot.dst)?, offset: slot.off, src })
}

fn decode_stx(slot: Slot) -> Result<Insn> {
    let size = mem_size(slot.op);
    let (base, src, offset) = (reg(slot.dst)?, reg(slot.src)?, slot.off);
    match slot.op & 0xe0 {
        0x60 => {
            zero(slot, &[("imm", slot.imm)])?;
            Ok(Insn::Store { size, base, offset, src: Operand::Reg(src) })
        }
        0xc0 if matches!(slot.imm, 0x100 | 0x110) => Err(unsupported("load-acquire or store-release")),
        0xc0 if matches!(size, MemSize::B4 | MemSize::B8) => {
            Ok(Insn::Atomic { size, op: atomic_op(slot)?, base, offset, src })
        }
        _ => Err(bad_opcode(slot)),
    }
}

fn atomic_op(slot: Slot) -> Result<AtomicOp> {
    let fetch = slot.imm & 1 != 0;
    Ok(match slot.imm & !1 {
        0x00 => AtomicOp::Add { fetch },
        0x40 => AtomicOp::Or { fetch },
        0x50 => AtomicOp::And { fetch },
        0xa0 => AtomicOp::Xor { fetch },
        0xe0 if fetch => AtomicOp::Xchg,
        0xf0 if fetch => AtomicOp::CmpXchg,
        _ => {
            let message = format!("atomic operation 0x{:x} does not exist", slot.imm);
            return Err(Diagnostic::new(Code::BadOpcode, message));
        }
    })
}
