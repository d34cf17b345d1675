// SPDX-License-Identifier: Apache-2.0
//! Random well-formed pipelines.
//!
//! Stage by stage, nodes are made of bits that are there already. Where the maps are accessed is decided before: map 0 is a
//! fused RAM, map 1 a guarded RAM, map 2 guarded or fused registers, map 3 constants, map 4 a RAM whose ports serve in turn. All guards
//! share one entrance, which nothing spans.

use bpf2hdl::ir::{Binary, Bound, Compare, Input, Map, MapId, MapKind, Position, ProgramKind, Resize};
use bpf2hdl::pipe::{
    Bits, EditPort, EventPort, Guard, MapUnit, Node, NodeId, NodeKind, Piece, Pipeline, ReadPort, RedirectPort, Source,
    Storage, WriteField, WritePort,
};

use super::Random;

const WINDOW: u32 = 18;
/// Map, value bytes, entries.
const MAPS: [(MapKind, u32, u32); 6] = [
    (MapKind::PercpuArray, 12, 3),
    (MapKind::Array, 8, 4),
    (MapKind::Array, 4, 2),
    (MapKind::Constants, 12, 1),
    (MapKind::Array, 5, 3),
    (MapKind::Ringbuf, 0, 4096),
];

struct Grower {
    random: Random,
    pipeline: Pipeline,
    /// Stage before which tokens may wait.
    entrance: u32,
}

/// A pipeline that is well-formed; which one depends on the seed.
pub(crate) fn grow(seed: u64) -> Pipeline {
    let mut random = Random::new(seed);
    let entrance = random.within(1, 3);
    let last_stage = entrance + random.within(5, 9);
    let pipeline = Pipeline {
        name: if seed.is_multiple_of(3) { "odd name".to_owned() } else { "p".to_owned() },
        kind: random.pick(&[ProgramKind::Xdp, ProgramKind::PhysDev]),
        nodes: Vec::new(),
        maps: MAPS.iter().map(|&(kind, value_size, max_entries)| unit(kind, value_size, max_entries)).collect(),
        action: Bits::default(),
        edits: Vec::new(),
        redirect: None,
        events: Vec::new(),
        event_start: Bits::default(),
        resize: Resize::default(),
        last_stage,
        window_bytes: WINDOW,
        token_min_bytes: random.within(0, 30),
        full_length: random.below(2) == 0,
        registered_heads: random.below(2) == 0,
        interval: 1,
    };
    let mut grower = Grower { random, pipeline, entrance };
    grower.plan();
    for stage in 0..=last_stage {
        grower.stage(stage);
    }
    grower.outputs();
    grower.pipeline
}

fn unit(kind: MapKind, value_size: u32, max_entries: u32) -> MapUnit {
    let initial = if kind == MapKind::Constants { (1..=value_size as u8).collect() } else { Vec::new() };
    let name = kind.name().to_owned();
    let map = Map { name, kind, key_size: 4, value_size, max_entries, initial, groups: 1, broadcast: false };
    MapUnit {
        map,
        part: None,
        storage: Storage::None,
        steps: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        guard: None,
    }
}

impl Grower {
    /// Stages of all accesses; the indices and fields follow when their stage comes.
    fn plan(&mut self) {
        let (entrance, last) = (self.entrance, self.pipeline.last_stage);
        let fused = if self.random.below(2) == 0 && entrance > 2 { 2 } else { self.random.within(entrance + 2, last) };
        self.access(0, Storage::Ram, fused - 2, fused);
        let issue = self.random.within(entrance, entrance + 2);
        let write = self.random.within(issue + 2, last);
        self.access(1, Storage::Ram, issue, write);
        let read = self.random.within(entrance, last);
        let later = self.random.within(read, last);
        let write = self.random.pick(&[read, later]);
        let storage = self.random.pick(&[Storage::Registers, Storage::LutRam]);
        self.access(2, storage, read, write);
        self.turns(4);
    }

