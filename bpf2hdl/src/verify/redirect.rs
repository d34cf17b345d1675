// SPDX-License-Identifier: Apache-2.0
//! Redirects: `bpf_redirect` and `bpf_redirect_map` note a target, which counts if the program then returns
//! `XDP_REDIRECT`.
//!
//! As in the kernel (`bpf_xdp_redirect`, `__bpf_xdp_redirect_map`, Linux 6.18), a call with flags that are not valid
//! returns `XDP_ABORTED` and leaves an earlier target as it is; a map without an entry at the key returns the low two bits of
//! the flags. There the kernel leaves half of an earlier target standing, against its own comment; here no target is left.
//!
//! With `BPF_F_BROADCAST` the target is a whole devmap, whatever the key and whether or not the map has an entry
//! ([`bpf2hdl_interface::Group`]): copies are made of the frame when it leaves. `BPF_F_EXCLUDE_INGRESS` alone means nothing.

use super::content::{Content, EntryPlace, Fate};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Builder, Compare, MapId, Redirect, Value};
use bpf2hdl_interface::Action;
use bpf2hdl_interface::target::{ALL_OF, RedirectKind};

/// `XDP_ABORTED | XDP_DROP | XDP_PASS | XDP_TX`: what `bpf_redirect_map` may return for a missing entry.
const DEFAULT_ACTIONS: u64 = 3;
/// The bits of `BPF_F_BROADCAST` and `BPF_F_EXCLUDE_INGRESS` (include/uapi/linux/bpf.h), which only devmaps know.
const BROADCAST: u8 = 3;
const EXCLUDE_INGRESS: u8 = 4;
/// Bits of an interface's number, which is a positive `int`.
const PORT_BITS: u8 = 31;

impl Walk<'_> {
    /// `bpf_redirect(ifindex, flags)`.
    pub(super) fn redirect(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let ifindex = self.scalar(&state.registers[1], "the interface of bpf_redirect")?;
        let flags = self.scalar(&state.registers[2], "the flags of bpf_redirect")?;
        let valid = self.b.equals_const(flags, 0);
        let number = self.port(ifindex);
        // No interface has a negative number: the kernel drops such a packet.
        let negative = self.b.extract(ifindex, PORT_BITS, 1);
        let port = self.b.constant(RedirectKind::Port.code().into(), 2);
        let nowhere = self.b.constant(0, 2);
        let kind = self.b.select(negative, nowhere, port);
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
        let index = self.b.extract(key, 0, 32);
        let rest = if kind == RedirectKind::Port {
            let (low, high) = (self.b.extract(flags, 2, 1), self.b.extract(flags, EXCLUDE_INGRESS + 1, 59));
            self.b.concat(vec![low, high])
        } else {
            self.b.extract(flags, 2, 62)
        };
        let valid = self.b.equals_const(rest, 0);
        let (present, number) = self.choose_target(state, map, kind, index, flags);
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

    /// Whether a call of `bpf_redirect_map` finds a target, if its flags are valid, and its number.
    fn choose_target(
        &mut self,
        state: &mut State,
        map: MapId,
        kind: RedirectKind,
        index: Value,
        flags: Value,
    ) -> (Value, Value) {
        let broadcast =
            if kind == RedirectKind::Port { self.b.extract(flags, BROADCAST, 1) } else { self.b.constant(0, 1) };
        let possible = state.set(&self.b, broadcast);
        let (always, never) = (possible.as_const() == Some(1), possible.as_const() == Some(0));
        let all = (!never).then(|| self.all_of(map, flags));
        if let Some(all) = all.filter(|_| always) {
            return (broadcast, all);
        }
        let (present, entry, _) = self.target_entry(state, map, index);
        let number = match kind {
            RedirectKind::Cpu => index,
            RedirectKind::Port => self.port(entry),
            RedirectKind::Socket => entry,
        };
        match all {
            Some(all) => (self.b.or(broadcast, present), self.b.select(broadcast, all, number)),
            None => (present, number),
        }
    }

    /// The number that stands for all ports of a devmap.
    fn all_of(&mut self, map: MapId, flags: Value) -> Value {
        self.b.broadcast_by(map);
        let but_ingress = self.b.extract(flags, EXCLUDE_INGRESS, 1);
        let number = self.b.constant(map.index() as u64, 30);
        let all_of = self.b.constant(u64::from(ALL_OF >> PORT_BITS), 1);
        self.b.concat(vec![number, but_ingress, all_of])
    }

    /// A port's number in 32 bits.
    fn port(&mut self, ifindex: Value) -> Value {
        let number = self.b.extract(ifindex, 0, PORT_BITS);
        self.b.resize(number, 32)
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
