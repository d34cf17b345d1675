// SPDX-License-Identifier: Apache-2.0
//! Right-hand sides of assignments that begin with a name.

use super::lexer::Cursor;
use super::operand::{address, cast, imm32, register64, signed_number, target};
use super::statement::{Parsed, atomic};
use crate::isa::fields::{AtomicOp, ByteOrder, MemSize, Reg};
use crate::isa::insn::{Imm64, Insn};

/// Right-hand sides that begin with a name: byte order, atomics, maps, variables, sub-programs.
pub(super) fn named(cursor: &mut Cursor, dst: Reg, word: &str) -> Parsed {
    cursor.advance(1);
    if let Some((order, size)) = byte_order(word) {
        if register64(cursor)? != dst {
            return Err("byte order conversion needs the same register on both sides".to_owned());
        }
        return Ok((Insn::Endian { order, size, dst }, None));
    }
    if let Some(name) = word.strip_prefix("atomic64_").or_else(|| word.strip_prefix("atomic_")) {
        return fetching(cursor, dst, name).map(|insn| (insn, None));
    }
    let (value, label) = match word {
        "map" => (map_value(cursor)?, None),
        "var" => {
            cursor.expect("[")?;
            let id = tagged(cursor, "id")?;
            cursor.expect("]")?;
            (Imm64::BtfVar { id, fd: imm32(signed_number(cursor)?.0)? }, None)
        }
        "subprog" => {
            cursor.expect("[")?;
            let (delta, label) = target(cursor)?.split();
            cursor.expect("]")?;
            (Imm64::Function { delta }, label)
        }
        _ => return Err(format!("{word} has no meaning here")),
    };
    Ok((Insn::LoadImm64 { dst, value }, label))
}

fn byte_order(word: &str) -> Option<(ByteOrder, MemSize)> {
    let orders = [("le", ByteOrder::ToLe), ("be", ByteOrder::ToBe), ("bswap", ByteOrder::Swap)];
    let (digits, order) = orders.iter().find_map(|(name, order)| Some((word.strip_prefix(name)?, *order)))?;
    let size = match digits {
        "16" => MemSize::B2,
        "32" => MemSize::B4,
        "64" => MemSize::B8,
        _ => return None,
    };
    Some((order, size))
}

/// `fetch_add((u64 *)(r1 +0), r2)` and its kin after the `atomic_` prefix.
fn fetching(cursor: &mut Cursor, dst: Reg, name: &str) -> Result<Insn, String> {
    let fetch = true;
    let op = match name {
        "fetch_add" => AtomicOp::Add { fetch },
        "fetch_or" => AtomicOp::Or { fetch },
        "fetch_and" => AtomicOp::And { fetch },
        "fetch_xor" => AtomicOp::Xor { fetch },
        "xchg" => AtomicOp::Xchg,
        "cmpxchg" => AtomicOp::CmpXchg,
        _ => return Err(format!("{name} is not an atomic operation")),
    };
    cursor.expect("(")?;
    let (_, size) = cast(cursor)?;
    let (base, offset) = address(cursor)?;
    cursor.expect(",")?;
    let mut src = register64(cursor)?;
    let mut result = src;
    if op == AtomicOp::CmpXchg {
        result = Reg::R0;
        if src != Reg::R0 {
            return Err("cmpxchg compares with r0".to_owned());
        }
        cursor.expect(",")?;
        src = register64(cursor)?;
    }
    cursor.expect(")")?;
    if dst != result {
        return Err(format!("the old value goes to {result}"));
    }
    atomic(size, op, base, offset, src)
}

/// `[fd:3]`, `[idx:3]`, both with an optional `[0]+OFFSET`.
fn map_value(cursor: &mut Cursor) -> Result<Imm64, String> {
    cursor.expect("[")?;
    let by_index = cursor.is_word("idx");
    let number = tagged(cursor, if by_index { "idx" } else { "fd" })?;
    cursor.expect("]")?;
    if !cursor.take("[") {
        return Ok(if by_index { Imm64::MapIndex { index: number } } else { Imm64::Map { map: number } });
    }
    if signed_number(cursor)?.0 != 0 {
        return Err("only entry 0 can be addressed".to_owned());
    }
    cursor.expect("]")?;
    let offset = u32::try_from(signed_number(cursor)?.0).map_err(|_| "offset does not fit".to_owned())?;
    Ok(match by_index {
        true => Imm64::MapIndexValue { index: number, offset },
        false => Imm64::MapValue { map: number, offset },
    })
}

/// `tag:NUMBER`.
fn tagged(cursor: &mut Cursor, tag: &str) -> Result<i32, String> {
    if !cursor.take_word(tag) {
        return Err(format!("{tag}: expected{}", cursor.found()));
    }
    cursor.expect(":")?;
    imm32(signed_number(cursor)?.0)
}
