// SPDX-License-Identifier: Apache-2.0
//! `bpf_map_lookup_elem`, `bpf_map_update_elem` and `bpf_map_delete_elem` on arrays, hash maps and (to look) LPM tries.
//!
//! Results and their order of precedence follow kernel/bpf/arraymap.c (`array_map_update_elem`) and kernel/bpf/hashtab.c
//! (`htab_map_update_elem`, `htab_lru_map_update_elem`, `__htab_percpu_map_update_elem`), on one CPU.
//!
//! *Recycled elements.* Where the kernel keeps one value per key, an update of a key that is there makes a new element; a
//! deleted element serves the next insertion. A pointer that a lookup has given before points to the old element. It
//! remembers that ([`Fate`]), and following it is refused unless it is proven that nothing of the kind has happened.

use super::content::{Content, EntryPlace, Fate};
use super::inner_maps::MapArgument;
use super::spin_lock::LOCK_BYTES;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::Code;
use crate::ir::{Compare, Found, FoundBits, LENGTH_BYTES, Map, MapId, MapKind, Op, Value};

/// `BPF_NOEXIST` and `BPF_EXIST`: `bpf_map_update_elem` makes a new entry, or changes one that is there.
const NO_EXIST: u64 = 1;
const EXIST: u64 = 2;
/// `BPF_F_LOCK`: the value's spin lock is held during the update.
const LOCK: u64 = 4;

// Errors, negative (include/uapi/asm-generic/errno-base.h).
const NO_ENTRY: i64 = -2;
const TOO_BIG: i64 = -7;
const EXISTS: i64 = -17;
const INVALID: i64 = -22;

/// An update while it is being built.
struct Update {
    map: MapId,
    value: Vec<Value>,
    flags: Value,
    /// The path's condition.
    path: Value,
}

