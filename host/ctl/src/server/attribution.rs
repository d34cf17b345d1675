// SPDX-License-Identifier: Apache-2.0
//! Which frame is which: from the wire in front of the MAC to where it ends, by what the model's harness sees at the gate and at the slots' ports, and by what comes out of
//! rings and port. Order is all that is needed: the gate judges frames in order, a slot gives verdicts in order, each output and each queue keeps its order.

use super::queue::Origin;
use crate::protocol::Outcome;
use bpf2hdl_interface::{Action, RedirectKind, RedirectTarget};
use bpf2hdl_testbench::nic::{Exit, Gate, Place};
use std::collections::VecDeque;

/// [`Outcome::action`] of a frame that did not reach a program.
pub(super) const DISCARDED: u8 = 255;
/// A number of an interface that stands for all of a devmap's.
const ALL_PORTS: u32 = 1 << 31;

/// A frame's number.
type Id = u64;

/// A frame that is over.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) origin: Origin,
    pub(super) entry: Vec<u8>,
    pub(super) outcome: Outcome,
    /// What left.
    pub(super) exit: Vec<u8>,
}

#[derive(Debug)]
struct Flight {
    origin: Origin,
    entry: Vec<u8>,
    begun: u64,
    outcome: Outcome,
    exit: Vec<u8>,
    over: bool,
}

/// Two sequences whose n-th elements belong together, whichever comes first.
#[derive(Debug)]
struct Pairs<A, B> {
    left: VecDeque<A>,
    right: VecDeque<B>,
}

impl<A, B> Default for Pairs<A, B> {
    fn default() -> Self {
        Self { left: VecDeque::new(), right: VecDeque::new() }
    }
}

impl<A, B> Pairs<A, B> {
    fn pair(&mut self) -> Option<(A, B)> {
        if self.left.is_empty() || self.right.is_empty() {
            return None;
        }
        self.left.pop_front().zip(self.right.pop_front())
    }

    fn left(&mut self, left: A) -> Option<(A, B)> {
        self.left.push_back(left);
        self.pair()
    }

    fn right(&mut self, right: B) -> Option<(A, B)> {
        self.right.push_back(right);
        self.pair()
    }
}

/// What came out of a slot.
#[derive(Debug)]
struct Left {
    exit: Exit,
    bytes: Vec<u8>,
}

/// Frames inside.
#[derive(Debug, Default)]
pub(super) struct Attribution {
    flights: VecDeque<Flight>,
    /// Number of the first of them.
    first: Id,
    at_gate: VecDeque<Id>,
    in_gate: VecDeque<Id>,
    /// In a slot, without a verdict. Of two slots one has frames at a time.
    in_slot: VecDeque<Id>,
    /// By output: PASS, TX, REDIRECT.
    leaving: [Pairs<Id, Left>; 3],
    /// The last frame that went to all ports of a devmap: more copies of it may come.
    copied: Option<Vec<u8>>,
    /// On the way to a receive queue, and completions that came.
    to_host: Vec<Pairs<Option<Id>, ()>>,
    to_port: Pairs<Option<Id>, ()>,
    ifindex: u32,
    /// Redirects to where nothing is.
    pub(super) nowhere: u64,
    pub(super) wrong_size: u64,
    pub(super) bypassed: u64,
}

impl Attribution {
    /// For a NIC with so many receive queues for frames, whose port has this number.
    pub(super) fn new(queues: usize, ifindex: u32) -> Self {
        Self { to_host: (0..queues).map(|_| Pairs::default()).collect(), ifindex, ..Self::default() }
    }

    /// Frames that are not over.
    pub(super) fn len(&self) -> usize {
        self.flights.len()
    }

    /// Whether there are frames that are not over, and all of them have a verdict or need none.
    pub(super) fn all_judged(&self) -> bool {
        let waiting = self.at_gate.len() + self.in_gate.len() + self.in_slot.len();
        waiting == 0 && self.flights.iter().any(|flight| !flight.over)
    }

    fn flight(&mut self, id: Id) -> Option<&mut Flight> {
        self.flights.get_mut(usize::try_from(id.checked_sub(self.first)?).ok()?)
    }

    fn over(&mut self, id: Id) {
        if let Some(flight) = self.flight(id) {
            flight.over = true;
        }
    }

    /// A frame is on the wire, behind the others.
    pub(super) fn offered(&mut self, entry: Vec<u8>, origin: Origin) {
        let outcome = Outcome { action: DISCARDED, length: 0, target: None, clocks: 0 };
        self.at_gate.push_back(self.first + self.flights.len() as u64);
        self.flights.push_back(Flight { origin, entry, begun: 0, outcome, exit: Vec::new(), over: false });
    }

    /// One that never reaches the NIC keeps its place among the others.
    pub(super) fn discarded(&mut self, entry: Vec<u8>, origin: Origin) {
        self.offered(entry, origin);
        if let Some(id) = self.at_gate.pop_back() {
            self.over(id);
        }
    }

