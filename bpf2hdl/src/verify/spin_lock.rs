// SPDX-License-Identifier: Apache-2.0
//! `bpf_spin_lock` and `bpf_spin_unlock`: no hardware. All accesses of a packet to an entry are one transaction, and packets have
//! their turn in order, so a locked section is what every access is anyway.
//!
//! What the kernel's verifier demands (`process_spin_lock`, kernel/bpf/verifier.c) is demanded here: the lock is where the type of the
//! map's values says, one is held at a time, nothing but the unlocking is called while it is held, it is given back before the end,
//! and no instruction reads or writes it. Its bytes are zero, for programs and for the host.

use super::content::{Content, EntryPlace};
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{MapId, Value};
use crate::isa::helper_name;

/// `bpf_spin_lock` and `bpf_spin_unlock` (include/uapi/linux/bpf.h).
pub(super) const LOCK: u32 = 93;
pub(super) const UNLOCK: u32 = 94;

/// Bytes of `struct bpf_spin_lock`.
pub(super) const LOCK_BYTES: u32 = 4;

/// A lock that is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Held {
    /// Whose value it is in.
    pub(super) map: MapId,
    /// Which entry, as in [`EntryPlace`].
    pub(super) index: Value,
}

impl Walk<'_> {
    /// Takes a lock, or (`false`) gives it back. The result is 0.
    pub(super) fn spin_lock(&mut self, state: &mut State, takes: bool) -> Result<Content, Refusal> {
        let place = self.lock_argument(state)?;
        let lock = Held { map: place.map, index: place.index };
        match (state.held, takes) {
            (Some(_), true) => return Err(self.misused("a lock is taken while another is held".to_owned())),
            (None, false) => return Err(self.misused("a lock is given back that is not held".to_owned())),
            (Some(held), false) if held != lock => {
                return Err(self.misused("another lock is given back than the one that is held".to_owned()));
            }
            _ => {}
        }
        state.held = takes.then_some(lock);
        Ok(Content::Scalar(self.b.constant(0, 64)))
    }

    /// r1 must point to the lock of a value.
    fn lock_argument(&self, state: &State) -> Result<EntryPlace, Refusal> {
        let Content::Entry(place) = state.registers[1] else {
            let text = format!("the lock is in {}; it has to be in a map value", state.registers[1].describe());
            return Err(self.misused(text));
        };
        let name = &self.b.function().map(place.map).name;
        if place.missing.is_some() {
            let text = format!("the result of the lookup in `{name}` is used without a test for null");
            return Err(self.refuse(Code::NullMapValue, text));
        }
        self.require_alive(state, &place)?;
        let lock = self.lock_of(place.map);
        if lock.is_none() || place.base.is_some() || lock.map(i64::from) != Some(place.offset) {
            let text = format!("the pointer is not to the `struct bpf_spin_lock` of a value of `{name}`");
            return Err(self.misused(text));
        }
        Ok(place)
    }

    /// Offset of the lock in a map's values.
    pub(super) fn lock_of(&self, map: MapId) -> Option<u32> {
        self.program.maps.get(map.index())?.spin_lock()
    }

    /// Refuses an access of so many bytes at one of these offsets if it touches the lock.
    pub(super) fn spare_lock(&self, map: MapId, places: &[u32], bytes: u32) -> Result<(), Refusal> {
        let Some(lock) = self.lock_of(map) else { return Ok(()) };
        if places.iter().all(|&at| at + bytes <= lock || lock + LOCK_BYTES <= at) {
            return Ok(());
        }
        let name = &self.b.function().map(map).name;
        Err(self.misused(format!("the lock in a value of `{name}` is read or written as a number")))
    }

    /// Refuses a call while a lock is held.
    pub(super) fn require_unlocked(&self, state: &State, id: u32) -> Result<(), Refusal> {
        if state.held.is_none() || id == LOCK || id == UNLOCK {
            return Ok(());
        }
        let name = helper_name(id).unwrap_or("a helper");
        Err(self.misused(format!("{name} is called while a lock is held")))
    }

    /// Refuses to end with a lock.
    pub(super) fn require_given_back(&self, state: &State) -> Result<(), Refusal> {
        if state.held.is_none() {
            return Ok(());
        }
        Err(self.misused("the program ends while a lock is held".to_owned()))
    }

    fn misused(&self, text: String) -> Refusal {
        self.refuse(Code::SpinLock, text)
    }
}
