// SPDX-License-Identifier: Apache-2.0
//! The table of a corpus.

use super::features::coverage;
use super::row::{Equal, Kernel, List, Row};
use crate::status::table;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many programs did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All.
    pub programs: usize,
    /// The kernel loads.
    pub loaded: usize,
    /// The compiler takes, of those that the kernel loads.
    pub compiled: usize,
    /// Do what the kernel does in every form, of those that are compiled.
    pub equal: usize,
    /// Were built in Verilator and do what the kernel does.
    pub hardware: usize,
    /// Differ from the kernel, or made the compiler fail.
    pub faults: usize,
}

impl Counts {
    /// Counts rows.
    pub fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let loaded = row.is_loaded();
            let compiled = loaded && row.is_compiled();
            counts.programs += 1;
            counts.loaded += usize::from(loaded);
            counts.compiled += usize::from(compiled);
            counts.equal += usize::from(loaded && row.is_equal());
            counts.hardware += usize::from(row.hardware == Equal::Yes);
            counts.faults += usize::from(row.fault().is_some());
        }
        counts
    }

    fn cells(self) -> Vec<String> {
        let percent = format!("{:.1} %", 100.0 * self.compiled as f64 / self.loaded.max(1) as f64);
        let numbers = [self.programs, self.loaded, self.compiled].map(|number| number.to_string());
        let last = [self.equal, self.hardware, self.faults].map(|number| number.to_string());
        numbers.into_iter().chain([percent]).chain(last).collect()
    }
}

const TITLES: [&str; 8] = ["source", "programs", "loaded", "compiled", "of loaded", "equal", "in Verilator", "faults"];

/// The table as text, and everything as JSON.
#[must_use]
pub fn summary(rows: &[Row], list: &List) -> (String, Value) {
    let mut groups: Vec<&str> = Vec::new();
    for row in rows {
        if !groups.contains(&row.group.as_str()) {
            groups.push(&row.group);
        }
    }
    let line = |name: &str, counts: Counts| [vec![name.to_owned()], counts.cells()].concat();
    let of = |group: &str| Counts::of(rows.iter().filter(|row| row.group == group));
    let mut lines: Vec<Vec<String>> = groups.iter().map(|group| line(group, of(group))).collect();
    let total = Counts::of(rows.iter());
    lines.push(line("all", total));
    let mut text = programs(rows) + "\n" + &table(&TITLES, &lines);
    text += "\nWhat programs use that the kernel loads:\n";
    text += &coverage(rows);
    let reasons = reasons(rows);
    text += "\nRefused here, loaded by the kernel:\n";
    let cell =
        |(reason, programs): &(String, Vec<String>)| vec![programs.len().to_string(), reason.clone(), shown(programs)];
    text += &table(&["programs", "reason", "which"], &reasons.iter().map(cell).collect::<Vec<_>>());
    text += "\nNot loaded by the kernel:\n";
    for row in rows {
        match &row.kernel {
            Kernel::Loads => {}
            Kernel::Refuses(why) | Kernel::Unknown(why) => {
                text += &format!("  {} {}: {why}\n", row.object, row.program)
            }
        }
    }
    text += "\nTaken here, refused by the kernel (what is proven safe here may be more than there; no comparison is possible):\n";
    for row in rows.iter().filter(|row| row.is_compiled()) {
        if let Kernel::Refuses(why) = &row.kernel {
            text += &format!("  {} {}: {why}\n", row.object, row.program);
        }
    }
    for (source, reason) in &list.left_out {
        text += &format!("  left out: {source}: {reason}\n");
    }
    for fault in rows.iter().filter_map(Row::fault) {
        text += &format!("FAILED  {fault}\n");
    }
    let json = json!({
        "programs": total.programs, "loaded": total.loaded, "compiled": total.compiled, "equal": total.equal,
        "in_verilator": total.hardware, "faults": total.faults,
        "refusals": reasons.iter().map(|(reason, programs)| json!({ "reason": reason, "programs": programs })).collect::<Vec<_>>(),
        "left_out": list.left_out.iter().map(|(source, reason)| json!({ "source": source, "reason": reason })).collect::<Vec<_>>(),
        "rows": rows.iter().map(Row::to_json).collect::<Vec<_>>(),
    });
    (text, json)
}

/// One line for each program.
fn programs(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let stages = row.stages.map_or("-".to_owned(), |stages| stages.to_string());
        let packets = if row.packets == 0 { "-".to_owned() } else { row.packets.to_string() };
        vec![
            row.group.clone(),
            row.object.clone(),
            row.program.clone(),
            row.instructions.to_string(),
            stages,
            packets,
            row.result(),
        ]
    };
    let titles = ["source", "object", "program", "insns", "stages", "packets", "result"];
    table(&titles, &rows.iter().map(line).collect::<Vec<_>>())
}

/// Why programs that the kernel loads are refused, the most frequent first. A program counts for each of its reasons.
fn reasons(rows: &[Row]) -> Vec<(String, Vec<String>)> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_loaded()) {
        for refusal in &row.refusals {
            let programs = found.entry(format!("{} {}", refusal.code, general(&refusal.message))).or_default();
            let name =
                if row.program.is_empty() { row.object.clone() } else { format!("{}:{}", row.object, row.program) };
            if !programs.contains(&name) {
                programs.push(name);
            }
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, programs)| std::cmp::Reverse(programs.len()));
    found
}

/// A message without what differs from program to program: the place, and the names of maps.
fn general(message: &str) -> String {
    let message = message.split_once(" (").map_or(message, |(message, _)| message);
    match message.strip_prefix("map `").and_then(|rest| rest.split_once("` ")) {
        Some((_, rest)) => format!("a map {rest}"),
        None => message.to_owned(),
    }
}

fn shown(programs: &[String]) -> String {
    let more = if programs.len() > 3 { ", ..." } else { "" };
    format!("{}{more}", programs[..programs.len().min(3)].join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::row::Refusal;
    use super::*;
    use std::path::Path;

    #[test]
    fn rows_are_counted_and_reasons_gathered() {
        let mut fine = Row::new("g", Path::new("a.o"), "p");
        (fine.kernel, fine.equal) = (Kernel::Loads, Equal::Yes);
        let mut refused = Row::new("g", Path::new("b.o"), "q");
        refused.kernel = Kernel::Loads;
        let message = "map `x` has type lpm_trie, which is not built yet (b.c:7)".to_owned();
        refused.refusals = vec![Refusal { code: "E0203".to_owned(), message }];
        let mut wrong = Row::new("h", Path::new("c.o"), "r");
        (wrong.kernel, wrong.equal) = (Kernel::Loads, Equal::No("packet 1".to_owned()));
        let rows = [fine, refused, wrong];
        let counts = Counts::of(rows.iter());
        assert_eq!((counts.programs, counts.loaded, counts.compiled, counts.equal, counts.faults), (3, 3, 2, 1, 1));
        let (text, json) = summary(&rows, &List::default());
        assert!(text.contains("E0203 a map has type lpm_trie, which is not built yet"), "{text}");
        assert!(text.contains("FAILED  c.o r: packet 1"), "{text}");
        assert_eq!(json["refusals"][0]["programs"][0], "b.o:q");
    }
}
