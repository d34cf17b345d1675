// SPDX-License-Identifier: Apache-2.0
//! One line of assembler text: `[label:] [instruction]`.

use super::lexer::{Cursor, Token, tokens};
use super::named::named;
use super::operand::{
    Target, address, cast, imm32, mem_type, operand, register, register_at, register64, signed_number, target,
};
use crate::isa::fields::{AluOp, AtomicOp, JumpOp, MemSize, Operand, PacketSize, Reg, Width};
use crate::isa::helpers::helper_id;
use crate::isa::insn::{Call, Imm64, Insn};

/// What a line holds: a label definition, an instruction with its unresolved label, or neither.
#[derive(Default)]
pub(super) struct Statement {
    pub(super) label: Option<String>,
    pub(super) insn: Option<(Insn, Option<String>)>,
}

pub(super) type Parsed = Result<(Insn, Option<String>), String>;

pub(super) fn parse(line: &str) -> Result<Statement, String> {
    let mut cursor = Cursor::new(tokens(line)?);
    let mut statement = Statement::default();
    skip_listing(&mut cursor);
    if let (Some(Token::Word(word)), true) = (cursor.peek(0), cursor.is_symbol(1, ":")) {
        statement.label = Some(word.clone());
        cursor.advance(2);
    }
    if !cursor.at_end() {
        statement.insn = Some(instruction(&mut cursor)?);
        if !cursor.at_end() {
            return Err(format!("end of line expected{}", cursor.found()));
        }
    }
    Ok(statement)
}

/// Skips `12:` and `(b7)` as bpftool writes them before an instruction.
fn skip_listing(cursor: &mut Cursor) {
    if matches!(cursor.peek(0), Some(Token::Number(..))) && cursor.is_symbol(1, ":") {
        cursor.advance(2);
    }
    let opcode = match cursor.peek(1) {
        Some(Token::Number(..)) => true,
        Some(Token::Word(word)) => word.len() == 2 && word.chars().all(|c| c.is_ascii_hexdigit()),
        _ => false,
    };
    if cursor.is_symbol(0, "(") && opcode && cursor.is_symbol(2, ")") {
        cursor.advance(3);
    }
}

fn instruction(cursor: &mut Cursor) -> Parsed {
    let plain = |insn| (insn, None);
    if cursor.take_word("exit") {
        return Ok(plain(Insn::Exit));
    }
    for (word, long) in [("goto", false), ("gotol", true)] {
        if cursor.take_word(word) {
            let (delta, label) = target(cursor)?.split();
            if !long && i16::try_from(delta).is_err() {
                return Err(format!("distance {delta} needs gotol"));
            }
            return Ok((Insn::Jump { delta, long }, label));
        }
    }
    if cursor.take_word("if") {
        return branch(cursor);
    }
    if cursor.take_word("call") {
        return call(cursor);
    }
    if cursor.take_word("callx") {
        return Ok(plain(Insn::Call(Call::Reg(register64(cursor)?))));
    }
    if cursor.take_word("lock") {
        return lock(cursor).map(plain);
    }
    if cursor.take("*") {
        return store(cursor).map(plain);
    }
    assignment(cursor)
}

fn branch(cursor: &mut Cursor) -> Parsed {
    let (width, dst) = register(cursor)?;
    let symbol = cursor.symbol()?;
    let op = ALL_JUMPS
        .into_iter()
        .find(|op| op.symbol() == symbol)
        .ok_or_else(|| format!("{symbol} is not a comparison"))?;
    let src = operand(cursor, width)?;
    if !cursor.take_word("goto") {
        return Err(format!("goto expected{}", cursor.found()));
    }
    let (delta, label) = target(cursor)?.split();
    let delta = i16::try_from(delta).map_err(|_| format!("distance {delta} does not fit into 16 bits"))?;
    Ok((Insn::Branch { width, op, dst, src, delta }, label))
}

const ALL_JUMPS: [JumpOp; 11] = [
    JumpOp::Eq,
    JumpOp::Ne,
    JumpOp::Gt,
    JumpOp::Ge,
    JumpOp::Lt,
    JumpOp::Le,
    JumpOp::Set,
    JumpOp::SGt,
    JumpOp::SGe,
    JumpOp::SLt,
    JumpOp::SLe,
];

const ALL_ALU: [AluOp; 13] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::SDiv,
    AluOp::Or,
    AluOp::And,
    AluOp::Lsh,
    AluOp::Rsh,
    AluOp::Mod,
    AluOp::SMod,
    AluOp::Xor,
    AluOp::Arsh,
];

/// `call NAME#ID`, `call NAME` (helper or label), `call ID`, `call pc+N`, `call kernel-function#ID [module N]`.
fn call(cursor: &mut Cursor) -> Parsed {
    let helper = |id| Ok((Insn::Call(Call::Helper(id)), None));
    if cursor.is_word("kernel") && cursor.is_symbol(1, "-") {
        cursor.advance(3);
        cursor.expect("#")?;
        let id = imm32(signed_number(cursor)?.0)?;
        let module = if cursor.take_word("module") { signed_number(cursor)?.0 } else { 0 };
        let module = i16::try_from(module).map_err(|_| "module does not fit into 16 bits".to_owned())?;
        return Ok((Insn::Call(Call::Kfunc { id, module }), None));
    }
    if let Some(Token::Number(..)) = cursor.peek(0) {
        return helper(imm32(signed_number(cursor)?.0)?.cast_unsigned());
    }
    match target(cursor)? {
        Target::Label(_) if cursor.take("#") => helper(imm32(signed_number(cursor)?.0)?.cast_unsigned()),
        Target::Label(name) => match helper_id(&name) {
            Some(id) => helper(id),
            None => Ok((Insn::Call(Call::Local(0)), Some(name))),
        },
        Target::Delta(delta) => Ok((Insn::Call(Call::Local(delta)), None)),
    }
}

