// SPDX-License-Identifier: Apache-2.0
//! From the IR to nodes and ports, not yet placed in stages: wiring dissolves into bits, accesses become ports.

use std::collections::{BTreeMap, BTreeSet};

use super::conditions::Conditions;
use super::parts::{self, Parts};
use super::place::Timing;
use super::shared::{self, Shared};
use crate::ir::{Binary, Event, Found, Function, Input, Map, MapId, MapKind, Op, Value};
use crate::pipe::{
    Bits, EditPort, EventPort, MAX_RAM_REPLICAS, MapUnit, Node, NodeId, NodeKind, Pipeline, ReadPort, RedirectPort,
    Source, StepPort, Storage, WriteField, WritePort,
};

use crate::verify::LIMITS;

/// Maps of at most this many bits are not in block RAM, whatever their number of entries.
const SMALL_MAP_BITS: u64 = 1024;
/// Maps of at most this many bits may be flip-flops or look-up tables where a block RAM has too few ports.
const LARGE_REGISTERS_BITS: u64 = 65_536;
/// The same times the write ports, where there are several: each flip-flop chooses among them. 64 entries of 16 bytes with two
/// write ports take 21,000 look-up tables on UltraScale+ (yosys 0.70).
const LARGE_WRITES_BITS: u64 = 16_384;

/// Lowers a function; `split`: arrays in parts. Loads see the stores before them (pass `transactions` has left none of these where it could). All
/// stages are 0 as yet.
pub(super) fn lower<'a>(f: &'a Function, split: &BTreeSet<MapId>, timing: &Timing) -> (Pipeline, Conditions<'a>) {
    let mut maps: Vec<MapUnit> = f.maps.iter().map(unit).collect();
    let parts = parts::split(f, &mut maps, split);
    let mut lowering = Lowering {
        f,
        parts,
        bits: Vec::with_capacity(f.defs.len()),
        nodes: Vec::new(),
        maps,
        accesses: Vec::new(),
        written: BTreeMap::new(),
        reads: BTreeMap::new(),
        shared: shared::plan(f),
        exclusive: BTreeMap::new(),
    };
    for (value, def) in f.iter() {
        lowering.note(value, &def.op, def.width.into());
        let bits = lowering.def(&def.op, def.width.into(), def.insn);
        lowering.bits.push(bits);
    }
    let sends_packet = f.events.iter().any(|event| event.packet.is_some());
    let event_start = if sends_packet { lowering.start() } else { Bits::default() };
    let bits = |v: Value| lowering.bits[v.index()].clone();
    let events = f.events.iter().map(|event| port(event, bits)).collect();
    let action = f.action.map_or_else(|| Bits::constant(0, 3), bits);
    let edits = f.edits.iter().map(|e| EditPort { offset: e.offset, when: bits(e.when), data: bits(e.data) }).collect();
    let resize = f.resize.map(|&base| bits(base));
    let mut p = Pipeline {
        name: f.name.clone(),
        kind: f.kind,
        nodes: lowering.nodes,
        maps: lowering.maps,
        action,
        edits,
        redirect: f.redirect.map(|r| RedirectPort { kind: bits(r.kind), number: bits(r.number) }),
        events,
        event_start,
        resize,
        last_stage: 0,
        window_bytes: 0,
        token_min_bytes: 0,
        full_length: false,
        registered_heads: false,
        interval: 1,
    };
    p.maps.iter_mut().for_each(|unit| choose_storage(unit, timing));
    p.window_bytes = window(&p);
    (p, Conditions::new(f, lowering.bits, lowering.accesses))
}

/// The record that an event becomes.
fn port(event: &Event, bits: impl Fn(Value) -> Bits) -> EventPort {
    EventPort {
        map: event.map,
        when: bits(event.when),
        keep: bits(event.keep),
        data: event.data.iter().fold(Bits::default(), |low, &part| low.concat(&bits(part))),
        length: bits(event.length),
        packet: event.packet.map(&bits),
    }
}

/// A map without ports.
pub(super) fn unit(map: &Map) -> MapUnit {
    MapUnit {
        map: map.clone(),
        part: None,
        storage: Storage::None,
        steps: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        guard: None,
    }
}

