// SPDX-License-Identifier: Apache-2.0
//! Encoding, the exact inverse of decoding.

use super::decode::Slot;
use super::fields::{AluOp, AtomicOp, ByteOrder, JumpOp, MemSize, Operand, PacketSize, Reg, Width};
use super::insn::{Call, Imm64, Insn};

/// Encodes a program, one slot per element: a `LoadImm64` fills its slot and the `Imm64High` after it.
///
/// A `LoadImm64` without its `Imm64High` gets one, so that the result is always well-formed.
#[must_use]
pub fn encode(insns: &[Insn]) -> Vec<[u8; 8]> {
    let mut slots = Vec::with_capacity(insns.len());
    for insn in insns.iter().filter(|insn| !matches!(insn, Insn::Imm64High)) {
        let (first, second) = encode_one(insn);
        slots.push(first);
        slots.extend(second);
    }
    slots
}

/// Encodes one instruction; the second slot exists for `LoadImm64` only. `Imm64High` alone is all zero.
#[must_use]
pub fn encode_one(insn: &Insn) -> ([u8; 8], Option<[u8; 8]>) {
    if let Insn::LoadImm64 { dst, value } = insn {
        let (first, second) = imm64(*dst, *value);
        return (first.to_bytes(), Some(second.to_bytes()));
    }
    (encode_short(insn).to_bytes(), None)
}

fn encode_short(insn: &Insn) -> Slot {
    match *insn {
        Insn::Alu { width, op, dst, src } => {
            let (code, off) = alu_op(op);
            with_operand(alu_class(width) | code << 4, dst, src, off)
        }
        Insn::Neg { width, dst } => slot(alu_class(width) | 0x80, dst.number(), 0, 0, 0),
        Insn::MovSx { width, from, dst, src } => {
            let off = match from {
                MemSize::B1 => 8,
                MemSize::B2 => 16,
                MemSize::B4 | MemSize::B8 => 32,
            };
            slot(alu_class(width) | 0xb8, dst.number(), src.number(), off, 0)
        }
        Insn::Endian { order, size, dst } => {
            let op = match order {
                ByteOrder::ToLe => 0xd4,
                ByteOrder::ToBe => 0xdc,
                ByteOrder::Swap => 0xd7,
            };
            slot(op, dst.number(), 0, 0, size.bits().cast_signed())
        }
        // A short jump holds 16 bits; a distance that does not fit takes the long form.
        Insn::Jump { delta, long } => match i16::try_from(delta) {
            Ok(short) if !long => slot(0x05, 0, 0, short, 0),
            _ => slot(0x06, 0, 0, 0, delta),
        },
        Insn::Branch { width, op, dst, src, delta } => {
            let class = match width {
                Width::W32 => 6,
                Width::W64 => 5,
            };
            with_operand(class | jump_op(op) << 4, dst, src, delta)
        }
        Insn::Load { size, signed, dst, base, offset } => {
            let mode = if signed { 0x81 } else { 0x61 };
            slot(mode | size_bits(size), dst.number(), base.number(), offset, 0)
        }
        Insn::Store { size, base, offset, src: Operand::Reg(src) } => {
            slot(0x63 | size_bits(size), base.number(), src.number(), offset, 0)
        }
        Insn::Store { size, base, offset, src: Operand::Imm(imm) } => {
            slot(0x62 | size_bits(size), base.number(), 0, offset, imm)
        }
        Insn::Atomic { size, op, base, offset, src } => {
            slot(0xc3 | size_bits(size), base.number(), src.number(), offset, atomic_op(op))
        }
        Insn::LoadPacket { size, index, offset } => {
            let bits = match size {
                PacketSize::B1 => 0x10,
                PacketSize::B2 => 0x08,
                PacketSize::B4 => 0x00,
            };
            let mode = if index.is_some() { 0x40 } else { 0x20 };
            slot(mode | bits, 0, index.map_or(0, Reg::number), 0, offset)
        }
        Insn::Call(call) => encode_call(call),
        Insn::Exit => slot(0x95, 0, 0, 0, 0),
        Insn::Imm64High | Insn::LoadImm64 { .. } => slot(0, 0, 0, 0, 0),
    }
}

