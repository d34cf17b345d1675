// SPDX-License-Identifier: Apache-2.0
//! The datapath: takes frames from the receive queue through the core that is in use, and exchanges cores between two packets.

use super::queue::{Frame, Origin, Work, lock};
use super::trace::{self, Record};
use super::{Active, Exchange, Nic, contents};
use crate::error::{Code, Failure, Result};
use crate::protocol::{Loaded, Outcome};
use bpf2hdl_interface::Action;
use bpf2hdl_testbench::simulator::Observed;
use bpf2hdl_testbench::{PacketContext, PacketSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

/// [`Outcome::action`] of a frame that did not reach the core.
const DISCARDED: u8 = 255;

/// A frame's way out.
struct Exit {
    outcome: Outcome,
    bytes: Vec<u8>,
}

impl Nic {
    /// Serves without end.
    pub(super) fn run(&self) {
        loop {
            match self.queue.next() {
                Work::Batch(frames) => self.batch(frames),
                Work::Exchange(exchange) => self.exchange(*exchange),
            }
        }
    }

    fn batch(&self, frames: Vec<Frame>) {
        let exits = self.through(&frames);
        let tracing = self.traces.is_wanted();
        let mut records = Vec::new();
        for (frame, exit) in frames.into_iter().zip(exits) {
            if tracing {
                records.push(Record::new(&frame.bytes, exit.outcome, &exit.bytes));
            }
            self.deliver(&frame.origin, exit);
        }
        if tracing {
            let lost = self.traces.send(trace::copies(&records));
            lock(&self.counters).trace_lost += lost;
        }
    }

    /// Runs frames through the core, or past it.
    fn through(&self, frames: &[Frame]) -> Vec<Exit> {
        let discarded =
            || Exit { outcome: Outcome { action: DISCARDED, length: 0, target: None, clocks: 0 }, bytes: Vec::new() };
        let from_wire = |frame: &&Frame| !matches!(frame.origin, Origin::Test(_));
        lock(&self.counters).mac_rx += frames.iter().filter(from_wire).count() as u64;
        let (pending, longest, prints) = {
            let current = lock(&self.current);
            let Some(active) = current.as_ref() else {
                lock(&self.counters).bypass += frames.len() as u64;
                return frames.iter().map(|frame| leave(Action::Pass, frame.bytes.clone(), None, 0)).collect();
            };
            if lock(&self.stopped).is_some() {
                lock(&self.counters).core_stopped += frames.len() as u64;
                return frames.iter().map(|_| discarded()).collect();
            }
            let longest = active.manifest.max_frame_bytes as usize;
            (active.slot.run(self.packets(frames, longest)), longest, Arc::clone(&active.prints))
        };
        let fits = |frame: &Frame| (1..=longest).contains(&frame.bytes.len());
        match pending.wait().and_then(|result| result.map_err(Into::into)) {
            Ok(observed) => {
                if observed.violations > 0 {
                    self.log(&format!("rules of the buses were broken: {}", observed.violation_texts.join("; ")));
                }
                self.take_events(&observed.events, prints.as_ref().as_ref());
                let mut exits = exits(&observed).into_iter();
                let mut wrong = 0;
                let all = frames.iter().map(|frame| match fits(frame) {
                    true => exits.next().unwrap_or_else(discarded),
                    false => {
                        wrong += 1;
                        discarded()
                    }
                });
                let all = all.collect();
                lock(&self.counters).rx_length_errors += wrong;
                all
            }
            Err(failure) => {
                self.log(&format!("the core stopped: {failure}"));
                *lock(&self.stopped) = Some(failure.message.clone());
                lock(&self.counters).core_stopped += frames.len() as u64;
                frames.iter().map(|_| discarded()).collect()
            }
        }
    }

    fn packets(&self, frames: &[Frame], longest: usize) -> PacketSet {
        let mut packets = PacketSet::new();
        let context = PacketContext { ingress_ifindex: self.config.ifindex, ..PacketContext::default() };
        for frame in frames.iter().filter(|frame| (1..=longest).contains(&frame.bytes.len())) {
            packets.push(&frame.bytes, context);
        }
        packets
    }

    /// Sends a frame where it goes, and tells who waits for it.
    fn deliver(&self, origin: &Origin, exit: Exit) {
        if !matches!(origin, Origin::Test(_)) && exit.outcome.length > 0 {
            match Action::ALL.get(usize::from(exit.outcome.action)) {
                Some(Action::Pass) => {
                    lock(&self.counters).dma_rx += 1;
                    self.write(true, &exit.bytes);
                }
                Some(Action::Tx) => {
                    lock(&self.counters).mac_tx += 1;
                    self.write(false, &exit.bytes);
                }
                Some(Action::Redirect) => lock(&self.counters).redirect_unconnected += 1,
                _ => {}
            }
        }
        match origin {
            Origin::Wire => {}
            Origin::Client(ticket) | Origin::Test(ticket) => ticket.add(exit.outcome, exit.bytes),
        }
    }

    /// Writes a frame to an interface, if there is one: the host's, or that at the MAC's side.
    pub(super) fn write(&self, to_host: bool, bytes: &[u8]) {
        let tap = if to_host { &self.dma } else { &self.mac };
        let Some(tap) = tap else { return };
        if (&tap.file).write_all(bytes).is_err() {
            lock(&self.counters).tx_errors += 1;
        }
    }

    /// One program for another. No packet is inside: this thread is the one that puts them in.
    fn exchange(&self, exchange: Exchange) {
        let began = Instant::now();
        let before = self.queue.depth().0;
        let Exchange { new, keep, given, after, reply } = exchange;
        // While the lock is held no operation of the host can be under way; those before it are done first.
        let mut current = lock(&self.current);
        let in_use = current.as_ref().map(|active| active.program.load);
        let result = match new {
            Some(_) if after.is_some() && after != in_use => {
                Err(Failure::new(Code::Refused, "another program was loaded meanwhile"))
            }
            None => {
                let there = current.is_some();
                let none = || Failure::new(Code::NoProgram, "no program is loaded: everything passes already");
                there.then(|| (None, Loaded::default())).ok_or_else(none)
            }
            Some(new) => transfer(current.as_ref(), &new, keep, &given).map(|loaded| (Some(*new), loaded)),
        };
        let answer = result.map(|(new, mut loaded)| {
            let old = std::mem::replace(&mut *current, new);
            *lock(&self.stopped) = None;
            *lock(&self.events_parser) = Default::default();
            if let Some(old) = old {
                self.remove_design(std::path::Path::new(&old.program.design));
            }
            loaded.pause_ms = began.elapsed().as_secs_f64() * 1000.0;
            loaded.waited = self.queue.depth().0.saturating_sub(before);
            loaded
        });
        drop(current);
        // The client may have gone; the program runs all the same.
        let _ = reply.send(answer);
    }
}

/// Moves the maps that stay.
fn transfer(old: Option<&Active>, new: &Active, keep: bool, given: &bpf2hdl_interface::MapContents) -> Result<Loaded> {
    let mut loaded = Loaded { load: new.program.load, slot: new.program.slot.clone(), ..Loaded::default() };
    if let Some(old) = old.filter(|_| keep) {
        let (pairs, fresh) = contents::matching(&old.manifest, &new.manifest, given);
        let name = |(_, id): &(u32, u32)| new.manifest.maps.get(*id as usize).map(|map| map.name.clone());
        loaded.kept = pairs.iter().filter_map(name).collect();
        loaded.fresh = fresh;
        contents::transfer(&old.slot, &new.slot, pairs, &new.manifest)?;
    }
    Ok(loaded)
}

/// A frame that leaves.
fn leave(action: Action, bytes: Vec<u8>, target: Option<u32>, clocks: u64) -> Exit {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Exit { outcome: Outcome { action: action as u8, length, target, clocks }, bytes }
}

/// What became of each packet. Outputs keep the order of the packets, so each takes the next frame of its output.
fn exits(observed: &Observed) -> Vec<Exit> {
    let outputs = [&observed.pass, &observed.tx, &observed.redirect];
    let mut next = [0; 3];
    let exit = |verdict: &bpf2hdl_testbench::simulator::ObservedVerdict| {
        let clocks = verdict.verdict_clock - verdict.in_clock;
        let action = Action::from_xdp(verdict.action);
        let output = verdict.leaves_by().map(|action| action as usize - Action::Pass as usize);
        let bytes = output.and_then(|output| {
            next[output] += 1;
            outputs[output].get(next[output] - 1)
        });
        leave(action, bytes.unwrap_or_default().to_vec(), verdict.target.map(|target| target.number), clocks)
    };
    observed.verdicts.iter().map(exit).collect()
}
