// SPDX-License-Identifier: Apache-2.0
//! The ends of all paths become the program's outputs: verdict, edits and extent.

use std::collections::{BTreeMap, BTreeSet};

use super::extent::Extent;
use super::linear::Sum;
use super::merge;
use super::path::Path;
use super::prints::Prints;
use super::redirect::{may_redirect, merge_targets};
use super::state::{State, Written};
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Bound, Builder, Edit, Function, MapKind, Position, Redirect, Resize, Value};
use crate::object::ProgramKind;
use bpf2hdl_interface::print;

/// The end of a path.
pub(super) struct Ending {
    path: Path,
    action: Value,
    written: BTreeMap<i32, Written>,
    extent: Extent,
    /// Places that the head can have, and lengths of the metadata.
    heads: BTreeSet<i32>,
    metadata: BTreeSet<i32>,
    redirect: Option<Redirect>,
}

/// What a dropped packet would have held does not matter.
fn discards(b: &Builder, action: Value) -> bool {
    b.as_const(action).is_some_and(|a| a < 2)
}

impl Ending {
    /// The end of either path.
    fn merge(&self, other: &Ending, b: &mut Builder) -> Ending {
        let (path, choice) = self.path.merge(&other.path, b);
        let action = b.select(choice, self.action, other.action);
        // The target of a packet that is not redirected does not matter.
        let redirect = match (may_redirect(b, self.action), may_redirect(b, other.action)) {
            (true, false) => self.redirect,
            (false, true) => other.redirect,
            _ => merge_targets(b, choice, self.redirect, other.redirect),
        };
        let only = match (discards(b, self.action), discards(b, other.action)) {
            (true, false) => Some(other),
            (false, true) => Some(self),
            _ => None,
        };
        if let Some(Ending { written, extent, heads, metadata, .. }) = only {
            let (written, heads, metadata) = (written.clone(), heads.clone(), metadata.clone());
            return Ending { path, action, written, extent: *extent, heads, metadata, redirect };
        }
        Ending {
            path,
            action,
            written: merge::merge_written(b, choice, &self.written, &other.written),
            extent: Extent::choose(b, &self.extent, &other.extent, |b, x, y| b.select(choice, x, y)),
            heads: self.heads.union(&other.heads).copied().collect(),
            metadata: self.metadata.union(&other.metadata).copied().collect(),
            redirect,
        }
    }
}

impl Walk<'_> {
    /// A path ends here with this verdict.
    pub(super) fn end(&mut self, state: &State, action: Value) -> Result<(), Refusal> {
        self.require_no_records(state, "the program's end")?;
        let action = self.allowed(action);
        let heads = self.places(state, &state.extent.head, "the packet's head")?;
        let metadata = self.places(state, &state.extent.metadata, "the end of the metadata")?;
        let (path, written) = (state.path.clone(), state.written.clone());
        let redirect = state.redirect.filter(|_| self.program.kind != ProgramKind::XdpDevmap);
        self.endings.push(Ending { path, action, written, extent: state.extent, heads, metadata, redirect });
        Ok(())
    }

    /// The verdict, or 0 where a program behind a redirect may not give it (see `ProgramType::action`).
    fn allowed(&mut self, action: Value) -> Value {
        let refused: &[u64] = match self.program.kind {
            ProgramKind::XdpDevmap => &[3, 4],
            ProgramKind::XdpCpumap => &[3],
            _ => &[],
        };
        refused.iter().fold(action, |action, &code| {
            let (is_refused, aborted) = (self.b.equals_const(action, code), self.b.constant(0, 3));
            self.b.select(is_refused, aborted, action)
        })
    }

    /// Every value of a sum on a path.
    pub(super) fn places(&self, state: &State, sum: &Sum, what: &str) -> Result<BTreeSet<i32>, Refusal> {
        let limit = self.limits.head_places;
        let elements = match sum.base {
            Some(base) => state.set(&self.b, base).enumerate(limit),
            None => Some(vec![0]),
        };
        let place = |e: u64| i32::try_from((e as i64).saturating_add(sum.offset)).ok();
        let places = elements.and_then(|all| all.into_iter().map(place).collect());
        places.ok_or_else(|| {
            let text = format!("{what} can be at more than {limit} different places");
            self.refuse(Code::HeadPlaces, text)
        })
    }

    /// Combines all endings and closes the function.
    pub(super) fn finish(mut self, prints: &Prints) -> Result<Function, Diagnostics> {
        self.b.at(None);
        let mut endings = std::mem::take(&mut self.endings);
        endings.sort_by(|x, y| x.path.order(&y.path));
        let b = &mut self.b;
        let whole = merge::fold_by_prefix(endings, |e| &e.path, |x, y| x.merge(y, b));
        let Some(mut whole) = whole else {
            return Err(Diagnostics::from(Diagnostic::new(
                Code::InfiniteLoop,
                "no path reaches the end of the program",
            )));
        };
        let limit = self.limits.head_places;
        if whole.heads.len() > limit || whole.metadata.len() > limit {
            let text = format!("all paths together leave the packet's head at more than {limit} different places");
            return Err(Diagnostics::from(Diagnostic::new(Code::HeadPlaces, text)));
        }
        self.emit_events(&prints.left_out);
        self.b.set_action(whole.action);
        let redirect =
            whole.redirect.filter(|r| may_redirect(&self.b, whole.action) && self.b.as_const(r.kind) != Some(0));
        if let Some(redirect) = redirect {
            self.b.set_redirect(redirect);
        }
        clear_headroom(&mut self.b, &mut whole);
        let resize = outputs(&mut self.b, &whole);
        let first = -resize.most_metadata();
        self.b.set_resize(resize);
        for (&offset, written) in whole.written.range(first..) {
            if self.b.as_const(written.when) != Some(0) {
                self.b.push_edit(Edit { offset, when: written.when, data: written.data });
            }
        }
        let mut function = self.b.finish();
        if let Some(channel) = function.maps.iter_mut().find(|map| map.kind == MapKind::Trace) {
            channel.initial = print::to_bytes(&prints.formats);
        }
        Ok(function)
    }
}

