// SPDX-License-Identifier: Apache-2.0
//! The text form: what bpftool and the kernel's verifier print (`kernel/bpf/disasm.c`).
//!
//! Conventions taken over from there: a decimal constant is a `mov`, a hexadecimal one a 16-byte load;
//! branch constants are hexadecimal; `w` registers mark 32-bit operations; jumps are `pc+N` in slots.
//! Maps are `map[fd:N]` and `map[fd:N][0]+OFFSET`.

use super::fields::{AluOp, AtomicOp, ByteOrder, JumpOp, MemSize, Operand, PacketSize, Reg, Width};
use super::helpers::helper_name;
use super::insn::{Call, Imm64, Insn};
use std::fmt::{self, Write as _};

/// Text of a whole program, one numbered line per instruction (second halves are skipped).
#[must_use]
pub fn disassemble(insns: &[Insn]) -> String {
    let mut text = String::new();
    for (index, insn) in insns.iter().enumerate() {
        if !matches!(insn, Insn::Imm64High) {
            let _ = writeln!(text, "{index:4}: {insn}");
        }
    }
    text
}

impl AluOp {
    /// Assignment operator, such as `+=`.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            AluOp::Add => "+=",
            AluOp::Sub => "-=",
            AluOp::Mul => "*=",
            AluOp::Div => "/=",
            AluOp::SDiv => "s/=",
            AluOp::Or => "|=",
            AluOp::And => "&=",
            AluOp::Lsh => "<<=",
            AluOp::Rsh => ">>=",
            AluOp::Mod => "%=",
            AluOp::SMod => "s%=",
            AluOp::Xor => "^=",
            AluOp::Mov => "=",
            AluOp::Arsh => "s>>=",
        }
    }
}

impl JumpOp {
    /// Comparison operator, such as `==`.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            JumpOp::Eq => "==",
            JumpOp::Ne => "!=",
            JumpOp::Gt => ">",
            JumpOp::Ge => ">=",
            JumpOp::Lt => "<",
            JumpOp::Le => "<=",
            JumpOp::Set => "&",
            JumpOp::SGt => "s>",
            JumpOp::SGe => "s>=",
            JumpOp::SLt => "s<",
            JumpOp::SLe => "s<=",
        }
    }
}

/// `r3` or `w3`.
struct Sized(Width, Reg);

impl fmt::Display for Sized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Width::W32 => write!(f, "w{}", self.1.number()),
            Width::W64 => write!(f, "r{}", self.1.number()),
        }
    }
}

impl fmt::Display for Insn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Insn::Alu { width, op, dst, src } => {
                let dst = Sized(width, dst);
                match src {
                    Operand::Reg(src) => write!(f, "{dst} {} {}", op.symbol(), Sized(width, src)),
                    Operand::Imm(imm) => write!(f, "{dst} {} {imm}", op.symbol()),
                }
            }
            Insn::Neg { width, dst } => write!(f, "{0} = -{0}", Sized(width, dst)),
            Insn::MovSx { width, from, dst, src } => {
                write!(f, "{} = (s{}){}", Sized(width, dst), from.bits(), Sized(width, src))
            }
            Insn::Endian { order, size, dst } => {
                let name = match order {
                    ByteOrder::ToLe => "le",
                    ByteOrder::ToBe => "be",
                    ByteOrder::Swap => "bswap",
                };
                write!(f, "{dst} = {name}{} {dst}", size.bits())
            }
            Insn::Jump { delta, long } => write!(f, "{} pc{delta:+}", if long { "gotol" } else { "goto" }),
            Insn::Branch { width, op, dst, src, delta } => {
                write!(f, "if {} {} ", Sized(width, dst), op.symbol())?;
                match src {
                    Operand::Reg(src) => write!(f, "{}", Sized(width, src))?,
                    Operand::Imm(imm) => write!(f, "{imm:#x}")?,
                }
                write!(f, " goto pc{delta:+}")
            }
            Insn::Load { size, signed, dst, base, offset } => {
                write!(f, "{dst} = *({}{} *)({base} {offset:+})", if signed { 's' } else { 'u' }, size.bits())
            }
            Insn::Store { size, base, offset, src } => {
                write!(f, "*(u{} *)({base} {offset:+}) = ", size.bits())?;
                match src {
                    Operand::Reg(src) => write!(f, "{src}"),
                    Operand::Imm(imm) => write!(f, "{imm}"),
                }
            }
            Insn::Atomic { size, op, base, offset, src } => write_atomic(f, size, op, base, offset, src),
            Insn::LoadImm64 { dst, value } => write_imm64(f, dst, value),
            Insn::Imm64High => f.write_str("(second half)"),
            Insn::LoadPacket { size, index, offset } => write_packet(f, size, index, offset),
            Insn::Call(call) => write_call(f, call),
            Insn::Exit => f.write_str("exit"),
        }
    }
}

