// SPDX-License-Identifier: Apache-2.0
//! What makes a description wrong. All of it can be evaluated by the compiler: a wrong block is an error of the build.

use super::describe::{Access, Block, Bus, Field, Kind, Register};

/// Whether two names are the same.
pub(super) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Letters of one case, digits and `_`, the first one a letter.
const fn is_name(name: &str, upper: bool) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let byte = bytes[index];
        let letter = if upper { byte.is_ascii_uppercase() } else { byte.is_ascii_lowercase() };
        if !(letter || index > 0 && (byte.is_ascii_digit() || byte == b'_')) {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty()
}

/// Whether the kind and the access can be together.
const fn fits(register: &Register) -> bool {
    match register.kind {
        Kind::Constant | Kind::Value | Kind::Counter => matches!(register.access, Access::ReadOnly),
        Kind::Stored => matches!(register.access, Access::ReadWrite),
        Kind::Sticky => matches!(register.access, Access::WriteOneToClear),
        Kind::Outside => true,
        Kind::Window => !matches!(register.access, Access::WriteOneToClear),
    }
}

const fn field_problem(register: &Register) -> Option<&'static str> {
    let fields = register.fields;
    let mut a = 0;
    while a < fields.len() {
        let Field { name, low, width, pulse, .. } = fields[a];
        if !is_name(name, false) {
            return Some("a field's name is not lower case letters, digits and _");
        }
        if width == 0 || low >= 32 || width > 32 - low || low + width > register.width {
            return Some("a field is outside of its register");
        }
        if pulse && !(matches!(register.kind, Kind::Stored) && width == 1) {
            return Some("only one bit of a stored register can clear itself");
        }
        let mut b = 0;
        while b < a {
            if same(name, fields[b].name) {
                return Some("two fields of a register have one name");
            }
            if fields[a].mask() & fields[b].mask() != 0 {
                return Some("two fields of a register overlap");
            }
            b += 1;
        }
        a += 1;
    }
    if a > 0 && register.count > 1 && !matches!(register.kind, Kind::Value) {
        return Some("of several registers only the hardware's values can have fields");
    }
    None
}

const fn register_problem(block: &Block, register: &Register) -> Option<&'static str> {
    if !is_name(register.name, true) {
        return Some("a register's name is not upper case letters, digits and _");
    }
    if !register.offset.is_multiple_of(4) || !register.stride.is_multiple_of(4) {
        return Some("a register is not at a multiple of four bytes");
    }
    if register.width == 0 || register.width > 32 || register.words == 0 || register.count == 0 {
        return Some("a register has no bits, or more than 32 in a word");
    }
    if register.stride < 4 * register.words {
        return Some("registers of one name overlap");
    }
    if register.extent() > block.bytes || register.offset > block.bytes - register.extent() {
        return Some("a register is outside of its block");
    }
    let last = register.reset as u64 + register.reset_step as u64 * (register.count - 1) as u64;
    if last >> register.width != 0 {
        return Some("a value after reset has more bits than its register");
    }
    if !fits(register) {
        return Some("the access is none that this kind of register can have");
    }
    if matches!(register.kind, Kind::Window)
        && !(register.words.is_power_of_two()
            && register.offset.is_multiple_of(4 * register.words)
            && register.count == 1)
    {
        return Some("a window's bytes are no power of two, or its offset is no multiple of them");
    }
    if register.words > 1 && !matches!(register.kind, Kind::Window | Kind::Outside | Kind::Value) {
        return Some("only what is kept outside has several words");
    }
    if register.count > 1 && matches!(register.kind, Kind::Outside) {
        return Some("of what is kept outside there is one");
    }
    if register.read_signal && !matches!(register.kind, Kind::Window | Kind::Outside) {
        return Some("only what is kept outside can want to know that it is read");
    }
    field_problem(register)
}

/// Whether two registers have a byte in common.
const fn overlap(a: &Register, b: &Register) -> bool {
    let mut i = 0;
    while i < a.count {
        let from = a.offset + i * a.stride;
        let mut j = 0;
        while j < b.count {
            let other = b.offset + j * b.stride;
            if from < other + 4 * b.words && other < from + 4 * a.words {
                return true;
            }
            j += 1;
        }
        i += 1;
    }
    false
}

/// What is wrong with a block: names that stand twice, bytes or bits that are used twice or do not exist, a value after reset without room, an
/// access that does not fit the kind.
#[must_use]
pub const fn problem(block: &Block) -> Option<&'static str> {
    if !is_name(block.name, false) {
        return Some("the block's name is not lower case letters, digits and _");
    }
    if block.address_bits < 6 || block.address_bits > 31 || block.bytes < 8 || !block.bytes.is_power_of_two() {
        return Some(
            "the bus has less than 6 or more than 31 bits of address, or the block's bytes are no power of two",
        );
    }
    if !block.base.is_multiple_of(block.bytes) || block.base > (1 << block.address_bits) - block.bytes {
        return Some("the block's base is no multiple of its bytes, or the bus does not reach it");
    }
    if matches!(block.bus, Bus::Around) && block.base != 0 {
        return Some("a block that others answer for has no base");
    }
    let registers = block.registers;
    let mut a = 0;
    while a < registers.len() {
        if let Some(problem) = register_problem(block, &registers[a]) {
            return Some(problem);
        }
        let mut b = 0;
        while b < a {
            if same(registers[a].name, registers[b].name) {
                return Some("two registers have one name");
            }
            if overlap(&registers[a], &registers[b]) {
                return Some("two registers overlap");
            }
            b += 1;
        }
        if a > 0 && registers[a].offset < registers[a - 1].offset {
            return Some("the registers are not in the order of their addresses");
        }
        a += 1;
    }
    None
}

/// What is wrong with blocks on one bus: two of them overlap, or one of them is wrong.
#[must_use]
pub const fn bus_problem(blocks: &[&Block]) -> Option<&'static str> {
    let mut a = 0;
    while a < blocks.len() {
        if let Some(problem) = problem(blocks[a]) {
            return Some(problem);
        }
        let mut b = 0;
        while b < a {
            let (one, other) = (blocks[a], blocks[b]);
            if same(one.name, other.name) {
                return Some("two blocks have one name");
            }
            if one.base < other.base + other.bytes && other.base < one.base + one.bytes {
                return Some("two blocks overlap");
            }
            b += 1;
        }
        a += 1;
    }
    None
}

/// Stops the build if something is wrong.
///
/// # Panics
/// Something is.
pub(super) const fn demand(problem: Option<&'static str>) {
    if let Some(problem) = problem {
        panic!("{}", problem);
    }
}
