// SPDX-License-Identifier: Apache-2.0
//! Comments that point back to the program: BPF instructions and C lines.

use super::text::Text;
use crate::object::Linked;

/// Looks up and writes comments; a C line that was just written is not repeated.
pub(super) struct Notes<'a> {
    program: &'a Linked,
    last: Option<String>,
}

impl<'a> Notes<'a> {
    /// Comments from a program.
    pub(super) fn new(program: &'a Linked) -> Self {
        Notes { program, last: None }
    }

    /// Forgets the last line: a new section begins.
    pub(super) fn restart(&mut self) {
        self.last = None;
    }

    /// Writes the C line of an instruction (`file:line  text`) unless it is the one above.
    pub(super) fn source(&mut self, text: &mut Text, indent: usize, insn: Option<u32>) {
        let Some(line) = insn.and_then(|i| self.c_line(i)) else { return };
        if self.last.as_ref() != Some(&line) {
            text.remark(indent, &line);
            self.last = Some(line);
        }
    }

    /// The trailing comment of an assignment.
    pub(super) fn insn(insn: Option<u32>) -> String {
        insn.map_or_else(String::new, |i| format!("insn {i}"))
    }

    /// Number and text of an instruction.
    pub(super) fn listing(&self, insn: u32) -> String {
        let text = self.program.insns.get(insn as usize).map(|slot| printable(&slot.insn.to_string()));
        format!("{insn:5}: {}", text.unwrap_or_default()).trim_end().to_owned()
    }

    fn c_line(&self, insn: u32) -> Option<String> {
        let source = self.program.insns.get(insn as usize)?.c_line()?;
        // Without folders: they differ from machine to machine.
        let file = source.file.rsplit('/').next().unwrap_or_default();
        Some(format!("{}:{}  {}", printable(file), source.line, printable(&source.text)).trim_end().to_owned())
    }
}

/// Text that is safe in a line comment: printable ASCII, single blanks, no backslash at the end.
pub(super) fn printable(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let clean: String = clean.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    words.join(" ").trim_end_matches('\\').trim_end().to_owned()
}