    /// The gate has judged the next one.
    pub(super) fn judged(&mut self, gate: Gate) {
        let Some(id) = self.at_gate.pop_front() else { return };
        if gate == Gate::Good {
            return self.in_gate.push_back(id);
        }
        self.wrong_size += u64::from(gate == Gate::Size);
        self.over(id);
    }

    /// The next good one goes somewhere.
    pub(super) fn placed(&mut self, place: Place, clock: u64) {
        let Some(id) = self.in_gate.pop_front() else { return };
        if let Some(flight) = self.flight(id) {
            flight.begun = clock;
        }
        match place {
            Place::Slot(_) => self.in_slot.push_back(id),
            Place::Dropped => self.over(id),
            Place::Host => {
                self.bypassed += 1;
                if let Some(flight) = self.flight(id) {
                    flight.exit = flight.entry.clone();
                    flight.outcome = outcome(Action::Pass, flight.exit.len(), None, 0);
                }
                self.for_host(0, Some(id));
            }
        }
    }

    /// The next verdict.
    pub(super) fn verdict(&mut self, action: u32, target: Option<RedirectTarget>, clock: u64) {
        let Some(id) = self.in_slot.pop_front() else { return };
        let action = Action::from_xdp(action);
        let Some(flight) = self.flight(id) else { return };
        flight.outcome = outcome(action, 0, target.map(|target| target.number), clock.saturating_sub(flight.begun));
        let output = match action {
            Action::Pass => 0,
            Action::Tx => 1,
            Action::Redirect if target.is_some() => 2,
            _ => return self.over(id),
        };
        if let Some((id, left)) = self.leaving[output].left(id) {
            self.left(id, left);
        }
    }

    /// A frame has left a slot; of records nothing is known here.
    pub(super) fn exited(&mut self, exit: Exit, bytes: Vec<u8>) {
        let output = match exit {
            Exit::Pass => 0,
            Exit::Tx => 1,
            Exit::Redirect(_) => 2,
            Exit::Event => return,
        };
        let left = Left { exit, bytes };
        if output == 2 && self.is_copy(&left) {
            return self.goes(None, left.exit);
        }
        if let Some((id, left)) = self.leaving[output].right(left) {
            self.left(id, left);
        }
    }

    /// Whether it is one more copy of the frame that has just gone to a port of a devmap, and not the next one.
    fn is_copy(&mut self, left: &Left) -> bool {
        let next = self.leaving[2].left.front().copied();
        let wanted = next.and_then(|id| self.flight(id)?.outcome.target);
        let target = if let Exit::Redirect(Some(target)) = left.exit { Some(target.number) } else { None };
        self.copied.as_ref() == Some(&left.bytes) && wanted.is_none_or(|wanted| Some(wanted) != target)
    }

    fn left(&mut self, id: Id, Left { exit, bytes }: Left) {
        let all = self.flight(id).is_some_and(|flight| flight.outcome.target.is_some_and(|to| to & ALL_PORTS != 0));
        self.copied = (all && matches!(exit, Exit::Redirect(_))).then(|| bytes.clone());
        if let Some(flight) = self.flight(id) {
            flight.outcome.length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            flight.exit = bytes;
        }
        self.goes(Some(id), exit);
    }

    /// Where a frame that has left a slot ends.
    fn goes(&mut self, id: Option<Id>, exit: Exit) {
        let queue = match exit {
            Exit::Pass => Some(0),
            Exit::Redirect(Some(target)) if target.kind != RedirectKind::Port => usize::try_from(target.number).ok(),
            Exit::Redirect(Some(target)) if target.number == self.ifindex => None,
            Exit::Redirect(_) => Some(usize::MAX),
            Exit::Tx | Exit::Event => None,
        };
        match queue {
            Some(queue) => self.for_host(queue, id),
            None => {
                if let Some((id, ())) = self.to_port.left(id) {
                    id.into_iter().for_each(|id| self.over(id));
                }
            }
        }
    }

    fn for_host(&mut self, queue: usize, id: Option<Id>) {
        match self.to_host.get_mut(queue) {
            Some(pairs) => {
                if let Some((id, ())) = pairs.left(id) {
                    id.into_iter().for_each(|id| self.over(id));
                }
            }
            None => {
                self.nowhere += 1;
                id.into_iter().for_each(|id| self.over(id));
            }
        }
    }

    /// A frame came by a receive queue: these are its bytes. Whether they are those that left the slot.
    pub(super) fn received(&mut self, queue: usize, bytes: &[u8]) -> bool {
        let Some((id, ())) = self.to_host.get_mut(queue).and_then(|pairs| pairs.right(())) else { return true };
        let Some(id) = id else { return true };
        self.over(id);
        let Some(flight) = self.flight(id) else { return true };
        let same = flight.exit == bytes;
        if !same {
            flight.exit = bytes.to_vec();
            flight.outcome.length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        }
        same
    }

    /// A frame that is not the host's own has left by the port.
    pub(super) fn sent(&mut self) {
        if let Some((id, ())) = self.to_port.right(()) {
            id.into_iter().for_each(|id| self.over(id));
        }
    }

