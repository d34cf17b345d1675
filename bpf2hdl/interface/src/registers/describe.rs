// SPDX-License-Identifier: Apache-2.0
//! What a block of registers is: the types of the description, and its check, which is done when this package is compiled.
//!
//! A block is a constant: registers with offset, access, width, value after reset, fields and meaning. Everything else that knows the
//! numbers is made from it: the SystemVerilog module (`verilog`), the C header (`c_header`), the tables of the documentation (`table`), the
//! Rust constants beside the description.

use super::check;

/// Who may do what from the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads only; a write does nothing.
    ReadOnly,
    /// Reads and writes.
    ReadWrite,
    /// Writes only; reads 0.
    WriteOnly,
    /// Reads; a bit that is written as 1 becomes 0.
    WriteOneToClear,
}

impl Access {
    /// The column of a table: `RO`, `RW`, `WO`, `W1C`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "RO",
            Self::ReadWrite => "RW",
            Self::WriteOnly => "WO",
            Self::WriteOneToClear => "W1C",
        }
    }
}

/// What the made module has of a register, and what it leaves to the hardware around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Always the value after reset; no port.
    Constant,
    /// The hardware's value: an input, or one for each field.
    Value,
    /// Counts the pulses of an input; wraps at 2^32.
    Counter,
    /// Flip-flops that the bus writes, byte by byte; an output, or one for each field.
    Stored,
    /// Flip-flops that an input sets and a written 1 clears; what is set in that clock stays.
    Sticky,
    /// Kept outside: an output says that a word is written, an input has what is read (not of [`Access::WriteOnly`]). What a written 1
    /// clears, too, where it is kept elsewhere.
    Outside,
    /// As [`Kind::Outside`], but many words behind one signal; which one is in the address.
    Window,
}

/// Some bits of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Name, lower case.
    pub name: &'static str,
    /// Lowest bit.
    pub low: u32,
    /// Bits.
    pub width: u32,
    /// Whether it is 1 for one clock only after it was written so, and reads 0; of stored registers.
    pub pulse: bool,
    /// Meaning, a clause.
    pub about: &'static str,
}

/// A number that a register is written with or holds, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// Name, upper case.
    pub name: &'static str,
    /// The number.
    pub value: u32,
    /// Meaning, a clause.
    pub about: &'static str,
}

/// A register, or several alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Register {
    /// Name, upper case.
    pub name: &'static str,
    /// Bytes from the block's base to the first one.
    pub offset: u32,
    /// Who may do what.
    pub access: Access,
    /// What the made module has of it.
    pub kind: Kind,
    /// Bits that are used, of each 32-bit word.
    pub width: u32,
    /// 32-bit words of each, the lowest first.
    pub words: u32,
    /// How many there are at most.
    pub count: u32,
    /// Bytes from one to the next.
    pub stride: u32,
    /// Parameter of the module that says how many there are; empty: `count`.
    pub each: &'static str,
    /// Value after reset of the first one.
    pub reset: u32,
    /// How much more it is for each that follows.
    pub reset_step: u32,
    /// Whether the module says that it is read.
    pub read_signal: bool,
    /// Parts of it.
    pub fields: &'static [Field],
    /// Numbers with names.
    pub values: &'static [Value],
    /// Meaning with units, in Markdown, as it stands in the documentation's table before what is made from fields and values.
    pub about: &'static str,
}

/// Registers that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Name, lower case: module `bpf_NAME_regs`, constants `BPF2HDL_NAME_*`.
    pub name: &'static str,
    /// What has these registers, in Markdown.
    pub about: &'static str,
    /// Bits of an address of the bus.
    pub address_bits: u32,
    /// Address of the first byte.
    pub base: u32,
    /// Bytes.
    pub bytes: u32,
    /// Who answers the bus.
    pub bus: Bus,
    /// The registers, by address.
    pub registers: &'static [Register],
}

/// Who answers the bus for a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bus {
    /// The module around the made one, which is only a decoder with the plain registers.
    Around,
    /// The made module, an AXI4-Lite slave that hands over to the next one what is not its own.
    Chain,
    /// As [`Bus::Chain`], and the last one before the core: everything from the base on is answered here.
    ChainEnd,
}

impl Field {
    /// Several bits.
    #[must_use]
    pub const fn new(name: &'static str, low: u32, width: u32, about: &'static str) -> Self {
        Self { name, low, width, pulse: false, about }
    }

    /// One bit.
    #[must_use]
    pub const fn bit(name: &'static str, low: u32, about: &'static str) -> Self {
        Self::new(name, low, 1, about)
    }

    /// It clears itself.
    #[must_use]
    pub const fn pulse(mut self) -> Self {
        self.pulse = true;
        self
    }

    /// The bits as a mask.
    #[must_use]
    pub const fn mask(&self) -> u32 {
        (((1u64 << self.width) - 1) << self.low) as u32
    }
}

impl Value {
    /// A number with a name.
    #[must_use]
    pub const fn new(name: &'static str, value: u32, about: &'static str) -> Self {
        Self { name, value, about }
    }
}