/// Bytes that lie before the frame as received and were not written are written with zeros, so that the hardware knows
/// nothing of headroom.
fn clear_headroom(b: &mut Builder, whole: &mut Ending) {
    let head = whole.extent.head;
    let first = whole.metadata.last().map_or(0, |m| -m);
    let end = whole.heads.first().map_or(0, |h| -h);
    let base = head.base_value(b);
    for offset in first..end {
        let mut before = b.constant(0, 1);
        for &place in whole.heads.range(..-offset) {
            let here = b.equals_const(base, (i64::from(place) - head.offset) as u64);
            before = b.or(before, here);
        }
        let zero = b.constant(0, 8);
        let cleared = match whole.written.get(&offset) {
            Some(&Written { when, data }) => {
                let unwritten = b.not(when);
                let open = b.and(before, unwritten);
                if b.as_const(open) == Some(0) {
                    continue;
                }
                Written { when: b.or(when, before), data: b.select(when, data, zero) }
            }
            None => Written { when: before, data: zero },
        };
        whole.written.insert(offset, cleared);
    }
}

/// The extent as outputs; what no path changes is left out.
fn outputs(b: &mut Builder, whole: &Ending) -> Resize<Value> {
    let extent = whole.extent;
    let mut position = |sum: &Sum, places: &BTreeSet<i32>| {
        let add = i32::try_from(sum.offset).unwrap_or(0);
        let places: Vec<i32> = places.iter().copied().collect();
        if sum.base.is_none() && add == 0 || places[..] == [0] {
            return None;
        }
        if let [place] = places[..] {
            return Some(Position { base: b.constant(0, 1), add: place, places });
        }
        let base = sum.base_value(b);
        let most = places.last().map_or(0, |&p| i64::from(p) - i64::from(add)).max(1) as u64;
        let base = b.extract(base, 0, 64 - most.leading_zeros() as u8);
        Some(Position { base, add, places })
    };
    let (head, metadata) = (position(&extent.head, &whole.heads), position(&extent.metadata, &whole.metadata));
    let mut bound = |sum: &Sum| {
        let base = sum.base_value(b);
        let add = i32::try_from(sum.offset).unwrap_or(0);
        Bound { of_length: sum.length, base: b.extract(base, 0, 16), add }
    };
    let end = (extent.end != Extent::RECEIVED.end).then(|| bound(&extent.end));
    let kept = extent.kept.map(|kept| bound(&kept));
    Resize { head, end, kept, metadata }
}