    /// Two or three writes and a few reads, each in a stage of its own.
    fn turns(&mut self, map: usize) {
        let (entrance, last) = (self.entrance, self.pipeline.last_stage);
        let width = Pipeline::index_width(&self.pipeline.maps[map].map);
        let mut writes: Vec<u32> = (0..3).map(|_| self.random.within(entrance, last)).collect();
        writes.push(if writes.contains(&last) { entrance } else { last });
        writes.sort_unstable();
        writes.dedup();
        let mut issues: Vec<u32> =
            (0..self.random.within(0, 3)).map(|_| self.random.within(entrance, last - 2)).collect();
        issues.sort_unstable();
        issues.dedup();
        let mut indices: Vec<Bits> = (0..2).map(|_| self.bits(width, 0)).collect();
        indices.push(Bits::constant(1, width));
        for &issue in &issues {
            let (index, data) = (self.random.pick(&[0, 1, 2]), issue + 2);
            let after = writes.iter().filter(|&&write| write < data).count();
            self.pipeline.maps[map].reads.push(ReadPort { index: indices[index].clone(), issue, data, after });
        }
        for stage in writes {
            let index = indices[self.random.pick(&[0, 1, 2])].clone();
            self.pipeline.maps[map].writes.push(WritePort { index, fields: Vec::new(), stage });
        }
        let unit = &mut self.pipeline.maps[map];
        unit.storage = Storage::Ram;
        let stages = unit.last_access() + 1 - entrance;
        let key = Bits::default();
        unit.guard = Some(Guard { entrance, stages, key, uses: Bits::default(), exclusive: Bits::default() });
    }

    /// A read (one or two ports) and the writes of a map, with a guard if they are in different stages.
    fn access(&mut self, map: usize, storage: Storage, issue: u32, write_stage: u32) {
        let latency = if storage == Storage::Ram { 2 } else { 0 };
        let data = issue + latency;
        let width = Pipeline::index_width(&self.pipeline.maps[map].map);
        let known_by = self.entrance.min(issue + 1) - 1;
        let index = self.bits(width, known_by);
        let other = if self.random.below(3) == 0 { self.bits(width, known_by) } else { index.clone() };
        let port = |index: &Bits| ReadPort { index: index.clone(), issue, data, after: 0 };
        let stages = write_stage.max(data) + 1 - self.entrance.min(write_stage);
        let key = if index == other && self.random.below(4) > 0 { index.clone() } else { Bits::default() };
        let unit = &mut self.pipeline.maps[map];
        unit.reads.push(port(&index));
        if index != other {
            unit.reads.push(port(&other));
        }
        unit.storage = storage;
        let write = |index: &Bits| WritePort { index: index.clone(), fields: Vec::new(), stage: write_stage };
        unit.writes.push(write(&other));
        if storage == Storage::Registers && index != other {
            unit.writes.push(write(&index));
        }
        if data != write_stage {
            let (uses, exclusive) = (Bits::default(), Bits::default());
            unit.guard = Some(Guard { entrance: self.entrance, stages, key, uses, exclusive });
        }
    }

    fn push(&mut self, kind: NodeKind, width: u32, start: u32, stage: u32) {
        let insn = self.random.below(3).checked_sub(1).map(|n| n as u32 * 17);
        let arrival_ps = self.random.within(0, 3000);
        self.pipeline.nodes.push(Node { kind, width, start, stage, arrival_ps, insn });
    }

    /// Bits that are there in a stage: a few pieces.
    fn bits(&mut self, width: u32, stage: u32) -> Bits {
        let mut pieces = Vec::new();
        let mut rest = width;
        while rest > 0 {
            let width = if self.random.below(2) == 0 { rest } else { self.random.within(1, rest) };
            let piece = self.piece(width, stage);
            rest -= piece.width();
            pieces.push(piece);
        }
        Bits::new(pieces)
    }

