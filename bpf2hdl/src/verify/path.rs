// SPDX-License-Identifier: Apache-2.0
//! Path conditions.
//!
//! The condition under which a state is reached is a conjunction of literals, in the order of the branches. Two states
//! that meet have a common part; what is left of each tells how to choose between their values. Most often one branch
//! condition stands positive in one rest and negative in the other: then that single bit is the choice, and when
//! nothing else is left (a diamond) the merged condition is the common part, with no logic at all.

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

/// A conjunction of literals in the order in which they were added.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) struct Path(Vec<Literal>);

impl Path {
    /// Adds a literal.
    pub(super) fn and(&self, literal: Literal) -> Path {
        let mut literals = self.0.clone();
        if !literals.contains(&literal) {
            literals.push(literal);
        }
        Path(literals)
    }

    /// What the path says about a one-bit value.
    pub(super) fn decides(&self, literal: Literal) -> Option<bool> {
        if self.0.contains(&literal) {
            Some(true)
        } else if self.0.contains(&literal.inverse()) {
            Some(false)
        } else {
            None
        }
    }

    /// The whole condition as a one-bit value.
    pub(super) fn to_value(&self, b: &mut Builder) -> Value {
        conjunction(b, &self.0)
    }

    /// Number of literals that both paths begin with.
    pub(super) fn common_prefix(&self, other: &Path) -> usize {
        self.0.iter().zip(&other.0).take_while(|(a, b)| a == b).count()
    }

    /// The condition of "this or other" (which exclude each other), and a value that is 1 on this path and 0 on the other.
    pub(super) fn merge(&self, other: &Path, b: &mut Builder) -> (Path, Value) {
        let common: Vec<Literal> = self.0.iter().copied().filter(|l| other.0.contains(l)).collect();
        let rest = |p: &Path| p.0.iter().copied().filter(|l| !common.contains(l)).collect::<Vec<_>>();
        let (mine, theirs) = (rest(self), rest(other));
        let opposed = mine.iter().copied().find(|l| theirs.contains(&l.inverse()));
        let choice = match opposed {
            Some(literal) => literal.to_value(b),
            None => conjunction(b, &mine),
        };
        let mut merged = Path(common);
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
