// SPDX-License-Identifier: Apache-2.0
//! The warning about packets that wait for each other at a map: which entry or variable, and the C line of what is slow.

use crate::diag::{Code, Diagnostic};
use crate::object::Linked;
use crate::pipe::{Bits, MapUnit, Pipeline, Source};

/// The warning for a map or part with a guard.
pub(super) fn reduced_rate(program: &Linked, p: &Pipeline, unit: &MapUnit) -> Diagnostic {
    let clocks = unit.same_entry_clocks();
    let text = match unit.part {
        Some(part) => {
            let map = &p.maps[part.of.index()].map.name;
            let what = match unit.map.name.strip_prefix(&format!("{map}.")) {
                Some(name) if name.parse::<u32>().is_err() => format!("`{name}` in `{map}`"),
                _ => format!("what is at byte {} of `{map}`", part.offset),
            };
            format!(
                "{what} is written {} stages after it was read: packets that use it pass at one in {clocks} clocks",
                clocks - 1
            )
        }
        None => whole_map(unit),
    };
    let found = Diagnostic::new(Code::ReducedRate, text);
    match slowest_store(p, unit) {
        Some(insn) => found.at(program.location(insn as usize)),
        None => found,
    }
}

/// Which packets wait for each other at a map, and how long.
fn whole_map(unit: &MapUnit) -> String {
    let (name, clocks) = (&unit.map.name, unit.same_entry_clocks());
    let has_key = unit.guard.as_ref().is_some_and(|guard| guard.key.width() > 0);
    if has_key {
        let stages = clocks - 1;
        return format!(
            "an entry of map `{name}` is written {stages} stages after it was read: packets that hit one entry pass at one in {clocks} clocks"
        );
    }
    if unit.guard.as_ref().is_some_and(|guard| guard.exclusive.width() > 0) {
        return format!(
            "a packet that may insert keys into map `{name}` has the map for itself: such packets pass at one in {clocks} clocks; those that \
             find their key wait only for them"
        );
    }
    let changes = unit.steps.iter().filter(|step| step.changes()).count().max(unit.writes.len());
    format!(
        "a packet's accesses of map `{name}` ({changes} of them may change it) take {clocks} stages: packets pass at one in {clocks} clocks, \
         whatever their entries"
    )
}

/// The instruction of the store whose data or condition is there last.
fn slowest_store(p: &Pipeline, unit: &MapUnit) -> Option<u32> {
    let fields = unit.writes.iter().flat_map(|write| &write.fields);
    let known = fields.filter_map(|field| Some((ready(p, &field.data).max(ready(p, &field.when)), field.insn?)));
    // Of several the first one in the program.
    known.max_by_key(|&(moment, insn)| (moment, std::cmp::Reverse(insn))).map(|(_, insn)| insn)
}

/// Stage and picoseconds at which bits are there.
fn ready(p: &Pipeline, bits: &Bits) -> (u32, u32) {
    let moment = |(source, _, _)| match source {
        Source::Packet => (0, 0),
        Source::Node(id) => (p.node(id).stage, p.node(id).arrival_ps),
    };
    bits.uses().map(moment).max().unwrap_or((0, 0))
}
