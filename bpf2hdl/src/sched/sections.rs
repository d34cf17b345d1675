// SPDX-License-Identifier: Apache-2.0
//! Critical sections of maps.
//!
//! Packets in flight may use one entry. A map that is written is *fused* when all its reads deliver in the very stage in
//! which it is written: then the RAM's forwarding makes the read-modify-write one step and nothing ever waits. To get there
//! the reads are delayed until everything else that the write needs has been computed. Where the logic between read
//! and write does not fit one stage, the section gets a [`Guard`]: a token whose entry is inside waits at the entrance.
//!
//! Constraints only ever grow, so the iteration ends.

use super::place::{Constraints, Timing, place};
use crate::pipe::{Bits, Guard, NodeKind, Pipeline, Storage};

/// How often one map's reads are delayed in the hope to close its section.
const MAX_ATTEMPTS: u32 = 12;

/// Where a map's section stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Never written: no section.
    Free,
    /// To be fused; number of attempts and the gap of the last one.
    Fused {
        attempts: u32,
        gap: u32,
    },
    Guarded,
}

/// Places everything, not earlier than `constraints` say, and closes all sections.
pub(super) fn close(p: &mut Pipeline, timing: &Timing, constraints: &Constraints) {
    let mut constraints = constraints.clone();
    let mut sections: Vec<Section> = p
        .maps
        .iter()
        .map(|m| {
            let is_written = !m.writes.is_empty() && !m.reads.is_empty();
            if is_written { Section::Fused { attempts: 0, gap: u32::MAX } } else { Section::Free }
        })
        .collect();
    loop {
        place(p, timing, &constraints);
        let mut again = false;
        for (map, section) in sections.iter_mut().enumerate() {
            again |= match section {
                Section::Free => false,
                Section::Fused { .. } => fuse(p, map, section, &mut constraints),
                Section::Guarded => enter_late(p, map, &mut constraints),
            };
        }
        if !again {
            break;
        }
    }
    set_guards(p, &sections);
}

fn latency(storage: Storage) -> u32 {
    if storage == Storage::Ram { 2 } else { 0 }
}

/// Delays the reads to the stage of the write; gives up when that no longer helps.
fn fuse(p: &Pipeline, map: usize, section: &mut Section, constraints: &mut Constraints) -> bool {
    let unit = &p.maps[map];
    let Section::Fused { attempts, gap } = section else { return false };
    let earliest = unit.reads.iter().map(|r| r.data).min().unwrap_or(unit.write_stage);
    let now = unit.write_stage - earliest;
    if now == 0 {
        return false;
    }
    let is_hopeless = *attempts > 0 && now >= *gap || *attempts >= MAX_ATTEMPTS;
    if is_hopeless {
        *section = Section::Guarded;
        constraints.issue[map].fill(0);
        return true;
    }
    (*attempts, *gap) = (*attempts + 1, now);
    for issue in &mut constraints.issue[map] {
        *issue = unit.write_stage - latency(unit.storage);
    }
    true
}

/// The entrance of a guarded section: not in stage 0, after the index is known, and not while a unit of several stages is
/// busy with the token (its result would not wait).
fn enter_late(p: &Pipeline, map: usize, constraints: &mut Constraints) -> bool {
    let unit = &p.maps[map];
    let entrance = unit.reads.iter().map(|r| r.issue).min().unwrap_or(0);
    let mut least = unit.reads.iter().map(|r| known_by(p, &r.index) + 1).min().unwrap_or(1).max(1);
    for node in p.nodes.iter() {
        let (start, end) = match node.kind {
            NodeKind::Read { map: m, port } => {
                let read = &p.maps[m.index()].reads[port];
                (read.issue, read.data)
            }
            _ => (node.start, node.stage),
        };
        if start < entrance && entrance <= end {
            least = least.max(end + 1).max(entrance + 1);
        }
    }
    let mut raised = false;
    for (issue, read) in constraints.issue[map].iter_mut().zip(&unit.reads) {
        if read.issue < least {
            raised |= *issue < least;
            *issue = (*issue).max(least);
        }
    }
    raised
}

/// Stage in which these bits are computed.
fn known_by(p: &Pipeline, bits: &Bits) -> u32 {
    bits.uses().map(|(source, _, _)| p.available(source)).max().unwrap_or(0)
}

fn set_guards(p: &mut Pipeline, sections: &[Section]) {
    for (map, _) in sections.iter().enumerate().filter(|(_, s)| **s == Section::Guarded) {
        let unit = &p.maps[map];
        let entrance = unit.reads.iter().map(|r| r.issue).min().unwrap_or(1);
        set_guard(p, map, entrance);
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
            Some((map, entrance)) => set_guard(p, map, entrance),
            None => break,
        }
    }
}

fn set_guard(p: &mut Pipeline, map: usize, entrance: u32) {
    let unit = &p.maps[map];
    let indices: Vec<&Bits> = unit.reads.iter().map(|r| &r.index).chain(unit.writes.iter().map(|w| &w.index)).collect();
    let first = indices[0].clone();
    let is_known = indices.iter().all(|i| **i == first) && known_by(p, &first) < entrance;
    let key = if is_known { first } else { Bits::default() };
    let stages = unit.write_stage - entrance + 1;
    p.maps[map].guard = Some(Guard { entrance, stages, key });
}
