// SPDX-License-Identifier: Apache-2.0
//! Sets of literals that are true together.

use std::collections::HashMap;
use std::rc::Rc;

use super::ranges::{self, Bounds};
use crate::ir::{Builder, Op, Value};

/// Larger conjunctions are not taken apart.
pub(super) const MAX_LITERALS: usize = 48;
/// Earlier conjunctions, for each literal, among which a part of a new one is sought.
const MAX_CANDIDATES: usize = 24;
/// Disjunctions inside disjunctions that are factored.
const MAX_FACTORING: u32 = 12;
/// Rounds of simplification.
const MAX_ROUNDS: u32 = 4;

/// A one-bit value or its inverse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Literal {
    of: Value,
    inverted: bool,
}

impl Literal {
    /// The literal that a value is.
    pub(super) fn of(b: &Builder, value: Value) -> Self {
        match *b.op_of(value) {
            Op::Not(inner) => Literal { of: inner, inverted: true },
            _ => Literal { of: value, inverted: false },
        }
    }

    pub(super) fn is_inverted(self) -> bool {
        self.inverted
    }

    pub(super) fn inverse(self) -> Self {
        Literal { inverted: !self.inverted, ..self }
    }

    pub(super) fn value(self, b: &mut Builder) -> Value {
        if self.inverted { b.not(self.of) } else { self.of }
    }
}

type Set = Rc<[Literal]>;

/// The conjunctions that exist. Tables are only looked into, never listed.
#[derive(Default)]
pub(super) struct Conjunctions {
    /// The literals that a literal is the conjunction of, if of more than one.
    of: HashMap<Literal, Set>,
    known: HashMap<Set, Literal>,
    /// By literal: the sets that it is in.
    with: HashMap<Literal, Vec<Set>>,
    /// Factorings under way.
    depth: u32,
}

impl Conjunctions {
    /// The literals that make up `literal`.
    fn parts(&self, literal: Literal) -> Set {
        self.of.get(&literal).cloned().unwrap_or_else(|| Rc::from([literal]))
    }

    /// The conjunction.
    pub(super) fn and(&mut self, b: &mut Builder, literals: &[Literal]) -> Literal {
        let mut set: Vec<Literal> = literals.iter().flat_map(|&l| self.parts(l).to_vec()).collect();
        if set.len() > MAX_LITERALS {
            set = literals.to_vec();
        }
        let Some(set) = self.simplified(b, set) else {
            let zero = b.constant(0, 1);
            return Literal::of(b, zero);
        };
        self.depth += 1;
        let factored = if self.depth > MAX_FACTORING { None } else { self.factored(b, &set) };
        self.depth -= 1;
        factored.unwrap_or_else(|| self.build(b, &set))
    }

    /// What `given` says of `literal`.
    pub(super) fn implied(&self, b: &Builder, given: Literal, literal: Literal) -> Option<bool> {
        if let Some(constant) = b.as_const(literal.of) {
            return Some((constant == 1) != literal.inverted);
        }
        self.implied_by(b, &self.parts(given), literal)
    }

    /// What a conjunction says of a literal; sets are sorted.
    fn implied_by(&self, b: &Builder, set: &[Literal], literal: Literal) -> Option<bool> {
        let has = |l: Literal| set.binary_search(&l).is_ok();
        if has(literal) {
            return Some(true);
        }
        if has(literal.inverse()) {
            return Some(false);
        }
        for (of, meaning) in [(literal, true), (literal.inverse(), false)] {
            if let Some(parts) = self.of.get(&of) {
                if parts.iter().all(|&part| self.atom_implied(b, set, part) == Some(true)) {
                    return Some(meaning);
                }
                if parts.iter().any(|&part| self.atom_implied(b, set, part) == Some(false)) {
                    return Some(!meaning);
                }
            }
        }
        self.atom_implied(b, set, literal)
    }

    /// As `implied_by`, of the literal itself only.
    fn atom_implied(&self, b: &Builder, set: &[Literal], literal: Literal) -> Option<bool> {
        if set.binary_search(&literal).is_ok() {
            return Some(true);
        }
        if set.binary_search(&literal.inverse()).is_ok() {
            return Some(false);
        }
        let range = ranges::of(b, literal.of)?;
        let others = set.iter().filter_map(|&l| Some((ranges::of(b, l.of)?, l))).filter(|(r, _)| r.of == range.of);
        let mut others = others.peekable();
        others.peek()?;
        Bounds::new(b, range.of, others).decide(range, literal)
    }

    /// The set without what is not needed, sorted; `None` if it can not be true.
    fn simplified(&self, b: &Builder, mut set: Vec<Literal>) -> Option<Vec<Literal>> {
        for _ in 0..MAX_ROUNDS {
            let before = set.clone();
            set = without_constants(b, set)?;
            set = without_implied_bounds(b, set)?;
            set = self.without_implied_choices(b, set)?;
            if set == before {
                break;
            }
        }
        Some(set)
    }

