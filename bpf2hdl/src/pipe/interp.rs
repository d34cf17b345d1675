// SPDX-License-Identifier: Apache-2.0
//! The cycle model: what the hardware does with packets that are in the pipeline at the same time.
//!
//! Every token has a clock for every stage. It is in stage 0 when it enters and moves on by one stage per clock; only at
//! the entrance of a guarded section it may stand in a queue, in order, while a token with the same key that keeps others out entered less than
//! [`MapUnit::same_entry_clocks`](super::MapUnit::same_entry_clocks) clocks before; tokens that do not use the section stand there only behind
//! others. Clocks are lived through one after the other. In each of them
//!
//! 1. the tokens compute the nodes of the stages that they are in; what is read from a map is what it holds now, which
//!    is the work of all writes presented in clocks strictly before (`hdl/README.md`, `bpf_map_array`, `bpf_map_lutram`, `bpf_map_regs`);
//! 2. steps on directories take place: first those that only look, then those that may change one;
//! 3. the tokens in the stage of a write write;
//! 4. all move on.
//!
//! Nothing here knows what the packets should do: where the schedule lets a packet read before an earlier one has written,
//! or after a later one has, the result is wrong in the model as it is in hardware. [`CycleModel::run_sequential`] lets
//! each packet through alone: if that gives another result than [`CycleModel::run`], the schedule has a hazard; if it
//! gives another result than the IR, a node is wrong.
//!
//! Not modelled: the clocks that a queue costs a token that need not wait; the limit of tokens in flight (credits); the
//! host's accesses; a read of RAM that spans an entrance, which the checker excludes. What is unspecified is zero: the
//! window past the end of the packet, entries out of range.
//!
//! Cost: one step for each token, stage and node.

use std::collections::BTreeMap;

use super::token::{Layout, Token};
use super::{Guard, NodeId, Pipeline};
use crate::ir::{Extent, Function, MapId, MapState, PacketInput, Record};
use bpf2hdl_interface::{Action, RedirectTarget};

/// What a pipeline did with one packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// The verdict, the kernel's numbers.
    pub action: u8,
    /// Bytes that are changed: offset from the first byte of the frame as it leaves (negative in metadata) and new value,
    /// ascending by offset.
    pub edits: Vec<(i32, u8)>,
    /// Where the frame begins and ends.
    pub extent: Extent,
    /// Where the packet goes, if the verdict is redirect and the program named a target.
    pub target: Option<RedirectTarget>,
    /// What it tells the host, in order.
    pub events: Vec<Record>,
    /// Records that found no room.
    pub lost: u32,
    /// Clock in which the packet's token was in stage 0.
    pub entered: u64,
    /// Clock in which it was in the last stage, from which verdict and edits leave.
    pub left: u64,
}

impl Passage {
    /// The packet after the program, behind its metadata where it is passed. Means something for packets that leave only.
    pub fn apply(&self, packet: &[u8]) -> Vec<u8> {
        self.extent.cut(packet, &self.edits, self.metadata() > 0)
    }

    /// Bytes of metadata that a passed packet has before it: others leave without.
    pub fn metadata(&self) -> i32 {
        if self.action == 2 { self.extent.metadata } else { 0 }
    }
}

/// What a pipeline did with a sequence of packets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Passages {
    /// One for each packet, in order.
    pub packets: Vec<Passage>,
    /// Clocks from clock 0 until the last token has left; 0 when there was none.
    pub clocks: u64,
}

/// Runs a pipeline on packets, clock by clock. The pipeline has passed [`check`](super::check()); with others, except
/// those that only have hazards, the model may panic.
#[derive(Clone, Debug)]
pub struct CycleModel<'p> {
    pipeline: &'p Pipeline,
    layout: Layout<'p>,
    stages: Vec<Stage>,
}

