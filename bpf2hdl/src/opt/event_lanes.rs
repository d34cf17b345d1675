// SPDX-License-Identifier: Apache-2.0
//! Events that exclude each other become one.
//!
//! A program sends the same kind of record from many places, of which a packet reaches one. In hardware each event of the list is a
//! lane beside the others; so a later event joins an earlier one to the same map, with choices by its own condition, if the two never leave
//! together. Its record then comes where the earlier one stands: no event after that one may leave together with it, or the order would
//! be another.
//!
//! Cost: pairs of events times the length of their conditions.

use super::Goal;
use super::exclusive::are_exclusive;
use super::rebuild;
use crate::ir::{Builder, Event, Function, Value};

/// Bytes of a part.
const PART: usize = 8;

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let lanes = plan(&old);
    if lanes.len() == old.events.len() {
        return old;
    }
    let mut b = rebuild::start(&old);
    let mut names: Vec<Value> = Vec::with_capacity(old.defs.len());
    for (_, def) in old.iter() {
        b.at(def.insn);
        names.push(b.op(def.op.map_operands(|v| names[v.index()]), def.width));
    }
    let mut rest = old.clone();
    rest.events.clear();
    let renamed = |event: &Event| event.map_values(|v| names[v.index()]);
    let mut joined = Vec::new();
    for lane in &lanes {
        let mut events = lane.iter().map(|&event| renamed(&old.events[event]));
        let first = events.next();
        joined.extend(first.map(|first| events.fold(first, |one, other| join(&mut b, one, other))));
    }
    joined.into_iter().for_each(|event| b.push_event(event));
    rebuild::finish(b, &rest, |_, v| names[v.index()])
}

/// Events that become one, each by its place in the list.
fn plan(f: &Function) -> Vec<Vec<usize>> {
    let mut lanes: Vec<Vec<usize>> = Vec::new();
    for (place, event) in f.events.iter().enumerate() {
        let excludes = |lane: &Vec<usize>| lane.iter().all(|&other| are_exclusive(f, f.events[other].when, event.when));
        // The lanes from here on leave it alone.
        let from = lanes.iter().rposition(|lane| !excludes(lane)).map_or(0, |last| last + 1);
        match lanes[from..].iter_mut().find(|lane| f.events[lane[0]].map == event.map) {
            Some(lane) => lane.push(place),
            None => lanes.push(vec![place]),
        }
    }
    lanes
}

/// One event for two that never leave together.
fn join(b: &mut Builder, one: Event, other: Event) -> Event {
    let taken = other.when;
    let (data, others) = (bytes(b, &one.data), bytes(b, &other.data));
    let byte = |place: usize, b: &mut Builder| match (data.get(place), others.get(place)) {
        (Some(&x), Some(&y)) => b.select(taken, y, x),
        (Some(&x), None) | (None, Some(&x)) => x,
        (None, None) => b.constant(0, 8),
    };
    let all: Vec<Value> = (0..data.len().max(others.len())).map(|place| byte(place, b)).collect();
    let packet = match (one.packet, other.packet) {
        (None, None) => None,
        (x, y) => {
            let none = b.constant(0, 16);
            Some(b.select(taken, y.unwrap_or(none), x.unwrap_or(none)))
        }
    };
    Event {
        map: one.map,
        when: b.or(one.when, taken),
        keep: b.select(taken, other.keep, one.keep),
        data: all.chunks(PART).map(|bytes| b.concat(bytes.to_vec())).collect(),
        length: b.select(taken, other.length, one.length),
        packet,
    }
}

fn bytes(b: &mut Builder, parts: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for &part in parts {
        all.extend((0..b.width(part)).step_by(8).map(|lo| b.extract(part, lo, 8)).collect::<Vec<_>>());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::parse;

    /// Events with these conditions and maps: p, !p, q or both of the first.
    fn lanes(events: &[(&str, u8)]) -> Vec<Vec<usize>> {
        let mut text = "function f kind xdp {\n  map0 = ringbuf \"a\" key 0 value 0 entries 4096\n  map1 = ringbuf \"b\" key 0 value 0 entries 4096\n  \
                        v0:8 = packet 0\n  v1:1 = extract v0 [0..1]\n  v2:1 = not v1\n  v3:1 = extract v0 [1..2]\n  v4:1 = const 1\n  v5:16 = const 1\n  \
                        v6:3 = const 2\n  action v6\n"
            .to_owned();
        for (when, map) in events {
            let when = match *when {
                "p" => "v1",
                "not p" => "v2",
                _ => "v3",
            };
            text.push_str(&format!("  event map{map} when {when} keep v4 data [v0] length v5\n"));
        }
        plan(&parse(&(text + "}\n")).expect("the text is right"))
    }

    #[test]
    fn exclusive_events_share_a_lane() {
        assert_eq!(lanes(&[("p", 0), ("not p", 0)]), [vec![0, 1]]);
        assert_eq!(lanes(&[("p", 0), ("q", 0)]), [vec![0], vec![1]]);
        assert_eq!(lanes(&[("p", 0), ("not p", 1)]), [vec![0], vec![1]]);
    }

    #[test]
    fn order_is_kept() {
        // The third may not come before the second, with which it can leave together.
        assert_eq!(lanes(&[("p", 0), ("q", 0), ("not p", 0)]), [vec![0], vec![1], vec![2]]);
        assert_eq!(lanes(&[("q", 0), ("p", 0), ("not p", 0)]), [vec![0], vec![1, 2]]);
    }
}