/// `lock *(u64 *)(r1 +0) += r2` after `lock`.
fn lock(cursor: &mut Cursor) -> Result<Insn, String> {
    cursor.expect("*")?;
    let (_, size) = cast(cursor)?;
    let (base, offset) = address(cursor)?;
    let fetch = false;
    let op = match cursor.symbol()? {
        "+=" => AtomicOp::Add { fetch },
        "|=" => AtomicOp::Or { fetch },
        "&=" => AtomicOp::And { fetch },
        "^=" => AtomicOp::Xor { fetch },
        other => return Err(format!("{other} is not an atomic operation")),
    };
    atomic(size, op, base, offset, register64(cursor)?)
}

pub(super) fn atomic(size: MemSize, op: AtomicOp, base: Reg, offset: i16, src: Reg) -> Result<Insn, String> {
    match size {
        MemSize::B4 | MemSize::B8 => Ok(Insn::Atomic { size, op, base, offset, src }),
        _ => Err("atomic operations are on u32 or u64".to_owned()),
    }
}

/// `*(u32 *)(r1 +4) = r2` after the first `*`.
fn store(cursor: &mut Cursor) -> Result<Insn, String> {
    let (_, size) = cast(cursor)?;
    let (base, offset) = address(cursor)?;
    cursor.expect("=")?;
    let width = register_at(cursor, 0).map_or(Width::W64, |(width, _)| width);
    let src = operand(cursor, width)?;
    Ok(Insn::Store { size, base, offset, src })
}

/// Lines that begin with a destination register.
fn assignment(cursor: &mut Cursor) -> Parsed {
    let (width, dst) = register(cursor)?;
    let symbol = cursor.symbol()?;
    if symbol != "=" {
        let op = ALL_ALU.into_iter().find(|op| op.symbol() == symbol);
        let op = op.ok_or_else(|| format!("{symbol} is not an operation"))?;
        let src = operand(cursor, width)?;
        return Ok((Insn::Alu { width, op, dst, src }, None));
    }
    let insn = match cursor.peek(0).cloned() {
        Some(Token::Symbol("*")) => load(cursor, dst)?,
        Some(Token::Symbol("(")) => {
            cursor.advance(1);
            let (signed, from) = mem_type(&cursor.word()?)?;
            cursor.expect(")")?;
            let (src_width, src) = register(cursor)?;
            if !signed || from == MemSize::B8 || (from == MemSize::B4 && width == Width::W32) || src_width != width {
                return Err("not a sign-extending move".to_owned());
            }
            Insn::MovSx { width, from, dst, src }
        }
        Some(Token::Symbol("-")) if register_at(cursor, 1).is_some() => {
            cursor.advance(1);
            if register(cursor)? != (width, dst) {
                return Err("negation needs the same register on both sides".to_owned());
            }
            Insn::Neg { width, dst }
        }
        Some(Token::Word(word)) if register_at(cursor, 0).is_none() => return named(cursor, dst, &word),
        Some(Token::Word(_)) => Insn::Alu { width, op: AluOp::Mov, dst, src: operand(cursor, width)? },
        _ => constant(cursor, width, dst)?,
    };
    Ok((insn, None))
}

/// Decimal: mov. Hexadecimal or followed by `ll`: 16-byte load. `w` registers: always mov.
fn constant(cursor: &mut Cursor, width: Width, dst: Reg) -> Result<Insn, String> {
    let (value, hex) = signed_number(cursor)?;
    let long = cursor.take_word("ll");
    if width == Width::W64 && (hex || long) {
        let value = u64::try_from(value)
            .or_else(|_| i64::try_from(value).map(i64::cast_unsigned))
            .map_err(|_| format!("{value} does not fit into 64 bits"))?;
        return Ok(Insn::LoadImm64 { dst, value: Imm64::Value(value) });
    }
    Ok(Insn::Alu { width, op: AluOp::Mov, dst, src: Operand::Imm(imm32(value)?) })
}

/// `*(u32 *)(r1 +4)` and `*(u8 *)skb[...]` on the right of `dst =`.
fn load(cursor: &mut Cursor, dst: Reg) -> Result<Insn, String> {
    cursor.expect("*")?;
    let (signed, size) = cast(cursor)?;
    if !cursor.take_word("skb") {
        let (base, offset) = address(cursor)?;
        if signed && size == MemSize::B8 {
            return Err("there is no sign-extending 8-byte load".to_owned());
        }
        return Ok(Insn::Load { size, signed, dst, base, offset });
    }
    let size = match (size, signed, dst) {
        (MemSize::B1, false, Reg::R0) => PacketSize::B1,
        (MemSize::B2, false, Reg::R0) => PacketSize::B2,
        (MemSize::B4, false, Reg::R0) => PacketSize::B4,
        _ => return Err("packet loads go to r0 and have the type u8, u16 or u32".to_owned()),
    };
    cursor.expect("[")?;
    let index = match register_at(cursor, 0) {
        Some(_) => Some(register64(cursor)?),
        None => None,
    };
    let offset = if cursor.is_symbol(0, "]") { 0 } else { imm32(signed_number(cursor)?.0)? };
    cursor.expect("]")?;
    Ok(Insn::LoadPacket { size, index, offset })
}
