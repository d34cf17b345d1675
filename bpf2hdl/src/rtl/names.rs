// SPDX-License-Identifier: Apache-2.0
//! Identifiers: from names in the program to names that SystemVerilog accepts, each given once.

use std::collections::{BTreeMap, BTreeSet};

use super::keywords;

/// The identifiers that are taken in a module. Compared without case, so that case-blind tools see no clash either.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// The last number that a wanted name got: none below it is free.
    last: BTreeMap<String, u32>,
}

impl Names {
    /// `wanted`, or `wanted__1`, `wanted__2` ... where that is taken or a keyword.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        if !keywords::is_keyword(wanted) && self.taken.insert(wanted.to_ascii_lowercase()) {
            return wanted.to_owned();
        }
        let last = self.last.entry(wanted.to_owned()).or_default();
        loop {
            *last += 1;
            let name = format!("{wanted}__{last}");
            if self.taken.insert(name.to_ascii_lowercase()) {
                return name;
            }
        }
    }
}

/// An identifier as near to `name` as can be: letters, digits and single underscores, a letter first, at most 40 long.
pub(super) fn sanitise(name: &str) -> String {
    let mut clean = String::new();
    for c in name.chars().take(40) {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if c != '_' || !clean.ends_with('_') && !clean.is_empty() {
            clean.push(c);
        }
    }
    let clean = clean.trim_end_matches('_');
    match clean.chars().next() {
        None => "unnamed".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("n{clean}"),
        Some(_) => clean.to_owned(),
    }
}

/// A unique identifier for each map, in order.
pub(super) fn map_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = Names::default();
    names.map(|n| taken.unique(&sanitise(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_programs_become_identifiers() {
        let cases = [
            (".data", "data"),
            (".rodata.str1.1", "rodata_str1_1"),
            ("2nd", "n2nd"),
            ("", "unnamed"),
            ("é", "unnamed"),
            ("a__b_", "a_b"),
        ];
        for (name, want) in cases {
            assert_eq!(sanitise(name), want);
        }
    }

    #[test]
    fn names_are_unique_and_no_keywords() {
        let maps = [".data", "data", "DATA", "logic", "logic", "cnt"];
        assert_eq!(map_names(maps.into_iter()), ["data", "data__1", "DATA__2", "logic__1", "logic__2", "cnt"]);
    }
}
