// SPDX-License-Identifier: Apache-2.0
//! Path conditions.
//!
//! The condition under which a state is reached is a conjunction of literals, in the order of the branches. Two states
//! that meet have a common part; what is left of each tells how to choose between their values. Most often one branch
//! condition stands positive in one rest and negative in the other: then that single bit is the choice, and when
//! nothing else is left (a diamond) the merged condition is the common part, with no logic at all.
//!
//! Paths are lists that share their beginnings, so that a branch costs one element however long the path is, and what two
//! paths have in common is found by walking back over what they have not.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::ir::{Builder, Op, Value};

/// A one-bit value or its inversion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Literal {
    value: Value,
    positive: bool,
}

impl Literal {
    /// The literal for `value == positive`; inversions are looked through.
    pub(super) fn new(b: &Builder, value: Value, positive: bool) -> Self {
        match *b.op_of(value) {
            Op::Not(inner) => Literal { value: inner, positive: !positive },
            _ => Literal { value, positive },
        }
    }

    fn inverse(self) -> Self {
        Literal { positive: !self.positive, ..self }
    }

    fn to_value(self, b: &mut Builder) -> Value {
        if self.positive { self.value } else { b.not(self.value) }
    }
}

#[derive(Debug)]
struct Node {
    literal: Literal,
    before: Path,
    length: usize,
    /// The conjunction up to here, once it was asked for.
    value: OnceCell<Value>,
}

/// A conjunction of literals in the order in which they were added.
#[derive(Clone, Default, Debug)]
pub(super) struct Path(Option<Rc<Node>>);

impl Drop for Path {
    /// Long lists are taken apart one by one, not by recursion.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut node) = next.and_then(Rc::into_inner) {
            next = node.before.0.take();
        }
    }
}

impl Path {
    /// Adds a literal.
    pub(super) fn and(&self, literal: Literal) -> Path {
        let node = Node { literal, before: self.clone(), length: self.len() + 1, value: OnceCell::new() };
        Path(Some(Rc::new(node)))
    }

    fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |node| node.length)
    }

    fn is_same(&self, other: &Path) -> bool {
        match (&self.0, &other.0) {
            (Some(x), Some(y)) => Rc::ptr_eq(x, y),
            (None, None) => true,
            _ => false,
        }
    }

    /// The whole condition as a one-bit value.
    pub(super) fn to_value(&self, b: &mut Builder) -> Value {
        let mut pending = Vec::new();
        let mut at = self.0.as_ref();
        let mut result = loop {
            match at {
                None => break b.constant(1, 1),
                Some(node) => match node.value.get() {
                    Some(&value) => break value,
                    None => pending.push(node),
                },
            }
            at = pending.last().and_then(|node| node.before.0.as_ref());
        };
        for node in pending.into_iter().rev() {
            let literal = node.literal.to_value(b);
            result = b.and(result, literal);
            let _ = node.value.set(result);
        }
        result
    }

    /// The common beginning of two paths, and what follows it in each.
    fn split(&self, other: &Path) -> (Path, Vec<Literal>, Vec<Literal>) {
        let (mut x, mut y) = (self.clone(), other.clone());
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        while !x.is_same(&y) {
            let longer = x.len().max(y.len());
            for (path, rest) in [(&mut x, &mut mine), (&mut y, &mut theirs)] {
                if path.len() == longer
                    && let Some(node) = path.0.clone()
                {
                    rest.push(node.literal);
                    *path = node.before.clone();
                }
            }
        }
        mine.reverse();
        theirs.reverse();
        // Beginnings that are equal without being shared.
        let same = mine.iter().zip(&theirs).take_while(|(p, q)| p == q).count();
        for literal in mine.drain(..same) {
            x = x.and(literal);
        }
        theirs.drain(..same);
        (x, mine, theirs)
    }

    /// Number of literals that both paths begin with.
    pub(super) fn common_prefix(&self, other: &Path) -> usize {
        self.split(other).0.len()
    }

    /// Order by the literals, the first difference first.
    pub(super) fn order(&self, other: &Path) -> Ordering {
        let (_, mine, theirs) = self.split(other);
        mine.cmp(&theirs)
    }

    /// The condition of "this or other" (which exclude each other), and a value that is 1 on this path and 0 on the other.
    pub(super) fn merge(&self, other: &Path, b: &mut Builder) -> (Path, Value) {
        let (mut merged, mut mine, mut theirs) = self.split(other);
        // Later literals that both have are common, too.
        let common: Vec<Literal> = mine.iter().copied().filter(|literal| theirs.contains(literal)).collect();
        mine.retain(|literal| !common.contains(literal));
        theirs.retain(|literal| !common.contains(literal));
        for literal in common {
            merged = merged.and(literal);
        }
        let opposed = mine.iter().copied().find(|l| theirs.contains(&l.inverse()));
        let choice = match opposed {
            Some(literal) => literal.to_value(b),
            None => conjunction(b, &mine),
        };
        let is_diamond = mine.len() == 1 && theirs.len() == 1 && opposed.is_some();
        if !is_diamond && !mine.is_empty() && !theirs.is_empty() {
            let (left, right) = (conjunction(b, &mine), conjunction(b, &theirs));
            let either = b.or(left, right);
            if b.as_const(either).is_none() {
                merged = merged.and(Literal::new(b, either, true));
            }
        }
        (merged, choice)
    }
}

fn conjunction(b: &mut Builder, literals: &[Literal]) -> Value {
    let mut result = b.constant(1, 1);
    for literal in literals {
        let value = literal.to_value(b);
        result = b.and(result, value);
    }
    result
}