impl Walk<'_> {
    pub(super) fn map_lookup(&mut self, state: &State) -> Result<Content, Refusal> {
        let argument = self.map_argument(state, "bpf_map_lookup_elem")?;
        self.refuse_queue(&argument.map, "bpf_map_lookup_elem")?;
        let key = self.key(state, &argument)?;
        let (id, map) = (argument.id, &argument.map);
        if map.kind == MapKind::ArrayOfMaps {
            let (index, present) = self.array_index(&argument, key);
            return self.inner_map(id, index, present);
        }
        if map.kind.redirect_kind().is_some() {
            let index = self.b.concat(key);
            return Ok(self.lookup_target(state, id, index));
        }
        if map.kind.is_hash() {
            let (path, never) = (state.path.to_value(&mut self.b), self.b.constant(0, 1));
            let found = self.directory(id, key, [path, never, never]);
            if map.kind == MapKind::HashOfMaps {
                return self.inner_map(id, found.slot, found.found);
            }
            let missing = Some(self.b.not(found.found));
            return Ok(entry(id, found.slot, missing));
        }
        if map.kind == MapKind::LpmTrie {
            return Ok(self.lookup_prefix(state, id, map, key));
        }
        let (index, present) = self.array_index(&argument, key);
        // Since Linux 6.14 a lookup with a constant index in range needs no test for null.
        let is_present = state.set(&self.b, present).as_const() == Some(1);
        let missing = (!is_present).then(|| self.b.not(present));
        Ok(entry(id, index, missing))
    }

    /// The longest match that is not longer than the key's own length; a key longer than the map's addresses has none.
    fn lookup_prefix(&mut self, state: &State, id: MapId, map: &Map, key: Vec<Value>) -> Content {
        let longest = 8 * u64::from(map.key_size - LENGTH_BYTES);
        let length = self.b.extract(key[0], 0, 32);
        if state.set(&self.b, length).lo() > longest {
            return Content::Scalar(self.b.constant(0, 64));
        }
        let (path, never) = (state.path.to_value(&mut self.b), self.b.constant(0, 1));
        let found = self.directory(id, key, [path, never, never]);
        let missing = Some(self.b.not(found.found));
        entry(id, found.slot, missing)
    }

    pub(super) fn map_update(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let argument = self.map_argument(state, "bpf_map_update_elem")?;
        let (map_id, map) = (argument.id, argument.map.clone());
        self.require_entries(&map, "bpf_map_update_elem")?;
        if map.kind.is_fixed() || self.read_only[map_id.index()] {
            let text = format!("the program updates `{}`, which is read-only", map.name);
            return Err(self.refuse(Code::ReadOnlyStore, text));
        }
        let key = self.key(state, &argument)?;
        let value = self.bytes(state, &state.registers[3], map.value_size, "value")?;
        let Content::Scalar(flags) = state.registers[4] else {
            let what = state.registers[4].describe();
            return Err(self.refuse(Code::HelperArgument, format!("the flags of the update are {what}")));
        };
        let path = state.path.to_value(&mut self.b);
        let update = Update { map: map_id, value, flags, path };
        let result = if map.kind.is_hash() {
            self.update_hash(state, update, key, &map)
        } else {
            let (index, present) = self.array_index(&argument, key);
            self.update_array(&update, index, present)
        };
        Ok(Content::Scalar(result))
    }

    pub(super) fn map_delete(&mut self, state: &mut State) -> Result<Content, Refusal> {
        let argument = self.map_argument(state, "bpf_map_delete_elem")?;
        let (id, map) = (argument.id, argument.map.clone());
        self.require_entries(&map, "bpf_map_delete_elem")?;
        let key = self.key(state, &argument)?;
        if !map.kind.is_hash() {
            return Ok(Content::Scalar(self.error(INVALID)));
        }
        let (path, never, always) = (state.path.to_value(&mut self.b), self.b.constant(0, 1), self.b.constant(1, 1));
        let found = self.directory(id, key.clone(), [path, never, always]);
        self.mark(state, id, |walk, place| {
            let same = walk.is_same_element(place, &key, found.slot);
            let removed = walk.b.and(found.found, same);
            Fate { removed: Some(walk.either(place.fate.removed, removed)), ..place.fate }
        });
        let (done, missing) = (self.b.constant(0, 64), self.error(NO_ENTRY));
        Ok(Content::Scalar(self.b.select(found.found, done, missing)))
    }

    /// Refuses a pointer whose element may have become another's.
    pub(super) fn require_alive(&self, state: &State, place: &EntryPlace) -> Result<(), Refusal> {
        let Some(lost) = place.fate.lost else { return Ok(()) };
        if state.set(&self.b, lost).as_const() == Some(0) {
            return Ok(());
        }
        let name = &self.b.function().map(place.map).name;
        let text = format!(
            "a value of `{name}` is used through a pointer that was looked up before an update, which may have replaced the element"
        );
        Err(self.refuse(Code::ReplacedElement, text))
    }

    fn refuse_queue(&self, map: &Map, helper: &str) -> Result<(), Refusal> {
        if !map.kind.is_queue() && map.kind != MapKind::Bloom {
            return Ok(());
        }
        let text = format!("{helper} is called on `{}`, a {}", map.name, map.kind.name());
        let help = "elements have no keys: use bpf_map_push_elem, bpf_map_peek_elem and, of queues and stacks, bpf_map_pop_elem";
        Err(Box::new(self.refuse(Code::MapOperation, text).with_help(help)))
    }

    /// The kernel lets programs change arrays and hash maps only, of those that there are.
    fn require_entries(&self, map: &Map, helper: &str) -> Result<(), Refusal> {
        self.refuse_queue(map, helper)?;
        let is_array =
            matches!(map.kind, MapKind::Array | MapKind::PercpuArray | MapKind::Globals | MapKind::Constants);
        if is_array || map.kind.is_hash() && !map.kind.is_fixed() {
            return Ok(());
        }
        if map.kind == MapKind::LpmTrie {
            let text =
                format!("{helper} is called on `{}`, an LPM trie: packets can not change its prefixes", map.name);
            let help = "let the host add and remove prefixes, which it does without disturbing packets; a value can be changed \
                        through the pointer that `bpf_map_lookup_elem` gives; for whole addresses use a hash map";
            return Err(Box::new(self.refuse(Code::MapOperation, text).with_help(help)));
        }
        let text =
            format!("{helper} is called on `{}`, of type {}, which only the host changes", map.name, map.kind.name());
        Err(self.refuse(Code::MapOperation, text))
    }

    /// The key in r2; of an inner hash map or LPM trie as the map that holds all has it.
    fn key(&mut self, state: &State, argument: &MapArgument) -> Result<Vec<Value>, Refusal> {
        let key = self.bytes(state, &state.registers[2], self.key_bytes(argument), "key")?;
        Ok(if argument.map.kind.has_directory() { self.pool_key(argument, key) } else { key })
    }

    /// Memory as numbers of 8 bytes and, at the end, of 4, 2 and 1.
    pub(super) fn bytes(
        &mut self,
        state: &State,
        pointer: &Content,
        size: u32,
        what: &str,
    ) -> Result<Vec<Value>, Refusal> {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < size {
            let left = size - at;
            let bytes = if left >= 8 { 8 } else { 1 << left.ilog2() };
            match self.read(state, pointer, at.into(), bytes)? {
                Content::Scalar(part) => parts.push(part),
                _ => return Err(self.refuse(Code::PointerLeak, format!("the {what} holds a pointer"))),
            }
            at += bytes;
        }
        Ok(parts)
    }

    /// The index of an array that a key names, and whether there is such an entry.
    fn array_index(&mut self, argument: &MapArgument, key: Vec<Value>) -> (Value, Value) {
        let index = self.b.concat(key);
        let present = self.is_entry(argument, index);
        (self.pool_index(argument, index), present)
    }

    pub(super) fn directory(&mut self, map: MapId, key: Vec<Value>, [when, insert, remove]: [Value; 3]) -> FoundBits {
        let result = self.b.directory(map, key, when, insert, remove);
        self.b.found(result)
    }

    fn error(&mut self, code: i64) -> Value {
        self.b.constant(code as u64, 64)
    }

    /// `flags > BPF_EXIST`, the bits of `known` left out.
    fn invalid_flags(&mut self, flags: Value, known: u64) -> Value {
        let mask = self.b.constant(!known, 64);
        let rest = self.b.and(flags, mask);
        let most = self.b.constant(EXIST, 64);
        self.b.compare(Compare::Ult, most, rest)
    }

    fn update_array(&mut self, update: &Update, index: Value, present: Value) -> Value {
        let invalid = self.invalid_flags(update.flags, LOCK);
        let no_exist = self.b.extract(update.flags, 0, 1);
        let locks = self.b.extract(update.flags, 2, 1);
        let (inval, exists, too_big) = (self.error(INVALID), self.error(EXISTS), self.error(TOO_BIG));
        let done = self.b.constant(0, 64);
        // BPF_F_LOCK needs a lock.
        let locked = if self.lock_of(update.map).is_some() { done } else { self.b.select(locks, inval, done) };
        let refused = self.b.select(no_exist, exists, locked);
        let checked = self.b.select(present, refused, too_big);
        let result = self.b.select(invalid, inval, checked);
        let is_done = self.b.equals_const(result, 0);
        let when = self.b.and(update.path, is_done);
        self.store_value(update, index, when);
        result
    }

    fn update_hash(&mut self, state: &mut State, update: Update, key: Vec<Value>, map: &Map) -> Value {
        let known = if self.lock_of(update.map).is_some() { LOCK } else { 0 };
        let invalid = self.invalid_flags(update.flags, known);
        let (locks, mask) = (self.b.extract(update.flags, 2, 1), self.b.constant(!known, 64));
        let flags = self.b.and(update.flags, mask);
        let valid = self.b.not(invalid);
        let only_new = self.b.equals_const(flags, NO_EXIST);
        let only_old = self.b.equals_const(flags, EXIST);
        let (when, insert, never) = (self.b.and(update.path, valid), self.b.not(only_old), self.b.constant(0, 1));
        let there = self.directory(update.map, key.clone(), [when, insert, never]);
        let (old, new) = (there.found, self.b.not(there.found));
        let (taken, full, absent) =
            (self.b.and(old, only_new), self.b.and(new, there.refused), self.b.and(new, only_old));
        let (done, inval, exists) = (self.b.constant(0, 64), self.error(INVALID), self.error(EXISTS));
        let (too_big, no_entry) = (self.error(TOO_BIG), self.error(NO_ENTRY));
        let mut result = self.b.select(full, too_big, done);
        result = self.b.select(absent, no_entry, result);
        result = self.b.select(taken, exists, result);
        result = self.b.select(invalid, inval, result);
        let (may_replace, fits) = (self.b.not(only_new), self.b.not(there.refused));
        let replaced = self.b.and(old, may_replace);
        let room = self.b.and(insert, fits);
        let inserted = self.b.and(new, room);
        let succeeds = self.b.or(replaced, inserted);
        let stored = self.b.and(when, succeeds);
        self.store_value(&update, there.slot, stored);
        self.mark(state, update.map, |walk, place| {
            let mut lost = place.fate.lost;
            if map.kind.replaces_elements() {
                let same = walk.is_same_element(place, &key, there.slot);
                let mut gone = walk.b.and(replaced, same);
                if known == LOCK {
                    // Under the lock the element is written in place.
                    let anew = walk.b.not(locks);
                    gone = walk.b.and(gone, anew);
                }
                lost = Some(walk.either(lost, gone));
            }
            if let Some(removed) = place.fate.removed {
                let reused = walk.b.and(removed, inserted);
                lost = Some(walk.either(lost, reused));
            }
            Fate { lost, ..place.fate }
        });
        result
    }

    /// Writes the whole value, but not its lock (`copy_map_value`, include/linux/bpf.h).
    fn store_value(&mut self, update: &Update, index: Value, when: Value) {
        let lock = self.lock_of(update.map);
        let mut offset = 0;
        for &part in &update.value {
            let bytes = u32::from(self.b.width(part) / 8);
            match lock.and_then(|lock| lock.checked_sub(offset)).filter(|&at| at < bytes) {
                None => self.b.map_store(update.map, index, offset, part, when),
                // Parts of eight bytes and locks of four are both aligned.
                Some(at) if bytes > LOCK_BYTES => {
                    let other = LOCK_BYTES - at;
                    let half = self.b.extract(part, (8 * other) as u8, 32);
                    self.b.map_store(update.map, index, offset + other, half, when);
                }
                Some(_) => {}
            }
            offset += bytes;
        }
    }

    fn either(&mut self, known: Option<Value>, also: Value) -> Value {
        known.map_or(also, |known| self.b.or(known, also))
    }

    /// Changes the fate of every pointer into a map.
    fn mark(&mut self, state: &mut State, map: MapId, mut fate: impl FnMut(&mut Self, &EntryPlace) -> Fate) {
        for content in state.contents_mut() {
            if let Content::Entry(place) = content
                && place.map == map
            {
                place.fate = fate(self, place);
            }
        }
    }

    /// One bit: a pointer is to the element of this key, which has this slot.
    fn is_same_element(&mut self, place: &EntryPlace, key: &[Value], slot: Value) -> Value {
        let looked_up = match *self.b.op_of(place.index) {
            Op::Extract { from, lo: Found::SLOT } => match self.b.op_of(from) {
                Op::Directory { key, .. } => Some(key.clone()),
                _ => None,
            },
            _ => None,
        };
        let Some(other) = looked_up else { return self.b.compare(Compare::Eq, place.index, slot) };
        let mut same = self.b.constant(1, 1);
        for (&x, &y) in key.iter().zip(&other) {
            let equal = self.b.compare(Compare::Eq, x, y);
            same = self.b.and(same, equal);
        }
        same
    }
}

/// A pointer to the first byte of a value.
fn entry(map: MapId, index: Value, missing: Option<Value>) -> Content {
    Content::Entry(EntryPlace { map, index, base: None, offset: 0, missing, fate: Fate::default() })
}
