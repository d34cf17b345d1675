// SPDX-License-Identifier: Apache-2.0
//! Diagnostics: everything this compiler tells a user about his program.
//!
//! A [`Diagnostic`] is one finding: a [`Code`] of the catalogue, one sentence about this very case, the place
//! (BPF instruction and, when the object has BTF line information, the C line), notes and a help text that
//! says what to change. [`Diagnostics`] collects them, so that a refusal names *all* its reasons at once.
//!
//! Invariants: every user-caused failure is a catalogued diagnostic; every code has a non-empty title,
//! explanation and help; the order of output depends on the program only.

mod catalogue;
mod code;
mod collection;
mod render;

pub use code::{Code, Severity};
pub use collection::Diagnostics;

/// Where a finding is: the BPF instruction and the source line that it came from. All parts are optional,
/// because an object without BTF has no lines and a broken file has no instructions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// Index of the 8-byte instruction slot in the linked program (as the kernel's verifier counts).
    pub insn: Option<usize>,
    /// The instruction's text in bpftool's form, shown when there is no C line.
    pub instruction: Option<String>,
    /// Source file as the compiler recorded it.
    pub file: Option<String>,
    /// Line in `file`, from 1.
    pub line: Option<u32>,
    /// Column in that line, from 1.
    pub column: Option<u32>,
    /// Text of that line.
    pub source: Option<String>,
}

impl Location {
    /// A place known only by the index of its instruction slot.
    #[must_use]
    pub fn insn(index: usize) -> Self {
        Self { insn: Some(index), ..Self::default() }
    }

    /// A line of a text file (C source, assembler text, map file).
    #[must_use]
    pub fn line(file: impl Into<String>, line: u32, column: Option<u32>) -> Self {
        Self { file: Some(file.into()), line: Some(line), column, ..Self::default() }
    }

    /// A file as a whole.
    #[must_use]
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..Self::default() }
    }
}

/// One finding about the user's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Catalogue entry; gives identifier, severity, title and explanation.
    pub code: Code,
    /// One sentence about this case, without a final full stop.
    pub message: String,
    /// Where it is (boxed: results that hold a diagnostic stay small).
    pub location: Option<Box<Location>>,
    /// Further facts, one sentence each.
    pub notes: Vec<String>,
    /// What to change; never empty (the catalogue's text unless replaced).
    pub help: String,
}

impl Diagnostic {
    /// A finding with the catalogue's help text and no location.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), location: None, notes: Vec::new(), help: code.help().to_owned() }
    }

    /// Sets the location.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(Box::new(location));
        self
    }

    /// Sets the instruction index and keeps the rest of the location.
    #[must_use]
    pub fn at_insn(mut self, index: usize) -> Self {
        self.location.get_or_insert_default().insn = Some(index);
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Replaces the help text; an empty text is ignored.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        let help = help.into();
        if !help.is_empty() {
            self.help = help;
        }
        self
    }

    /// Severity of the code.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// True for an error, false for a warning.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}
