// SPDX-License-Identifier: Apache-2.0
//! The text format of the IR: writing it.
//!
//! ```text
//! function xdp_prog kind xdp {
//!   map0 = array "cnt" key 4 value 8 entries 256
//!   map1 = constants ".rodata" key 4 value 4 entries 1 initial 01000000
//!   v0:16 = length                                   ; or ifindex, rxqueue, time (64 bits), random (32)
//!   v1:8 = packet 23                                 ; `:8` is the width in bits
//!   v2:32 = packet_at v0 + 14 of {14, 18, 22} @12    ; @N: from BPF instruction N
//!   v3:8 = const 0x11
//!   v4:1 = eq v1, v3                                 ; binary operations and comparisons by name
//!   v5:8 = select v4, v1, v3                         ; condition, then, other
//!   v6:4 = extract v5 [4..8]                         ; bits 4, 5, 6 and 7
//!   v7:16 = concat v1, v3                            ; the first part is the lowest
//!   v8:64 = sext v7
//!   v9:64 = load map0[v2] + 0
//!   v10:16 = rom map1 v2 - 2 of {0, 2}
//!   v11 = store map0[v2] + 0 = v9 when v4            ; no width, but a number: `v11` names nothing
//!   v12:10 = directory map2 [v8, v7] when v4 insert v4 remove v6   ; hash maps: the key in brackets
//!   action v20
//!   redirect v6 to v2                                ; kind and number of the target
//!   edit 0 when v4 = v1                              ; offset from the first byte as it leaves, negative in metadata
//!   head v4 - 4 of {-4, 0}                           ; the extent, see `resize.rs`: each part may be missing
//!   end length v4 + 0                                ; the received length and v4; or without `length`
//!   kept v4 + 98
//!   metadata v4 + 0 of {0, 8}
//! }
//! ```
//!
//! Names and numbers are separated by any white space; `;` starts a comment, which printing does not keep. A program name
//! that is not a plain word is written as a string with Rust's escapes. What is printed is parsed back to an equal
//! [`Function`](super::Function), well-formed or not, as long as no [`Op::Concat`] is empty.

use std::fmt::{self, Display, Formatter};

use super::{Binary, Compare, Def, Event, Function, Input, Map, MapId, Op, Value};

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("function ")?;
        write_name(f, &self.name)?;
        writeln!(f, " kind {} {{", self.kind.name())?;
        for (i, map) in self.maps.iter().enumerate() {
            writeln!(f, "  {} = {map}", MapId::new(i))?;
        }
        for (value, def) in self.iter() {
            match (&def.op, def.width) {
                (Op::MapStore { .. }, 0) => writeln!(f, "  {value} = {def}")?,
                (_, width) => writeln!(f, "  {value}:{width} = {def}")?,
            }
        }
        if let Some(action) = self.action {
            writeln!(f, "  action {action}")?;
        }
        if let Some(redirect) = self.redirect {
            writeln!(f, "  redirect {} to {}", redirect.kind, redirect.number)?;
        }
        for Event { map, when, keep, data, length, packet } in &self.events {
            let parts: Vec<String> = data.iter().map(Value::to_string).collect();
            write!(f, "  event {map} when {when} keep {keep} data [{}] length {length}", parts.join(", "))?;
            match packet {
                Some(packet) => writeln!(f, " packet {packet}")?,
                None => f.write_str("\n")?,
            }
        }
        for edit in &self.edits {
            writeln!(f, "  edit {} when {} = {}", edit.offset, edit.when, edit.data)?;
        }
        writeln!(f, "{}}}", self.resize)
    }
}

/// A map as in the text format, without its number.
impl Display for Map {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.kind.name(), self.name.escape_default())?;
        write!(f, " key {} value {} entries {}", self.key_size, self.value_size, self.max_entries)?;
        if self.groups != 1 {
            write!(f, " groups {}", self.groups)?;
        }
        if self.broadcast {
            f.write_str(" broadcast")?;
        }
        if !self.initial.is_empty() {
            f.write_str(" initial ")?;
            self.initial.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        Ok(())
    }
}

/// The right-hand side of a definition as in the text format.
impl Display for Def {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_op(f, &self.op, self.width)?;
        self.insn.map_or(Ok(()), |insn| write!(f, " @{insn}"))
    }
}

/// A plain word as it is, anything else as a string.
fn write_name(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { f.write_str(name) } else { write!(f, "\"{}\"", name.escape_default()) }
}

fn write_op(f: &mut Formatter<'_>, op: &Op, width: u8) -> fmt::Result {
    match op {
        Op::Const(c) => write!(f, "const {c:#x}"),
        Op::Input(input) => f.write_str(input.name()),
        Op::Packet { offset } => write!(f, "packet {offset}"),
        Op::PacketAt { base, add, places } => {
            write!(f, "packet_at ")?;
            write_places(f, *base, *add, places)
        }
        Op::Not(a) => write!(f, "not {a}"),
        Op::Bswap(a) => write!(f, "bswap {a}"),
        Op::Binary(op, a, b) => write!(f, "{} {a}, {b}", op.name()),
        Op::Compare(op, a, b) => write!(f, "{} {a}, {b}", op.name()),
        Op::Select { condition, then, other } => write!(f, "select {condition}, {then}, {other}"),
        Op::Extract { from, lo } => write!(f, "extract {from} [{lo}..{}]", u16::from(*lo) + u16::from(width)),
        Op::Concat(parts) => {
            f.write_str("concat ")?;
            write_list(f, parts)
        }
        Op::Sext(a) => write!(f, "sext {a}"),
        Op::Rom { map, base, add, places } => {
            write!(f, "rom {map} ")?;
            write_places(f, *base, *add, places)
        }
        Op::Directory { map, key, when, insert, remove } => {
            write!(f, "directory {map} [")?;
            write_list(f, key)?;
            write!(f, "] when {when} insert {insert} remove {remove}")
        }
        Op::MapLoad { map, index, offset } => write!(f, "load {map}[{index}] + {offset}"),
        Op::MapStore { map, index, offset, value, when } => {
            write!(f, "store {map}[{index}] + {offset} = {value} when {when}")
        }
    }
}

/// `v7 + 14 of {14, 18, 22}`
fn write_places(f: &mut Formatter<'_>, base: Value, add: i32, places: &[impl Display]) -> fmt::Result {
    let sign = if add < 0 { '-' } else { '+' };
    write!(f, "{base} {sign} {} of {{", add.unsigned_abs())?;
    write_list(f, places)?;
    f.write_str("}")
}

fn write_list(f: &mut Formatter<'_>, items: &[impl Display]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        let separator = if i == 0 { "" } else { ", " };
        write!(f, "{separator}{item}")?;
    }
    Ok(())
}

/// The name of `item` in a table of all items.
fn name_in<T: PartialEq>(table: &[(T, &'static str)], item: &T) -> &'static str {
    table.iter().find(|(entry, _)| entry == item).map_or("?", |&(_, name)| name)
}

impl Input {
    /// Name in the text format.
    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, &self)
    }
}

impl Binary {
    /// Name in the text format.
    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, &self)
    }
}

impl Compare {
    /// Name in the text format.
    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, &self)
    }
}
