// SPDX-License-Identifier: Apache-2.0
//! Which states may become one: the policies, and what two states must have in common under each.

use super::alu::stack_offset;
use super::cfg::Cfg;
use super::content::Content;
use super::merge::bytes_behind;
use super::state::{Caller, Slot, State};
use crate::ir::Builder;

/// Which states may become one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Policy {
    /// All whose live registers can be merged at all.
    Compatible,
    /// As before, if what they have spilled to the stack can be merged, too. Not the first choice: what is on the stack
    /// may be dead.
    SameKinds,
    /// Only those that know the same of the packet's length.
    SameLengths,
    /// Only those whose live constants agree, too (flags that tell paths apart).
    SameConstants,
}

/// Whether two states at one place may become one.
pub(super) fn may_merge(b: &mut Builder, cfg: &Cfg, policy: Policy, x: &State, y: &State) -> bool {
    if x.held.map(|held| held.map) != y.held.map(|held| held.map) {
        return false;
    }
    let live = |r: usize| cfg.is_live(x.slot, r);
    let registers =
        (0..10).filter(|&r| live(r)).all(|r| contents_agree(b, policy, x, y, &x.registers[r], &y.registers[r]));
    if !registers || !x.records.keys().eq(y.records.keys()) || !callers_agree(b, cfg, policy, x, y) {
        return false;
    }
    if policy == Policy::Compatible {
        return true;
    }
    if policy != Policy::SameKinds && !packets_agree(b, x, y) {
        return false;
    }
    x.stacks.iter().zip(&y.stacks).all(|(p, q)| {
        p.keys().chain(q.keys()).all(|key| match (p.get(key), q.get(key)) {
            (Some(Slot::Whole(c)), Some(Slot::Whole(d))) => contents_agree(b, policy, x, y, c, d),
            (Some(Slot::Bytes(_)), Some(Slot::Bytes(_))) => true,
            (None, None) => true,
            _ => policy != Policy::SameConstants,
        })
    })
}

/// Whether both know the same of the packet, and have written the same of its bytes.
fn packets_agree(b: &mut Builder, x: &State, y: &State) -> bool {
    x.least_length(b) == y.least_length(b) && x.extent == y.extent && x.written.keys().eq(y.written.keys())
}

/// Why two states at one place can not be merged, in words.
pub(super) fn difference(b: &mut Builder, cfg: &Cfg, policy: Policy, x: &State, y: &State) -> String {
    if x.held.map(|held| held.map) != y.held.map(|held| held.map) {
        return "they hold different spin locks".to_owned();
    }
    for (r, (c, d)) in x.registers.iter().zip(&y.registers).enumerate() {
        if cfg.is_live(x.slot, r) && !contents_agree(b, policy, x, y, c, d) {
            return match (c.describe(), d.describe()) {
                (one, other) if one == other => format!("r{r} is {one} on each, but not the same"),
                (one, other) => format!("r{r} is {one} on one and {other} on another"),
            };
        }
    }
    if !x.records.keys().eq(y.records.keys()) {
        return "different records of ring buffers are reserved".to_owned();
    }
    if !callers_agree(b, cfg, policy, x, y) {
        return "their callers keep different kinds of values in r6 to r9".to_owned();
    }
    "they know different things of the packet's length or of the stack".to_owned()
}

fn callers_agree(b: &mut Builder, cfg: &Cfg, policy: Policy, x: &State, y: &State) -> bool {
    x.callers.len() == y.callers.len()
        && x.callers.iter().zip(&y.callers).all(|(p, q)| {
            let mut saved = (6..).zip(p.saved.iter().zip(&q.saved));
            p.return_to == q.return_to
                && repeats_agree(b, policy, x, y, p, q)
                && saved.all(|(r, (c, d))| !cfg.is_live(p.return_to, r) || contents_agree(b, policy, x, y, c, d))
        })
}

fn repeats_agree(b: &mut Builder, policy: Policy, x: &State, y: &State, p: &Caller, q: &Caller) -> bool {
    match (&p.repeat, &q.repeat) {
        (Some(r), Some(s)) => {
            (r.kind, r.callback, r.iteration) == (s.kind, s.callback, s.iteration)
                && contents_agree(b, policy, x, y, &r.context, &s.context)
        }
        (None, None) => true,
        _ => false,
    }
}

fn contents_agree(b: &mut Builder, policy: Policy, x: &State, y: &State, c: &Content, d: &Content) -> bool {
    if c == d {
        return true;
    }
    match (c, d) {
        (Content::Scalar(v), Content::Scalar(w)) => {
            policy != Policy::SameConstants || b.as_const(*v).is_none() && b.as_const(*w).is_none()
        }
        (Content::Packet(p), Content::Packet(q)) if p.origin == q.origin => {
            policy <= Policy::SameKinds || bytes_behind(b, x, p) == bytes_behind(b, y, q)
        }
        (Content::Entry(p), Content::Entry(q)) => p.map == q.map,
        (Content::Inner(p), Content::Inner(q)) => p.pool == q.pool,
        (Content::Inner(_), Content::Scalar(v)) | (Content::Scalar(v), Content::Inner(_)) => b.as_const(*v) == Some(0),
        (Content::OldPacket(p), Content::OldPacket(q)) => p.low == q.low,
        (Content::Entry(_), Content::Scalar(v)) | (Content::Scalar(v), Content::Entry(_)) => b.as_const(*v) == Some(0),
        (Content::Packet(_) | Content::MaybePacket(_), Content::Scalar(v))
        | (Content::Scalar(v), Content::Packet(_) | Content::MaybePacket(_)) => {
            policy <= Policy::SameKinds && b.as_const(*v) == Some(0)
        }
        (Content::MaybePacket(_), Content::Packet(_) | Content::MaybePacket(_))
        | (Content::Packet(_), Content::MaybePacket(_)) => policy <= Policy::SameKinds,
        (Content::Stack(..) | Content::StackAt(_), Content::Stack(..) | Content::StackAt(_)) => {
            policy <= Policy::SameKinds && stack_offset(c).map(|(f, _)| f) == stack_offset(d).map(|(f, _)| f)
        }
        (Content::Unusable(_), _) | (_, Content::Unusable(_)) => policy <= Policy::SameKinds,
        _ => false,
    }
}