fn write_atomic(
    f: &mut fmt::Formatter<'_>,
    size: MemSize,
    op: AtomicOp,
    base: Reg,
    offset: i16,
    src: Reg,
) -> fmt::Result {
    let bits = size.bits();
    let suffix = if size == MemSize::B8 { "64" } else { "" };
    let (symbol, name, fetch) = match op {
        AtomicOp::Add { fetch } => ("+=", "add", fetch),
        AtomicOp::Or { fetch } => ("|=", "or", fetch),
        AtomicOp::And { fetch } => ("&=", "and", fetch),
        AtomicOp::Xor { fetch } => ("^=", "xor", fetch),
        AtomicOp::Xchg => return write!(f, "{src} = atomic{suffix}_xchg((u{bits} *)({base} {offset:+}), {src})"),
        AtomicOp::CmpXchg => {
            return write!(f, "r0 = atomic{suffix}_cmpxchg((u{bits} *)({base} {offset:+}), r0, {src})");
        }
    };
    if fetch {
        write!(f, "{src} = atomic{suffix}_fetch_{name}((u{bits} *)({base} {offset:+}), {src})")
    } else {
        write!(f, "lock *(u{bits} *)({base} {offset:+}) {symbol} {src}")
    }
}

fn write_imm64(f: &mut fmt::Formatter<'_>, dst: Reg, value: Imm64) -> fmt::Result {
    match value {
        Imm64::Value(value) => write!(f, "{dst} = {value:#x}"),
        Imm64::Map { map } => write!(f, "{dst} = map[fd:{map}]"),
        Imm64::MapValue { map, offset } => write!(f, "{dst} = map[fd:{map}][0]+{offset}"),
        Imm64::BtfVar { id, fd } => write!(f, "{dst} = var[id:{id}]+{fd}"),
        Imm64::Function { delta } => write!(f, "{dst} = subprog[{delta:+}]"),
        Imm64::MapIndex { index } => write!(f, "{dst} = map[idx:{index}]"),
        Imm64::MapIndexValue { index, offset } => write!(f, "{dst} = map[idx:{index}][0]+{offset}"),
    }
}

fn write_packet(f: &mut fmt::Formatter<'_>, size: PacketSize, index: Option<Reg>, offset: i32) -> fmt::Result {
    let bits = 8 * size.bytes();
    match index {
        None => write!(f, "r0 = *(u{bits} *)skb[{offset}]"),
        Some(index) => write!(f, "r0 = *(u{bits} *)skb[{index} {offset:+}]"),
    }
}

fn write_call(f: &mut fmt::Formatter<'_>, call: Call) -> fmt::Result {
    match call {
        Call::Helper(id) => write!(f, "call {}#{id}", helper_name(id).unwrap_or("unknown")),
        Call::Local(delta) => write!(f, "call pc{delta:+}"),
        Call::Kfunc { id, module: 0 } => write!(f, "call kernel-function#{id}"),
        Call::Kfunc { id, module } => write!(f, "call kernel-function#{id} module {module}"),
        Call::Reg(reg) => write!(f, "callx {reg}"),
    }
}
