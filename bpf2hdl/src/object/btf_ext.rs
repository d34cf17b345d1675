// SPDX-License-Identifier: Apache-2.0
//! The `.BTF.ext` section: which source line each instruction came from, types of functions, CO-RE relocations.

use super::btf::{Btf, Words, header, part};
use super::model::Source;
use crate::diag::{Code, Diagnostic};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One line record; strings are offsets into the BTF strings.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Byte offset in the section.
    offset: u32,
    file: u32,
    text: u32,
    /// Line << 10 | column.
    position: u32,
}

/// A CO-RE relocation: where it is and the type it concerns.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoRe {
    /// Byte offset in the section.
    pub(super) offset: u32,
    /// BTF type number.
    pub(super) ty: u32,
}

/// Tables by section name, sorted by offset.
#[derive(Debug, Clone, Default)]
pub(super) struct BtfExt {
    lines: BTreeMap<String, Vec<Line>>,
    relocations: BTreeMap<String, Vec<CoRe>>,
    /// By section name and byte offset: BTF type number of the function that begins there.
    functions: BTreeMap<String, BTreeMap<u32, u32>>,
}

fn bad(what: &str) -> Diagnostic {
    Diagnostic::new(Code::BadBtf, format!("damaged .BTF.ext section: {what}"))
}

impl BtfExt {
    pub(super) fn parse(bytes: &[u8], btf: &Btf) -> Result<Self, Diagnostic> {
        let (length, mut words) = header(bytes).ok_or_else(|| bad("its header is not known"))?;
        let mut field = || words.next().ok_or_else(|| bad("its header is cut short"));
        let (func_offset, func_length, line_offset, line_length) = (field()?, field()?, field()?, field()?);
        let functions = part(bytes, length, func_offset, func_length).ok_or_else(|| bad("functions outside of it"))?;
        let lines = part(bytes, length, line_offset, line_length).ok_or_else(|| bad("lines outside of it"))?;
        let mut result = Self::default();
        let table = &mut result.functions;
        records(functions, btf, |section, [offset, ty]| {
            table.entry(section.to_owned()).or_default().insert(offset, ty);
        })
        .ok_or_else(|| bad("function records can not be read"))?;
        let table = &mut result.lines;
        records(lines, btf, |section, [offset, file, text, position]| {
            entry(table, section).push(Line { offset, file, text, position });
        })
        .ok_or_else(|| bad("line records can not be read"))?;
        // Headers of 24 bytes have no CO-RE part.
        if length >= 32 {
            let (offset, length_of) = (field()?, field()?);
            let part = part(bytes, length, offset, length_of).ok_or_else(|| bad("CO-RE records outside of it"))?;
            let table = &mut result.relocations;
            records(part, btf, |section, [offset, ty, _, _]| entry(table, section).push(CoRe { offset, ty }))
                .ok_or_else(|| bad("CO-RE records can not be read"))?;
        }
        for lines in result.lines.values_mut() {
            lines.sort_by_key(|line| line.offset);
        }
        Ok(result)
    }

    /// Line of the instruction at byte `offset` of a section: the last record at or before it, but not before
    /// its function's start. Shares the texts of `previous` when the record is of the same line.
    pub(super) fn source(
        &self,
        btf: &Btf,
        section: &str,
        function: u32,
        offset: u32,
        previous: Option<&Source>,
    ) -> Option<Source> {
        let lines = self.lines.get(section)?;
        let after = lines.partition_point(|line| line.offset <= offset);
        let line = lines.get(after.checked_sub(1)?).filter(|line| line.offset >= function)?;
        let (number, column) = (line.position >> 10, line.position & 0x3ff);
        let share = |text: &str, known: Option<&Arc<str>>| match known {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::from(text),
        };
        Some(Source {
            file: share(btf.string(line.file), previous.map(|source| &source.file)),
            line: number,
            column,
            text: share(btf.string(line.text), previous.map(|source| &source.text)),
        })
    }

    /// BTF type number of the function that begins at byte `offset` of a section.
    pub(super) fn function(&self, section: &str, offset: u32) -> Option<u32> {
        self.functions.get(section)?.get(&offset).copied()
    }

    /// CO-RE relocations of a section in a range of byte offsets.
    pub(super) fn co_re(&self, section: &str, range: std::ops::Range<u32>) -> impl Iterator<Item = CoRe> {
        let all = self.relocations.get(section).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(move |item| range.contains(&item.offset))
    }
}

/// Reads a table: record size, then per section its name, a count and that many records, of which the first `N`
/// words are kept and given to `record`.
fn records<const N: usize>(bytes: &[u8], btf: &Btf, mut record: impl FnMut(&str, [u32; N])) -> Option<()> {
    let mut words = Words::new(bytes);
    if words.is_empty() {
        return Some(());
    }
    let size = usize::try_from(words.next()?).ok()?;
    if size < 4 * N || size % 4 != 0 {
        return None;
    }
    while !words.is_empty() {
        let section = btf.string(words.next()?);
        for _ in 0..words.next()? {
            let mut fields = Words::new(words.take(size)?);
            let mut words = [0; N];
            for word in &mut words {
                *word = fields.next()?;
            }
            record(section, words);
        }
    }
    Some(())
}

/// The list of a section, made when it is new.
fn entry<'a, T>(table: &'a mut BTreeMap<String, Vec<T>>, section: &str) -> &'a mut Vec<T> {
    table.entry(section.to_owned()).or_default()
}
