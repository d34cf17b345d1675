// SPDX-License-Identifier: Apache-2.0
//! The pipeline as data.

use std::fmt;

use super::{Bits, EventPort};
use crate::ir::{Binary, Compare, Input, Map, MapId, ProgramKind, Resize};

/// Index of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The node with this index.
    pub fn new(index: usize) -> Self {
        NodeId(index as u32)
    }

    /// Position in [`Pipeline::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a node does. Widths and meaning are those of the IR operations of the same name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeKind {
    /// A fact that comes with the token; stage 0.
    Input(Input),
    /// Arithmetic and logic. `Mul`, `Udiv` and `Urem` take several stages; signed division does not occur.
    Binary(Binary, Bits, Bits),
    /// A comparison; one bit. Only `Eq`, `Ult` and `Slt` occur.
    Compare(Compare, Bits, Bits),
    /// `if condition { then } else { other }`.
    Select {
        /// One bit.
        condition: Bits,
        /// Result where it is 1.
        then: Bits,
        /// Result where it is 0.
        other: Bits,
    },
    /// Packet bytes at one of several places (bytes from the start of the packet).
    PacketAt {
        /// Unsigned; the place is `base + add`.
        base: Bits,
        /// Constant part.
        add: i32,
        /// All places, ascending.
        places: Vec<u16>,
    },
    /// `width / 8` packet bytes from a copy of the packet buffer, for places beyond the window; three stages later.
    /// Outside the packet the result is unspecified.
    FarLoad {
        /// Number of the packet's first beat in the buffer, 16 bits.
        start: Bits,
        /// Unsigned; the place is `base + add`.
        base: Bits,
        /// Constant part.
        add: i32,
        /// 1, 2, 4 or 8: all places are `phase` modulo this.
        stride: u32,
        /// Below `stride`.
        phase: u32,
    },
    /// Constant data at one of several places (bytes from the start of the map's only value).
    Rom {
        /// Which map holds the data.
        map: MapId,
        /// Unsigned; the place is `base + add`.
        base: Bits,
        /// Constant part.
        add: i32,
        /// All places, ascending.
        places: Vec<u32>,
    },
    /// What a step on a hash map's directory finds, laid out as [`Found`](crate::ir::Found) says.
    Step {
        /// Which map.
        map: MapId,
        /// Index into its `steps`.
        port: usize,
    },
    /// The whole entry that a read port delivers, `8 * value_size` bits.
    Read {
        /// Which map.
        map: MapId,
        /// Index into its `reads`.
        port: usize,
    },
}

impl NodeKind {
    /// The bits that the node takes, in order; not the packet bytes of a `PacketAt`, nor the port of a `Read` or `Step`.
    pub fn operands(&self) -> Vec<&Bits> {
        match self {
            NodeKind::Input(_) | NodeKind::Read { .. } | NodeKind::Step { .. } => Vec::new(),
            NodeKind::Binary(_, x, y) | NodeKind::Compare(_, x, y) => vec![x, y],
            NodeKind::Select { condition, then, other } => vec![condition, then, other],
            NodeKind::FarLoad { start, base, .. } => vec![start, base],
            NodeKind::PacketAt { base, .. } | NodeKind::Rom { base, .. } => vec![base],
        }
    }
}

/// Clocks that a [`NodeKind::FarLoad`] takes (`hdl/rtl/bpf_far_load.sv`).
pub const FAR_LOAD_CLOCKS: u32 = 3;

/// One piece of logic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it computes.
    pub kind: NodeKind,
    /// Bits of the result.
    pub width: u32,
    /// Stage in which the operands are used.
    pub start: u32,
    /// Stage in which the result is there; `start` for combinational logic.
    pub stage: u32,
    /// Estimated arrival of the result within its stage, picoseconds after the clock edge.
    pub arrival_ps: u32,
    /// BPF instruction that it comes from.
    pub insn: Option<u32>,
}

/// A read port of a map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadPort {
    /// Entry index, `index_width` bits of the map.
    pub index: Bits,
    /// Stage in which the index is presented.
    pub issue: u32,
    /// Stage in which the data is there (`issue` for registers, `issue + 2` for RAM).
    pub data: u32,
    /// So many write ports, the first ones, come before it in the program: it sees what they write, and not what the others do.
    pub after: usize,
}

/// A step on the directory of a hash map. Steps that are presented in one clock take place in this order: those that only
/// look first, then the one that may change the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepPort {
    /// The key, `8 * key_size` bits.
    pub key: Bits,
    /// One bit: the step takes place.
    pub when: Bits,
    /// One bit: a key that is absent is inserted.
    pub insert: Bits,
    /// One bit: a key that is present is removed.
    pub remove: Bits,
    /// Stage in which the key is presented; the step takes effect there.
    pub issue: u32,
    /// Stage in which the result is there.
    pub data: u32,
    /// It stands ahead of the section, among packets that may yet change the directory: of its result, only that a key is there is
    /// relied on, which stays true.
    pub ahead: bool,
    /// BPF instruction that it comes from.
    pub insn: Option<u32>,
}

