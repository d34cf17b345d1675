// SPDX-License-Identifier: Apache-2.0
//! A set of diagnostics: gathered in any order, shown in one.

use super::{Code, Diagnostic};

/// Diagnostics of one run. [`Diagnostics::finish`] (called by the renderers too) sorts them by severity,
/// instruction and code, and drops repetitions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one finding.
    pub fn push(&mut self, item: Diagnostic) {
        self.items.push(item);
    }

    /// Adds a finding made of a code and a message, without a location.
    pub fn add(&mut self, code: Code, message: impl Into<String>) {
        self.push(Diagnostic::new(code, message));
    }

    /// Takes over all findings of `other`.
    pub fn append(&mut self, other: Diagnostics) {
        self.items.extend(other.items);
    }

    /// True when nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Number of findings, repetitions included until [`Diagnostics::finish`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True when at least one finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(Diagnostic::is_error)
    }

    /// True when a finding has this code.
    #[must_use]
    pub fn contains(&self, code: Code) -> bool {
        self.items.iter().any(|item| item.code == code)
    }

    /// The findings in their present order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// The errors in their present order.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.items.iter().filter(|item| item.is_error())
    }

    /// The warnings in their present order.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.items.iter().filter(|item| !item.is_error())
    }

    /// Sorts (errors first, then by instruction, file line, code and message; findings without an
    /// instruction come first) and removes repetitions: same code, message and place.
    #[must_use]
    pub fn finish(mut self) -> Self {
        self.items.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        self.items.dedup_by(|a, b| a.code == b.code && a.message == b.message && place(a) == place(b));
        self
    }

    /// `Ok(value)` when there is no error, else the finished collection.
    ///
    /// # Errors
    /// Returns `self` when it holds an error.
    pub fn into_result<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.has_errors() { Err(self.finish()) } else { Ok(value) }
    }
}

/// The place of a finding as far as repetition is concerned.
fn place(item: &Diagnostic) -> (Option<usize>, Option<&str>, Option<u32>, Option<u32>) {
    item.location.as_ref().map_or((None, None, None, None), |at| (at.insn, at.file.as_deref(), at.line, at.column))
}

fn sort_key(item: &Diagnostic) -> impl Ord + '_ {
    (!item.is_error(), place(item), item.code, item.message.as_str())
}

impl From<Diagnostic> for Diagnostics {
    fn from(item: Diagnostic) -> Self {
        Self { items: vec![item] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self { items: iter.into_iter().collect() }
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.items.extend(iter);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