    /// Each disjunction as seen by the rest of the set.
    fn without_implied_choices(&self, b: &Builder, set: Vec<Literal>) -> Option<Vec<Literal>> {
        let mut result = set.clone();
        for &literal in &set {
            // literal = !(p & q & ...)
            let Some(parts) = self.of.get(&literal.inverse()) else { continue };
            let at = result.binary_search(&literal).ok()?;
            let mut rest = result.clone();
            rest.remove(at);
            if parts.iter().any(|&p| self.atom_implied(b, &rest, p) == Some(false)) {
                result = rest;
                continue;
            }
            let left: Vec<Literal> =
                parts.iter().copied().filter(|&p| self.atom_implied(b, &rest, p) != Some(true)).collect();
            match left[..] {
                [] => return None,
                [only] => {
                    rest.push(only.inverse());
                    result = without_constants(b, rest)?;
                }
                _ if left.len() < parts.len() => {
                    // A shorter disjunction, if there is one already: nothing new is made here.
                    if let Some(&known) = self.known.get(&left[..]) {
                        rest.push(known.inverse());
                        result = without_constants(b, rest)?;
                    }
                }
                _ if self.is_covered(parts, &rest) => result = rest,
                _ => {}
            }
        }
        Some(result)
    }

    /// Whether another disjunction of the set implies `!(parts)`.
    fn is_covered(&self, parts: &[Literal], rest: &[Literal]) -> bool {
        rest.iter()
            .filter_map(|l| self.of.get(&l.inverse()))
            .any(|other| other.len() < parts.len() && other.iter().all(|o| parts.binary_search(o).is_ok()))
    }

    /// `!(p & x) & !(p & y)`, which is `!(p & (x | y))`.
    fn factored(&mut self, b: &mut Builder, set: &[Literal]) -> Option<Literal> {
        if set.len() != 2 {
            return None;
        }
        let (x, y) = (self.of.get(&set[0].inverse())?.clone(), self.of.get(&set[1].inverse())?.clone());
        let common: Vec<Literal> = x.iter().copied().filter(|l| y.binary_search(l).is_ok()).collect();
        if common.is_empty() {
            return None;
        }
        let without = |set: &[Literal]| -> Vec<Literal> {
            set.iter().copied().filter(|l| common.binary_search(l).is_err()).collect()
        };
        let (x, y) = (self.and(b, &without(&x)), self.and(b, &without(&y)));
        let neither = self.and(b, &[x.inverse(), y.inverse()]);
        let mut all = common;
        all.push(neither.inverse());
        Some(self.and(b, &all).inverse())
    }

    /// The operations for a simplified set: from the largest part that exists, and the rest.
    fn build(&mut self, b: &mut Builder, set: &[Literal]) -> Literal {
        match set {
            [] => {
                let one = b.constant(1, 1);
                return Literal::of(b, one);
            }
            [only] => return *only,
            _ => {}
        }
        if let Some(&known) = self.known.get(set) {
            return known;
        }
        let (first, rest) = self.split(set);
        let (x, y) = (self.build(b, &first), self.build(b, &rest));
        let (x, y) = (x.value(b), y.value(b));
        let both = b.and(x, y);
        let literal = Literal::of(b, both);
        let set: Set = Rc::from(set);
        self.known.insert(set.clone(), literal);
        self.of.entry(literal).or_insert_with(|| set.clone());
        for &part in set.iter() {
            self.with.entry(part).or_default().push(set.clone());
        }
        literal
    }

    /// A set as two: the first the largest known one.
    fn split(&self, set: &[Literal]) -> (Vec<Literal>, Vec<Literal>) {
        let is_part = |s: &Set| s.len() < set.len() && s.iter().all(|l| set.binary_search(l).is_ok());
        let candidates = set.iter().filter_map(|l| self.with.get(l)).flat_map(|s| s.iter().rev().take(MAX_CANDIDATES));
        let mut best: Option<&Set> = None;
        for candidate in candidates {
            if best.is_none_or(|b| candidate.len() > b.len()) && is_part(candidate) {
                best = Some(candidate);
            }
        }
        match best {
            Some(known) => (known.to_vec(), set.iter().copied().filter(|l| known.binary_search(l).is_err()).collect()),
            None => (set[..set.len() - 1].to_vec(), set[set.len() - 1..].to_vec()),
        }
    }
}

/// Sorted, without repetitions and ones; `None` with a zero, or with a literal and its inverse.
fn without_constants(b: &Builder, mut set: Vec<Literal>) -> Option<Vec<Literal>> {
    if set.iter().any(|l| b.as_const(l.of) == Some(l.inverted.into())) {
        return None;
    }
    set.retain(|l| b.as_const(l.of).is_none());
    set.sort_unstable();
    set.dedup();
    let contradicts = set.windows(2).any(|pair| pair[0].of == pair[1].of);
    (!contradicts).then_some(set)
}

/// Without the comparisons that the others decide; `None` if they exclude each other.
fn without_implied_bounds(b: &Builder, set: Vec<Literal>) -> Option<Vec<Literal>> {
    let mut ranged: Vec<_> = set.iter().filter_map(|&l| Some((ranges::of(b, l.of)?, l))).collect();
    let mut dropped: Vec<Literal> = Vec::new();
    let mut at = 0;
    while at < ranged.len() {
        let (range, literal) = ranged[at];
        let others = ranged.iter().copied().filter(|&(r, l)| r.of == range.of && l != literal);
        let mut others = others.peekable();
        let decided = others.peek().is_some().then(|| Bounds::new(b, range.of, others).decide(range, literal));
        match decided.flatten() {
            Some(false) => return None,
            Some(true) => {
                dropped.push(literal);
                ranged.remove(at);
            }
            None => at += 1,
        }
    }
    Some(set.into_iter().filter(|l| !dropped.contains(l)).collect())
}
