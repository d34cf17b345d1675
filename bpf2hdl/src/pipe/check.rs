// SPDX-License-Identifier: Apache-2.0
//! The checker: what every pipeline holds to. A pipeline that passes is emitted without fail, and its packets do what
//! they would do one after the other.
//!
//! Sizes
//! * At most 65536 stages; the window has at most 65535 bytes.
//!
//! Time
//! * Every stage named is one of the pipeline.
//! * Bits that are used in a stage are there in that stage or an earlier one.
//! * Inputs are there in stage 0. Results are there in the stage in which the operands are used, except those of `mul`,
//!   `udiv` and `urem`, which may be there later.
//! * A read's or step's result is there in the stage in which its port delivers.
//!
//! Bits
//! * A source exists, and each slice is inside it; the packet has `8 * window_bytes` bits.
//! * A constant has no bits above its width.
//! * A node is listed after the nodes that it uses.
//!
//! Widths
//! * A result has 1 to 64 bits; that of a read has `8 * value_size`, however many.
//! * An input has 16 bits, the time 64, the random number 32. Binary operations: operands as wide as the result. Comparisons: operands equally wide, 1 to 64
//!   bits, the result 1 bit. `select`: the condition 1 bit, the alternatives as wide as the result.
//! * `packet_at` and `rom`: the result a multiple of 8 bits, the base 1 to 64 bits.
//!
//! Operations
//! * No signed division; no comparisons but `eq`, `ult` and `slt`.
//! * The places of a computed offset are ascending, without repetition, at least one; from each, the result is inside the
//!   window or the map's value.
//!
//! Outputs
//! * The action has 3 bits, the kind of a target 2, its number 32. Edits are ascending by offset, without repetition; condition 1 bit, data 8 bits. They may lie
//!   beyond the window.
//! * The extent as in the IR's checker: places in their ranges, an edit for each byte before the frame as received.
//!
//! Maps, their ports and hazards: see `check_maps.rs`.

use std::fmt;

use super::{Bits, EventPort, Node, NodeId, NodeKind, Piece, Pipeline, Source, check_maps};
use crate::ir::{Binary, Compare, Found, MAX_EVENT_BYTES, MapId, low_mask, resize_faults};

/// Most stages.
const MAX_STAGES: u32 = 1 << 16;
/// Most bytes in the window: the length has 16 bits.
const MAX_WINDOW_BYTES: u32 = u16::MAX as u32;

/// What an error is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The pipeline as a whole: sizes and outputs.
    Pipeline,
    /// A node.
    Node(NodeId),
    /// A map.
    Map(MapId),
}

/// An invariant that does not hold: always a bug in the compiler (or a mistake in a text written by hand).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckError {
    /// What it is about.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Pipeline => f.write_str(&self.message),
            Place::Node(id) => write!(f, "{id}: {}", self.message),
            Place::Map(id) => write!(f, "{id}: {}", self.message),
        }
    }
}

impl std::error::Error for CheckError {}

/// Checks every invariant in the lists at the heads of this file and of `check_maps.rs`.
///
/// # Errors
/// All violations: the pipeline, then nodes in order, then maps, then outputs.
pub fn check(pipeline: &Pipeline) -> Result<(), Vec<CheckError>> {
    let mut checker = Checker { pipeline, place: Place::Pipeline, errors: Vec::new() };
    checker.sizes();
    for (i, node) in pipeline.nodes.iter().enumerate() {
        checker.place = Place::Node(NodeId::new(i));
        checker.node(i, node);
    }
    check_maps::check_maps(&mut checker);
    checker.place = Place::Pipeline;
    checker.outputs();
    if checker.errors.is_empty() { Ok(()) } else { Err(checker.errors) }
}

pub(super) struct Checker<'p> {
    pub(super) pipeline: &'p Pipeline,
    /// What is being checked.
    pub(super) place: Place,
    errors: Vec<CheckError>,
}

