// SPDX-License-Identifier: Apache-2.0
//! Tables of the documentation, in Markdown.

use super::Counter;
use super::describe::{Block, Field, Kind, Register};
use std::fmt::Write as _;

/// A block's registers: offset on its bus, name, access, meaning.
#[must_use]
pub fn block(block: &Block) -> String {
    let mut out = String::from("| offset | name | access | meaning |\n|---|---|---|---|\n");
    for register in block.registers {
        let (access, meaning) = (register.access.name(), meaning(register));
        let _ = writeln!(out, "| {} | {} | {access} | {meaning} |", offset(block, register), register.name);
    }
    out
}

/// `0x0030`, `0x10020 + 4p`, `0x0010..0x002C`.
fn offset(block: &Block, register: &Register) -> String {
    let first = block.base + register.offset;
    if register.count > 1 {
        return format!("0x{first:04X} + {}p", register.stride);
    }
    match (register.kind, register.words) {
        (_, 1) => format!("0x{first:04X}"),
        (Kind::Window, words) => format!("0x{first:04X}..0x{:04X}", first + 4 * words - 1),
        (_, 2) => format!("0x{first:04X}, 0x{:04X}", first + 4),
        (_, words) => format!("0x{first:04X}..0x{:04X}", first + 4 * words - 4),
    }
}

fn meaning(register: &Register) -> String {
    let mut parts = Vec::new();
    if register.kind == Kind::Constant {
        parts.push(if register.reset > 0xffff {
            format!("0x{:08X}", register.reset)
        } else {
            register.reset.to_string()
        });
    }
    if !register.about.is_empty() {
        parts.push(register.about.to_owned());
    }
    parts.extend(register.fields.iter().map(field));
    parts.extend(register.values.iter().map(|value| format!("{}: {} ({})", value.value, value.about, value.name)));
    if register.kind == Kind::Constant {
        return parts.join(", ");
    }
    if register.kind == Kind::Stored && register.each.is_empty() && register.reset != 0 {
        parts.push(format!("after reset {}", register.reset));
    }
    parts.join("; ")
}

fn field(field: &Field) -> String {
    let Field { name, low, width, pulse, about } = *field;
    let bits = if width == 1 { format!("bit {low}") } else { format!("bits {}:{low}", low + width - 1) };
    let clears = if pulse { ", clears itself" } else { "" };
    format!("{bits} `{name}`: {about}{clears}")
}

/// The counters: number, name, meaning.
#[must_use]
pub fn counters() -> String {
    let mut out = String::from("| n | counter | meaning |\n|---|---|---|\n");
    for (index, counter) in Counter::ALL.iter().enumerate() {
        let _ = writeln!(out, "| {index} | {} | {} |", counter.name(), counter.about());
    }
    out
}