impl StepPort {
    /// Whether it may change the directory.
    pub fn changes(&self) -> bool {
        self.insert.as_const() != Some(0) || self.remove.as_const() != Some(0)
    }

    /// Key and controls.
    pub fn operands(&self) -> [&Bits; 4] {
        [&self.key, &self.when, &self.insert, &self.remove]
    }
}

/// Neighbouring bytes that are written under one condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WriteField {
    /// Byte offset in the value.
    pub offset: u32,
    /// One bit.
    pub when: Bits,
    /// Data, a multiple of 8 bits.
    pub data: Bits,
    /// BPF instruction that it comes from.
    pub insn: Option<u32>,
}

/// A write port of a map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WritePort {
    /// Entry index.
    pub index: Bits,
    /// What is written; fields do not overlap.
    pub fields: Vec<WriteField>,
    /// Stage in which it is written.
    pub stage: u32,
}

/// What holds the entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// The program never uses it at run time (constants, maps that are declared only).
    None,
    /// Flip-flops: any number of ports, read in the same stage.
    Registers,
    /// RAM made of look-up tables: any number of read ports, read in the same stage, one write port.
    LutRam,
    /// Block RAM, one replica per read port, one write port, data two stages after the index.
    Ram,
}

/// Replicas of a RAM for reads that one packet makes side by side.
pub const MAX_RAM_REPLICAS: usize = 8;

/// A section that tokens with equal keys may not share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guard {
    /// Stage at whose entrance a token may wait: the first one that accesses the map.
    pub entrance: u32,
    /// Number of stages from the entrance to the last access, both included.
    pub stages: u32,
    /// What must differ (the entry's index, or the key in a hash map); empty when it is not known at the entrance or not the
    /// same for all accesses: then any two tokens conflict.
    pub key: Bits,
    /// Bits that are all 1 for every token that writes in the section or needs what it reads there. Others neither wait nor
    /// make wait. Empty: every token counts.
    pub uses: Bits,
    /// One bit: the token may change the directory, and keeps those behind it out until it is through. Tokens without it keep nobody
    /// out. Empty: every token does. See `exclusive.rs`.
    pub exclusive: Bits,
}

/// Bytes of another map's only entry that have a section of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// The map that stores them; it has no ports itself.
    pub of: MapId,
    /// The first of them.
    pub offset: u32,
}

/// A map in hardware.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapUnit {
    /// The map; of a part, its bytes as if they were one.
    pub map: Map,
    /// Present where the bytes are part of another map's entry. Parts come after all maps of the program.
    pub part: Option<Part>,
    /// What holds it.
    pub storage: Storage,
    /// Steps on the directory, if the map has one; at most one that changes it in a stage.
    pub steps: Vec<StepPort>,
    /// Read ports; of a map with a directory, the index is a slot.
    pub reads: Vec<ReadPort>,
    /// Write ports, in the order of their stages.
    pub writes: Vec<WritePort>,
    /// Present when read and write are in different stages, so that they are no single step.
    pub guard: Option<Guard>,
}

/// A byte of the packet that may be changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditPort {
    /// Offset from the first byte of the frame as it leaves; negative in metadata.
    pub offset: i32,
    /// One bit.
    pub when: Bits,
    /// Eight bits.
    pub data: Bits,
}

/// Where a redirected packet goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedirectPort {
    /// Two bits: 0 nowhere, else a [`RedirectKind`](bpf2hdl_interface::RedirectKind). Unspecified with other verdicts.
    pub kind: Bits,
    /// 32 bits; unspecified where `kind` is, and where it is 0.
    pub number: Bits,
}

/// A scheduled pipeline. Stages are 0 ..= `last_stage`; verdict and edits leave from the last one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pipeline {
    /// Name of the program.
    pub name: String,
    /// Kind of the program.
    pub kind: ProgramKind,
    /// Logic, each node after those it depends on.
    pub nodes: Vec<Node>,
    /// Maps, as in the object, then the parts of those that are split.
    pub maps: Vec<MapUnit>,
    /// Verdict, 3 bits, used in the last stage.
    pub action: Bits,
    /// Edits, ascending by offset, used in the last stage.
    pub edits: Vec<EditPort>,
    /// Target of redirects, used in the last stage; `None` if the program has none.
    pub redirect: Option<RedirectPort>,
    /// Records for the host in the order in which they leave, used in the last stage.
    pub events: Vec<EventPort>,
    /// Where those that bring bytes of the packet find it in the packet buffer, 16 bits; empty if none does.
    pub event_start: Bits,
    /// How the packet's extent changes, used in the last stage. Each byte before the frame as received has an edit.
    pub resize: Resize<Bits>,
    /// Number of the last stage.
    pub last_stage: u32,
    /// Packet bytes, from the start, that the token holds.
    pub window_bytes: u32,
    /// Bytes that must have arrived before the token may leave, so that its length answers all comparisons.
    pub token_min_bytes: u32,
    /// The exact length is used: the token leaves at the end of the packet.
    pub full_length: bool,
    /// Where tokens may wait, the one that comes next stands in a register: the RAM of the FIFO is too slow to compare its key at once.
    pub registered_heads: bool,
    /// Clocks from one token to the next, at least, at the input and behind each elastic FIFO; 1 or more. So of as many stages in a row one
    /// holds a token, and they share registers (see [`Runs`](super::Runs)), ports and units (see [`Pipeline::in_turns`]).
    pub interval: u32,
}