/// Tools.
impl Checker<'_> {
    pub(super) fn error(&mut self, message: String) {
        self.errors.push(CheckError { place: self.place, message });
    }

    /// Reports `message` unless the condition holds.
    pub(super) fn require(&mut self, holds: bool, message: impl FnOnce() -> String) {
        if !holds {
            self.error(message());
        }
    }

    /// The stage is one of the pipeline.
    pub(super) fn stage(&mut self, stage: u32, role: &str) {
        let last = self.pipeline.last_stage;
        self.require(stage <= last, || format!("{role} in stage {stage}, after the last one, {last}"));
    }

    /// Bits that are used in a stage.
    pub(super) fn bits(&mut self, bits: &Bits, stage: u32, role: &str) {
        for piece in bits.pieces() {
            match *piece {
                Piece::Const { value, width } => {
                    let fits = (1..=64).contains(&width) && value & !low_mask(width as u8) == 0;
                    self.require(fits, || format!("{role}: constant {value:#x} does not fit in {width} bits"));
                }
                Piece::Slice { source, lo, width, .. } => self.run(source, lo, width, stage, role),
                Piece::Repeat { source, bit, .. } => self.run(source, bit, 1, stage, role),
            }
        }
    }

    /// Bits of a given width.
    pub(super) fn bits_of(&mut self, bits: &Bits, width: u32, stage: u32, role: &str) {
        self.bits(bits, stage, role);
        let found = width_of(bits);
        self.require(found == u64::from(width), || format!("{role} has {found} bits instead of {width}"));
    }

    /// Bits `lo .. lo + width` of a source, used in a stage.
    fn run(&mut self, source: Source, lo: u32, width: u32, stage: u32, role: &str) {
        let (available, made) = match source {
            Source::Packet => (8 * u64::from(self.pipeline.window_bytes), 0),
            Source::Node(id) => match self.pipeline.nodes.get(id.index()) {
                Some(node) => (node.width.into(), node.stage),
                None => return self.error(format!("{role}: {id} does not exist")),
            },
        };
        let end = u64::from(lo) + u64::from(width);
        self.require(end <= available, || format!("{role}: bits {lo}..{end} of {source}, which has {available}"));
        self.require(made <= stage, || format!("{role}: {source} is used in stage {stage} and there in stage {made}"));
    }

    /// The places of a computed offset; from each, `width` bits end inside `size` bytes of what `whole` names.
    fn places<T: Copy + PartialOrd + Into<u64>>(&mut self, places: &[T], width: u32, size: u32, whole: &str) {
        self.require(width.is_multiple_of(8), || format!("{width} bits are not whole bytes"));
        self.require(!places.is_empty(), || "computed offset without a place".to_owned());
        self.require(places.is_sorted_by(|a, b| a < b), || "places are not ascending".to_owned());
        for &place in places {
            let (start, end) = (place.into(), place.into() + u64::from(width / 8));
            self.require(end <= size.into(), || format!("bytes {start}..{end} of {whole}, which has {size}"));
        }
    }
}

