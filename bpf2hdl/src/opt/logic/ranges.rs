// SPDX-License-Identifier: Apache-2.0
//! Comparisons with constants as ranges of the compared value.

use super::conjunction::Literal;
use crate::ir::{Builder, Compare, Op, Value, low_mask};

/// The values from `lo` to `hi` of `of`, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    pub(super) of: Value,
    lo: u64,
    hi: u64,
}

/// Where a comparison with a constant is true, as one range.
pub(super) fn of(b: &Builder, value: Value) -> Option<Range> {
    let &Op::Compare(kind, x, y) = b.op_of(value) else { return None };
    let mask = low_mask(b.width(x));
    let (of, lo, hi) = match (kind, b.as_const(x), b.as_const(y)) {
        (Compare::Eq, _, Some(c)) => (x, c, c),
        (Compare::Ult, None, Some(c)) => (x, 0, c.checked_sub(1)?),
        (Compare::Ult, Some(c), None) => (y, c.checked_add(1).filter(|&c| c <= mask)?, mask),
        _ => return None,
    };
    // The upper bits of a value in a range are the value in a larger one.
    if let &Op::Extract { from, lo: cut } = b.op_of(of)
        && cut + b.width(of) == b.width(from)
    {
        return Some(Range { of: from, lo: lo << cut, hi: hi << cut | low_mask(cut) });
    }
    Some(Range { of, lo, hi })
}

/// What some literals leave of a value, as bounds.
pub(super) struct Bounds {
    lo: u64,
    hi: u64,
    is_empty: bool,
}

impl Bounds {
    /// The bounds of `value` where all of `literals` that compare it with constants are true.
    pub(super) fn new(b: &Builder, value: Value, literals: impl Iterator<Item = (Range, Literal)>) -> Self {
        let mut bounds = Bounds { lo: b.set(value).lo(), hi: b.set(value).hi(), is_empty: false };
        let mut holes: Vec<Range> = Vec::new();
        for (range, literal) in literals {
            if literal.is_inverted() {
                holes.push(range);
            } else {
                bounds.lo = bounds.lo.max(range.lo);
                bounds.hi = bounds.hi.min(range.hi);
            }
        }
        // A hole at an end moves the end; the next hole may be at the new one.
        holes.sort_by_key(|hole| hole.lo);
        for hole in &holes {
            if hole.lo <= bounds.lo && bounds.lo <= hole.hi {
                bounds.is_empty |= hole.hi >= bounds.hi;
                bounds.lo = hole.hi.saturating_add(1);
            }
        }
        holes.sort_by_key(|hole| std::cmp::Reverse(hole.hi));
        for hole in &holes {
            if hole.hi >= bounds.hi && bounds.hi >= hole.lo {
                bounds.is_empty |= hole.lo <= bounds.lo;
                bounds.hi = hole.lo.saturating_sub(1);
            }
        }
        bounds.is_empty |= bounds.lo > bounds.hi;
        bounds
    }

    /// Whether a literal with this range is decided inside the bounds.
    pub(super) fn decide(&self, range: Range, literal: Literal) -> Option<bool> {
        if self.is_empty {
            // Whatever is said here is true; false makes the whole conjunction false.
            return Some(false);
        }
        let inside = range.lo <= self.lo && self.hi <= range.hi;
        let outside = self.hi < range.lo || range.hi < self.lo;
        match (inside, outside) {
            (true, _) => Some(!literal.is_inverted()),
            (_, true) => Some(literal.is_inverted()),
            _ => None,
        }
    }
}