impl Pipeline {
    /// The node with this index.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The maps of the program, without parts.
    pub fn whole_maps(&self) -> impl Iterator<Item = &MapUnit> {
        self.maps.iter().take_while(|unit| unit.part.is_none())
    }

    /// The parts of a map, by offset; none where it is not split.
    pub fn parts_of(&self, map: MapId) -> impl Iterator<Item = (MapId, Part, &MapUnit)> {
        let parts = self.maps.iter().enumerate().filter_map(|(i, unit)| Some((MapId::new(i), unit.part?, unit)));
        parts.filter(move |(_, part, _)| part.of == map)
    }

    /// The stages of the accesses of a map in parts, first and last.
    pub fn stages_of_parts(&self, map: MapId) -> Option<(u32, u32)> {
        let stages = || self.parts_of(map).filter_map(|(_, _, unit)| unit.value_stages());
        Some((stages().map(|(first, _)| first).min()?, stages().map(|(_, last)| last).max()?))
    }

    /// Entrances at which a token may wait between the parts of a map. Without any, and without a guard on a part, a token is in each part a
    /// fixed number of clocks after it was in the first.
    pub fn entrances_between_parts(&self, map: MapId) -> Vec<u32> {
        self.stages_of_parts(map).map_or_else(Vec::new, |(first, last)| self.entrances_between(first, last).collect())
    }

    /// Whether a token may wait for another one's access to this map. None waits for a section that a token has left before the next one may
    /// come, because of the interval.
    pub fn may_wait(&self, unit: &MapUnit) -> bool {
        unit.guard.is_some() && unit.same_entry_clocks() > self.interval
    }

    /// Packets per clock when every packet hits the same entry of this map.
    pub fn worst_case_packets_per_cycle(&self, unit: &MapUnit) -> f64 {
        1.0 / f64::from(unit.same_entry_clocks().max(self.interval))
    }

    /// Stages at whose entrance a token may wait, ascending: an elastic FIFO stands before each.
    pub fn entrances(&self) -> Vec<u32> {
        let guarded = self.maps.iter().filter(|unit| self.may_wait(unit)).filter_map(|unit| unit.guard.as_ref());
        let mut stages: Vec<u32> = guarded.map(|guard| guard.entrance).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    /// The maps with sections that begin at this entrance, with their positions.
    pub fn guarded_at(&self, entrance: u32) -> impl Iterator<Item = (usize, &MapUnit)> {
        let is_here = move |unit: &MapUnit| unit.guard.as_ref().is_some_and(|guard| guard.entrance == entrance);
        self.maps.iter().enumerate().filter(move |(_, unit)| is_here(unit))
    }

    /// Those that a token passes on its way from stage `first` into stage `last`.
    pub fn entrances_between(&self, first: u32, last: u32) -> impl Iterator<Item = u32> {
        self.entrances().into_iter().filter(move |&k| first < k && k <= last)
    }

    /// Number of stages.
    pub fn stages(&self) -> u32 {
        self.last_stage + 1
    }

    /// Bits of an index of this map.
    pub fn index_width(map: &Map) -> u32 {
        map.index_width().into()
    }

    /// What leaves from the last stage: verdict, edits, target of redirects, events, extent.
    pub fn outputs(&self) -> impl Iterator<Item = &Bits> {
        let target = self.redirect.iter().flat_map(|r| [&r.kind, &r.number]);
        self.edits
            .iter()
            .flat_map(|e| [&e.when, &e.data])
            .chain([&self.action])
            .chain(target)
            .chain(self.events.iter().flat_map(EventPort::operands))
            .chain([&self.event_start])
            .chain(self.resize.bases())
    }

    /// Every use of bits: the bits and the stage in which they are used.
    pub fn for_each_use(&self, mut f: impl FnMut(&Bits, u32)) {
        for node in &self.nodes {
            for bits in node.kind.operands() {
                f(bits, node.start);
            }
            if let NodeKind::PacketAt { places, .. } = &node.kind {
                for &place in places {
                    f(&Bits::slice_of(super::Source::Packet, 8 * u32::from(place), node.width), node.start);
                }
            }
        }
        for unit in &self.maps {
            for step in &unit.steps {
                step.operands().into_iter().for_each(|bits| f(bits, step.issue));
            }
            for read in &unit.reads {
                f(&read.index, read.issue);
            }
            for write in &unit.writes {
                f(&write.index, write.stage);
                for field in &write.fields {
                    f(&field.when, write.stage);
                    f(&field.data, write.stage);
                }
            }
            if let Some(guard) = &unit.guard {
                // The key is compared where the token waits: it must be registered at the entrance.
                f(&guard.key, guard.entrance);
                f(&guard.uses, guard.entrance);
                f(&guard.exclusive, guard.entrance);
            }
        }
        self.outputs().for_each(|bits| f(bits, self.last_stage));
    }
}
