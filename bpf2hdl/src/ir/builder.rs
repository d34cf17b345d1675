// SPDX-License-Identifier: Apache-2.0
//! Builds a [`Function`] operation by operation.
//!
//! Each new operation is simplified (`simplify`), folded where its set of possible values is a single one, and shared
//! with an equal earlier one (hash consing, which is global value numbering for straight-line code). What is known of
//! each value is kept beside it.

use std::collections::HashMap;

use super::transfer::transfer;
use super::{Binary, Compare, Def, Found, Function, MapId, Op, Value, ValueSet, low_mask, simplify};

/// The result of a directory operation, taken apart; see [`Found`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FoundBits {
    /// One bit: the key was there before.
    pub found: Value,
    /// One bit: the key was not there, was to be inserted, and could not be.
    pub refused: Value,
    /// The slot of the key.
    pub slot: Value,
}

/// A function under construction.
pub struct Builder {
    /// What has been built so far.
    function: Function,
    sets: Vec<ValueSet>,
    /// Equal operations by (operation, width, version of the map it reads).
    known: HashMap<(Op, u8, u32), Value>,
    /// Number of stores so far, per map.
    versions: Vec<u32>,
    /// Number of operations so far that changed the directory, per map.
    directory_versions: Vec<u32>,
    insn: Option<u32>,
}

impl Builder {
    /// Starts from a function that has a name and maps, but no operations.
    pub fn new(function: Function) -> Self {
        let versions = vec![0; function.maps.len()];
        let directory_versions = versions.clone();
        Builder { function, sets: Vec::new(), known: HashMap::new(), versions, directory_versions, insn: None }
    }

    /// Operations from here on come from this BPF instruction.
    pub fn at(&mut self, insn: Option<u32>) {
        self.insn = insn;
    }

    /// The BPF instruction that new operations are attributed to.
    pub fn insn(&self) -> Option<u32> {
        self.insn
    }

    /// The function so far.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// From here on packets may be redirected to all entries of a map.
    pub fn broadcast_by(&mut self, map: MapId) {
        self.function.maps[map.index()].broadcast = true;
    }

    /// Ends the construction.
    pub fn finish(self) -> Function {
        self.function
    }

    /// What is known of a value in every packet.
    pub fn set(&self, value: Value) -> &ValueSet {
        &self.sets[value.index()]
    }

    /// Width in bits.
    pub fn width(&self, value: Value) -> u8 {
        self.function.width(value)
    }

    /// The operation that makes a value.
    pub fn op_of(&self, value: Value) -> &Op {
        &self.function.def(value).op
    }

    /// The constant a value is, if it is one.
    pub fn as_const(&self, value: Value) -> Option<u64> {
        self.function.as_const(value)
    }

    /// Adds an operation (or finds an equal one).
    pub fn op(&mut self, op: Op, width: u8) -> Value {
        match simplify::simplify(self, op, width) {
            simplify::Outcome::Value(value) => value,
            simplify::Outcome::Op(op) => self.insert(op, width),
        }
    }

    /// Adds an operation that is in its simplest form.
    fn insert(&mut self, op: Op, width: u8) -> Value {
        let is_store = self.function.has_effect(&op);
        let set = transfer(&op, width.max(1), &mut |v| self.sets[v.index()].clone());
        let op = match set.as_const() {
            Some(c) if !is_store => Op::Const(c),
            _ => op,
        };
        let version = match &op {
            Op::MapLoad { map, .. } => self.versions[map.index()],
            Op::Directory { map, .. } => self.directory_versions[map.index()],
            _ => 0,
        };
        let key = (op, width, version);
        if !is_store && let Some(&value) = self.known.get(&key) {
            return value;
        }
        match &key.0 {
            Op::MapStore { map, .. } => self.versions[map.index()] += 1,
            Op::Directory { map, .. } if is_store => self.directory_versions[map.index()] += 1,
            _ => {}
        }
        let value = Value::new(self.function.defs.len());
        self.function.defs.push(Def { op: key.0.clone(), width, insn: self.insn });
        self.sets.push(set);
        if !is_store {
            self.known.insert(key, value);
        }
        value
    }

    /// A constant; bits above the width are cut off.
    pub fn constant(&mut self, value: u64, width: u8) -> Value {
        self.op(Op::Const(value & low_mask(width)), width)
    }