impl Register {
    /// A register of one word; see [`Kind`].
    #[must_use]
    pub const fn new(name: &'static str, offset: u32, access: Access, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            offset,
            access,
            kind,
            width: 32,
            words: 1,
            count: 1,
            stride: 4,
            each: "",
            reset: 0,
            reset_step: 0,
            read_signal: false,
            fields: &[],
            values: &[],
            about,
        }
    }

    /// Read only, always `value`.
    #[must_use]
    pub const fn constant(name: &'static str, offset: u32, value: u32, about: &'static str) -> Self {
        Self::new(name, offset, Access::ReadOnly, Kind::Constant, about).reset(value)
    }

    /// Read only, the hardware's value.
    #[must_use]
    pub const fn value(name: &'static str, offset: u32, about: &'static str) -> Self {
        Self::new(name, offset, Access::ReadOnly, Kind::Value, about)
    }

    /// Read only, counts pulses.
    #[must_use]
    pub const fn counter(name: &'static str, offset: u32, about: &'static str) -> Self {
        Self::new(name, offset, Access::ReadOnly, Kind::Counter, about)
    }

    /// Read and write, kept in the made module.
    #[must_use]
    pub const fn stored(name: &'static str, offset: u32, about: &'static str) -> Self {
        Self::new(name, offset, Access::ReadWrite, Kind::Stored, about)
    }

    /// Set by the hardware, cleared by a written 1.
    #[must_use]
    pub const fn sticky(name: &'static str, offset: u32, about: &'static str) -> Self {
        Self::new(name, offset, Access::WriteOneToClear, Kind::Sticky, about)
    }

    /// Kept outside.
    #[must_use]
    pub const fn outside(name: &'static str, offset: u32, access: Access, about: &'static str) -> Self {
        Self::new(name, offset, access, Kind::Outside, about)
    }

    /// A window of so many bytes, a power of two.
    #[must_use]
    pub const fn window(name: &'static str, offset: u32, bytes: u32, access: Access, about: &'static str) -> Self {
        Self::new(name, offset, access, Kind::Window, about).words(bytes / 4)
    }

    /// So many bits are used.
    #[must_use]
    pub const fn bits(mut self, width: u32) -> Self {
        self.width = width;
        self
    }

    /// It has so many words.
    #[must_use]
    pub const fn words(mut self, words: u32) -> Self {
        self.words = words;
        self.stride = 4 * words;
        self
    }

    /// There are as many as the parameter `each` says, `most` at most, `stride` bytes apart.
    #[must_use]
    pub const fn each(mut self, each: &'static str, most: u32, stride: u32) -> Self {
        self.each = each;
        self.count = most;
        self.stride = stride;
        self
    }

    /// Its value after reset.
    #[must_use]
    pub const fn reset(mut self, value: u32) -> Self {
        self.reset = value;
        self
    }

    /// Each one's value after reset is that of the one before and so much.
    #[must_use]
    pub const fn reset_step(mut self, step: u32) -> Self {
        self.reset_step = step;
        self
    }

    /// The hardware wants to know that it is read.
    #[must_use]
    pub const fn read_signal(mut self) -> Self {
        self.read_signal = true;
        self
    }

    /// Its parts.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }

    /// Its numbers with names.
    #[must_use]
    pub const fn values(mut self, values: &'static [Value]) -> Self {
        self.values = values;
        self
    }

    /// Bytes from the first of it to the last.
    #[must_use]
    pub const fn extent(&self) -> u32 {
        (self.count - 1) * self.stride + 4 * self.words
    }

    /// A field by name.
    ///
    /// # Panics
    /// There is none; where constants are made from the description, the compiler says so.
    #[must_use]
    pub const fn field(&self, name: &str) -> Field {
        let mut index = 0;
        while index < self.fields.len() {
            if check::same(self.fields[index].name, name) {
                return self.fields[index];
            }
            index += 1;
        }
        panic!("the register has no such field")
    }
}

impl Block {
    /// A register by name.
    ///
    /// # Panics
    /// There is none; where constants are made from the description, the compiler says so.
    #[must_use]
    pub const fn register(&self, name: &str) -> Register {
        let mut index = 0;
        while index < self.registers.len() {
            if check::same(self.registers[index].name, name) {
                return self.registers[index];
            }
            index += 1;
        }
        panic!("the block has no such register")
    }

    /// Address of a register on the block's bus, in bytes.
    ///
    /// # Panics
    /// As [`Self::register`].
    #[must_use]
    pub const fn address(&self, name: &str) -> u32 {
        self.base + self.register(name).offset
    }

    /// The bits of a field as a mask.
    ///
    /// # Panics
    /// As [`Self::register`] and [`Register::field`].
    #[must_use]
    pub const fn mask(&self, register: &str, field: &str) -> u32 {
        self.register(register).field(field).mask()
    }

    /// The lowest bit of a field.
    ///
    /// # Panics
    /// As [`Self::mask`].
    #[must_use]
    pub const fn shift(&self, register: &str, field: &str) -> u32 {
        self.register(register).field(field).low
    }

    /// A number with a name.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub const fn number(&self, register: &str, value: &str) -> u32 {
        let values = self.register(register).values;
        let mut index = 0;
        while index < values.len() {
            if check::same(values[index].name, value) {
                return values[index].value;
            }
            index += 1;
        }
        panic!("the register has no such value")
    }
}
