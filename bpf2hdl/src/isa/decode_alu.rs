// SPDX-License-Identifier: Apache-2.0
//! Decoding of the ALU and ALU64 classes.

use super::decode::{Result, Slot, bad_opcode, operand, reg, unsupported, zero};
use super::fields::{AluOp, ByteOrder, MemSize, Operand, Reg, Width};
use super::insn::Insn;
use crate::diag::{Code, Diagnostic};

pub(super) fn decode_alu(slot: Slot, width: Width) -> Result<Insn> {
    let dst = reg(slot.dst)?;
    let signed = match slot.off {
        0 => false,
        1 => true,
        _ if slot.op >> 4 == 0xb => return decode_movsx(slot, width),
        off => return zero(slot, &[("off", off.into())]).and(Err(bad_opcode(slot))),
    };
    let op = match (slot.op >> 4, signed) {
        (0x0, false) => AluOp::Add,
        (0x1, false) => AluOp::Sub,
        (0x2, false) => AluOp::Mul,
        (0x3, false) => AluOp::Div,
        (0x3, true) => AluOp::SDiv,
        (0x4, false) => AluOp::Or,
        (0x5, false) => AluOp::And,
        (0x6, false) => AluOp::Lsh,
        (0x7, false) => AluOp::Rsh,
        (0x9, false) => AluOp::Mod,
        (0x9, true) => AluOp::SMod,
        (0xa, false) => AluOp::Xor,
        (0xb, false) => AluOp::Mov,
        (0xb, true) => return Err(unsupported("address space cast")),
        (0xc, false) => AluOp::Arsh,
        (0x8, _) => return decode_neg(slot, width, dst),
        (0xd, _) => return decode_endian(slot, width, dst),
        (0x0..=0xc, true) => return zero(slot, &[("off", slot.off.into())]).and(Err(bad_opcode(slot))),
        _ => return Err(bad_opcode(slot)),
    };
    Ok(Insn::Alu { width, op, dst, src: operand(slot)? })
}

fn decode_neg(slot: Slot, width: Width, dst: Reg) -> Result<Insn> {
    zero(
        slot,
        &[
            ("source bit", (slot.op & 8).into()),
            ("src_reg", slot.src.into()),
            ("off", slot.off.into()),
            ("imm", slot.imm),
        ],
    )?;
    Ok(Insn::Neg { width, dst })
}

fn decode_endian(slot: Slot, width: Width, dst: Reg) -> Result<Insn> {
    zero(slot, &[("src_reg", slot.src.into()), ("off", slot.off.into())])?;
    let order = match (width, slot.op & 8 != 0) {
        (Width::W32, false) => ByteOrder::ToLe,
        (Width::W32, true) => ByteOrder::ToBe,
        (Width::W64, false) => ByteOrder::Swap,
        (Width::W64, true) => return Err(bad_opcode(slot)),
    };
    let size = match slot.imm {
        16 => MemSize::B2,
        32 => MemSize::B4,
        64 => MemSize::B8,
        other => {
            let message = format!("byte order conversion of {other} bits (16, 32 and 64 exist)");
            return Err(Diagnostic::new(Code::ReservedField, message));
        }
    };
    Ok(Insn::Endian { order, size, dst })
}

fn decode_movsx(slot: Slot, width: Width) -> Result<Insn> {
    let from = match (slot.off, width) {
        (8, _) => MemSize::B1,
        (16, _) => MemSize::B2,
        (32, Width::W64) => MemSize::B4,
        _ => return zero(slot, &[("off", slot.off.into())]).and(Err(bad_opcode(slot))),
    };
    match operand(slot)? {
        Operand::Reg(src) => Ok(Insn::MovSx { width, from, dst: reg(slot.dst)?, src }),
        Operand::Imm(_) => zero(slot, &[("off", slot.off.into())]).and(Err(bad_opcode(slot))),
    }
}