fn choose_storage(unit: &mut MapUnit, timing: &Timing) {
    // A map in parts and its parts have got theirs when it was split.
    if unit.storage != Storage::None {
        return;
    }
    let bits = u64::from(unit.map.slots()) * u64::from(unit.map.value_size) * 8;
    let many_ports = unit.writes.len() > 1 || unit.reads.len() > MAX_RAM_REPLICAS;
    let writes = unit.writes.len() as u64;
    let fits_registers = bits <= LARGE_REGISTERS_BITS && (writes <= 1 || bits * writes <= LARGE_WRITES_BITS);
    // A read that comes after a write must wait for it: in RAM, that costs no more than it does in flip-flops.
    let is_ordered = unit.reads.iter().any(|read| read.after > 0);
    let unused = unit.reads.is_empty() && unit.writes.is_empty() && unit.steps.is_empty();
    // The host reads a queue's elements also where the program takes them away without looking.
    // Copies of a packet go to the entries of a map that it may not look into.
    let is_held = unit.map.kind.is_queue() || unit.map.broadcast;
    let is_small = bits <= SMALL_MAP_BITS || many_ports && fits_registers;
    // What is read at a constant index in flip-flops is wires; but one port may serve all reads, each in its stage.
    let is_indexed = unit.reads.iter().all(|read| read.index.as_const().is_none());
    let is_indexed = is_indexed || timing.spreads_reads(unit);
    // Entries that a RAM of look-up tables holds without choosing among several.
    let is_shallow = unit.map.slots() <= timing.delays.lut_ram_entries();
    let fits_tables = writes <= 1 && is_indexed && !is_ordered && (is_small || is_shallow);
    unit.storage = if unit.map.kind == MapKind::Constants || unused && !is_held {
        Storage::None
    } else if unit.map.kind == MapKind::Bits {
        Storage::Ram
    } else if unit.map.max_entries == 1 {
        Storage::Registers
    } else if fits_tables {
        Storage::LutRam
    } else if !is_ordered && is_small {
        Storage::Registers
    } else {
        Storage::Ram
    };
}

/// Bytes from the start of the packet up to the last one that is used.
fn window(p: &Pipeline) -> u32 {
    let mut end = 0;
    p.for_each_use(|bits, _| {
        for (source, lo, width) in bits.uses() {
            if source == Source::Packet {
                end = end.max((lo + width).div_ceil(8));
            }
        }
    });
    end
}

/// Whether a load reaches beyond the window, so that it is made from a copy of the packet buffer.
fn is_far(places: &[u16], width: u32) -> bool {
    places.last().is_some_and(|&last| u32::from(last) + width / 8 > LIMITS.window_bytes.into())
}

/// The greatest of 8, 4, 2, 1 to which all places are congruent, and their remainder.
fn stride(places: &[u16]) -> (u32, u32) {
    let first = places.first().copied().unwrap_or(0);
    let differing = places.iter().fold(0, |bits, place| bits | (place ^ first));
    let stride = 1 << differing.trailing_zeros().min(3);
    (stride, u32::from(first) % stride)
}

fn fields_overlap(x: &WriteField, y: &WriteField) -> bool {
    let end = |f: &WriteField| f.offset + f.data.width() / 8;
    x.offset < end(y) && y.offset < end(x)
}

struct Lowering<'a> {
    f: &'a Function,
    parts: Parts,
    bits: Vec<Bits>,
    nodes: Vec<Node>,
    maps: Vec<MapUnit>,
    accesses: Vec<(Value, MapId)>,
    /// By map: the index of the last write port, as long as no load has come after it.
    written: BTreeMap<MapId, Value>,
    /// By map: the read ports since the last write, each with its node.
    reads: BTreeMap<MapId, Vec<(usize, NodeId)>>,
    /// Maps that are looked up ahead, and the bit that makes a token exclusive there.
    shared: BTreeMap<MapId, Shared>,
    exclusive: BTreeMap<MapId, Bits>,
}

