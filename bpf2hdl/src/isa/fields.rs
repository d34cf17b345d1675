// SPDX-License-Identifier: Apache-2.0
//! Parts of the decoded instruction: registers, widths, sizes, operations.

use std::fmt;

/// A register, R0 to R10. R10 is the read-only frame pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reg(u8);

impl Reg {
    /// Return value; helper result.
    pub const R0: Reg = Reg(0);
    /// First argument; the context at program entry.
    pub const R1: Reg = Reg(1);
    /// Second argument.
    pub const R2: Reg = Reg(2);
    /// Third argument.
    pub const R3: Reg = Reg(3);
    /// Fourth argument.
    pub const R4: Reg = Reg(4);
    /// Fifth argument.
    pub const R5: Reg = Reg(5);
    /// Callee-saved; the implicit context of `LD_ABS`/`LD_IND`.
    pub const R6: Reg = Reg(6);
    /// Callee-saved.
    pub const R7: Reg = Reg(7);
    /// Callee-saved.
    pub const R8: Reg = Reg(8);
    /// Callee-saved.
    pub const R9: Reg = Reg(9);
    /// Frame pointer.
    pub const R10: Reg = Reg(10);
    /// All registers in order.
    pub const ALL: [Reg; 11] =
        [Reg::R0, Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5, Reg::R6, Reg::R7, Reg::R8, Reg::R9, Reg::R10];

    /// Register by number; `None` above 10.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number <= 10 { Some(Reg(number)) } else { None }
    }

    /// Number, 0 to 10.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Number as an index into an 11-element array.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// Width of an ALU operation or comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// Lower 32 bits; an ALU result is zero-extended to 64.
    W32,
    /// All 64 bits.
    W64,
}

impl Width {
    /// Number of bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Width::W32 => 32,
            Width::W64 => 64,
        }
    }
}

/// Second operand of ALU operations, branches and stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// A register.
    Reg(Reg),
    /// A constant; sign-extended to 64 bits in 64-bit operations and 8-byte stores.
    Imm(i32),
}

/// Two-operand arithmetic and logic: `dst = dst op src` (`Mov`: `dst = src`). RFC 9669 section 4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AluOp {
    /// Addition, wrapping.
    Add,
    /// Subtraction, wrapping.
    Sub,
    /// Multiplication, low half.
    Mul,
    /// Unsigned division; by zero gives 0.
    Div,
    /// Signed division; by zero gives 0, overflow gives the dividend.
    SDiv,
    /// Bitwise or.
    Or,
    /// Bitwise and.
    And,
    /// Shift left; count modulo the width.
    Lsh,
    /// Logical shift right; count modulo the width.
    Rsh,
    /// Unsigned remainder; by zero leaves dst (32-bit: its low half).
    Mod,
    /// Signed remainder with the dividend's sign; by zero leaves dst, overflow gives 0.
    SMod,
    /// Bitwise exclusive or.
    Xor,
    /// Copy.
    Mov,
    /// Arithmetic shift right; count modulo the width.
    Arsh,
}

/// Comparison of a conditional branch. RFC 9669 section 4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JumpOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Unsigned greater.
    Gt,
    /// Unsigned greater or equal.
    Ge,
    /// Unsigned less.
    Lt,
    /// Unsigned less or equal.
    Le,
    /// `dst & src` is not zero.
    Set,
    /// Signed greater.
    SGt,
    /// Signed greater or equal.
    SGe,
    /// Signed less.
    SLt,
    /// Signed less or equal.
    SLe,
}

/// Size of a memory access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemSize {
    /// One byte.
    B1,
    /// Two bytes.
    B2,
    /// Four bytes.
    B4,
    /// Eight bytes.
    B8,
}

impl MemSize {
    /// Number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            MemSize::B1 => 1,
            MemSize::B2 => 2,
            MemSize::B4 => 4,
            MemSize::B8 => 8,
        }
    }

    /// Number of bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        8 * self.bytes()
    }
}

/// Size of a legacy packet load (`LD_ABS`, `LD_IND`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketSize {
    /// One byte.
    B1,
    /// Two bytes, network order.
    B2,
    /// Four bytes, network order.
    B4,
}

impl PacketSize {
    /// Number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            PacketSize::B1 => 1,
            PacketSize::B2 => 2,
            PacketSize::B4 => 4,
        }
    }
}

/// Operation of an [`super::Insn::Endian`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ByteOrder {
    /// Host (little-endian here) to little endian: truncates only.
    ToLe,
    /// Host to big endian: swaps and truncates.
    ToBe,
    /// Unconditional swap (`bswap`, cpu v4).
    Swap,
}

/// Operation of an [`super::Insn::Atomic`]. RFC 9669 section 5.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AtomicOp {
    /// `*p += src`; with `fetch`, src becomes the old value.
    Add {
        /// Return the old value in src.
        fetch: bool,
    },
    /// `*p |= src`.
    Or {
        /// Return the old value in src.
        fetch: bool,
    },
    /// `*p &= src`.
    And {
        /// Return the old value in src.
        fetch: bool,
    },
    /// `*p ^= src`.
    Xor {
        /// Return the old value in src.
        fetch: bool,
    },
    /// Exchange `*p` and src.
    Xchg,
    /// If `*p == R0` then `*p = src`; R0 becomes the old value.
    CmpXchg,
}