/// What happens in a stage.
#[derive(Clone, Default, Debug)]
struct Stage {
    /// Nodes whose result is there in this stage, in order.
    nodes: Vec<NodeId>,
    /// Steps on directories, map and port: those that only look, and those that may change it.
    looks: Vec<(MapId, usize)>,
    changes: Vec<(MapId, usize)>,
    /// Writes, map and port.
    writes: Vec<(MapId, usize)>,
    /// Maps at whose guards a token may wait before it enters.
    guards: Vec<MapId>,
}

/// When tokens entered the guarded sections.
#[derive(Default)]
struct Entrances {
    /// By map and key: the clock in which the latest token with that key entered.
    by_key: BTreeMap<(MapId, Vec<u8>), u64>,
    /// By stage: the first clock in which the next token may be there.
    free: BTreeMap<u32, u64>,
}

impl<'p> CycleModel<'p> {
    /// A model of this pipeline.
    pub fn new(pipeline: &'p Pipeline) -> Self {
        let mut stages = vec![Stage::default(); pipeline.stages() as usize];
        for (i, node) in pipeline.nodes.iter().enumerate() {
            stages[node.stage as usize].nodes.push(NodeId::new(i));
        }
        for (i, unit) in pipeline.maps.iter().enumerate() {
            for (port, write) in unit.writes.iter().enumerate() {
                stages[write.stage as usize].writes.push((MapId::new(i), port));
            }
            for (port, step) in unit.steps.iter().enumerate() {
                let stage = &mut stages[step.issue as usize];
                let list = if step.changes() { &mut stage.changes } else { &mut stage.looks };
                list.push((MapId::new(i), port));
            }
            if let Some(guard) = &unit.guard {
                stages[guard.entrance as usize].guards.push(MapId::new(i));
            }
        }
        CycleModel { pipeline, layout: Layout::new(pipeline), stages }
    }

    /// The contents of the pipeline's maps at load time.
    pub fn initial_maps(&self) -> MapState {
        let mut function = Function::new(&self.pipeline.name, self.pipeline.kind);
        function.maps = self.pipeline.whole_maps().map(|unit| unit.map.clone()).collect();
        MapState::new(&function)
    }