    /// Two operands of equal width.
    pub fn binary(&mut self, op: Binary, a: Value, b: Value) -> Value {
        let width = self.width(a);
        self.op(Op::Binary(op, a, b), width)
    }

    /// Sum with a constant.
    pub fn add_const(&mut self, a: Value, c: u64) -> Value {
        let c = self.constant(c, self.width(a));
        self.binary(Binary::Add, a, c)
    }

    /// Comparison; one bit.
    pub fn compare(&mut self, op: Compare, a: Value, b: Value) -> Value {
        self.op(Op::Compare(op, a, b), 1)
    }

    /// Comparison with a constant for equality.
    pub fn equals_const(&mut self, a: Value, c: u64) -> Value {
        let c = self.constant(c, self.width(a));
        self.compare(Compare::Eq, a, c)
    }

    /// Inversion of all bits.
    pub fn not(&mut self, a: Value) -> Value {
        let width = self.width(a);
        self.op(Op::Not(a), width)
    }

    /// Conjunction of equally wide values.
    pub fn and(&mut self, a: Value, b: Value) -> Value {
        self.binary(Binary::And, a, b)
    }

    /// Disjunction of equally wide values.
    pub fn or(&mut self, a: Value, b: Value) -> Value {
        self.binary(Binary::Or, a, b)
    }

    /// Two-way choice.
    pub fn select(&mut self, condition: Value, then: Value, other: Value) -> Value {
        let width = self.width(then);
        self.op(Op::Select { condition, then, other }, width)
    }

    /// `width` bits from bit `lo`.
    pub fn extract(&mut self, from: Value, lo: u8, width: u8) -> Value {
        self.op(Op::Extract { from, lo }, width)
    }

    /// Parts side by side, the first lowest.
    pub fn concat(&mut self, parts: Vec<Value>) -> Value {
        let width = parts.iter().map(|&p| self.width(p)).sum();
        self.op(Op::Concat(parts), width)
    }

    /// Zero extension or cut to `width`.
    pub fn resize(&mut self, a: Value, width: u8) -> Value {
        let from = self.width(a);
        if from >= width {
            return self.extract(a, 0, width);
        }
        let zero = self.constant(0, width - from);
        self.concat(vec![a, zero])
    }

    /// Sign extension to `width`.
    pub fn sext(&mut self, a: Value, width: u8) -> Value {
        if self.width(a) >= width { self.extract(a, 0, width) } else { self.op(Op::Sext(a), width) }
    }

    /// Bytes of a map entry as the maps are now.
    pub fn map_load(&mut self, map: MapId, index: Value, offset: u32, width: u8) -> Value {
        self.op(Op::MapLoad { map, index, offset }, width)
    }

    /// Writes a map entry where `when` is 1.
    pub fn map_store(&mut self, map: MapId, index: Value, offset: u32, value: Value, when: Value) {
        if self.as_const(when) != Some(0) {
            self.op(Op::MapStore { map, index, offset, value, when }, 0);
        }
    }

    /// One step on a hash map's directory.
    pub fn directory(&mut self, map: MapId, key: Vec<Value>, when: Value, insert: Value, remove: Value) -> Value {
        let width = Found::width(self.function.map(map));
        if self.as_const(when) == Some(0) {
            return self.constant(0, width);
        }
        self.op(Op::Directory { map, key, when, insert, remove }, width)
    }

    /// The fields of a directory operation's result.
    pub fn found(&mut self, result: Value) -> FoundBits {
        let slot_width = self.width(result) - Found::SLOT;
        FoundBits {
            found: self.extract(result, Found::FOUND, 1),
            refused: self.extract(result, Found::REFUSED, 1),
            slot: self.extract(result, Found::SLOT, slot_width),
        }
    }

    /// Sets the verdict.
    pub fn set_action(&mut self, action: Value) {
        self.function.action = Some(action);
    }

    /// Sets the target of redirects.
    pub fn set_redirect(&mut self, redirect: super::Redirect) {
        self.function.redirect = Some(redirect);
    }

    /// Sets the packet's extent.
    pub fn set_resize(&mut self, resize: super::Resize<Value>) {
        self.function.resize = resize;
    }

    /// Adds a record; they leave in the order in which they are added.
    pub fn push_event(&mut self, event: super::Event) {
        self.function.events.push(event);
    }

    /// Adds an edit; offsets must come in ascending order.
    pub fn push_edit(&mut self, edit: super::Edit) {
        self.function.edits.push(edit);
    }
}
