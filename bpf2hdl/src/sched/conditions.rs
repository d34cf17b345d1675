// SPDX-License-Identifier: Apache-2.0
//! Which packets a map's section is about.
//!
//! A packet that takes a path without the map neither changes it nor cares what it holds, and need not wait at the section's
//! entrance, nor make others wait. For each map this finds bits of the pipeline that are all 1 wherever one of its accesses
//! matters: the literals that the accesses have in common (`opt/needed.rs`). The entrance takes those that are known there.
//!
//! Cost: the literals of all values, once, and only for programs with a guarded section.

use crate::ir::{Function, MapId, Op, Value};
use crate::opt::exclusive::literals;
use crate::opt::needed::{Literal, Needs};
use crate::pipe::Bits;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Conditions with which a token waits at an entrance: each costs a register up to there.
const MAX_CONDITIONS: usize = 4;

/// What is needed to find the conditions of each map.
pub(super) struct Conditions<'f> {
    f: &'f Function,
    /// Bits of each value.
    bits: Vec<Bits>,
    /// Loads, stores and steps with the map or part that they are on.
    accesses: Vec<(Value, MapId)>,
    needs: OnceCell<Needs>,
}

impl<'f> Conditions<'f> {
    pub(super) fn new(f: &'f Function, bits: Vec<Bits>, accesses: Vec<(Value, MapId)>) -> Self {
        Conditions { f, bits, accesses, needs: OnceCell::new() }
    }

    /// Bits of which `is_known` says that they can be had, all 1 in every token that uses the map.
    pub(super) fn of(&self, map: usize, is_known: impl Fn(&Bits) -> bool) -> Bits {
        let mut chosen = Bits::default();
        let mut implied: BTreeSet<Literal> = BTreeSet::new();
        // A conjunction comes after its parts, and one bit of it says as much as they do.
        for (value, holds) in self.common(map).into_iter().rev() {
            let bits = &self.bits[value.index()];
            let bits = if holds { bits.clone() } else { bits.inverted() };
            if chosen.width() as usize == MAX_CONDITIONS {
                break;
            }
            if bits.as_const().is_none() && !implied.contains(&(value, holds)) && is_known(&bits) {
                implied.extend(literals(self.f, value, holds));
                chosen = chosen.concat(&bits);
            }
        }
        chosen
    }

    /// The literals that all accesses of a map have in common.
    fn common(&self, map: usize) -> BTreeSet<Literal> {
        let needs = self.needs.get_or_init(|| Needs::new(self.f));
        let mut common: Option<BTreeSet<Literal>> = None;
        for &(value, _) in self.accesses.iter().filter(|(_, on)| on.index() == map) {
            let here = match &self.f.def(value).op {
                Op::MapStore { when, .. } | Op::Directory { when, .. } => literals(self.f, *when, true),
                _ => match needs.of(value) {
                    Some(literals) => literals.clone(),
                    None => continue,
                },
            };
            common = Some(match common {
                Some(before) => before.intersection(&here).copied().collect(),
                None => here,
            });
        }
        common.unwrap_or_default()
    }
}
