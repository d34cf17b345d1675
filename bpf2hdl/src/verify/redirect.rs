// SPDX-License-Identifier: Apache-2.0
//! Redirects: `bpf_redirect` and `bpf_redirect_map` note a target, which counts if the program then returns
//! `XDP_REDIRECT`.
//!
//! As in the kernel (`bpf_xdp_redirect`, `__bpf_xdp_redirect_map`, Linux 6.18), a call with flags that are not valid
//! returns `XDP_ABORTED` and leaves an earlier target as it is; a map without an entry at the key returns the low two bits of
//! the flags. There the kernel leaves half of an earlier target standing, against its own comment; here no target is left.

use super::content::{Content, EntryPlace, Fate};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Builder, Compare, MapId, Redirect, Value};
use bpf2hdl_interface::{Action, RedirectKind};

/// `XDP_ABORTED | XDP_DROP | XDP_PASS | XDP_TX`: what `bpf_redirect_map` may return for a missing entry.
const DEFAULT_ACTIONS: u64 = 3;
/// `BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS` (include/uapi/linux/bpf.h).
const BROADCAST: u64 = 8 | 16;

impl Walk<'_> {
    /// `bpf_redirect(ifindex, flags)`.
    pub(super) fn redirect(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let ifindex = self.scalar(&state.registers[1], "the interface of bpf_redirect")?;
        let flags = self.scalar(&state.registers[2], "the flags of bpf_redirect")?;
        let valid = self.b.equals_const(flags, 0);
        let number = self.b.extract(ifindex, 0, 32);
        let kind = self.b.constant(RedirectKind::Port.code().into(), 2);
        self.note_target(state, valid, Redirect { kind, number });
        let redirected = self.b.constant(Action::Redirect.code().into(), 64);
        let aborted = self.b.constant(0, 64);
        Ok(Content::Scalar(self.b.select(valid, redirected, aborted)))
    }

    /// `bpf_redirect_map(map, key, flags)`.
    pub(super) fn redirect_map(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let (map, kind) = self.target_map(state)?;
        let key = self.scalar(&state.registers[2], "the key of bpf_redirect_map")?;
        let flags = self.scalar(&state.registers[3], "the flags of bpf_redirect_map")?;
        self.refuse_broadcast(state, kind, flags)?;
        let index = self.b.extract(key, 0, 32);
        let (present, entry, _) = self.target_entry(state, map, index);
        let rest = self.b.extract(flags, 2, 62);
        let valid = self.b.equals_const(rest, 0);
        let number = if kind == RedirectKind::Cpu { index } else { entry };
        let code = self.b.constant(kind.code().into(), 2);
        let nowhere = self.b.constant(0, 2);
        let kind = self.b.select(present, code, nowhere);
        self.note_target(state, valid, Redirect { kind, number });
        let redirected = self.b.constant(Action::Redirect.code().into(), 64);
        let mask = self.b.constant(DEFAULT_ACTIONS, 64);
        let default = self.b.and(flags, mask);
        let result = self.b.select(present, redirected, default);
        let aborted = self.b.constant(0, 64);
        Ok(Content::Scalar(self.b.select(valid, result, aborted)))
    }

    /// The result of `bpf_map_lookup_elem` on a map of targets: null where there is none.
    pub(super) fn lookup_target(&mut self, state: &State, map: MapId, key: Value) -> Content {
        let (present, _, index) = self.target_entry(state, map, key);
        let missing = Some(self.b.not(present));
        Content::Entry(EntryPlace { map, index, base: None, offset: 0, missing, fate: Fate::default() })
    }

    /// The map of targets in r1.
    fn target_map(&self, state: &State) -> Result<(MapId, RedirectKind), Refusal> {
        let Content::Map(map) = state.registers[1] else {
            let what = state.registers[1].describe();
            let text = format!("the first argument of bpf_redirect_map is {what}, not a map");
            return Err(self.refuse(Code::HelperArgument, text));
        };
        let found = self.b.function().map(map);
        found.kind.redirect_kind().map(|kind| (map, kind)).ok_or_else(|| {
            let text = format!("bpf_redirect_map is called with `{}`, a map of type {}", found.name, found.kind.name());
            self.refuse(Code::MapOperation, text)
        })
    }

    /// A frame leaves by one output. In maps other than devmaps these flags are not valid, as any other.
    fn refuse_broadcast(&self, state: &State, kind: RedirectKind, flags: Value) -> Result<(), Refusal> {
        let ruled_out = state.set(&self.b, flags).zeros();
        if kind != RedirectKind::Port || ruled_out & BROADCAST == BROADCAST {
            return Ok(());
        }
        let text = "the flags of bpf_redirect_map hold, or may hold, BPF_F_BROADCAST or BPF_F_EXCLUDE_INGRESS: a packet \
                    would leave by several outputs";
        let item = Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot));
        Err(Box::new(
            item.with_help("pass a constant 0 to 3; copies are for the switch behind the redirect output to make"),
        ))
    }

    /// Whether there is an entry with this key, its first four bytes, and its place in the array of values.
    fn target_entry(&mut self, state: &State, map: MapId, key: Value) -> (Value, Value, Value) {
        let found = self.b.function().map(map);
        let (kind, entries) = (found.kind, found.max_entries);
        let (in_range, index) = if kind.is_hash() {
            let (path, never) = (state.path.to_value(&mut self.b), self.b.constant(0, 1));
            let found = self.directory(map, vec![key], [path, never, never]);
            (found.found, found.slot)
        } else {
            let count = self.b.constant(entries.into(), 32);
            (self.b.compare(Compare::Ult, key, count), key)
        };
        let entry = self.b.map_load(map, index, 0, 32);
        let empty = self.b.equals_const(entry, 0);
        let filled = self.b.not(empty);
        (self.b.and(in_range, filled), entry, index)
    }

    /// From here on the target is `new`, where `when` is 1.
    fn note_target(&mut self, state: &mut State, when: Value, new: Redirect) {
        let old = state.redirect;
        state.redirect = merge_targets(&mut self.b, when, Some(new), old);
    }
}

/// `choice ? x : y`; the number does not matter where there is no target.
pub(super) fn merge_targets(
    b: &mut Builder,
    choice: Value,
    x: Option<Redirect>,
    y: Option<Redirect>,
) -> Option<Redirect> {
    let nowhere = b.constant(0, 2);
    match (x, y) {
        (Some(p), Some(q)) => {
            Some(Redirect { kind: b.select(choice, p.kind, q.kind), number: b.select(choice, p.number, q.number) })
        }
        (Some(p), None) => Some(Redirect { kind: b.select(choice, p.kind, nowhere), number: p.number }),
        (None, Some(q)) => Some(Redirect { kind: b.select(choice, nowhere, q.kind), number: q.number }),
        (None, None) => None,
    }
}

/// Whether a verdict may be redirect.
pub(super) fn may_redirect(b: &Builder, action: Value) -> bool {
    b.set(action).contains(Action::Redirect.code().into())
}
