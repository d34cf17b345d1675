// SPDX-License-Identifier: Apache-2.0
//! The firmware: instructions and the names of its functions, from the text that was made of its C source.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::isa::{Insn, asm, disassemble, encode};
use crate::object::Linked;
use std::collections::BTreeMap;

/// The text: instructions as [`Insn`]'s `Display`, functions as [`FUNCTION`] lines.
const TEXT: &str = include_str!("firmware.s");
/// How the line ahead of a function begins; the name and the first slot follow.
const FUNCTION: &str = "; function ";
/// What clang is told in addition when it makes the text.
pub const CLANG_ARGUMENTS: [&str; 1] = ["-Wno-unused"];

/// The routines that a program is linked with.
pub(super) struct Firmware {
    pub(super) code: Vec<[u8; 8]>,
    functions: BTreeMap<&'static str, u32>,
}

impl Firmware {
    /// The firmware.
    ///
    /// # Errors
    /// Only if the text in the repository was damaged.
    pub(super) fn get() -> Result<Self, Diagnostics> {
        let names = TEXT.lines().filter_map(|line| line.strip_prefix(FUNCTION)?.split_once(' '));
        let functions = names.filter_map(|(name, slot)| Some((name, slot.parse().ok()?))).collect();
        Ok(Self { code: encode(&asm::assemble(TEXT)?), functions })
    }

    /// How many slots it has.
    pub(super) fn slots(&self) -> u32 {
        u32::try_from(self.code.len()).unwrap_or(u32::MAX)
    }

    /// First slot of a function.
    pub(super) fn function(&self, name: &str) -> Result<u32, Diagnostic> {
        let missing =
            || Diagnostic::new(Code::Internal, format!("internal error: the firmware has no function `{name}`"));
        self.functions.get(name).copied().ok_or_else(missing)
    }
}

/// The text of a compiled firmware.
#[must_use]
pub fn text_of(linked: &Linked) -> String {
    let mut text = String::from(
        "; SPDX-License-Identifier: Apache-2.0\n; Made from firmware/*.c by the test `firmware`; do not edit.\n",
    );
    let insns: Vec<Insn> = linked.insns.iter().map(|slot| slot.insn).collect();
    for function in &linked.functions {
        text.push_str(&format!("{FUNCTION}{} {}\n", function.name, function.start));
        text.push_str(&disassemble(&insns[function.start..function.end]));
    }
    text
}
