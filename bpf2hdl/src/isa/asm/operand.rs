// SPDX-License-Identifier: Apache-2.0
//! Operands of the text form: registers, constants, addresses, jump targets.

use super::lexer::{Cursor, Token};
use crate::isa::fields::{MemSize, Operand, Reg, Width};

/// Number with an optional sign, and whether it was hexadecimal. Range -2^63 .. 2^64.
pub(super) fn signed_number(cursor: &mut Cursor) -> Result<(i128, bool), String> {
    let negative = cursor.take("-");
    if !negative {
        cursor.take("+");
    }
    match cursor.peek(0) {
        Some(Token::Number(value, hex)) => {
            let (value, hex) = (i128::from(*value), *hex);
            cursor.advance(1);
            Ok((if negative { -value } else { value }, hex))
        }
        _ => Err(format!("number expected{}", cursor.found())),
    }
}

/// A 32-bit immediate; values up to 0xffffffff stand for their bit pattern, as bpftool prints them.
pub(super) fn imm32(value: i128) -> Result<i32, String> {
    i32::try_from(value)
        .or_else(|_| u32::try_from(value).map(u32::cast_signed))
        .map_err(|_| format!("{value} does not fit into 32 bits"))
}

pub(super) fn parse_register(word: &str) -> Option<(Width, Reg)> {
    let (width, digits) = match word.split_at_checked(1)? {
        ("r", digits) => (Width::W64, digits),
        ("w", digits) => (Width::W32, digits),
        _ => return None,
    };
    if digits.is_empty() || digits.len() > 2 {
        return None;
    }
    Some((width, Reg::new(digits.parse().ok()?)?))
}

/// True when a register comes `ahead` tokens later.
pub(super) fn register_at(cursor: &Cursor, ahead: usize) -> Option<(Width, Reg)> {
    match cursor.peek(ahead) {
        Some(Token::Word(word)) => parse_register(word),
        _ => None,
    }
}

pub(super) fn register(cursor: &mut Cursor) -> Result<(Width, Reg), String> {
    let found = register_at(cursor, 0).ok_or_else(|| format!("register expected{}", cursor.found()))?;
    cursor.advance(1);
    Ok(found)
}

/// A 64-bit register (addresses).
pub(super) fn register64(cursor: &mut Cursor) -> Result<Reg, String> {
    match register(cursor)? {
        (Width::W64, reg) => Ok(reg),
        (Width::W32, reg) => Err(format!("w{} can not be used here", reg.number())),
    }
}

/// Register of the given width, or constant.
pub(super) fn operand(cursor: &mut Cursor, width: Width) -> Result<Operand, String> {
    if register_at(cursor, 0).is_some() {
        let (found, reg) = register(cursor)?;
        if found != width {
            return Err("32-bit and 64-bit registers in one operation".to_owned());
        }
        return Ok(Operand::Reg(reg));
    }
    let (value, _) = signed_number(cursor)?;
    Ok(Operand::Imm(imm32(value)?))
}

/// `u32` or `s32`: signedness and size.
pub(super) fn mem_type(word: &str) -> Result<(bool, MemSize), String> {
    let signed = word.starts_with('s');
    let size = match word.strip_prefix(['u', 's']) {
        Some("8") => MemSize::B1,
        Some("16") => MemSize::B2,
        Some("32") => MemSize::B4,
        Some("64") => MemSize::B8,
        _ => return Err(format!("{word} is not a memory type (u8, u16, u32, u64, s8, s16, s32)")),
    };
    Ok((signed, size))
}

/// `(u32 *)` after its opening `(` or with it.
pub(super) fn cast(cursor: &mut Cursor) -> Result<(bool, MemSize), String> {
    cursor.expect("(")?;
    let word = cursor.word()?;
    cursor.expect("*")?;
    cursor.expect(")")?;
    mem_type(&word)
}

/// `(r1 +4)`.
pub(super) fn address(cursor: &mut Cursor) -> Result<(Reg, i16), String> {
    cursor.expect("(")?;
    let base = register64(cursor)?;
    let offset = if cursor.is_symbol(0, ")") { 0 } else { signed_number(cursor)?.0 };
    cursor.expect(")")?;
    Ok((base, i16::try_from(offset).map_err(|_| format!("offset {offset} does not fit into 16 bits"))?))
}

/// A jump target: distance, or label to be resolved.
pub(super) enum Target {
    Delta(i32),
    Label(String),
}

impl Target {
    /// Distance (0 for a label) and label.
    pub(super) fn split(self) -> (i32, Option<String>) {
        match self {
            Target::Delta(delta) => (delta, None),
            Target::Label(label) => (0, Some(label)),
        }
    }
}

/// `pc+3`, `+3`, `-3` or a label.
pub(super) fn target(cursor: &mut Cursor) -> Result<Target, String> {
    let signed = |cursor: &Cursor, ahead| cursor.is_symbol(ahead, "+") || cursor.is_symbol(ahead, "-");
    if cursor.is_word("pc") && signed(cursor, 1) {
        cursor.advance(1);
    }
    if signed(cursor, 0) {
        let (value, _) = signed_number(cursor)?;
        return Ok(Target::Delta(i32::try_from(value).map_err(|_| "jump distance does not fit".to_owned())?));
    }
    Ok(Target::Label(cursor.word()?))
}