    /// The next frame that is over, in the order in which they came.
    pub(super) fn next_done(&mut self) -> Option<Done> {
        if !self.flights.front()?.over {
            return None;
        }
        self.first += 1;
        let Flight { origin, entry, outcome, exit, .. } = self.flights.pop_front()?;
        Some(Done { origin, entry, outcome, exit })
    }

    /// Nothing moves any more, or never will: what is not over is, as far as it is known. Returns how many there were.
    pub(super) fn end_all(&mut self) -> usize {
        let count = self.flights.iter().filter(|flight| !flight.over).count();
        self.flights.iter_mut().for_each(|flight| flight.over = true);
        let queues = self.to_host.len();
        let Self { flights, first, ifindex, nowhere, wrong_size, bypassed, .. } = std::mem::take(self);
        *self = Self { flights, first, nowhere, wrong_size, bypassed, ..Self::new(queues, ifindex) };
        count
    }
}

fn outcome(action: Action, length: usize, target: Option<u32>, clocks: u64) -> Outcome {
    Outcome { action: action as u8, length: u32::try_from(length).unwrap_or(u32::MAX), target, clocks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpf2hdl_host::nic::slots::Slot;

    fn target(kind: RedirectKind, number: u32) -> Option<RedirectTarget> {
        Some(RedirectTarget { kind, number })
    }

    fn inside(count: u8) -> Attribution {
        let mut all = Attribution::new(2, 1);
        for number in 0..count {
            all.offered(vec![number], Origin::Wire);
            all.judged(Gate::Good);
            all.placed(Place::Slot(Slot::A), 10);
        }
        all
    }

    fn done(all: &mut Attribution) -> Vec<(u8, u8, Vec<u8>)> {
        std::iter::from_fn(|| all.next_done()).map(|done| (done.entry[0], done.outcome.action, done.exit)).collect()
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_frames() {
        let mut all = inside(5);
        all.verdict(2, None, 20);
        all.verdict(1, None, 21);
        all.verdict(3, None, 22);
        all.verdict(4, target(RedirectKind::Cpu, 1), 23);
        all.verdict(4, target(RedirectKind::Cpu, 7), 24);
        all.exited(Exit::Tx, vec![12]);
        all.exited(Exit::Redirect(target(RedirectKind::Cpu, 1)), vec![13]);
        all.exited(Exit::Redirect(target(RedirectKind::Cpu, 7)), vec![14]);
        all.sent();
        assert!(all.received(1, &[13]));
        assert!(all.next_done().is_none(), "the first one is still inside");
        all.exited(Exit::Pass, vec![10]);
        assert!(all.next_done().is_none(), "and not in memory");
        assert!(!all.received(0, &[99]), "other bytes are seen");
        assert_eq!(
            done(&mut all),
            [(0, 2, vec![99]), (1, 1, vec![]), (2, 3, vec![12]), (3, 4, vec![13]), (4, 4, vec![14])]
        );
        assert_eq!((all.nowhere, all.len()), (1, 0));
    }

    #[test]
    fn copies_for_all_ports_belong_to_one_frame() {
        let mut all = inside(2);
        all.verdict(4, target(RedirectKind::Port, ALL_PORTS), 20);
        all.verdict(4, target(RedirectKind::Port, 1), 21);
        for port in [1, 2, 3] {
            all.exited(Exit::Redirect(target(RedirectKind::Port, port)), vec![50]);
        }
        all.exited(Exit::Redirect(target(RedirectKind::Port, 1)), vec![51]);
        all.sent();
        all.sent();
        assert_eq!(done(&mut all), [(0, 4, vec![50]), (1, 4, vec![51])]);
        assert_eq!(all.nowhere, 2);
    }

    #[test]
    fn frames_that_the_gate_or_the_policy_takes_are_over() {
        let mut all = Attribution::new(1, 1);
        for number in 0..4 {
            all.offered(vec![number], Origin::Wire);
        }
        all.discarded(vec![4], Origin::Wire);
        for gate in [Gate::Size, Gate::Good, Gate::Full, Gate::Good] {
            all.judged(gate);
        }
        all.placed(Place::Host, 5);
        all.placed(Place::Dropped, 6);
        assert!(all.received(0, &[1]));
        let wanted = [(0, 255, vec![]), (1, 2, vec![1]), (2, 255, vec![]), (3, 255, vec![]), (4, 255, vec![])];
        assert_eq!(done(&mut all), wanted);
        assert_eq!((all.wrong_size, all.bypassed), (1, 1));
    }

    #[test]
    fn what_never_comes_out_ends() {
        let mut all = inside(3);
        all.verdict(2, None, 20);
        all.verdict(2, None, 21);
        all.exited(Exit::Pass, vec![10]);
        assert_eq!(all.end_all(), 3);
        assert_eq!(done(&mut all), [(0, 2, vec![10]), (1, 2, vec![]), (2, 255, vec![])]);
        all.offered(vec![3], Origin::Wire);
        all.judged(Gate::Good);
        all.placed(Place::Slot(Slot::B), 30);
        all.verdict(2, None, 40);
        all.exited(Exit::Pass, vec![13]);
        assert!(all.received(0, &[13]));
        assert_eq!(done(&mut all), [(3, 2, vec![13])]);
    }
}