/// Rules of nodes, in the order of the list.
impl Checker<'_> {
    fn sizes(&mut self) {
        let last = self.pipeline.last_stage;
        self.require(last < MAX_STAGES, || format!("{} stages", u64::from(last) + 1));
        let window = self.pipeline.window_bytes;
        self.require(window <= MAX_WINDOW_BYTES, || format!("window of {window} bytes"));
    }

    fn node(&mut self, position: usize, node: &Node) {
        self.node_time(node);
        self.node_order(position, node);
        let is_read = matches!(node.kind, NodeKind::Read { .. });
        let width = node.width;
        self.require(is_read || (1..=64).contains(&width), || format!("width {width} is not 1 to 64 bits"));
        let at = node.start;
        match &node.kind {
            NodeKind::Input(input) => {
                self.require(at == 0, || format!("input in stage {at} instead of 0"));
                let wanted = input.width();
                self.require(width == u32::from(wanted), || format!("input of {width} bits instead of {wanted}"));
            }
            NodeKind::Binary(op, a, b) => {
                let is_signed_division = matches!(op, Binary::Sdiv | Binary::Srem);
                self.require(!is_signed_division, || format!("{} does not occur", op.name()));
                self.bits_of(a, width, at, "left operand");
                self.bits_of(b, width, at, "right operand");
            }
            NodeKind::Compare(op, a, b) => self.compare(*op, a, b, node),
            NodeKind::Select { condition, then, other } => {
                self.bits_of(condition, 1, at, "condition");
                self.bits_of(then, width, at, "first alternative");
                self.bits_of(other, width, at, "second alternative");
            }
            NodeKind::PacketAt { base, places, .. } => {
                self.base(base, at);
                self.places(places, width, self.pipeline.window_bytes, "the window");
            }
            NodeKind::FarLoad { start, base, stride, phase, .. } => {
                self.bits_of(start, 16, at, "start");
                self.base(base, at);
                self.require(width.is_multiple_of(8), || format!("{width} bits are not whole bytes"));
                self.require(matches!(stride, 1 | 2 | 4 | 8), || format!("stride of {stride}"));
                self.require(phase < stride, || format!("phase {phase} with stride {stride}"));
            }
            NodeKind::Rom { map, base, places, .. } => {
                self.base(base, at);
                match self.pipeline.maps.get(map.index()) {
                    Some(unit) => self.places(places, width, unit.map.value_size, &format!("the value of {map}")),
                    None => self.error(format!("{map} does not exist")),
                }
            }
            NodeKind::Read { map, port } => self.read(*map, *port, node),
            NodeKind::Step { map, port } => self.step(*map, *port, node),
        }
    }

    fn node_time(&mut self, node: &Node) {
        self.stage(node.stage, "result");
        let (start, stage) = (node.start, node.stage);
        let may_last = matches!(node.kind, NodeKind::Binary(Binary::Mul | Binary::Udiv | Binary::Urem, ..));
        let fits = match node.kind {
            NodeKind::FarLoad { .. } => start.checked_add(super::FAR_LOAD_CLOCKS) == Some(stage),
            _ if may_last => start <= stage,
            _ => start == stage,
        };
        self.require(fits, || format!("operands used in stage {start}, result there in stage {stage}"));
    }

    /// Uses nothing that is listed later.
    fn node_order(&mut self, position: usize, node: &Node) {
        let nodes = self.pipeline.nodes.len();
        for (source, _, _) in node.kind.operands().into_iter().flat_map(Bits::uses) {
            if let Source::Node(id) = source
                && (position..nodes).contains(&id.index())
            {
                self.error(format!("{id} is used before it is listed"));
            }
        }
    }

    fn compare(&mut self, op: Compare, a: &Bits, b: &Bits, node: &Node) {
        let known = matches!(op, Compare::Eq | Compare::Ult | Compare::Slt);
        self.require(known, || format!("{} does not occur", op.name()));
        self.require(node.width == 1, || format!("comparison with a result of {} bits", node.width));
        let width = width_of(a);
        self.require((1..=64).contains(&width), || format!("comparison of {width} bits"));
        self.bits(a, node.start, "left operand");
        self.bits_of(b, width.min(u32::MAX.into()) as u32, node.start, "right operand");
    }

    fn base(&mut self, base: &Bits, stage: u32) {
        self.bits(base, stage, "base");
        let width = width_of(base);
        self.require((1..=64).contains(&width), || format!("base of {width} bits"));
    }

    fn read(&mut self, map: MapId, port: usize, node: &Node) {
        let Some(unit) = self.pipeline.maps.get(map.index()) else {
            return self.error(format!("{map} does not exist"));
        };
        let Some(read) = unit.reads.get(port) else {
            return self.error(format!("{map} has no read port {port}"));
        };
        let bits = 8 * u64::from(unit.map.value_size);
        let width = node.width;
        self.require(u64::from(width) == bits, || format!("read of {width} bits of an entry of {bits}"));
        let (stage, data) = (node.stage, read.data);
        self.require(stage == data, || format!("in stage {stage}, but its port delivers in stage {data}"));
    }

    fn step(&mut self, map: MapId, port: usize, node: &Node) {
        let Some(unit) = self.pipeline.maps.get(map.index()) else {
            return self.error(format!("{map} does not exist"));
        };
        let Some(step) = unit.steps.get(port) else {
            return self.error(format!("{map} has no step {port}"));
        };
        let (width, bits) = (node.width, u32::from(Found::width(&unit.map)));
        self.require(width == bits, || format!("step of {width} bits instead of {bits}"));
        let (stage, data) = (node.stage, step.data);
        self.require(stage == data, || format!("in stage {stage}, but its port delivers in stage {data}"));
    }

    fn event(&mut self, event: &EventPort) {
        let last = self.pipeline.last_stage;
        let channel = self.pipeline.maps.get(event.map.index()).is_some_and(|unit| unit.map.kind.is_channel());
        self.require(channel, || format!("event to {}, which is no channel", event.map));
        self.bits_of(&event.when, 1, last, "condition of an event");
        self.bits_of(&event.keep, 1, last, "condition of a record");
        self.bits_of(&event.length, 16, last, "length of an event");
        if let Some(packet) = &event.packet {
            self.bits_of(packet, 16, last, "packet bytes of an event");
        }
        self.bits(&event.data, last, "data of an event");
        let width = width_of(&event.data);
        self.require(width.is_multiple_of(8) && width <= u64::from(8 * MAX_EVENT_BYTES), || {
            format!("event of {width} bits")
        });
    }

    fn outputs(&mut self) {
        let (pipeline, last) = (self.pipeline, self.pipeline.last_stage);
        self.bits_of(&pipeline.action, 3, last, "action");
        if let Some(target) = &pipeline.redirect {
            self.bits_of(&target.kind, 2, last, "kind of target");
            self.bits_of(&target.number, 32, last, "number of target");
        }
        for event in &pipeline.events {
            self.event(event);
        }
        let starts = pipeline.events.iter().any(|event| event.packet.is_some());
        self.bits_of(&pipeline.event_start, if starts { 16 } else { 0 }, last, "place of the packet");
        for edit in &pipeline.edits {
            self.bits_of(&edit.when, 1, last, &format!("condition of edit {}", edit.offset));
            self.bits_of(&edit.data, 8, last, &format!("data of edit {}", edit.offset));
        }
        for base in pipeline.resize.bases() {
            self.bits(base, last, "extent");
            let width = width_of(base);
            self.require((1..=16).contains(&width), || format!("extent of {width} bits"));
        }
        let faults = resize_faults(&pipeline.resize, pipeline.edits.iter().map(|e| e.offset));
        faults.into_iter().for_each(|fault| self.error(fault));
    }
}

/// [`Bits::width`] that can not overflow.
pub(super) fn width_of(bits: &Bits) -> u64 {
    bits.pieces().iter().map(|piece| u64::from(piece.width())).sum()
}
