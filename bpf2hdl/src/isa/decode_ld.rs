// SPDX-License-Identifier: Apache-2.0
//! Decoding of the LD class: 16-byte loads and legacy packet loads.

use super::decode::{LD_IMM64, Result, Slot, bad_opcode, mem_size, reg, zero};
use super::fields::{MemSize, PacketSize};
use super::insn::{Imm64, Insn};
use crate::diag::{Code, Diagnostic};

pub(super) fn decode_ld(slot: Slot, next: Option<Slot>) -> Result<Insn> {
    if slot.op == LD_IMM64 {
        return decode_imm64(slot, next);
    }
    let size = match mem_size(slot.op) {
        MemSize::B1 => PacketSize::B1,
        MemSize::B2 => PacketSize::B2,
        MemSize::B4 => PacketSize::B4,
        MemSize::B8 => return Err(bad_opcode(slot)),
    };
    let (dst, off) = (("dst_reg", slot.dst.into()), ("off", slot.off.into()));
    let index = match slot.op & 0xe0 {
        0x20 => {
            zero(slot, &[dst, off, ("src_reg", slot.src.into())])?;
            None
        }
        0x40 => {
            zero(slot, &[dst, off])?;
            Some(reg(slot.src)?)
        }
        _ => return Err(bad_opcode(slot)),
    };
    Ok(Insn::LoadPacket { size, index, offset: slot.imm })
}

fn decode_imm64(slot: Slot, next: Option<Slot>) -> Result<Insn> {
    let malformed = |message: &str| Diagnostic::new(Code::BadLoadImm64, message);
    let next = next.ok_or_else(|| malformed("the second half of the 16-byte load is missing"))?;
    if next.op != 0 || next.dst != 0 || next.src != 0 || next.off != 0 {
        return Err(malformed("the second half of the 16-byte load has fields that must be 0"));
    }
    zero(slot, &[("off", slot.off.into())])?;
    let (low, high) = (slot.imm, next.imm);
    let offset = high.cast_unsigned();
    let value = match slot.src {
        0 => Imm64::Value(u64::from(offset) << 32 | u64::from(low.cast_unsigned())),
        1 => Imm64::Map { map: low },
        2 => Imm64::MapValue { map: low, offset },
        3 => Imm64::BtfVar { id: low, fd: high },
        4 => Imm64::Function { delta: low },
        5 => Imm64::MapIndex { index: low },
        6 => Imm64::MapIndexValue { index: low, offset },
        kind => return Err(malformed(&format!("kind {kind} of a 16-byte load is unknown"))),
    };
    if matches!(slot.src, 1 | 4 | 5) && high != 0 {
        return Err(malformed("the second half of the 16-byte load must be 0 for this kind"));
    }
    Ok(Insn::LoadImm64 { dst: reg(slot.dst)?, value })
}
