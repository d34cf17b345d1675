// SPDX-License-Identifier: Apache-2.0
//! What a loader sets before it loads an object: values of global variables (`const volatile` ones configure programs), and
//! sizes of maps whose source leaves them open.
//!
//! Both change the object, as libbpf's `skel->rodata->name = value` and `bpf_map__set_max_entries` do, before anything is
//! linked. So constants are as constant as those of the source, and decisions that depend on them cost nothing.

use super::elf::Symbol;
use super::globals;
use super::parse::{MapEntry, Object};
use crate::diag::{Code, Diagnostic};
use bpf2hdl_interface::network::Table;
use std::ops::Range;

/// A global variable with contents in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Symbol.
    pub name: String,
    /// Section, such as `.rodata`.
    pub section: String,
    /// What the source says, in memory order.
    pub value: Vec<u8>,
}

/// Where a variable is.
struct Found {
    section: String,
    range: Range<usize>,
}

impl Object {
    /// Variables of `.rodata`, `.data` and `.kconfig`, in the order of the symbol table.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let symbols = self.data.iter().flat_map(|data| self.elf.symbols_in(data.section).map(move |s| (data, s)));
        let variable = |(data, symbol): (&globals::DataSection, &Symbol)| {
            let value = self.elf.data(data.section).get(bytes_of(symbol)?)?;
            let is_named = !symbol.name.is_empty() && symbol.size > 0;
            is_named.then(|| Variable { name: symbol.name.clone(), section: data.name.clone(), value: value.to_vec() })
        };
        symbols.filter_map(variable).collect()
    }

    /// Gives a variable another value: `7`, `-1`, `0x1f`; `true`; or bytes in memory order, `0x02,0x00,...`, one for
    /// each byte of the variable.
    ///
    /// # Errors
    /// An unknown variable, one of `.bss`, or a value that does not fit.
    pub fn set_variable(&mut self, name: &str, value: &str) -> Result<(), Diagnostic> {
        let found = self.find_variable(name)?;
        let size = found.range.len();
        let bytes = parse(value, size).ok_or_else(|| {
            let message = format!("`{value}` is no value for {name}, which has {size} bytes");
            let help = format!("a number that fits, or {size} bytes in memory order with commas between them");
            Diagnostic::new(Code::Usage, message).with_help(help)
        })?;
        let section = self.data.iter().find(|data| data.name == found.section).map(|data| data.section);
        let place = section.and_then(|section| self.elf.data_mut(section)).and_then(|data| data.get_mut(found.range));
        if let Some(place) = place {
            place.copy_from_slice(&bytes);
        }
        self.unset.remove(name);
        Ok(())
    }

    /// Gives a map, or a table of `bpf_fib_lookup`, another number of entries; `MAP.inner` are the inner maps of a map of maps.
    ///
    /// # Errors
    /// An unknown map.
    pub fn set_entries(&mut self, name: &str, entries: u32) -> Result<(), Diagnostic> {
        if let Some(table) = Table::from_name(name) {
            self.table_entries.insert(table, entries);
            return Ok(());
        }
        let template = |entry: &&mut MapEntry| name.strip_suffix(".inner") == Some(entry.map.name.as_str());
        if let Some(inner) = self.maps.iter_mut().find(template).and_then(|entry| entry.map.inner.as_mut()) {
            inner.max_entries = entries;
            return Ok(());
        }
        let Some(entry) = self.maps.iter_mut().find(|entry| entry.map.name == name) else {
            let names: Vec<&str> = self.maps.iter().map(|entry| entry.map.name.as_str()).collect();
            let message = format!("{} has no map {name}", self.file_name);
            return Err(Diagnostic::new(Code::Usage, message).note(listing("maps", &names)));
        };
        entry.map.max_entries = entries;
        Ok(())
    }

    fn find_variable(&self, name: &str) -> Result<Found, Diagnostic> {
        for data in &self.data {
            let Some(symbol) = self.elf.symbols_in(data.section).find(|s| s.name == name && s.size > 0) else {
                continue;
            };
            let inside = bytes_of(symbol).filter(|range| self.elf.data(data.section).get(range.clone()).is_some());
            return match inside {
                Some(range) => Ok(Found { section: data.name.clone(), range }),
                None => {
                    let message = format!("{name} is in {}, whose contents the object does not hold", data.name);
                    let help = format!("the host sets it: `{}` in a file for `--maps`", data.name);
                    Err(Diagnostic::new(Code::Usage, message).with_help(help))
                }
            };
        }
        let all = self.variables();
        let names: Vec<&str> = all.iter().map(|variable| variable.name.as_str()).collect();
        let message = format!("{} has no variable {name}", self.file_name);
        Err(Diagnostic::new(Code::Usage, message).note(listing("variables", &names)))
    }
}

fn listing(what: &str, names: &[&str]) -> String {
    if names.is_empty() { format!("it has no {what}") } else { format!("its {what}: {}", names.join(", ")) }
}

fn bytes_of(symbol: &Symbol) -> Option<Range<usize>> {
    let start = usize::try_from(symbol.value).ok()?;
    Some(start..start.checked_add(usize::try_from(symbol.size).ok()?)?)
}

/// The bytes of a value for a variable of this size.
fn parse(text: &str, size: usize) -> Option<Vec<u8>> {
    if text.contains(',') {
        let bytes: Option<Vec<u8>> = text.split(',').map(|byte| u8::try_from(number(byte.trim())?).ok()).collect();
        return bytes.filter(|bytes| bytes.len() == size);
    }
    let number = match text {
        "true" => 1,
        "false" => 0,
        _ => number(text)?,
    };
    let bits = u32::try_from(size).ok().filter(|size| (1..=8).contains(size))? * 8;
    let fits = number >= -(1i128 << (bits - 1)) && number < 1i128 << bits;
    fits.then(|| number.to_le_bytes()[..size].to_vec())
}

fn number(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    // A sign belongs in front of the whole number.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { -i128::from(value) } else { value.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_their_variables() {
        let cases: [(&str, usize, Option<&[u8]>); 12] = [
            ("7", 4, Some(&[7, 0, 0, 0])),
            ("-1", 2, Some(&[0xff, 0xff])),
            ("0xFF", 1, Some(&[0xff])),
            ("256", 1, None),
            ("-129", 1, None),
            ("true", 1, Some(&[1])),
            ("0xffffffffffffffff", 8, Some(&[0xff; 8])),
            ("1,2,0x3", 3, Some(&[1, 2, 3])),
            ("1,2", 3, None),
            ("1", 16, None),
            ("0x-1", 4, None),
            ("", 4, None),
        ];
        for (text, size, expected) in cases {
            assert_eq!(parse(text, size).as_deref(), expected, "{text} in {size} bytes");
        }
    }
}