    /// A piece of at most `width` bits.
    fn piece(&mut self, width: u32, stage: u32) -> Piece {
        let nodes = self.pipeline.nodes.iter().enumerate().filter(|(_, node)| node.stage <= stage);
        let mut sources = vec![(Source::Packet, 8 * WINDOW)];
        sources.extend(nodes.map(|(i, node)| (Source::Node(NodeId::new(i)), node.width)));
        let recent = sources.len().saturating_sub(5);
        let (source, available) =
            if self.random.below(3) == 0 { self.random.pick(&sources) } else { self.random.pick(&sources[recent..]) };
        let lo = if self.random.below(2) == 0 { 0 } else { self.random.within(0, available - 1) };
        let inverted = self.random.below(5) == 0;
        match self.random.below(8) {
            0 => {
                let width = width.min(64);
                Piece::Const { value: self.random.next() >> (64 - width), width }
            }
            1 => Piece::Repeat { source, bit: lo, width, inverted },
            _ => Piece::Slice { source, lo, width: width.min(available - lo), inverted },
        }
    }

    fn stage(&mut self, stage: u32) {
        if stage == 0 {
            // Not the place in the packet buffer: that is the hardware's own.
            for input in [Input::Length, Input::IngressIfindex, Input::RxQueue] {
                self.push(NodeKind::Input(input), 16, 0, 0);
            }
        }
        for map in 0..self.pipeline.maps.len() {
            for port in 0..self.pipeline.maps[map].reads.len() {
                if self.pipeline.maps[map].reads[port].data == stage {
                    let width = 8 * self.pipeline.maps[map].map.value_size;
                    self.push(NodeKind::Read { map: MapId::new(map), port }, width, stage, stage);
                }
            }
        }
        for _ in 0..self.random.within(0, 4) {
            self.node(stage);
        }
        for map in 0..self.pipeline.maps.len() {
            for port in 0..self.pipeline.maps[map].writes.len() {
                if self.pipeline.maps[map].writes[port].stage == stage {
                    self.fields(map, port, stage);
                }
            }
        }
    }

    fn node(&mut self, stage: u32) {
        let width = self.random.pick(&[1, 3, 8, 16, 31, 32, 63, 64]);
        let (base_width, bytes) = (self.random.pick(&[2, 4, 16]), self.random.within(1, 6));
        match self.random.below(6) {
            0 => {
                let op = self.random.pick(&[Compare::Eq, Compare::Ult, Compare::Slt]);
                let kind = NodeKind::Compare(op, self.bits(width, stage), self.bits(width, stage));
                self.push(kind, 1, stage, stage);
            }
            1 => {
                let (condition, then, other) = (self.bits(1, stage), self.bits(width, stage), self.bits(width, stage));
                self.push(NodeKind::Select { condition, then, other }, width, stage, stage);
            }
            2 => {
                let add = self.random.within(0, 8) as i32 - 4;
                let kind = NodeKind::PacketAt { base: self.bits(base_width, stage), add, places: (0..12).collect() };
                self.push(kind, 8 * bytes, stage, stage);
            }
            3 => {
                let map = MapId::new(3);
                let kind = NodeKind::Rom { map, base: self.bits(base_width, stage), add: -1, places: vec![0, 1, 5, 6] };
                self.push(kind, 8 * bytes, stage, stage);
            }
            _ => {
                let op = self.random.pick(&Binary::ALL).0;
                let is_long = matches!(op, Binary::Mul | Binary::Udiv | Binary::Urem);
                let limit = if stage < self.entrance { self.entrance - 1 } else { self.pipeline.last_stage };
                let until = if is_long { self.random.within(stage, limit) } else { stage };
                let kind = NodeKind::Binary(op, self.bits(width, stage), self.bits(width, stage));
                if !matches!(op, Binary::Sdiv | Binary::Srem) {
                    self.push(kind, width, stage, until);
                }
            }
        }
    }

    /// What a write port of a map writes: mostly sums with what was read.
    fn fields(&mut self, map: usize, port: usize, stage: u32) {
        let size = self.pipeline.maps[map].map.value_size;
        let mut offset = self.random.within(0, size / 2);
        while offset < size {
            let bytes = self.random.within(1, size - offset);
            let when = if self.random.below(2) == 0 { Bits::constant(1, 1) } else { self.bits(1, stage) };
            let data = if bytes > 8 || self.random.below(5) == 0 {
                self.bits(8 * bytes, stage)
            } else {
                self.sum(map, 8 * offset, 8 * bytes, stage)
            };
            let field = WriteField { offset, when, data, insn: None };
            self.pipeline.maps[map].writes[port].fields.push(field);
            offset += bytes + self.random.within(0, 2);
        }
    }

