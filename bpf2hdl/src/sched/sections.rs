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
//! Accesses that ports serve in turn are in several stages anyway, so they have a guard from the start, and packets share the ports
//! whatever their entries.
//!
//! Constraints only ever grow, so the iteration ends, at [`MAX_LAST_STAGE`] at the latest.

use super::conditions::Conditions;
use super::place::{Constraints, Timing, place};
use crate::pipe::{Bits, Guard, MapUnit, NodeKind, Pipeline, StepPort, Storage, exclusive_faults};

/// How often one map's reads are delayed in the hope to close its section.
const MAX_ATTEMPTS: u32 = 12;

/// Nothing of so many stages is built: entrances that keep moving behind each other end there.
const MAX_LAST_STAGE: u32 = 4000;

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

    /// Notes an attempt that has left a gap of so many stages; `false` if a further one will not help. `others`: sections of other maps
    /// have moved and may have kept it open.
    fn tries_again(&mut self, now: u32, others: bool) -> bool {
        let Section::Fused { attempts, gap } = self else { return false };
        if *attempts > 0 && now >= *gap && !others || *attempts >= MAX_ATTEMPTS {
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
        steps: Section::new(m.steps.iter().any(StepPort::changes) && inside(m).count() > 1),
        values: match m.in_turn() {
            true => Section::Guarded { gap: 0, attempts: MAX_ATTEMPTS },
            false => Section::new(!m.writes.is_empty() && !m.reads.is_empty()),
        },
    };
    let mut sections: Vec<Sections> = p.maps.iter().map(new).collect();
    settle(p, timing, &mut sections, &mut constraints, conditions);
    for map in 0..p.maps.len() {
        if p.maps[map].in_turn() {
            shorten(p, timing, map, (&mut sections, &mut constraints), conditions);
        }
    }
}

/// The steps that are not made ahead of the section.
fn inside(unit: &MapUnit) -> impl Iterator<Item = &StepPort> {
    unit.steps.iter().filter(|step| !step.ahead)
}

/// Delays the reads of a map to its first write as long as its section gets shorter: what the write does not wait for need not be
/// read before it. Where tokens share a section, also to fuse the two.
fn shorten(
    p: &mut Pipeline,
    timing: &Timing,
    map: usize,
    (sections, constraints): (&mut Vec<Sections>, &mut Constraints),
    conditions: &Conditions<'_>,
) {
    for _ in 0..MAX_ATTEMPTS {
        let unit = &p.maps[map];
        let Some((write, _)) = unit.write_stages() else { return };
        let first = unit.reads.iter().filter(|read| read.after == 0);
        let wanted = write.saturating_sub(1 + first.count() as u32);
        let (mut later, mut tried) = (constraints.clone(), sections.clone());
        for (issue, read) in later.issue[map].iter_mut().zip(&unit.reads) {
            if read.after == 0 {
                *issue = wanted.max(*issue);
            }
        }
        let mut next = p.clone();
        settle(&mut next, timing, &mut tried, &mut later, conditions);
        if cost(&next.maps[map]) >= cost(unit) {
            return;
        }
        (*p, *sections, *constraints) = (next, tried, later);
    }
}

/// Clocks of a section, then what is left between the reads and the first write, if it matters.
fn cost(unit: &MapUnit) -> (u32, u32) {
    let last = unit.reads.iter().map(|read| read.data).max();
    let gap = unit.write_stages().zip(last).map_or(0, |((first, _), last)| first.saturating_sub(last));
    (unit.same_entry_clocks(), if exclusive(unit).is_some() { gap } else { 0 })
}

/// Places everything, again and again, until all sections are closed; `constraints` grow.
fn settle(
    p: &mut Pipeline,
    timing: &Timing,
    sections: &mut [Sections],
    constraints: &mut Constraints,
    conditions: &Conditions<'_>,
) {
    p.maps.iter_mut().for_each(|unit| unit.guard = None);
    // Maps whose constraints grew in the round before.
    let mut moved: Vec<usize> = Vec::new();
    loop {
        place(p, timing, constraints);
        let mut moving = Vec::new();
        for (map, section) in sections.iter_mut().enumerate() {
            let others = moved.iter().any(|&other| other != map);
            let mut again = match section.steps {
                Section::Free => false,
                Section::Fused { .. } => gather(p, map, &mut section.steps, constraints),
                Section::Guarded { .. } => step_late(p, map, constraints),
            };
            again |= match section.values {
                Section::Free => false,
                Section::Fused { .. } => fuse(p, map, others, &mut section.values, constraints),
                // The section of the steps is around that of the values.
                Section::Guarded { .. } if section.steps.is_guarded() => false,
                Section::Guarded { .. } => {
                    delay_reads(p, map, &mut section.values, constraints) || enter_late(p, map, constraints)
                }
            };
            if again {
                moving.push(map);
            }
        }
        if moving.is_empty() || p.last_stage > MAX_LAST_STAGE {
            break;
        }
        moved = moving;
    }
    set_guards(p, sections, conditions);
}