    /// Sends packets through, as many as there may be, from clock 0 on.
    pub fn run<'a>(&self, packets: impl IntoIterator<Item = PacketInput<'a>>, maps: &mut MapState) -> Passages {
        self.run_at(packets.into_iter().map(|packet| (0, packet)), maps)
    }

    /// Sends packets through, each with the clock in which it arrives. It enters then, or as many clocks after the packet
    /// before it as the pipeline's interval says, whichever is later.
    pub fn run_at<'a>(
        &self,
        packets: impl IntoIterator<Item = (u64, PacketInput<'a>)>,
        maps: &mut MapState,
    ) -> Passages {
        let mut packets = packets.into_iter().peekable();
        let mut entrances = Entrances::default();
        let mut calendar: BTreeMap<u64, Vec<Token>> = BTreeMap::new();
        let mut passages = Passages::default();
        let mut next_entry = 0;
        loop {
            let arrival = packets.peek().map(|(clock, _)| (*clock).max(next_entry));
            let busy = calendar.first_key_value().map(|(clock, _)| *clock);
            let Some(clock) = arrival.into_iter().chain(busy).min() else { break };
            let mut tokens = calendar.remove(&clock).unwrap_or_default();
            if arrival == Some(clock)
                && let Some((_, packet)) = packets.next()
            {
                tokens.push(self.layout.token(&packet, clock));
                next_entry = clock + u64::from(self.pipeline.interval);
            }
            self.clock(&mut tokens, maps);
            for mut token in tokens {
                if token.stage == self.pipeline.last_stage {
                    passages.packets.push(self.passage(&token, clock));
                    passages.clocks = clock + 1;
                } else {
                    token.stage += 1;
                    let next = self.enter(&token, clock + 1, &mut entrances);
                    calendar.entry(next).or_default().push(token);
                }
            }
        }
        passages
    }

    /// Sends packets through, each after the one before it has left.
    pub fn run_sequential<'a>(
        &self,
        packets: impl IntoIterator<Item = PacketInput<'a>>,
        maps: &mut MapState,
    ) -> Passages {
        let mut passages = Passages::default();
        for packet in packets {
            let one = self.run_at([(passages.clocks, packet)], maps);
            passages.packets.extend(one.packets);
            passages.clocks = one.clocks;
        }
        passages
    }

    /// Sends one packet through and returns the low 64 bits of every node's result, by index; for bisecting.
    pub fn node_values(&self, packet: &PacketInput<'_>, maps: &mut MapState) -> Vec<u64> {
        let mut tokens = [self.layout.token(packet, 0)];
        for stage in 0..self.pipeline.stages() {
            tokens[0].stage = stage;
            self.clock(&mut tokens, maps);
        }
        self.layout.node_values(&tokens[0])
    }

    /// One clock of the tokens, each in a stage of its own.
    fn clock(&self, tokens: &mut [Token], maps: &mut MapState) {
        for token in tokens.iter_mut() {
            for &node in &self.stages[token.stage as usize].nodes {
                self.layout.compute(token, node, maps);
            }
        }
        for list in [|stage: &Stage| stage.looks.clone(), |stage: &Stage| stage.changes.clone()] {
            for token in tokens.iter_mut() {
                for (map, port) in list(&self.stages[token.stage as usize]) {
                    self.layout.step(token, map, port, maps);
                }
            }
        }
        for token in tokens.iter() {
            for &(map, port) in &self.stages[token.stage as usize].writes {
                self.layout.write(token, map, port, maps);
            }
        }
    }

    /// The clock in which a token, which could be in its stage in clock `earliest`, is there. Tokens ask in order.
    fn enter(&self, token: &Token, earliest: u64, entrances: &mut Entrances) -> u64 {
        let guarded = &self.stages[token.stage as usize].guards;
        if guarded.is_empty() {
            return earliest;
        }
        let mut clock = entrances.free.get(&token.stage).map_or(earliest, |&free| free.max(earliest));
        let unit = |map: MapId| &self.pipeline.maps[map.index()];
        let guards = guarded.iter().filter_map(|&map| Some((map, unit(map).guard.as_ref()?)));
        let guards =
            guards.filter(|(_, guard)| self.layout.bytes(token, &guard.uses.inverted()).iter().all(|&b| b == 0));
        let keyed: Vec<_> = guards.map(|(map, guard)| ((map, self.layout.bytes(token, &guard.key)), guard)).collect();
        let keeps = |guard: &Guard| guard.exclusive.width() == 0 || self.layout.value(token, &guard.exclusive) == 1;
        for (key, guard) in &keyed {
            if let Some(&entered) = entrances.by_key.get(key) {
                let apart = unit(key.0).same_entry_clocks().min(guard.stages);
                clock = clock.max(entered + u64::from(apart));
            }
        }
        for (key, _) in keyed.into_iter().filter(|(_, guard)| keeps(guard)) {
            entrances.by_key.insert(key, clock);
        }
        entrances.free.insert(token.stage, clock + u64::from(self.pipeline.interval));
        clock
    }

    fn passage(&self, token: &Token, clock: u64) -> Passage {
        let extent = self.pipeline.resize.extent(token.bytes, |base| self.layout.value(token, base));
        let mut edits = Vec::new();
        for edit in &self.pipeline.edits {
            if extent.holds(edit.offset) && self.layout.value(token, &edit.when) == 1 {
                edits.push((edit.offset, self.layout.value(token, &edit.data) as u8));
            }
        }
        let action = self.layout.value(token, &self.pipeline.action) as u8;
        let is_redirect = u32::from(action) == Action::Redirect.code();
        let target = self.pipeline.redirect.as_ref().filter(|_| is_redirect).and_then(|target| {
            let [kind, number] = [&target.kind, &target.number].map(|bits| self.layout.value(token, bits));
            RedirectTarget::from_wires(kind as u8, number as u32)
        });
        let (events, lost) = self.layout.events(token);
        Passage { action, edits, extent, target, events, lost, entered: token.entered, left: clock }
    }
}