    /// Some bits of what was last read of a map, if anything was, plus something.
    fn sum(&mut self, map: usize, lo: u32, width: u32, stage: u32) -> Bits {
        let is_read = |node: &Node| matches!(node.kind, NodeKind::Read { map: m, .. } if m.index() == map);
        let Some(read) = self.pipeline.nodes.iter().rposition(is_read) else { return self.bits(width, stage) };
        let old = Bits::slice_of(Source::Node(NodeId::new(read)), lo, width);
        let more = self.bits(width, stage);
        self.push(NodeKind::Binary(Binary::Add, old, more), width, stage, stage);
        Bits::slice_of(Source::Node(NodeId::new(self.pipeline.nodes.len() - 1)), 0, width)
    }

    fn outputs(&mut self) {
        let last = self.pipeline.last_stage;
        self.pipeline.action = self.bits(3, last);
        let mut grown = 0;
        let mut offsets: Vec<i32> = (0..self.random.within(0, 4) as i32).map(|n| 7 * n).collect();
        if self.pipeline.kind == ProgramKind::Xdp && self.random.below(3) > 0 {
            self.resize(last);
            // What lies before the frame as received must be written.
            let resize = &self.pipeline.resize;
            grown = resize.head.as_ref().map_or(0, |head| -head.places[0]);
            offsets.extend(-resize.most_metadata()..grown);
            offsets.sort_unstable();
            offsets.dedup();
        }
        for offset in offsets {
            let (when, data) = (self.bits(1, last), self.bits(8, last));
            let when = if offset < grown { Bits::constant(1, 1) } else { when };
            self.pipeline.edits.push(EditPort { offset, when, data });
        }
        if self.random.below(2) == 0 {
            let (kind, number) = (self.bits(2, last), self.bits(32, last));
            self.pipeline.redirect = Some(RedirectPort { kind, number });
        }
        for _ in 0..self.random.below(4) {
            self.event(last);
        }
        if self.pipeline.events.iter().any(|event| event.packet.is_some()) {
            self.pipeline.event_start = self.bits(16, last);
            self.pipeline.full_length = true;
        }
    }

    /// A record of a few bytes, perhaps with some of the packet.
    fn event(&mut self, last: u32) {
        let parts = self.random.below(5) as u32;
        let data = (0..parts).fold(Bits::default(), |low, _| low.concat(&self.bits(8, last)));
        let length = Bits::constant(u64::from(parts), 16);
        let packet = (self.random.below(3) == 0).then(|| self.bits(4, last).concat(&Bits::constant(0, 12)));
        let (when, keep) = (self.bits(1, last), self.bits(1, last));
        self.pipeline.events.push(EventPort { map: MapId::new(5), when, keep, data, length, packet });
    }

    /// Another extent. It suits frames of 18 bytes or more: 14 of them stay.
    fn resize(&mut self, last: u32) {
        let resize = &mut Resize::default();
        if self.random.below(3) > 0 {
            let bits = self.random.within(0, 2);
            let add = self.random.within(0, 23) as i32 - 20;
            let base = if bits == 0 { Bits::constant(0, 1) } else { self.bits(bits, last) };
            resize.head = Some(Position { base, add, places: (add..add + (1 << bits)).collect() });
        }
        if self.random.below(2) > 0 {
            let add = if self.random.below(2) == 0 { self.random.within(0, 40) as i32 } else { -3 };
            resize.end = Some(Bound { of_length: true, base: self.bits(2, last), add });
            let kept = Bound { of_length: true, base: self.bits(1, last), add: -1 - self.random.within(0, 9) as i32 };
            resize.kept = (add >= 0).then_some(kept);
        }
        if self.random.below(3) == 0 {
            let base = Bits::constant(0, 2).concat(&self.bits(1, last));
            let add = 4 * self.random.within(0, 3) as i32;
            resize.metadata = Some(Position { base, add, places: vec![add, add + 4] });
        }
        self.pipeline.resize = std::mem::take(resize);
    }
}
