// SPDX-License-Identifier: Apache-2.0
//! Chains of choices.

use std::collections::BTreeMap;

use super::Balancer;
use crate::compile::Optimize;
use crate::ir::{Builder, Compare, Op, Value};

/// Shorter chains are left as they are.
const MIN_LINKS: usize = 3;
/// A lookup is at most twice as large as its chain, and by at most this many bits.
const MAX_LOOKUP_BITS: u8 = 8;

/// `when ? data : the links behind it`.
#[derive(Clone, Copy)]
struct Link {
    when: Value,
    data: Value,
}

/// The choice `root` with those that dissolve into it.
pub(super) fn build(w: &mut Balancer<'_>, root: Value) -> Value {
    let mut links: Vec<Link> = Vec::new();
    let mut next = root;
    let last = loop {
        let Op::Select { condition, then, other } = w.old.def(next).op else { break next };
        links.push(Link { when: w.name(condition), data: w.name(then) });
        next = other;
        if !w.plan.inner[next.index()] {
            break next;
        }
    };
    let last = w.name(last);
    if links.len() < MIN_LINKS {
        return in_order(&mut w.b, &links, last);
    }
    if let Some(value) = lookup(&mut w.b, &links, last) {
        return value;
    }
    if w.goal.optimize == Optimize::Area || w.b.width(last) == 1 {
        return in_order(&mut w.b, &links, last);
    }
    let as_is = time_in_order(w, &links, last);
    let (joined, order) = time_joined(w, &links, last);
    if joined < as_is { join(&mut w.b, links, last, &order) } else { in_order(&mut w.b, &links, last) }
}

fn in_order(b: &mut Builder, links: &[Link], last: Value) -> Value {
    links.iter().rev().fold(last, |value, link| b.select(link.when, link.data, value))
}

fn time_in_order(w: &mut Balancer<'_>, links: &[Link], last: Value) -> u64 {
    let delay = w.arrivals.choice(w.b.width(last));
    let mut time = w.arrivals.of(&w.b, last);
    for link in links.iter().rev() {
        time = time.max(w.arrivals.of(&w.b, link.when)).max(w.arrivals.of(&w.b, link.data)) + delay;
    }
    time
}

/// The time of the chain when neighbours are joined earliest first, and the position of the left one at each step.
fn time_joined(w: &mut Balancer<'_>, links: &[Link], last: Value) -> (u64, Vec<usize>) {
    let (choice, condition) = (w.arrivals.choice(w.b.width(last)), w.arrivals.condition());
    // Condition and data of each segment; the last one has no condition.
    let mut segments: Vec<(u64, u64)> =
        links.iter().map(|l| (w.arrivals.of(&w.b, l.when), w.arrivals.of(&w.b, l.data))).collect();
    segments.push((0, w.arrivals.of(&w.b, last)));
    let mut order = Vec::new();
    while segments.len() > 1 {
        let joined = |i: usize| -> (u64, u64) {
            let (x, y) = (segments[i], segments[i + 1]);
            let when = if i + 2 == segments.len() { 0 } else { x.0.max(y.0) + condition };
            (when, x.0.max(x.1).max(y.1) + choice)
        };
        let at = (0..segments.len() - 1).min_by_key(|&i| (joined(i).0.max(joined(i).1), i)).unwrap_or(0);
        segments[at] = joined(at);
        segments.remove(at + 1);
        order.push(at);
    }
    (segments[0].1, order)
}

fn join(b: &mut Builder, mut links: Vec<Link>, last: Value, order: &[usize]) -> Value {
    let always = b.constant(1, 1);
    links.push(Link { when: always, data: last });
    for &at in order {
        let (x, y) = (links[at], links[at + 1]);
        let when = b.or(x.when, y.when);
        links[at] = Link { when, data: b.select(x.when, x.data, y.data) };
        links.remove(at + 1);
    }
    links[0].data
}

/// A chain that compares one value with most of the constants that it can be, as a tree of choices by its bits.
fn lookup(b: &mut Builder, links: &[Link], last: Value) -> Option<Value> {
    let mut table: BTreeMap<u64, Value> = BTreeMap::new();
    let mut key = None;
    for link in links {
        let &Op::Compare(Compare::Eq, x, c) = b.op_of(link.when) else { return None };
        if *key.get_or_insert(x) != x {
            return None;
        }
        table.entry(b.as_const(c)?).or_insert(link.data);
    }
    let key = key?;
    let width = b.width(key);
    if width > MAX_LOOKUP_BITS || 1 << width > 2 * (table.len() + 1) {
        return None;
    }
    Some(by_bits(b, key, width, 0, &table, last))
}

/// The choice among the constants `prefix` followed by any `bits`.
fn by_bits(b: &mut Builder, key: Value, bits: u8, prefix: u64, table: &BTreeMap<u64, Value>, last: Value) -> Value {
    if bits == 0 {
        return table.get(&prefix).copied().unwrap_or(last);
    }
    let low = by_bits(b, key, bits - 1, prefix, table, last);
    let high = by_bits(b, key, bits - 1, prefix | 1 << (bits - 1), table, last);
    let bit = b.extract(key, bits - 1, 1);
    b.select(bit, high, low)
}
