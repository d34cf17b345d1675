// SPDX-License-Identifier: Apache-2.0
//! Critical sections of maps.
//!
//! Packets in flight may use one entry. A map that is written is *fused* when all its reads deliver in the very stage in
//! which it is written: then the RAM's forwarding makes the read-modify-write one step and nothing ever waits. To get there
//! the reads are delayed until everything else that the write needs has been computed. Where the logic between read
//! and write does not fit one stage, the section gets a [`Guard`]: a token whose entry is inside waits at the entrance. Its reads,
//! too, are as late as the rest of what is written allows.
//!
//! Likewise the steps on a hash map's directory: where all are in one stage, no packet can tell. Where one needs the result of
//! another, or of a value, the section reaches from the first step to the last access of the map.
//!
//! Constraints only ever grow, so the iteration ends.

use super::conditions::Conditions;
use super::place::{Constraints, Timing, place};
use crate::pipe::{Bits, Guard, MapUnit, NodeKind, Pipeline, StepPort, Storage};

/// How often one map's reads are delayed in the hope to close its section.
const MAX_ATTEMPTS: u32 = 12;

/// Where a map's section stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Never written: no section.
    Free,
    /// To be fused; number of attempts and the gap of the last one.
    Fused { attempts: u32, gap: u32 },
    /// Not to be fused. The smallest gap that an attempt has left, and how often the reads were delayed to reach it again.
    Guarded { gap: u32, attempts: u32 },
}

impl Section {
    fn is_guarded(self) -> bool {
        matches!(self, Section::Guarded { .. })
    }

    fn new(is_needed: bool) -> Self {
        if is_needed { Section::Fused { attempts: 0, gap: u32::MAX } } else { Section::Free }
    }

    /// Notes an attempt that has left a gap of so many stages; `false` if a further one will not help.
    fn tries_again(&mut self, now: u32) -> bool {
        let Section::Fused { attempts, gap } = self else { return false };
        if *attempts > 0 && now >= *gap || *attempts >= MAX_ATTEMPTS {
            *self = Section::Guarded { gap: now.min(*gap), attempts: 0 };
            return false;
        }
        (*attempts, *gap) = (*attempts + 1, now);
        true
    }
}

/// The two sections of a map: that of its directory, if it has one, and that of its values.
#[derive(Clone, Copy)]
struct Sections {
    steps: Section,
    values: Section,
}

/// Places everything, not earlier than `constraints` say, and closes all sections.
pub(super) fn close(p: &mut Pipeline, timing: &Timing, constraints: &Constraints, conditions: &Conditions<'_>) {
    let mut constraints = constraints.clone();
    let new = |m: &MapUnit| Sections {
        steps: Section::new(m.steps.iter().any(StepPort::changes) && m.steps.len() > 1),
        values: Section::new(!m.writes.is_empty() && !m.reads.is_empty()),
    };
    let mut sections: Vec<Sections> = p.maps.iter().map(new).collect();
    loop {
        place(p, timing, &constraints);
        let mut again = false;
        for (map, section) in sections.iter_mut().enumerate() {
            again |= match section.steps {
                Section::Free => false,
                Section::Fused { .. } => gather(p, map, &mut section.steps, &mut constraints),
                Section::Guarded { .. } => step_late(p, map, &mut constraints),
            };
            again |= match section.values {
                Section::Free => false,
                Section::Fused { .. } => fuse(p, map, &mut section.values, &mut constraints),
                // The section of the steps is around that of the values.
                Section::Guarded { .. } if section.steps.is_guarded() => false,
                Section::Guarded { .. } => {
                    shorten(p, map, &mut section.values, &mut constraints) || enter_late(p, map, &mut constraints)
                }
            };
        }
        if !again {
            break;
        }
    }
    set_guards(p, &sections, conditions);
}

/// Delays all steps on a directory to the stage of the last one, so that they are one step; gives up when that no longer
/// helps, because one needs the result of another.
fn gather(p: &Pipeline, map: usize, section: &mut Section, constraints: &mut Constraints) -> bool {
    let steps = &p.maps[map].steps;
    let stages = || steps.iter().map(|step| step.issue);
    let (first, last) = (stages().min().unwrap_or(0), stages().max().unwrap_or(0));
    // In one stage those that only look come first; that must be their order in the program, too.
    let changing = steps.iter().position(StepPort::changes).unwrap_or(steps.len());
    let is_ordered = changing + 1 >= steps.len();
    if first == last && is_ordered {
        return false;
    }
    if is_ordered && section.tries_again(last - first) {
        constraints.step[map].fill(last);
    } else {
        *section = Section::Guarded { gap: 0, attempts: 0 };
        constraints.step[map].fill(0);
    }
    true
}

fn latency(storage: Storage) -> u32 {
    if storage == Storage::Ram { 2 } else { 0 }
}

/// Delays the reads to the stage of the write; gives up when that no longer helps.
fn fuse(p: &Pipeline, map: usize, section: &mut Section, constraints: &mut Constraints) -> bool {
    let unit = &p.maps[map];
    let earliest = unit.reads.iter().map(|r| r.data).min().unwrap_or(unit.write_stage);
    let now = unit.write_stage - earliest;
    if now == 0 {
        return false;
    }
    if !section.tries_again(now) {
        constraints.issue[map].fill(0);
        return true;
    }
    for issue in &mut constraints.issue[map] {
        *issue = unit.write_stage - latency(unit.storage);
    }
    true
}