/// Delays all steps on a directory to the stage of the last one, so that they are one step; gives up when that no longer
/// helps, because one needs the result of another.
fn gather(p: &Pipeline, map: usize, section: &mut Section, constraints: &mut Constraints) -> bool {
    let steps: Vec<&StepPort> = inside(&p.maps[map]).collect();
    let stages = || steps.iter().map(|step| step.issue);
    let (first, last) = (stages().min().unwrap_or(0), stages().max().unwrap_or(0));
    // In one stage those that only look come first; that must be their order in the program, too.
    let changing = steps.iter().position(|step| step.changes()).unwrap_or(steps.len());
    let is_ordered = changing + 1 >= steps.len();
    if first == last && is_ordered {
        return false;
    }
    if is_ordered && section.tries_again(last - first, false) {
        constraints.step[map].fill(last);
    } else {
        *section = Section::Guarded { gap: 0, attempts: 0 };
        constraints.step[map].fill(0);
        constraints.ordered[map] = true;
    }
    true
}

fn latency(storage: Storage) -> u32 {
    if storage == Storage::Ram { 2 } else { 0 }
}

/// Delays the reads to the stage of the write; gives up when that no longer helps, and no other section has moved meanwhile.
fn fuse(p: &Pipeline, map: usize, others: bool, section: &mut Section, constraints: &mut Constraints) -> bool {
    let unit = &p.maps[map];
    let Some((earliest, write)) = unit.value_stages() else { return false };
    let now = write - earliest;
    if now == 0 {
        return false;
    }
    if !section.tries_again(now, others) {
        constraints.issue[map].fill(0);
        return true;
    }
    for issue in &mut constraints.issue[map] {
        *issue = write - latency(unit.storage);
    }
    true
}

/// Delays the reads of a guarded section whose write waits for something else: as late as its gap can be the smallest again.
fn delay_reads(p: &Pipeline, map: usize, section: &mut Section, constraints: &mut Constraints) -> bool {
    let Section::Guarded { gap, attempts } = section else { return false };
    let unit = &p.maps[map];
    let Some((earliest, write)) = unit.value_stages() else { return false };
    let surplus = (write - earliest).saturating_sub(*gap);
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
    let entrance = first_access(unit);
    let known = unit.reads.iter().map(|r| known_by(p, &r.index) + 1).min().unwrap_or(1);
    let least = quiet_entrance(p, entrance, if unit.in_turn() { 1 } else { known });
    let mut raised = false;
    if unit.in_turn() && constraints.write[map] < least {
        raised = unit.write_stages().is_some_and(|(first, _)| first < least);
        constraints.write[map] = least;
    }
    for (issue, read) in constraints.issue[map].iter_mut().zip(&unit.reads) {
        if read.issue < least {
            raised |= *issue < least;
            *issue = (*issue).max(least);
        }
    }
    raised
}

/// The stage in which an index or a write of a value is first presented.
fn first_access(unit: &MapUnit) -> u32 {
    let stages = unit.reads.iter().map(|read| read.issue).chain(unit.writes.iter().map(|write| write.stage));
    stages.min().unwrap_or(1)
}

/// The same for a section that begins with the first step on the directory.
fn step_late(p: &Pipeline, map: usize, constraints: &mut Constraints) -> bool {
    let unit = &p.maps[map];
    let entrance = inside(unit).map(|step| step.issue).min().unwrap_or(0);
    let mut known = inside(unit).map(|step| known_by(p, &step.key) + 1).min().unwrap_or(1);
    if let Some(exclusive) = exclusive(unit) {
        known = known.max(known_by(p, exclusive) + 1);
    }
    let least = quiet_entrance(p, entrance, known);
    let mut raised = false;
    for (earliest, step) in constraints.step[map].iter_mut().zip(&unit.steps).filter(|(_, step)| !step.ahead) {
        raised |= step.issue < least;
        *earliest = (*earliest).max(least);
    }
    raised
}

/// What makes a token exclusive in a map that is looked up ahead: that the first step may insert.
fn exclusive(unit: &MapUnit) -> Option<&Bits> {
    unit.steps.iter().find(|step| step.ahead)?;
    inside(unit).next().map(|step| &step.insert)
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
            (Section::Guarded { .. }, _) => inside(unit).map(|step| step.issue).min(),
            (_, Section::Guarded { .. }) => Some(first_access(unit)),
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
    let begins_with_steps = unit.map.kind.is_hash() && inside(unit).any(|step| step.issue >= entrance);
    let keys: Vec<&Bits> = if begins_with_steps {
        inside(unit).map(|step| &step.key).collect()
    } else {
        unit.reads.iter().map(|r| &r.index).chain(unit.writes.iter().map(|w| &w.index)).collect()
    };
    let first = keys[0].clone();
    let is_known = keys.iter().all(|key| **key == first) && known_by(p, &first) < entrance;
    // Two changes of a directory would need its only port for changes at once.
    let is_single = !begins_with_steps || unit.steps.iter().filter(|step| step.changes()).count() <= 1;
    let key = if is_known && is_single && !unit.in_turn() { first } else { Bits::default() };
    let stages = unit.last_access() - entrance + 1;
    let is_known = |bits: &&Bits| begins_with_steps && known_by(p, bits) < entrance;
    let exclusive = exclusive(unit).filter(is_known).filter(|_| key.width() == 0).cloned().unwrap_or_default();
    let is_right = exclusive_faults(p, unit, &exclusive).is_empty();
    let exclusive = if is_right { exclusive } else { Bits::default() };
    // Where ports serve tokens in turn every token asks them; and who is exclusive is what the others wait for.
    let every_token = unit.in_turn() || exclusive.width() > 0;
    let uses = if every_token { Bits::default() } else { conditions.of(map, |bits| known_by(p, bits) < entrance) };
    p.maps[map].guard = Some(Guard { entrance, stages, key, uses, exclusive });
}