impl Lowering<'_> {
    /// Notes which map or parts an access is on.
    fn note(&mut self, value: Value, op: &Op, width: u32) {
        let (map, places) = match *op {
            Op::MapLoad { map, offset, .. } => (map, self.parts.cut(map, offset, width / 8)),
            Op::MapStore { map, offset, value, .. } => {
                (map, self.parts.cut(map, offset, u32::from(self.f.width(value) / 8)))
            }
            Op::Directory { map, .. } => (map, vec![(map, 0, 0)]),
            _ => return,
        };
        debug_assert!(places.len() == 1 || self.maps[map.index()].storage != Storage::None);
        self.accesses.extend(places.into_iter().map(|(unit, _, _)| (value, unit)));
    }

    fn of(&self, v: Value) -> Bits {
        self.bits[v.index()].clone()
    }

    fn node(&mut self, kind: NodeKind, width: u32, insn: Option<u32>) -> Bits {
        let id = NodeId::new(self.nodes.len());
        self.nodes.push(Node { kind, width, start: 0, stage: 0, arrival_ps: 0, insn });
        Bits::slice_of(Source::Node(id), 0, width)
    }

    fn def(&mut self, op: &Op, width: u32, insn: Option<u32>) -> Bits {
        match op {
            Op::Const(c) => Bits::constant(*c, width),
            Op::Packet { offset } if is_far(&[*offset], width) => {
                let start = self.start();
                let phase = u32::from(offset % 8);
                let base = Bits::constant((*offset).into(), Input::WIDTH.into());
                self.node(NodeKind::FarLoad { start, base, add: 0, stride: 8, phase }, width, insn)
            }
            Op::Packet { offset } => Bits::slice_of(Source::Packet, 8 * u32::from(*offset), width),
            Op::Not(x) => self.of(*x).inverted(),
            Op::Bswap(x) => self.of(*x).bytes_reversed(),
            Op::Extract { from, lo } => self.of(*from).slice((*lo).into(), width),
            Op::Concat(parts) => parts.iter().fold(Bits::default(), |low, &p| low.concat(&self.of(p))),
            Op::Sext(x) => self.of(*x).sign_extended(width),
            Op::Input(input) => self.node(NodeKind::Input(*input), width, insn),
            Op::Binary(kind, x, y) => self.node(NodeKind::Binary(*kind, self.of(*x), self.of(*y)), width, insn),
            Op::Compare(kind, x, y) => self.node(NodeKind::Compare(*kind, self.of(*x), self.of(*y)), width, insn),
            Op::Select { condition, then, other } => {
                let (condition, then, other) = (self.of(*condition), self.of(*then), self.of(*other));
                self.node(NodeKind::Select { condition, then, other }, width, insn)
            }
            Op::PacketAt { base, add, places } if is_far(places, width) => {
                let start = self.start();
                let base = self.of(*base);
                let base = if base.width() > 16 { base.slice(0, 16) } else { base };
                let (stride, phase) = stride(places);
                self.node(NodeKind::FarLoad { start, base, add: *add, stride, phase }, width, insn)
            }
            Op::PacketAt { base, add, places } => {
                let kind = NodeKind::PacketAt { base: self.of(*base), add: *add, places: places.clone() };
                self.node(kind, width, insn)
            }
            Op::Rom { map, base, add, places } => {
                let kind = NodeKind::Rom { map: *map, base: self.of(*base), add: *add, places: places.clone() };
                self.node(kind, width, insn)
            }
            Op::Directory { map, key, when, insert, remove } => {
                let key = key.iter().fold(Bits::default(), |low, &part| low.concat(&self.of(part)));
                let [when, insert, remove] = [when, insert, remove].map(|v| self.of(*v));
                let step = StepPort { key, when, insert, remove, issue: 0, data: 0, ahead: false, insn };
                let here = Value::new(self.bits.len());
                match self.shared.get(map) {
                    Some(shared) if shared.leader == here => self.double_step(*map, step),
                    _ => {
                        let when = self.bound(*map, step.when.clone());
                        self.step(*map, StepPort { when, ..step })
                    }
                }
            }
            Op::MapLoad { map, index, offset } => self.read(*map, *index, 8 * offset, width, insn),
            Op::MapStore { map, index, offset, value, when } => {
                let (when, data) = (self.bound(*map, self.of(*when)), self.of(*value));
                let mut lo = 0;
                for (part, offset, bytes) in self.parts.cut(*map, *offset, data.width() / 8) {
                    let data = data.slice(lo, 8 * bytes);
                    lo += 8 * bytes;
                    self.write(part, *index, WriteField { offset, when: when.clone(), data, insn });
                }
                Bits::default()
            }
        }
    }

    /// A condition, and that the token is exclusive where what stands here takes place in such tokens only.
    fn bound(&mut self, map: MapId, when: Bits) -> Bits {
        let here = Value::new(self.bits.len());
        match (self.shared.get(&map), self.exclusive.get(&map)) {
            (Some(shared), Some(exclusive)) if shared.bound.contains(&here) => {
                let exclusive = exclusive.clone();
                self.and(when, exclusive)
            }
            _ => when,
        }
    }

    fn and(&mut self, x: Bits, y: Bits) -> Bits {
        match (x.as_const(), y.as_const()) {
            (Some(0), _) | (_, Some(1)) => x,
            (_, Some(0)) | (Some(_), _) => y,
            _ if x == y => x,
            _ => self.node(NodeKind::Binary(Binary::And, x, y), 1, None),
        }
    }

    fn step(&mut self, map: MapId, step: StepPort) -> Bits {
        let unit = &mut self.maps[map.index()];
        let (port, insn) = (unit.steps.len(), step.insn);
        unit.steps.push(step);
        let width = Found::width(&unit.map).into();
        self.node(NodeKind::Step { map, port }, width, insn)
    }

    /// The first step on a map that is looked up ahead of its section, and again inside by those that have not found the key.
    fn double_step(&mut self, map: MapId, step: StepPort) -> Bits {
        let (never, insn) = (Bits::constant(0, 1), step.insn);
        let ahead = StepPort { insert: never.clone(), remove: never, ahead: true, ..step.clone() };
        let first = self.step(map, ahead);
        let (width, found) = (first.width(), first.slice(Found::FOUND.into(), 1));
        let may_insert = self.and(step.when.clone(), step.insert);
        let exclusive = self.and(may_insert, found.inverted());
        let when = self.and(step.when, found.inverted());
        self.exclusive.insert(map, exclusive.clone());
        let second = self.step(map, StepPort { when, insert: exclusive, ..step });
        self.node(NodeKind::Select { condition: found, then: first, other: second }, width, insn)
    }

    /// A field of a map or part that is written. Fields of one entry are one write, if nothing that could tell comes between them.
    fn write(&mut self, map: MapId, index: Value, field: WriteField) {
        let index_bits = self.of(index);
        let unit = &mut self.maps[map.index()];
        let overlaps = |port: &WritePort| port.fields.iter().any(|f| fields_overlap(f, &field));
        let is_same = self.written.insert(map, index) == Some(index);
        match unit.writes.last_mut() {
            Some(port) if is_same && !overlaps(port) => port.fields.push(field),
            _ => unit.writes.push(WritePort { index: index_bits, fields: vec![field], stage: 0 }),
        }
        self.reads.remove(&map);
    }

    /// Where the packet begins in the packet buffer.
    fn start(&mut self) -> Bits {
        let known = self.nodes.iter().position(|n| n.kind == NodeKind::Input(Input::Start));
        match known {
            Some(node) => Bits::slice_of(Source::Node(NodeId::new(node)), 0, Input::WIDTH.into()),
            None => self.node(NodeKind::Input(Input::Start), Input::WIDTH.into(), None),
        }
    }

    /// A slice of the entry that a port reads; equal indices share a port.
    fn read(&mut self, map: MapId, index: Value, lo: u32, width: u32, insn: Option<u32>) -> Bits {
        let index = self.of(index);
        let (map, byte) = self.parts.place(map, lo / 8);
        let lo = 8 * byte + lo % 8;
        let entry_width = 8 * self.maps[map.index()].map.value_size;
        let unit = &mut self.maps[map.index()];
        let after = unit.writes.len();
        let ports = self.reads.entry(map).or_default();
        if let Some(&(_, node)) = ports.iter().find(|(port, _)| unit.reads[*port].index == index) {
            return Bits::slice_of(Source::Node(node), lo, width);
        }
        let port = unit.reads.len();
        ports.push((port, NodeId::new(self.nodes.len())));
        unit.reads.push(ReadPort { index, issue: 0, data: 0, after });
        self.written.remove(&map);
        self.node(NodeKind::Read { map, port }, entry_width, insn);
        Bits::slice_of(Source::Node(NodeId::new(self.nodes.len() - 1)), lo, width)
    }
}