/// Delays the reads of a guarded section whose write waits for something else: as late as its gap can be the smallest again.
fn shorten(p: &Pipeline, map: usize, section: &mut Section, constraints: &mut Constraints) -> bool {
    let Section::Guarded { gap, attempts } = section else { return false };
    let unit = &p.maps[map];
    let earliest = unit.reads.iter().map(|r| r.data).min().unwrap_or(unit.write_stage);
    let surplus = (unit.write_stage - earliest).saturating_sub(*gap);
    if surplus == 0 || *attempts >= MAX_ATTEMPTS {
        return false;
    }
    *attempts += 1;
    for issue in &mut constraints.issue[map] {
        *issue = (*issue).max(earliest + surplus - latency(unit.storage));
    }
    true
}

/// The entrance of a guarded section: not in stage 0, after the index is known, and not while a unit of several stages is
/// busy with the token (its result would not wait).
fn enter_late(p: &Pipeline, map: usize, constraints: &mut Constraints) -> bool {
    let unit = &p.maps[map];
    let entrance = unit.reads.iter().map(|r| r.issue).min().unwrap_or(0);
    let known = unit.reads.iter().map(|r| known_by(p, &r.index) + 1).min().unwrap_or(1);
    let least = quiet_entrance(p, entrance, known);
    let mut raised = false;
    for (issue, read) in constraints.issue[map].iter_mut().zip(&unit.reads) {
        if read.issue < least {
            raised |= *issue < least;
            *issue = (*issue).max(least);
        }
    }
    raised
}

/// The same for a section that begins with the first step on the directory. The steps are kept in program order, one that
/// changes the directory to a stage.
fn step_late(p: &Pipeline, map: usize, constraints: &mut Constraints) -> bool {
    let steps = &p.maps[map].steps;
    let entrance = steps.iter().map(|step| step.issue).min().unwrap_or(0);
    let known = steps.iter().map(|step| known_by(p, &step.key) + 1).min().unwrap_or(1);
    let least = quiet_entrance(p, entrance, known);
    let mut raised = false;
    let mut after = least;
    for (earliest, step) in constraints.step[map].iter_mut().zip(steps) {
        raised |= step.issue < after;
        *earliest = (*earliest).max(after);
        after = step.issue.max(after) + u32::from(step.changes());
    }
    raised
}

/// The first stage from `entrance` and `known` on at whose entrance a token may wait, as things stand.
fn quiet_entrance(p: &Pipeline, entrance: u32, known: u32) -> u32 {
    let mut least = known.max(1);
    for node in p.nodes.iter() {
        let (start, end) = match node.kind {
            NodeKind::Read { map: m, port } => {
                let read = &p.maps[m.index()].reads[port];
                (read.issue, read.data)
            }
            NodeKind::Step { map: m, port } => {
                let step = &p.maps[m.index()].steps[port];
                (step.issue, step.data)
            }
            _ => (node.start, node.stage),
        };
        if start < entrance && entrance <= end {
            least = least.max(end + 1).max(entrance + 1);
        }
    }
    least
}

/// Stage in which these bits are computed.
fn known_by(p: &Pipeline, bits: &Bits) -> u32 {
    bits.uses().map(|(source, _, _)| p.available(source)).max().unwrap_or(0)
}

fn set_guards(p: &mut Pipeline, sections: &[Sections], conditions: &Conditions<'_>) {
    for (map, section) in sections.iter().enumerate() {
        let unit = &p.maps[map];
        let entrance = match (section.steps, section.values) {
            (Section::Guarded { .. }, _) => unit.steps.iter().map(|step| step.issue).min(),
            (_, Section::Guarded { .. }) => unit.reads.iter().map(|read| read.issue).min(),
            _ => continue,
        };
        set_guard(p, map, entrance.unwrap_or(1), conditions);
    }
    // A token must not wait inside a section: an entrance there moves to the section's own.
    loop {
        let guards: Vec<(u32, u32)> =
            p.maps.iter().filter_map(|m| m.guard.as_ref().map(|g| (g.entrance, g.entrance + g.stages - 1))).collect();
        let mut moved = None;
        for (map, unit) in p.maps.iter().enumerate() {
            let Some(guard) = &unit.guard else { continue };
            if let Some(outer) = guards.iter().find(|(from, to)| *from < guard.entrance && guard.entrance <= *to) {
                moved = Some((map, outer.0));
            }
        }
        match moved {
            Some((map, entrance)) => set_guard(p, map, entrance, conditions),
            None => break,
        }
    }
}

fn set_guard(p: &mut Pipeline, map: usize, entrance: u32, conditions: &Conditions<'_>) {
    let unit = &p.maps[map];
    // Other keys may lead to the same slot of a trie.
    let begins_with_steps = unit.map.kind.is_hash() && unit.steps.iter().any(|step| step.issue >= entrance);
    let keys: Vec<&Bits> = if begins_with_steps {
        unit.steps.iter().map(|step| &step.key).collect()
    } else {
        unit.reads.iter().map(|r| &r.index).chain(unit.writes.iter().map(|w| &w.index)).collect()
    };
    let first = keys[0].clone();
    let is_known = keys.iter().all(|key| **key == first) && known_by(p, &first) < entrance;
    // Two changes of a directory would need its only port for changes at once.
    let is_single = !begins_with_steps || unit.steps.iter().filter(|step| step.changes()).count() <= 1;
    let key = if is_known && is_single { first } else { Bits::default() };
    let stages = unit.last_access() - entrance + 1;
    let uses = conditions.of(map, |bits| known_by(p, bits) < entrance);
    p.maps[map].guard = Some(Guard { entrance, stages, key, uses });
}