fn encode_call(call: Call) -> Slot {
    match call {
        Call::Helper(id) => slot(0x85, 0, 0, 0, id.cast_signed()),
        Call::Local(delta) => slot(0x85, 0, 1, 0, delta),
        Call::Kfunc { id, module } => slot(0x85, 0, 2, module, id),
        Call::Reg(reg) => slot(0x8d, reg.number(), 0, 0, 0),
    }
}

fn slot(op: u8, dst: u8, src: u8, off: i16, imm: i32) -> Slot {
    Slot { op, dst, src, off, imm }
}

fn with_operand(op: u8, dst: Reg, src: Operand, off: i16) -> Slot {
    match src {
        Operand::Reg(src) => slot(op | 8, dst.number(), src.number(), off, 0),
        Operand::Imm(imm) => slot(op, dst.number(), 0, off, imm),
    }
}

fn alu_class(width: Width) -> u8 {
    match width {
        Width::W32 => 4,
        Width::W64 => 7,
    }
}

fn size_bits(size: MemSize) -> u8 {
    match size {
        MemSize::B4 => 0x00,
        MemSize::B2 => 0x08,
        MemSize::B1 => 0x10,
        MemSize::B8 => 0x18,
    }
}

/// Operation code and offset field.
fn alu_op(op: AluOp) -> (u8, i16) {
    match op {
        AluOp::Add => (0x0, 0),
        AluOp::Sub => (0x1, 0),
        AluOp::Mul => (0x2, 0),
        AluOp::Div => (0x3, 0),
        AluOp::SDiv => (0x3, 1),
        AluOp::Or => (0x4, 0),
        AluOp::And => (0x5, 0),
        AluOp::Lsh => (0x6, 0),
        AluOp::Rsh => (0x7, 0),
        AluOp::Mod => (0x9, 0),
        AluOp::SMod => (0x9, 1),
        AluOp::Xor => (0xa, 0),
        AluOp::Mov => (0xb, 0),
        AluOp::Arsh => (0xc, 0),
    }
}

fn jump_op(op: JumpOp) -> u8 {
    match op {
        JumpOp::Eq => 0x1,
        JumpOp::Gt => 0x2,
        JumpOp::Ge => 0x3,
        JumpOp::Set => 0x4,
        JumpOp::Ne => 0x5,
        JumpOp::SGt => 0x6,
        JumpOp::SGe => 0x7,
        JumpOp::Lt => 0xa,
        JumpOp::Le => 0xb,
        JumpOp::SLt => 0xc,
        JumpOp::SLe => 0xd,
    }
}

fn atomic_op(op: AtomicOp) -> i32 {
    match op {
        AtomicOp::Add { fetch } => i32::from(fetch),
        AtomicOp::Or { fetch } => 0x40 | i32::from(fetch),
        AtomicOp::And { fetch } => 0x50 | i32::from(fetch),
        AtomicOp::Xor { fetch } => 0xa0 | i32::from(fetch),
        AtomicOp::Xchg => 0xe1,
        AtomicOp::CmpXchg => 0xf1,
    }
}

/// Both halves of a 16-byte load.
fn imm64(dst: Reg, value: Imm64) -> (Slot, Slot) {
    let (src, low, high) = match value {
        Imm64::Value(value) => {
            let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
            (0, i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h]))
        }
        Imm64::Map { map } => (1, map, 0),
        Imm64::MapValue { map, offset } => (2, map, offset.cast_signed()),
        Imm64::BtfVar { id, fd } => (3, id, fd),
        Imm64::Function { delta } => (4, delta, 0),
        Imm64::MapIndex { index } => (5, index, 0),
        Imm64::MapIndexValue { index, offset } => (6, index, offset.cast_signed()),
    };
    (slot(0x18, dst.number(), src, 0, low), slot(0, 0, 0, 0, high))
}
